//! Graph's error shape and codes (microsoft.md H).

use serde_json::{Map, Value, json};

/// A refusal of Graph before request ids are added.
#[derive(Clone, Debug)]
pub(crate) struct GraphError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) extra: Map<String, Value>,
    pub(crate) retry_after: Option<&'static str>,
}

pub(crate) fn error(status: u16, code: &'static str, message: impl Into<String>) -> GraphError {
    GraphError { status, code, message: message.into(), extra: Map::new(), retry_after: None }
}

pub(crate) fn invalid_property() -> GraphError {
    error(400, "ErrorPropertyValidationFailure", "At least one property failed validation.")
}

pub(crate) fn not_found() -> GraphError {
    error(404, "ErrorItemNotFound", "The specified object was not found in the store.")
}

pub(crate) fn unknown_zone(name: &str) -> GraphError {
    let text = "A valid TimeZone value must be specified. The following TimeZone value is not supported: ";
    error(400, "TimeZoneNotSupportedException", format!("{text}'{name}'."))
}

/// A calendar path that the stand-in does not have: 501, so that it cannot be mistaken for Microsoft's word.
pub(crate) fn not_built(what: &str) -> GraphError {
    error(501, "NotBuilt", format!("the stand-in does not know {what}"))
}

impl GraphError {
    pub(crate) fn body(&self, request_id: &str, client_request_id: &str, date: &str) -> Value {
        let mut body = self.extra.clone();
        // A code that a switch names stands there already.
        body.entry("code").or_insert_with(|| self.code.into());
        body.insert("message".into(), self.message.clone().into());
        let ids = json!({"date": date, "request-id": request_id, "client-request-id": client_request_id});
        body.insert("innerError".into(), ids);
        json!({"error": body})
    }
}
