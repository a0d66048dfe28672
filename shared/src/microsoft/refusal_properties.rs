//! Whatever stands in an error of Entra, in an answer or in a redirect: none of its text is kept.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::microsoft::read_redirect_error;

/// Holds characters of no word, id or time of the protocol.
const CANARY: &str = "<canary é>";

/// Some text with the canary in it, and with what the readers look for.
fn text() -> impl Strategy<Value = String> {
    let label = prop::sample::select(vec![
        "AADSTS",
        "AADSTS50173",
        "Trace ID: ",
        "Correlation ID:",
        "Timestamp: ",
        "%0d%0a",
        "+",
        "",
    ]);
    (".{0,60}", label.clone(), ".{0,40}", label, "[0-9a-f: Z-]{0,40}")
        .prop_map(|(a, first, b, second, c)| format!("{a}{first}{b}{CANARY}{second}{c}{CANARY}{a}"))
}

fn keeps_no_text(refusal: &Refusal) -> Result<(), TestCaseError> {
    let printed = format!("{refusal:?}");
    prop_assert!(!printed.contains("canary"), "{}", printed);
    let texts = [Some(&refusal.error), refusal.suberror.as_ref(), refusal.trace_id.as_ref()];
    let more = [refusal.correlation_id.as_ref(), refusal.at.as_ref()];
    for text in texts.into_iter().chain(more).flatten() {
        prop_assert!(
            (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() || b == b' '),
            "{}",
            text
        );
    }
    prop_assert!(refusal.codes.len() <= 16);
    Ok(())
}

proptest! {
    #[test]
    fn no_text_of_an_answer_is_kept_whatever_it_is(
        status in 400u16..600, all in prop::collection::vec(text(), 6), listed in prop::collection::vec(any::<i64>(), 0..20),
    ) {
        let body = json!({ "error": all[0], "error_description": all[1], "suberror": all[2], "trace_id": all[3],
            "correlation_id": all[4], "timestamp": all[5], "error_codes": listed });
        let reply = Reply {
            status, retry_after: Some(all[0].clone()), request_id: None, client_request_id: String::new(), challenge: None,
            body: body.to_string().into_bytes(),
        };
        match read_refusal(&reply, Timestamp::UNIX_EPOCH) {
            IdentityError::Refused(refusal) => keeps_no_text(&refusal)?,
            other => prop_assert!(status == 429, "{:?}", other),
        }
    }

    #[test]
    fn no_text_of_a_redirect_is_kept_whatever_it_is(all in prop::collection::vec(text(), 5)) {
        let names = ["error", "error_description", "error_subcode", "error_uri", "suberror"];
        let pairs: Vec<_> = names.iter().zip(all).map(|(name, value)| ((*name).to_owned(), value)).collect();
        keeps_no_text(&read_redirect_error(&pairs))?;
    }

    #[test]
    fn any_answer_at_all_is_survived(status in 200u16..600, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let reply = Reply { status, retry_after: None, request_id: None, client_request_id: String::new(), challenge: None, body };
        let _ = read_refusal(&reply, Timestamp::UNIX_EPOCH);
    }
}
