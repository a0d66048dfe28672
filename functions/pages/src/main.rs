//! The Lambda binary of `pages`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_http(pages::FUNCTION).await.expect("Lambda runs the function until it stops it");
}
