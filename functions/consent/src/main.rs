//! The Lambda binary of `consent`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_http(consent::FUNCTION).await.expect("Lambda runs the function until it stops it");
}
