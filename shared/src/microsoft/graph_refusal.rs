//! What an answer of Graph means, by its status and `error.code`; never by its prose. Pure.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use super::catalog::Call;
use super::graph_class::{self, Refusal};
use super::token_answer::word;
use super::wire::Reply;
use super::{GraphError, GraphEvidence, retry};
use crate::domain::graph_code::Class;

/// What an answer means for the call.
pub(super) enum Judgement {
    /// Done.
    Success,
    /// The list that was asked for is not there, so nothing is in it.
    Nothing,
    /// Not done; try again, not before the wait if there is one.
    Throttled(Option<Duration>),
    /// Not done, and another try is welcome.
    TooEarly(Option<Duration>),
    /// Mostly not done, but nobody promises it; not before the wait.
    Busy(Option<Duration>),
    /// Perhaps done: an outage in the middle; not before the wait if there is one.
    Broken(Option<Duration>),
    /// Not done, and a repeat would fail alike.
    Final { error: GraphError, existing: Option<String> },
}

/// What is locked or on its way elsewhere is not asked for again at once.
const SETTLES_IN: Duration = Duration::from_secs(2);

/// Judges an answer to this call. `permitted`: whether the token has a permission that is enough for it.
pub(super) fn judge(reply: &Reply, call: Call, permitted: Option<bool>, now: Timestamp) -> Judgement {
    if (200..300).contains(&reply.status) {
        return Judgement::Success;
    }
    let asked = retry::retry_after(reply.retry_after.as_deref(), now);
    let evidence = evidence(reply, call, permitted);
    match evidence.class {
        Class::NoRooms => Judgement::Nothing,
        Class::Throttled => Judgement::Throttled(asked),
        Class::TooEarly => Judgement::TooEarly(asked),
        Class::Moving => Judgement::Broken(Some(asked.unwrap_or(SETTLES_IN))),
        Class::Broken if reply.status == 503 && asked.is_some() => Judgement::Busy(asked),
        Class::Broken => Judgement::Broken(None),
        Class::UsedTransaction => {
            let existing = body(reply).as_ref().and_then(existing).unwrap_or_default();
            Judgement::Final { error: GraphError::of(evidence), existing: Some(existing) }
        }
        _ => Judgement::Final { error: GraphError::of(evidence), existing: None },
    }
}

/// What may be kept of an answer.
pub(super) fn evidence(reply: &Reply, call: Call, permitted: Option<bool>) -> GraphEvidence {
    let body = body(reply);
    let said = body.as_ref().and_then(|body| code(body, call)).unwrap_or_default();
    let class = if (200..300).contains(&reply.status) {
        Class::Unsaid
    } else {
        graph_class::class(&Refusal { status: reply.status, code: &said, call, permitted })
    };
    let error = body.as_ref().and_then(|body| body.get("error"));
    let inner = error.and_then(|error| error.get("innerError").or_else(|| error.get("innererror")));
    let told = |name: &str| inner.and_then(|inner| inner.get(name)).and_then(Value::as_str);
    GraphEvidence {
        status: reply.status,
        code: Some(word(&said)).filter(|_| !said.is_empty()),
        request_id: told("request-id").or(reply.request_id.as_deref()).and_then(plain),
        client_request_id: reply.client_request_id.clone(),
        at: told("date").and_then(plain),
        class,
    }
}

/// Ids and times of Microsoft's are plain words; anything else there is somebody's text, which we do not keep.
pub(super) fn plain(text: &str) -> Option<String> {
    let sound = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_:.+".contains(&b));
    sound.then(|| text.to_owned())
}

/// No challenge of Entra's comes near it.
const LONGEST_CHALLENGE: usize = 4096;

/// The claims that a 401 asks for (RFC 6750 section 3, Microsoft's page on claims challenges): JSON, decoded. The header
/// may hold several challenges and names its other members in more than one way, so nothing but `claims` is read.
pub(super) fn claims(reply: &Reply) -> Option<String> {
    let header = reply.challenge.as_deref().filter(|text| text.len() <= LONGEST_CHALLENGE)?;
    let (_, rest) = header.split_once("claims=")?;
    let value = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split([',', ' ']).next()?,
    };
    let plain = value.trim_end_matches('=').replace('-', "+").replace('_', "/");
    let text = String::from_utf8(STANDARD_NO_PAD.decode(plain).ok()?).ok()?;
    serde_json::from_str::<Value>(&text).ok().filter(Value::is_object).map(|_| text)
}

fn body(reply: &Reply) -> Option<Value> {
    let refusal = !(200..300).contains(&reply.status);
    refusal.then(|| serde_json::from_slice(&reply.body).ok())?
}

/// `error.code`. Where Graph has no word of its own for a list of rooms, it was seen to put the answer of the service
/// behind it into the message, as JSON with a code (microsoft-graph-docs#7532): that one counts. Prose is not read.
fn code(body: &Value, call: Call) -> Option<String> {
    let error = body.get("error")?;
    let code = error.get("code")?.as_str().filter(|code| !code.is_empty())?;
    let is_wrapped = code == "UnknownError" && call.lists_rooms();
    let behind = || {
        let message = error.get("message").and_then(Value::as_str).filter(|_| is_wrapped)?;
        let said: Value = serde_json::from_str(message).ok()?;
        said.get("code")?.as_str().filter(|code| !code.is_empty()).map(str::to_owned)
    };
    Some(behind().unwrap_or_else(|| code.to_owned()))
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
            challenge: None,
            body: body.as_bytes().to_vec(),
        }
    }

    fn body(code: &str) -> String {
        format!(
            r#"{{"error":{{"code":"{code}","message":"The specified object was not found in the store.",
            "innerError":{{"date":"2026-11-20T09:50:51","request-id":"b0b1","client-request-id":"6f0c"}}}}}}"#
        )
    }

    fn judged(reply: &Reply) -> Judgement {
        judge(reply, Call::CreateEvent, Some(true), Timestamp::UNIX_EPOCH)
    }

    fn last(status: u16, code: &str) -> GraphError {
        match judged(&reply(status, &body(code))) {
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
        assert!(matches!(last(403, "ErrorSendAsDenied"), Forbidden(_)));
        assert!(
            matches!(last(500, "ErrorSubmissionQuotaExceeded"), Forbidden(_)),
            "final, whatever its status"
        );
        assert!(matches!(last(409, "ErrorIrresolvableConflict"), Stale(_)));
        assert!(matches!(last(412, "ErrorIrresolvableConflict"), Stale(_)));
        assert!(matches!(last(400, "ErrorPropertyValidationFailure"), Refused(_)));
        assert!(matches!(last(302, ""), Refused(_)));
        assert!(matches!(last(507, "ErrorQuotaExceeded"), MailboxUnavailable(_)));
    }

    #[test]
    fn an_unknown_error_says_what_the_service_behind_it_said() {
        let wrapped = |status, message: &str| {
            let body = serde_json::json!({ "error": { "code": "UnknownError", "message": message } });
            reply(status, &body.to_string())
        };
        let rooms = |reply: &Reply| judge(reply, Call::ListRooms, Some(true), Timestamp::UNIX_EPOCH);
        let inside = r#"{"code":"invalid_place","message":"place not found"}"#;
        assert!(matches!(rooms(&wrapped(404, inside)), Judgement::Nothing));
        assert!(matches!(rooms(&reply(404, &body("ResourceNotFound"))), Judgement::Nothing));
        let told = evidence(&wrapped(404, inside), Call::ListRooms, Some(true));
        assert_eq!((told.code.as_deref(), told.class), (Some("invalid_place"), Class::NoRooms));
        let denied = wrapped(403, r#"{"code":"invalid_permissions","message":"place.read.all is required"}"#);
        let told = evidence(&denied, Call::ListRooms, Some(false));
        assert_eq!((told.code.as_deref(), told.class), (Some("invalid_permissions"), Class::ScopeMissing));
        for nothing in ["", "Not Found", "{}", "[]", r#"{"code":""}"#, r#"{"code":404}"#] {
            assert!(matches!(rooms(&wrapped(404, nothing)), Judgement::Broken(None)), "{nothing}");
        }
        let read = judge(&wrapped(404, inside), Call::ReadEvent, Some(true), Timestamp::UNIX_EPOCH);
        assert!(matches!(read, Judgement::Broken(None)), "seen of lists of rooms alone");
    }

    #[test]
    fn a_used_transaction_id_names_the_event_whatever_its_status() {
        let text = r#"{"error":{"code":"ErrorDuplicateTransactionId","message":"m","@event.existingEventId":"AAkALgAA"}}"#;
        for status in [400, 409] {
            let judged = judged(&reply(status, text));
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
            judged(&reply)
        };
        assert!(matches!(wait(429, Some("8")), Judgement::Throttled(Some(asked)) if asked.as_secs() == 8));
        assert!(matches!(wait(429, None), Judgement::Throttled(None)));
        assert!(matches!(wait(503, Some("2.128")), Judgement::Busy(Some(_))));
        for status in [408, 500, 502, 503, 504] {
            assert!(matches!(wait(status, None), Judgement::Broken(None)), "{status}");
        }
        assert!(matches!(wait(423, None), Judgement::Broken(Some(SETTLES_IN))));
        assert!(matches!(wait(425, None), Judgement::TooEarly(None)));
    }

    #[test]
    fn the_claims_of_a_challenge_are_read_however_it_is_spelled() {
        let claims_of =
            |header: &str| claims(&Reply { challenge: Some(header.to_owned()), ..reply(401, "{}") });
        let wanted = Some(r#"{"access_token":{"nbf":{"essential":true}}}"#);
        let value = "eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZX19fQ";
        for header in [
            format!("Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{value}==\""),
            format!("Bearer claims={value}, errorDescription=\"x\""),
            format!("PoP nonce=\"a\", Bearer error_description=\"y\", claims=\"{value}\""),
        ] {
            assert_eq!(claims_of(&header).as_deref(), wanted, "{header}");
        }
        for header in ["Bearer", "Bearer claims=\"???\"", "Bearer claims=\"W10=\"", &"x".repeat(5000)] {
            assert_eq!(claims_of(header), None, "{header}");
        }
    }

    fn told_by(reply: &Reply) -> GraphEvidence {
        evidence(reply, Call::ReadEvent, Some(true))
    }

    #[test]
    fn evidence_holds_ids_and_no_prose() {
        let told = told_by(&reply(404, &body("ErrorItemNotFound")));
        assert_eq!(told.code.as_deref(), Some("ErrorItemNotFound"));
        assert_eq!((told.request_id.as_deref(), told.client_request_id.as_str()), (Some("b0b1"), "ours"));
        assert_eq!(told.at.as_deref(), Some("2026-11-20T09:50:51"));
        for text in ["<b>", "dana@example.org", "two words", "é", &"x".repeat(65)] {
            let inner =
                serde_json::json!({ "error": { "innererror": { "request-id": text, "date": text } } });
            let odd = told_by(&reply(400, &inner.to_string()));
            assert_eq!((odd.request_id, odd.at), (None, None), "{text}");
        }
        let bare = told_by(&reply(502, "<html>Bad Gateway</html>"));
        assert_eq!((bare.code, bare.request_id.as_deref()), (None, Some("header-id")));
        let odd = told_by(&reply(400, &body("see subject: Interview with Dana")));
        assert_eq!(odd.code.as_deref(), Some("unreadable"));
    }
}
