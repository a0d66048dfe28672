//! EventBridge: `PutEvents` to one bus, and whatever was put there.
//!
//! Source: Amazon EventBridge API reference, `PutEvents` and `PutEventsRequestEntry` (JSON 1.1, target `AWSEvents`).

use super::{Aws, unknown};
use crate::faults::text_answer;
use crate::lock;
use axum::response::Response;
use serde_json::{Value, json};

/// The content type of the AWS JSON 1.1 protocol.
const JSON_1_1: &str = "application/x-amz-json-1.1";
/// `PutEvents` takes at most so many entries.
const MOST: usize = 10;
/// And so many bytes of them together.
const LARGEST: usize = 256 * 1024;

/// An event as a rule of the bus would see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Name or ARN.
    pub bus: String,
    /// Who put it there.
    pub source: String,
    /// What kind it is.
    pub detail_type: String,
    /// What it says.
    pub detail: Value,
}

pub(super) fn call(aws: &Aws, operation: &str, body: &str) -> Response {
    if operation != "PutEvents" {
        return unknown(aws, operation);
    }
    let request: Value = serde_json::from_str(body).unwrap_or_default();
    let entries = request["Entries"].as_array().cloned().unwrap_or_default();
    if entries.is_empty() || entries.len() > MOST || body.len() > LARGEST {
        let message = format!("1 validation error: {} entries, {} bytes", entries.len(), body.len());
        let refusal = json!({ "__type": "ValidationException", "message": message });
        return text_answer(400, JSON_1_1, refusal.to_string());
    }
    let results: Vec<Value> = entries.iter().enumerate().map(|(n, entry)| put(aws, n, entry)).collect();
    let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
    text_answer(200, JSON_1_1, json!({ "FailedEntryCount": failed, "Entries": results }).to_string())
}

fn put(aws: &Aws, number: usize, entry: &Value) -> Value {
    let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
    let detail: Value = serde_json::from_str(&text("Detail")).unwrap_or_default();
    let event =
        Event { bus: text("EventBusName"), source: text("Source"), detail_type: text("DetailType"), detail };
    let refused = |code: &str| json!({ "ErrorCode": code, "ErrorMessage": "not taken" });
    if !event.detail.is_object() {
        return refused("MalformedDetail");
    }
    if event.source.is_empty() || event.detail_type.is_empty() {
        return refused("InvalidArgument");
    }
    if lock(&aws.refused_entries).remove(&number) {
        return refused("InternalFailure");
    }
    let mut events = lock(&aws.events);
    events.push(event);
    json!({ "EventId": format!("event-{}", events.len()) })
}
