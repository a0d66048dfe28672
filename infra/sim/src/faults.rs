//! Spoils single calls on purpose: one mechanism for AWS and Microsoft.
//!
//! A fault is data, so that the same value serves tests and the body of `POST /_local/microsoft/fault`.

use crate::lock;
use axum::body::Body;
use axum::response::Response;
use futures::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

mod altered;

/// Marks an answer that must not be sent: the listener drops the connection instead (see [`crate::serve()`]).
#[derive(Clone, Copy, Debug)]
pub struct Reset;

/// Marks a refusal on purpose that the service dresses as its own: request ids, time, headers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Undressed;

/// Which calls to spoil, and how.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `dynamodb`, `kms`, `login`, `graph`, or `*`.
    pub service: String,
    /// Operation as the journal spells it (`GetItem`, `POST /me/events`); none or `*` = any.
    #[serde(default)]
    pub operation: Option<String>,
    /// Address of the user on whose behalf the call is made; none = any.
    #[serde(default)]
    pub user: Option<String>,
    /// Whether the peer has done its work by then.
    #[serde(default)]
    pub when: When,
    /// What the caller sees.
    pub kind: Kind,
    /// How often; 0 = for ever.
    #[serde(default = "once")]
    pub times: u32,
    /// Matching calls to let pass first.
    #[serde(default)]
    pub skip: u32,
}

fn once() -> u32 {
    1
}

/// The side of the effect on which the fault strikes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing was done.
    #[default]
    Before,
    /// It was done and the answer is lost or bad.
    After,
}

/// What the caller sees in place of the right answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A status with the service's own error shape, or with `body`.
    Status {
        /// HTTP status.
        status: u16,
        /// `Retry-After`, to the letter.
        #[serde(default)]
        retry_after: Option<String>,
        /// JSON in place of the usual one.
        #[serde(default)]
        body: Option<Value>,
    },
    /// The connection is dropped without an answer.
    Reset,
    /// The right answer, but later, in real time.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// 200 with broken JSON.
    Malformed,
    /// `Content-Length` promises more than comes.
    Truncated,
    /// 200 with nothing in it.
    Empty,
    /// Any JSON.
    Body {
        /// HTTP status.
        status: u16,
        /// The body.
        json: Value,
    },
    /// Any text with any headers: an HTML page of a proxy, a claims challenge, two equal keys.
    Raw {
        /// HTTP status.
        status: u16,
        /// Header lines.
        #[serde(default)]
        headers: Vec<(String, String)>,
        /// The body.
        text: String,
    },
    /// The right answer with members changed: by JSON pointer, and `null` takes a member away.
    Changed {
        /// Pointer and new value.
        set: Map<String, Value>,
    },
    /// The right answer with its first member twice, the first time with another value.
    Doubled,
    /// The right answer behind a member of so many bytes that nobody asked for.
    Padded {
        /// How many.
        bytes: usize,
    },
    /// The right answer with a byte that no UTF-8 text has.
    Garbled,
    /// The right answer byte by byte, each after a pause in real time.
    Dripping {
        /// Milliseconds.
        ms: u64,
    },
}

/// What a fault is matched against.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) service: &'static str,
    pub(crate) operation: String,
    pub(crate) detail: String,
    pub(crate) user: Option<String>,
    pub(crate) request_id: Option<String>,
}

/// The list of faults in force.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    list: Arc<Mutex<Vec<Fault>>>,
    any: Arc<AtomicBool>,
}

impl Faults {
    /// Puts one more in force.
    pub fn add(&self, fault: Fault) {
        // A short delay spoils nothing.
        if !matches!(fault.kind, Kind::Latency { ms: ..1000 }) {
            self.any.store(true, Ordering::Relaxed);
        }
        lock(&self.list).push(fault);
    }

    /// Whether there ever was a fault that could spoil an answer.
    pub(crate) fn were_any(&self) -> bool {
        self.any.load(Ordering::Relaxed)
    }

    /// Ends all of them.
    pub fn clear(&self) {
        lock(&self.list).clear();
    }

    /// Those still in force, with what is left of `times` and `skip`.
    pub fn list(&self) -> Vec<Fault> {
        lock(&self.list).clone()
    }

    /// Uses up the faults that strike this call: every delay, then at most one spoiled answer.
    pub(crate) fn take(&self, arrival: &Arrival, when: When) -> Vec<Kind> {
        let mut struck: Vec<Kind> = Vec::new();
        lock(&self.list).retain_mut(|fault| {
            let spoiled = struck.last().is_some_and(|kind| !matches!(kind, Kind::Latency { .. }));
            if spoiled || fault.when != when || !fault.matches(arrival) {
                return true;
            }
            if fault.skip > 0 {
                fault.skip -= 1;
                return true;
            }
            struck.push(fault.kind.clone());
            match fault.times {
                0 => true,
                1 => false,
                _ => {
                    fault.times -= 1;
                    true
                }
            }
        });
        struck
    }
}

impl Fault {
    fn matches(&self, arrival: &Arrival) -> bool {
        let any = |pattern: &str, text: &str| pattern == "*" || pattern == text;
        any(&self.service, arrival.service)
            && self.operation.as_deref().is_none_or(|operation| any(operation, &arrival.operation))
            && self.user.as_deref().is_none_or(|user| {
                arrival.user.as_deref().is_some_and(|of| user == "*" || user.eq_ignore_ascii_case(of))
            })
    }
}

/// The answer that the caller gets in place of `right` (which is there only after the effect).
pub(crate) async fn spoil(kind: Kind, service: &'static str, right: Option<Response>) -> Response {
    match kind {
        Kind::Status { status, retry_after, body } => {
            // A body with room for ids is the service's own as well.
            let has_room = |body: &Value| body["error"]["innerError"] == serde_json::json!({});
            let usual = body.as_ref().is_none_or(has_room);
            let body = body.unwrap_or_else(|| usual_error(service, status));
            let mut answer = json_answer(status, &body);
            if usual {
                answer.extensions_mut().insert(Undressed);
            }
            if let Some(value) = retry_after.and_then(|text| text.parse().ok()) {
                answer.headers_mut().insert("retry-after", value);
            }
            answer
        }
        Kind::Reset => {
            let mut answer = text_answer(500, "text/plain", String::new());
            answer.extensions_mut().insert(Reset);
            answer
        }
        Kind::Latency { .. } => right.unwrap_or_default(),
        Kind::Malformed => text_answer(200, "application/json", "{\"value\": [".to_owned()),
        Kind::Truncated => truncated(right).await,
        Kind::Empty => text_answer(200, "application/json", String::new()),
        Kind::Body { status, json } => json_answer(status, &json),
        Kind::Changed { set } => altered::whole(right, |text| altered::changed(text, &set)).await,
        Kind::Doubled => altered::whole(right, altered::doubled).await,
        Kind::Padded { bytes } => altered::whole(right, |text| altered::padded(text, bytes)).await,
        Kind::Garbled => altered::whole(right, altered::garbled).await,
        Kind::Dripping { ms } => altered::dripping(right, Duration::from_millis(ms)).await,
        Kind::Raw { status, headers, text } => {
            let mut answer = text_answer(status, "text/html", text);
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) = (name.parse::<axum::http::HeaderName>(), value.parse()) {
                    answer.headers_mut().insert(name, value);
                }
            }
            answer
        }
    }
}

async fn truncated(right: Option<Response>) -> Response {
    let whole = match right {
        Some(right) => axum::body::to_bytes(right.into_body(), usize::MAX).await.unwrap_or_default(),
        None => "{\"value\": [{\"subject\": \"cut he".into(),
    };
    let half = whole.slice(..whole.len() / 2);
    // The pause lets the first part leave before the connection breaks.
    let cut = async {
        tokio::task::yield_now().await;
        Err(std::io::Error::other("cut on purpose"))
    };
    let parts = stream::once(async { Ok(half) }).chain(stream::once(cut));
    let mut answer = Response::new(Body::from_stream(parts));
    answer.headers_mut().insert("content-length", (whole.len() + 64).into());
    answer.headers_mut().insert("content-type", axum::http::HeaderValue::from_static("application/json"));
    answer
}

/// The body that the service itself sends with a bare status (microsoft.md H and A4; AWS JSON protocol errors).
fn usual_error(service: &str, status: u16) -> Value {
    match (service, status) {
        ("dynamodb", 400) => {
            json!({"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "message": "The level of configured provisioned throughput for the table was exceeded."})
        }
        ("dynamodb", _) => json!({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
            "message": "Internal server error"}),
        ("kms", 400) => json!({"__type": "ThrottlingException", "message": "Rate exceeded"}),
        ("kms", _) => json!({"__type": "KMSInternalException", "message": "Internal error"}),
        ("login", _) => json!({"error": "temporarily_unavailable", "error_codes": [90033],
            "error_description": "AADSTS90033: A transient error has occurred. Please try again."}),
        (_, 429) => json!({"error": {"code": "TooManyRequests", "message": "Too many requests",
            "innerError": {"code": "429"}}}),
        (_, 503) => json!({"error": {"code": "ErrorServerBusy", "message": "The server is busy."}}),
        (_, 401) => json!({"error": {"code": "InvalidAuthenticationToken",
            "message": "Access token has expired or is not yet valid."}}),
        (_, 403) => json!({"error": {"code": "ErrorAccessDenied",
            "message": "Access is denied. Check credentials and try again."}}),
        (_, 404) => json!({"error": {"code": "ErrorItemNotFound",
            "message": "The specified object was not found in the store."}}),
        (_, 409 | 412) => json!({"error": {"code": "ErrorIrresolvableConflict",
            "message": "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item."}}),
        _ => json!({"error": {"code": "UnknownError", "message": ""}}),
    }
}

pub(crate) fn json_answer(status: u16, body: &Value) -> Response {
    text_answer(status, "application/json", body.to_string())
}

pub(crate) fn text_answer(status: u16, content_type: &'static str, text: String) -> Response {
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    answer.headers_mut().insert("content-type", axum::http::HeaderValue::from_static(content_type));
    answer
}
