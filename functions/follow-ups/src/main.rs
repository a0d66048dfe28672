//! The Lambda binary of `follow-ups`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_scheduled(follow_ups::FUNCTION)
        .await
        .expect("Lambda runs the function until it stops it");
}
