//! The Lambda binary of `interviews`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_http(interviews::FUNCTION)
        .await
        .expect("Lambda runs the function until it stops it");
}
