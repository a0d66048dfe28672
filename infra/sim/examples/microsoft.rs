//! Microsoft alone, for clients that are not ours (`tests/clients`): Entra under `/login`, Graph under `/graph`, and
//! the switches under `POST /switch/{name}`.
//!
//! It listens on loopback without TLS; who needs https puts a terminator before it and names its address as the one
//! argument, so that every link in an answer leads there. It prints one line of JSON and ends with its standard input.

use axum::extract::{Json, Path, State};
use axum::http::StatusCode;
use axum::{Router, routing};
use serde_json::{Value, json};
use sim::{Config, Journal, Microsoft};
use std::sync::Arc;
use tokio::net::TcpListener;

const REDIRECT_URI: &str = "https://ats.example/callback";

async fn switch(
    State(microsoft): State<Microsoft>,
    Path(name): Path<String>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    match microsoft.switch(&name, body) {
        Ok(answer) => (StatusCode::OK, Json(answer)),
        Err(why) => (StatusCode::BAD_REQUEST, Json(json!({ "message": why }))),
    }
}

/// Waits until nobody can write to us any more: whoever started us has gone.
async fn alone() {
    let read = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    let _ = tokio::task::spawn_blocking(read).await;
}

#[tokio::main(flavor = "current_thread")]
#[expect(clippy::print_stdout, reason = "the line is for whoever started it")]
#[expect(clippy::disallowed_methods, reason = "clients that are not ours look at the wall clock")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let public_url = std::env::args().nth(1).ok_or("name the address at which clients reach this")?;
    let config = Config {
        public_url,
        client_id: "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73".to_owned(),
        client_secret: "secret-of-the-simulated-app".to_owned(),
        redirect_uris: vec![REDIRECT_URI.to_owned()],
        app_name: "Convene".to_owned(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let told = json!({ "port": listener.local_addr()?.port(), "client_id": config.client_id,
        "client_secret": config.client_secret, "redirect_uri": REDIRECT_URI });
    let microsoft = Microsoft::new(config, Journal::new(), Arc::new(jiff::Timestamp::now));
    let switches = Router::new().route("/switch/{name}", routing::post(switch)).with_state(microsoft.clone());
    println!("{told}");
    sim::serve(listener, microsoft.router().merge(switches), alone()).await;
    Ok(())
}
