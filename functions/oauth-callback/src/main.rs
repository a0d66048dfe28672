//! The Lambda binary of `oauth-callback`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_http(oauth_callback::FUNCTION)
        .await
        .expect("Lambda runs the function until it stops it");
}
