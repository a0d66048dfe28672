//! Microsoft alone, for callers that are not ours (`tests/clients`) and for the conformance corpus: Entra under
//! `/login`, Graph under `/graph`, and what sets a scene under `/switch` and `/stage` (see `sim::Stage`).
//!
//! It listens on loopback without TLS. Callers that need https put a terminator before it and name its address as the
//! one argument, so that every link in an answer leads there; without an argument links lead to the listener itself. It
//! prints one line of JSON and ends with its standard input.

use serde_json::json;
use sim::{Config, Stage};
use tokio::net::TcpListener;

const REDIRECT_URI: &str = "https://ats.example/callback";

/// Waits until nobody can write to us any more: the process that started us has gone.
async fn alone() {
    let read = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    let _ = tokio::task::spawn_blocking(read).await;
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the line is for the process that started it")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let config = Config {
        public_url: std::env::args().nth(1).unwrap_or_else(|| format!("http://{address}")),
        client_id: "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73".to_owned(),
        client_secret: "secret-of-the-simulated-app".to_owned(),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        app_name: "Convene".to_owned(),
    };
    let hello = json!({ "port": address.port(), "client_id": config.client_id,
        "client_secret": config.client_secret, "redirect_uri": REDIRECT_URI });
    println!("{hello}");
    sim::serve(listener, Stage::new(config).router(), alone()).await;
    Ok(())
}
