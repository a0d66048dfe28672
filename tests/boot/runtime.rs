//! The AWS Lambda Runtime API, as far as a function can tell: hands out one event after another and takes the answers.
//!
//! Source: "Using the Lambda runtime API" in the AWS Lambda Developer Guide, version 2018-06-01.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use serde_json::Value;
use shared::clock::{Clock, WallClock};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, mpsc};

/// A function of 29 s; what a tick has is longer, but no tick here needs it.
const TIMEOUT_MS: i64 = 29_000;

/// One Runtime API, for one function.
pub(super) struct Runtime {
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub(super) address: String,
    give: mpsc::UnboundedSender<Value>,
    answers: Mutex<mpsc::UnboundedReceiver<Told>>,
}

/// What the function told: `response`, `error` or `init/error`, and the body.
type Told = (&'static str, String);

struct Desk {
    events: Mutex<mpsc::UnboundedReceiver<Value>>,
    told: mpsc::UnboundedSender<Told>,
}

impl Runtime {
    pub(super) async fn start() -> Self {
        let (give, events) = mpsc::unbounded_channel();
        let (told, answers) = mpsc::unbounded_channel();
        let desk = Arc::new(Desk { events: Mutex::new(events), told });
        let answer = |kind: &'static str| {
            post(move |State(desk): State<Arc<Desk>>, _: Option<Path<String>>, body: String| async move {
                let _ = desk.told.send((kind, body));
                StatusCode::ACCEPTED
            })
        };
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", answer("response"))
            .route("/2018-06-01/runtime/invocation/{id}/error", answer("error"))
            .route("/2018-06-01/runtime/init/error", answer("init/error"))
            .with_state(desk);
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        tokio::spawn(sim::serve(listener, router, std::future::pending()));
        Self { address, give, answers: Mutex::new(answers) }
    }

    /// Gives the function an event and waits for its answer.
    pub(super) async fn invoke(&self, event: Value) -> Value {
        self.give.send(event).expect("the desk is there");
        let mut answers = self.answers.lock().await;
        let told = tokio::time::timeout(Duration::from_mins(1), answers.recv()).await;
        let (kind, body) = told.expect("an answer in time").expect("the desk is there");
        assert_eq!(kind, "response", "{body}");
        serde_json::from_str(&body).expect("JSON")
    }
}

/// Waits, as the real one does, until there is an event.
async fn next(State(desk): State<Arc<Desk>>) -> Response<Body> {
    let Some(event) = desk.events.lock().await.recv().await else { return std::future::pending().await };
    let deadline = WallClock.now().as_millisecond() + TIMEOUT_MS;
    Response::builder()
        .header("content-type", "application/json")
        .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
        .header("lambda-runtime-deadline-ms", deadline.to_string())
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:000000000000:function:boot")
        .header("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0")
        .body(Body::from(event.to_string()))
        .expect("an answer")
}
