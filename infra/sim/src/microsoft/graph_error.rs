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
    /// `WWW-Authenticate` in place of the usual one.
    pub(crate) challenge: Option<String>,
}

pub(crate) fn error(status: u16, code: &'static str, message: impl Into<String>) -> GraphError {
    GraphError {
        status,
        code,
        message: message.into(),
        extra: Map::new(),
        retry_after: None,
        challenge: None,
    }
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

/// Codes that a switch can force upon a call, with the status and the words that were seen with them.
const FORCED: &[(&str, u16, &str)] = &[
    ("ErrorAccessDenied", 403, "Access is denied. Check credentials and try again."),
    ("AccessToODataDisabled", 403, "Access to OData is disabled."),
    (
        "ErrorSendAsDenied",
        403,
        "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account.",
    ),
    ("ErrorAccountDisabled", 403, "The account is disabled."),
    ("ErrorMailboxLogonFailed", 403, "Mailbox logon failed."),
    ("ErrorCannotDeleteObject", 403, "Cannot delete the object."),
    (
        "ErrorIrresolvableConflict",
        409,
        "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
    ),
    ("ErrorMailboxMoveInProgress", 500, "Mailbox move in progress. Try again later."),
    (
        "ErrorSubmissionQuotaExceeded",
        500,
        "The message can't be submitted because the sender's submission quota was exceeded.",
    ),
    ("ErrorQuotaExceeded", 400, "The mailbox quota has been exceeded."),
    ("ErrorMessageSizeExceeded", 400, "The message exceeds the maximum supported size."),
    ("ErrorInvalidRecipients", 400, "At least one recipient isn't valid."),
    ("ErrorPropertyValidationFailure", 400, "At least one property failed validation."),
    (
        "RequestBodyRead",
        400,
        "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
    ),
    ("MailboxNotEnabledForRESTAPI", 404, "REST API is not yet supported for this mailbox."),
];

/// Status and body of a code that is forced. One of them differs from another in its message alone.
pub(crate) fn forced(code: &str) -> Option<(u16, Value)> {
    let (name, status, message) = FORCED.iter().find(|(name, _, _)| *name == code)?;
    let name = if *name == "AccessToODataDisabled" { "ErrorAccessDenied" } else { name };
    Some((*status, json!({"error": {"code": name, "message": message, "innerError": {}}})))
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
