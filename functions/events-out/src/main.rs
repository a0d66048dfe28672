//! The Lambda binary of `events-out`.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    shared::function::run_stream(events_out::FUNCTION)
        .await
        .expect("Lambda runs the function until it stops it");
}
