//! What an answer of Graph means, by its status and `error.code`; never by its message. Pure.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::token_answer::word;
use super::wire::Reply;
use super::{GraphError, GraphEvidence, retry};

/// What an answer means for the call.
pub(super) enum Judgement {
    /// Done.
    Success,
    /// Not done; try again, not before the wait if there is one.
    Throttled(Option<Duration>),
    /// Mostly not done, but nobody promises it; not before the wait.
    Busy(Option<Duration>),
    /// Perhaps done: an outage in the middle.
    Broken,
    /// Not done, and a repeat would fail alike.
    Final { error: GraphError, existing: Option<String> },
}

/// The codes of accounts without a usable mailbox; two of them alternate for the same user.
const NO_MAILBOX: [&str; 5] = [
    "MailboxNotEnabledForRESTAPI",
    "ResourceNotFound",
    "ErrorInvalidUser",
    "ErrorNonExistentMailbox",
    "MailboxNotFound",
];
const DUPLICATE: &str = "ErrorDuplicateTransactionId";

/// Judges an answer.
pub(super) fn judge(reply: &Reply, now: Timestamp) -> Judgement {
    let asked = retry::retry_after(reply.retry_after.as_deref(), now);
    let body = body(reply);
    let code = body.as_ref().and_then(code).unwrap_or_default();
    let last = |error: fn(GraphEvidence) -> GraphError| Judgement::Final {
        error: error(evidence(reply)),
        existing: None,
    };
    match reply.status {
        200..300 => Judgement::Success,
        400 | 409 if code == DUPLICATE => Judgement::Final {
            error: GraphError::Refused(evidence(reply)),
            existing: Some(body.as_ref().and_then(existing).unwrap_or_default()),
        },
        401 => last(GraphError::Unauthorized),
        403 => last(GraphError::Forbidden),
        404 if code == "ErrorItemNotFound" => last(GraphError::NotFound),
        404 if NO_MAILBOX.contains(&code.as_str()) => last(GraphError::MailboxUnavailable),
        409 | 412 => last(GraphError::Stale),
        // Bandwidth (509) is throttled like requests.
        429 | 509 => Judgement::Throttled(asked),
        503 if asked.is_some() => Judgement::Busy(asked),
        507 => last(GraphError::MailboxUnavailable),
        500.. => Judgement::Broken,
        _ => last(GraphError::Refused),
    }
}

/// What may be kept of an answer.
pub(super) fn evidence(reply: &Reply) -> GraphEvidence {
    let body = body(reply);
    let error = body.as_ref().and_then(|body| body.get("error"));
    let inner = error.and_then(|error| error.get("innerError").or_else(|| error.get("innererror")));
    let told = |name: &str| inner.and_then(|inner| inner.get(name)).and_then(Value::as_str);
    GraphEvidence {
        status: reply.status,
        code: body.as_ref().and_then(code).map(|code| word(&code)),
        request_id: told("request-id").or(reply.request_id.as_deref()).and_then(plain),
        client_request_id: reply.client_request_id.clone(),
        at: told("date").and_then(plain),
    }
}

/// Ids and times of Microsoft's are plain words; anything else there is somebody's text, which we do not keep.
pub(super) fn plain(text: &str) -> Option<String> {
    let sound = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:.+".contains(&b));
    sound.then(|| text.to_owned())
}

fn body(reply: &Reply) -> Option<Value> {
    let refusal = !(200..300).contains(&reply.status);
    refusal.then(|| serde_json::from_slice(&reply.body).ok())?
}

fn code(body: &Value) -> Option<String> {
    body.get("error")?.get("code")?.as_str().filter(|code| !code.is_empty()).map(str::to_owned)
}

fn existing(body: &Value) -> Option<String> {
    body.get("error")?.get("@event.existingEventId")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            status,
            retry_after: None,
            request_id: Some("header-id".to_owned()),
            client_request_id: "ours".to_owned(),
            body: body.as_bytes().to_vec(),
        }
    }

    fn body(code: &str) -> String {
        format!(
            r#"{{"error":{{"code":"{code}","message":"The specified object was not found in the store.",
            "innerError":{{"date":"2026-11-20T09:50:51","request-id":"b0b1","client-request-id":"6f0c"}}}}}}"#
        )
    }

    fn last(status: u16, code: &str) -> GraphError {
        match judge(&reply(status, &body(code)), Timestamp::UNIX_EPOCH) {
            Judgement::Final { error, .. } => error,
            _ => panic!("{status} {code} is not final"),
        }
    }

    #[test]
    fn refusals_are_told_apart_by_status_and_code() {
        use GraphError::{Forbidden, MailboxUnavailable, NotFound, Refused, Stale, Unauthorized};
        assert!(matches!(last(401, "InvalidAuthenticationToken"), Unauthorized(_)));
        assert!(matches!(last(403, "ErrorAccessDenied"), Forbidden(_)));
        assert!(matches!(last(404, "ErrorItemNotFound"), NotFound(_)));
        assert!(matches!(last(404, "MailboxNotEnabledForRESTAPI"), MailboxUnavailable(_)));
        assert!(matches!(last(404, "ResourceNotFound"), MailboxUnavailable(_)));
        assert!(matches!(last(404, "UnknownError"), Refused(_)));
        assert!(matches!(last(409, "ErrorIrresolvableConflict"), Stale(_)));
        assert!(matches!(last(412, "ErrorIrresolvableConflict"), Stale(_)));
        assert!(matches!(last(400, "ErrorPropertyValidationFailure"), Refused(_)));
        assert!(matches!(last(302, ""), Refused(_)));
        assert!(matches!(last(507, "ErrorQuotaExceeded"), MailboxUnavailable(_)));
    }

    #[test]
    fn a_used_transaction_id_names_the_event_whatever_its_status() {
        let text = r#"{"error":{"code":"ErrorDuplicateTransactionId","message":"m","@event.existingEventId":"AAkALgAA"}}"#;
        for status in [400, 409] {
            let judged = judge(&reply(status, text), Timestamp::UNIX_EPOCH);
            assert!(matches!(judged, Judgement::Final { existing: Some(id), .. } if id == "AAkALgAA"));
        }
    }

    #[test]
    fn throttling_is_no_outage_and_an_outage_is_no_throttling() {
        let wait = |status, after: Option<&str>| {
            let reply = Reply {
                retry_after: after.map(str::to_owned),
                ..reply(status, &body("ApplicationThrottled"))
            };
            judge(&reply, Timestamp::UNIX_EPOCH)
        };
        assert!(matches!(wait(429, Some("8")), Judgement::Throttled(Some(asked)) if asked.as_secs() == 8));
        assert!(matches!(wait(429, None), Judgement::Throttled(None)));
        assert!(matches!(wait(503, Some("2.128")), Judgement::Busy(Some(_))));
        for status in [500, 502, 503, 504] {
            assert!(matches!(wait(status, None), Judgement::Broken), "{status}");
        }
    }

    #[test]
    fn evidence_holds_ids_and_no_prose() {
        let told = evidence(&reply(404, &body("ErrorItemNotFound")));
        assert_eq!(told.code.as_deref(), Some("ErrorItemNotFound"));
        assert_eq!((told.request_id.as_deref(), told.client_request_id.as_str()), (Some("b0b1"), "ours"));
        assert_eq!(told.at.as_deref(), Some("2026-11-20T09:50:51"));
        for text in ["<b>", "dana@example.org", "two words", "é", &"x".repeat(65)] {
            let inner =
                serde_json::json!({ "error": { "innererror": { "request-id": text, "date": text } } });
            let odd = evidence(&reply(400, &inner.to_string()));
            assert_eq!((odd.request_id, odd.at), (None, None), "{text}");
        }
        let bare = evidence(&reply(502, "<html>Bad Gateway</html>"));
        assert_eq!((bare.code, bare.request_id.as_deref()), (None, Some("header-id")));
        let odd = evidence(&reply(400, &body("see subject: Interview with Dana")));
        assert_eq!(odd.code.as_deref(), Some("unreadable"));
    }
}
