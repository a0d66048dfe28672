//! The Lambda binary of `token-refresh`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_scheduled(token_refresh::FUNCTION)
        .await
        .expect("Lambda runs the function until it stops it");
}
