//! The Lambda binary of `availability`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_http(availability::FUNCTION)
        .await
        .expect("Lambda runs the function until it stops it");
}
