//! One exchange over HTTP: bounded in time and size, told in one log line, and honest about its effect.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use tracing::info;

use super::Deadline;
use crate::clock::{Clock, Entropy};
use crate::domain::ids::uuid_v7;
use crate::metrics::{self, Metric};

/// No answer may take longer (real time), unless the call says so.
pub(super) const LONGEST_CALL: Duration = Duration::from_secs(10);
/// No answer of Entra's may be bigger: tokens and keys are thousands of bytes.
const BIGGEST_OF_LOGIN: usize = 1024 * 1024;
/// No answer of Graph's may be bigger; twenty calendars of a thousand entries each are two thirds of it.
const BIGGEST_OF_GRAPH: usize = 8 * 1024 * 1024;

/// What every call to Microsoft needs.
#[derive(Clone)]
pub struct Wire {
    /// Made by [`super::http_client`].
    pub http: reqwest::Client,
    /// Deadlines and waits are on this clock.
    pub clock: Arc<dyn Clock>,
    /// Jitter and request ids.
    pub entropy: Arc<dyn Entropy>,
}

/// How a call is named in the log: never by its URL.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// `login` or `graph`.
    pub(super) host: &'static str,
    /// The template of the path.
    pub(super) path: &'static str,
    /// Counts from 1.
    pub(super) attempt: u32,
    /// It may take so long (real time).
    pub(super) longest: Duration,
}

/// An answer, whole.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) client_request_id: String,
    /// `WWW-Authenticate`, all its lines.
    pub(super) challenge: Option<String>,
    pub(super) body: Vec<u8>,
}

/// No answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lost {
    /// There was no connection, or no time for one: nothing was done.
    NotSent,
    /// The request was on its way: nobody knows.
    Unclear,
}

impl Wire {
    /// A new id for a request.
    pub(super) fn request_id(&self) -> String {
        uuid_v7(self.clock.now(), self.entropy.as_ref()).hyphenated().to_string()
    }

    /// Sends a request once.
    pub(super) async fn exchange(
        &self,
        request: reqwest::Request,
        told: Told,
        deadline: Deadline,
    ) -> Result<Reply, Lost> {
        self.exchange_as(self.request_id(), request, told, deadline).await
    }

    /// The same with an id that the caller knows, whatever comes of it.
    pub(super) async fn exchange_as(
        &self,
        id: String,
        mut request: reqwest::Request,
        told: Told,
        deadline: Deadline,
    ) -> Result<Reply, Lost> {
        let left = deadline.left(self.clock.as_ref());
        if left.is_zero() {
            return Err(Lost::NotSent);
        }
        let begun = self.clock.now();
        if let Ok(value) = HeaderValue::from_str(&id) {
            request.headers_mut().insert("client-request-id", value);
        }
        *request.timeout_mut() = Some(left.min(told.longest));
        let biggest = if told.host == "login" { BIGGEST_OF_LOGIN } else { BIGGEST_OF_GRAPH };
        let outcome = self.answer(request, id, biggest).await;
        let ms = self.clock.now().duration_since(begun).as_millis();
        let (status, lost) = match &outcome {
            Ok(reply) => (reply.status, None),
            Err(lost) => (0, Some(*lost)),
        };
        let Told { host, path, attempt, .. } = told;
        measure(host == "graph", status, ms);
        info!(host, path, status, attempt, ms, lost = ?lost, "called Microsoft: {host} {path}");
        outcome
    }

    async fn answer(
        &self,
        request: reqwest::Request,
        client_request_id: String,
        biggest: usize,
    ) -> Result<Reply, Lost> {
        let sent = self.http.execute(request).await;
        let mut response =
            sent.map_err(|error| if error.is_connect() { Lost::NotSent } else { Lost::Unclear })?;
        let status = response.status();
        let body = match whole_body(&mut response, biggest).await {
            Some(body) => body,
            // A refusal speaks by its status; of a success the body is the point.
            None if !status.is_success() => Vec::new(),
            None => return Err(Lost::Unclear),
        };
        let header = |name| text_of(response.headers(), name);
        Ok(Reply {
            status: status.as_u16(),
            retry_after: header("retry-after"),
            request_id: header("request-id").or_else(|| header("x-ms-request-id")),
            client_request_id,
            challenge: header("www-authenticate").map(|_| all_of(response.headers(), "www-authenticate")),
            body: without_mark(body),
        })
    }
}

/// Counts a call with its latency, and what it failed of. Status 0: no answer. What a caller asks about on purpose (is
/// it gone, has it changed) is no failure.
fn measure(graph: bool, status: u16, ms: i128) {
    let [latency, throttled, unavailable, refused] = if graph {
        [Metric::GraphLatency, Metric::GraphThrottled, Metric::GraphUnavailable, Metric::GraphRefused]
    } else {
        [Metric::LoginLatency, Metric::LoginThrottled, Metric::LoginUnavailable, Metric::LoginRefused]
    };
    metrics::note(latency, i64::try_from(ms).unwrap_or(i64::MAX));
    match status {
        429 => metrics::count(throttled, 1),
        0 | 500.. => metrics::count(unavailable, 1),
        400 | 401 | 403 => metrics::count(refused, 1),
        _ => {}
    }
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn all_of(headers: &HeaderMap, name: &str) -> String {
    let lines: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    lines.join(", ")
}

/// A byte-order mark before JSON says nothing (RFC 8259 section 8.1 lets a reader ignore it).
fn without_mark(mut body: Vec<u8>) -> Vec<u8> {
    if body.starts_with(&[0xEF, 0xBB, 0xBF]) {
        body.drain(..3);
    }
    body
}

/// The body up to its end; none if the end never came or lies too far.
async fn whole_body(response: &mut reqwest::Response, biggest: usize) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.ok()? {
        if body.len() + chunk.len() > biggest {
            return None;
        }
        body.extend_from_slice(&chunk);
    }
    Some(body)
}
