use super::*;
use crate::domain::verdict::Verdict;

fn reply(status: u16, body: &str) -> Reply {
    Reply {
        status,
        retry_after: None,
        request_id: None,
        client_request_id: String::new(),
        challenge: None,
        body: body.as_bytes().to_vec(),
    }
}

fn refusal(status: u16, body: &str) -> Refusal {
    match read_refusal(&reply(status, body), Timestamp::UNIX_EPOCH) {
        IdentityError::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

fn description(separator: &str) -> String {
    let lines = [
        "AADSTS70002: Error validating credentials. AADSTS54005: OAuth2 Authorization code was already redeemed.",
        "Trace ID: 0a1b2c3d-0000-4e00-8a00-1f2e3d4c5b00",
        "Correlation ID: 7d1f0e2a-0000-4f00-9b00-aabbccddeeff",
        "Timestamp: 2026-11-20 09:14:03Z",
    ];
    lines.join(separator)
}

#[test]
fn a_refusal_is_read_from_microsofts_own_fields() {
    let refusal = refusal(
        400,
        r#"{"error":"invalid_grant","error_description":"AADSTS65001: The user or administrator has not consented to use the
        application with ID '3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73' named 'Scheduler'.","error_codes":[65001],
        "timestamp":"2026-11-20 09:14:03Z","trace_id":"0a1b2c3d-0000-4e00-8a00-1f2e3d4c5b00",
        "correlation_id":"7d1f0e2a-0000-4f00-9b00-aabbccddeeff","error_uri":"https://login.microsoftonline.com/error?code=65001",
        "suberror":"consent_required"}"#
            .replace('\n', " ")
            .as_str(),
    );
    assert_eq!(refusal.codes, [65001]);
    assert_eq!(refusal.suberror.as_deref(), Some("consent_required"));
    assert_eq!(refusal.trace_id.as_deref(), Some("0a1b2c3d-0000-4e00-8a00-1f2e3d4c5b00"));
    assert_eq!(refusal.verdict(), Verdict::ConsentGone);
}

#[test]
fn what_the_fields_lack_is_read_from_the_text_however_its_lines_are_parted() {
    for separator in ["\\r\\n", " "] {
        let body = format!(r#"{{"error":"invalid_grant","error_description":"{}"}}"#, description(separator));
        let refusal = refusal(400, &body);
        assert_eq!(refusal.codes, [70002, 54005], "{separator}");
        assert_eq!(refusal.correlation_id.as_deref(), Some("7d1f0e2a-0000-4f00-9b00-aabbccddeeff"));
        assert_eq!(refusal.at.as_deref(), Some("2026-11-20 09:14:03Z"));
    }
}

#[test]
fn every_number_counts_once_and_odd_ones_do_not() {
    let body = r#"{"error":"invalid_grant","error_codes":[50173,"50173","70008",-1,null,99999999999],"error_description":"AADSTS50173: x"}"#;
    assert_eq!(refusal(400, body).codes, [50173, 70008]);
}

#[test]
fn throttling_and_silence_are_not_refusals() {
    let throttled = Reply { retry_after: Some("60".to_owned()), ..reply(429, "{}") };
    let error = read_refusal(&throttled, Timestamp::UNIX_EPOCH);
    assert!(matches!(error, IdentityError::Throttled { wait: Some(wait) } if wait.as_secs() == 60));
    for (status, body) in [(502, "<html>"), (400, ""), (400, "{}"), (400, r#"{"error":7}"#), (302, "[]")] {
        let error = read_refusal(&reply(status, body), Timestamp::UNIX_EPOCH);
        assert!(matches!(error, IdentityError::Unreachable { .. }), "{status} {body}");
    }
    assert_eq!(refusal(503, r#"{"error":"temporarily_unavailable"}"#).verdict(), Verdict::Keep);
}

#[test]
fn no_text_of_an_answer_is_kept() {
    let refusal = refusal(
        400,
        r#"{"error":"no such user: rina@contoso.example","trace_id":"rina","timestamp":"rina's birthday"}"#,
    );
    assert_eq!(refusal.error, "unreadable");
    assert_eq!((refusal.trace_id, refusal.at), (None, None));
}

fn grant(body: &str) -> Option<(Grant, Option<IdToken>)> {
    let now = Timestamp::from_second(1_795_166_043).expect("time");
    let asked = ScopeSet::parse("openid User.Read Calendars.ReadWrite");
    let body = in_standard_form(body.as_bytes().to_vec());
    serde_json::from_slice::<TokenAnswer>(&body).ok().map(|answer| read_grant(&answer, &asked, now))
}

#[test]
fn a_success_is_read_in_all_its_spellings() {
    let (grant, id_token) = grant(
        r#"{"token_type":"Bearer","scope":"Calendars.ReadWrite https://graph.microsoft.com/User.Read profile openid email",
        "expires_in":4631,"ext_expires_in":4631,"access_token":"eyJ0","refresh_token":"1.AXkA","id_token":"eyJ1","client_info":"e30"}"#,
    )
    .expect("grant");
    assert_eq!(grant.access.expose(), "eyJ0");
    assert_eq!(grant.refresh.expect("refresh token").expose(), "1.AXkA");
    assert_eq!(grant.usable_until.as_second(), 1_795_166_043 + 4631 - 464);
    assert_eq!(grant.scopes.to_string(), "Calendars.ReadWrite User.Read");
    assert!(id_token.is_some());
}

#[test]
fn a_success_may_lack_what_is_optional() {
    let (least, id_token) =
        grant(r#"{"token_type":"bearer","scope":"User.Read","access_token":"eyJ0"}"#).expect("grant");
    assert!(least.refresh.is_none() && id_token.is_none());
    assert_eq!(least.usable_until.as_second(), 1_795_166_043 + 300);
    assert!(grant(r#"{"token_type":"Bearer","scope":"User.Read"}"#).is_none());
}

#[test]
fn a_success_that_names_no_scope_means_the_one_that_was_asked_for() {
    let (bare, _) = grant(r#"{"token_type":"Bearer","access_token":"eyJ0"}"#).expect("grant");
    assert_eq!(bare.scopes.to_string(), "Calendars.ReadWrite User.Read");
    assert_eq!(bare.access.may_any(&["Calendars.ReadWrite"]), Some(true));
    let (fewer, _) =
        grant(r#"{"token_type":"Bearer","scope":"User.Read","access_token":"eyJ0"}"#).expect("grant");
    assert_eq!(fewer.access.may_any(&["Calendars.ReadWrite"]), Some(false));
}

#[test]
fn a_life_is_read_however_it_is_spelled() {
    for (told, life) in
        [("3600", 3600), ("\"3600\"", 3600), ("3600.0", 3600), ("\" 4631 \"", 4631), ("4631.9", 4631)]
    {
        let body = format!(r#"{{"scope":"User.Read","access_token":"eyJ0","expires_in":{told}}}"#);
        let (grant, _) = grant(&body).unwrap_or_else(|| panic!("{told}"));
        assert_eq!(
            grant.usable_until.as_second(),
            1_795_166_043 + life - ((life + 9) / 10).max(300),
            "{told}"
        );
    }
    for told in ["-5", "\"soon\"", "[3600]", "\"-1\"", "\"NaN\""] {
        let body = format!(r#"{{"scope":"User.Read","access_token":"eyJ0","expires_in":{told}}}"#);
        assert!(grant(&body).is_none(), "{told}");
    }
}

#[test]
fn a_member_that_stands_twice_is_no_spelling() {
    let body = r#"{"access_token":"eyJ0","access_token":"eyJ1","expires_in":"3600"}"#;
    assert!(grant(body).is_none());
}

#[test]
fn a_token_answer_does_not_print_its_tokens() {
    let body = r#"{"token_type":"Bearer","scope":"User.Read","access_token":"CANARY-1","refresh_token":"CANARY-2","id_token":"CANARY-3"}"#;
    let answer: TokenAnswer = serde_json::from_str(body).expect("answer");
    assert!(!format!("{answer:?}").contains("CANARY"));
}

#[test]
fn an_id_has_the_form_of_a_guid_or_is_not_kept() {
    let id = "0a1b2c3d-0000-4e00-8a00-1f2e3d4c5b00";
    for (said, kept) in [(id, true), (&id[..35], false), ("0a1b2c3d-0000-4e00-8a00-candidate-da", false)] {
        let body = serde_json::json!({ "error": "invalid_grant", "trace_id": said, "correlation_id": said });
        let refusal = refusal(400, &body.to_string());
        assert_eq!(refusal.trace_id.as_deref(), kept.then_some(said), "{said}");
        assert_eq!(refusal.correlation_id, refusal.trace_id);
    }
}

#[test]
fn what_came_beside_the_tokens_is_not_printed() {
    let extra: Extra = serde_json::from_str(r#"{"id_token":"eyJ0eXAi"}"#).expect("fields");
    assert_eq!(format!("{extra:?}"), "Extra(…)");
}
