//! An Entra that says yes to everybody after a given time, and counts. The stand-in of `infra/sim` issues and remembers
//! every token, which would be most of what is measured here.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use shared::clock::{Clock, WallClock};
use tokio::net::TcpListener;

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) calls: AtomicUsize,
    /// Bytes that came in: path, headers, body.
    pub(crate) bytes: AtomicUsize,
    pub(crate) at_once: AtomicUsize,
    pub(crate) most_at_once: AtomicUsize,
}

#[derive(Clone)]
pub(crate) struct Entra {
    pub(crate) url: String,
    pub(crate) seen: Arc<Seen>,
    latency: Duration,
    answer: Arc<str>,
}

impl Entra {
    pub(crate) async fn start(latency: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let answer = serde_json::json!({
            "token_type": "Bearer", "scope": "User.Read Calendars.ReadWrite", "expires_in": 4_800,
            "ext_expires_in": 4_800, "access_token": "a".repeat(2_200), "refresh_token": "r".repeat(1_500),
        });
        let answer = Arc::from(answer.to_string());
        let entra = Self { url, seen: Arc::default(), latency, answer };
        let router = Router::new().fallback(redeem).with_state(entra.clone());
        tokio::spawn(sim::serve(listener, router, std::future::pending()));
        entra
    }
}

async fn redeem(State(entra): State<Entra>, request: Request) -> Response {
    let seen = &entra.seen;
    let head = request.uri().path().len() + size(request.headers());
    let body = axum::body::to_bytes(request.into_body(), usize::MAX).await.unwrap_or_default();
    seen.calls.fetch_add(1, Relaxed);
    seen.bytes.fetch_add(head + body.len(), Relaxed);
    let present = seen.at_once.fetch_add(1, Relaxed) + 1;
    seen.most_at_once.fetch_max(present, Relaxed);
    if !entra.latency.is_zero() {
        WallClock.sleep(entra.latency).await;
    }
    seen.at_once.fetch_sub(1, Relaxed);
    ([("content-type", "application/json")], entra.answer.to_string()).into_response()
}

/// As it is on the wire: name, colon, blank, value, line end.
pub(crate) fn size(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum()
}
