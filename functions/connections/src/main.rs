//! The Lambda binary of `connections`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_http(connections::FUNCTION)
        .await
        .expect("Lambda runs the function until it stops it");
}
