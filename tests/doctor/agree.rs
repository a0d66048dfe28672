//! One fault, one verdict: the doctor, the connection's problem, the reason of a redirect, the page about it, and what
//! the sweep does say the same of every known number.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::access::{graph_problem, unserved, why_not_signed_in};
use shared::clock::SystemEntropy;
use shared::doctor::{Sender, diagnose, of_refusal};
use shared::domain::connection::{Account, Connection, Sealed, Teams};
use shared::domain::features::Feature;
use shared::domain::graph_code::{CODES as GRAPH_CODES, Class, classes};
use shared::domain::ids::{ConnectionId, SessionId};
use shared::domain::sign_in::{Hash, Session};
use shared::domain::verdict::{Refusal, TABLE, Verdict};
use shared::microsoft::{GraphError, GraphEvidence};

use super::{ask, page};
use crate::world::{Answer, Person, World, back_with, ending, minutes};

const SENDER: Sender<'_> = Sender { app_name: "Convene", public_url: "https://x.example" };

fn begun() -> Timestamp {
    "2026-11-24T08:00:00Z".parse().expect("a time")
}

/// A connection with tokens, an hour old.
fn connected() -> Connection {
    let at = begun() - SignedDuration::from_hours(1);
    let session = Session {
        id: SessionId::mint(at, &SystemEntropy),
        key: Hash(String::new()),
        customer: "acme".parse().expect("an id"),
        user: "u-ana".parse().expect("an id"),
        email: "ana@contoso.com".parse().expect("an address"),
        return_url: String::new(),
        features: BTreeSet::from([Feature::Calendar]),
        tenant: None,
        time_zone: None,
        locale: None,
        expires_at: at,
    };
    let account = Account {
        tenant: "2f1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14".parse().expect("a GUID"),
        object: "7c1f0a52-93de-4c06-8a57-0b6f2e9d4c31".parse().expect("a GUID"),
        email: "ana@contoso.com".parse().expect("an address"),
        name: None,
    };
    let waiting = Connection::waiting(&session, None, ConnectionId::mint(at, &SystemEntropy), at);
    Connection { tokens: Some(Sealed(vec![1])), ..waiting.connected(account, Teams::Yes, at) }
}

/// What the sweep and follow-ups make of it in an hour in which each refresh is refused.
fn swept(refusal: &Refusal) -> Connection {
    let at = |minute| begun() + SignedDuration::from_mins(minute);
    [0, 6, 12, 45, 51, 57]
        .into_iter()
        .fold(connected(), |connection, minute| connection.refused(refusal.clone(), at(minute), false))
}

#[test]
fn every_known_number_has_one_verdict_one_owner_and_one_way_on() {
    for row in TABLE {
        let refusal = Refusal {
            status: 400,
            error: "invalid_grant".to_owned(),
            codes: vec![row.number],
            ..Refusal::default()
        };
        let said = diagnose(&format!("AADSTS{}: prose of Microsoft", row.number), SENDER);
        let number = row.number;
        assert_eq!(of_refusal(&refusal, SENDER).who, said.who, "{number}: stored and pasted");
        assert_eq!(why_not_signed_in(&refusal).entry().owner, said.who, "{number}: the redirect");
        let after = swept(&refusal);
        assert_eq!(said.tokens_dropped, Some(after.tokens.is_none()), "{number}: {:?}", after.health);
        if after.evidence().is_none() {
            let unchanged = [Verdict::Keep, Verdict::OurFault].contains(&refusal.verdict());
            assert!(unchanged && said.tokens_dropped == Some(false), "{number}");
            continue;
        }
        let shown = serde_json::to_value(unserved(&after).summary(SENDER.public_url)).expect("json");
        assert_eq!(shown["fix"]["owner"], json!(said.who), "{number}: {shown}");
        assert_eq!(shown["fix"]["steps"], json!(said.steps), "{number}: {shown}");
        assert!(shown["detail"].as_str().is_some_and(|detail| detail.contains(row.meaning)), "{shown}");
    }
}

/// Numbers whose owner was another one in one of the places, and siblings of them.
const CODES: [(u32, &str); 14] = [
    (16000, "recruiter"),
    (50020, "recruiter"),
    (90072, "recruiter"),
    (500_208, "recruiter"),
    (50173, "recruiter"),
    (50034, "it_admin"),
    (50057, "it_admin"),
    (500_341, "it_admin"),
    (500_212, "it_admin"),
    (500_571, "it_admin"),
    (530_036, "it_admin"),
    (53003, "it_admin"),
    (70001, "it_admin"),
    (650_052, "it_admin"),
];

#[tokio::test]
async fn api_page_connection_and_redirect_name_the_same_owner() {
    let world = World::start().await;
    let email = |code: u32| format!("p-{code}@contoso.com");
    let mut crowd = vec!["canary@contoso.com".to_owned()];
    crowd.extend(CODES.iter().map(|(code, _)| email(*code)));
    world.crowd("acme", &crowd).await;
    world.advance(minutes(2)).await;
    for (code, _) in CODES {
        world.switch("refresh-answer", json!({ "user": email(code), "code": code }));
    }
    for _ in 0..70 {
        world.advance(minutes(1)).await;
    }
    for (code, owner) in CODES {
        let person = world.person(&format!("p-{code}"), "acme", &email(code)).await;
        let connection = person.connection().await;
        assert_eq!(connection["problem"]["fix"]["owner"], owner, "{code}: {connection}");
        let api = ask(&person, json!({ "text": format!("AADSTS{code}") })).await;
        assert_eq!(api.str("/who"), owner, "{code}");
        assert_eq!(api.json["steps"], connection["problem"]["fix"]["steps"], "{code}");
        let stored = ask(&person, json!({ "connection_id": connection["id"] })).await;
        assert_eq!((stored.str("/who"), &stored.json["steps"]), (owner, &api.json["steps"]), "{code}");
        let html = page(&world, &format!("text=AADSTS{code}")).await.text;
        let words =
            if owner == "recruiter" { "The person whose calendar it is" } else { "365 administrator" };
        assert!(html.contains(words), "{code}: {html}");

        let (browser, authorize) = person.begin().await;
        let text = format!("AADSTS{code}: Some words of Microsoft's.");
        let back = back_with(&world, &authorize, &[("error", "x"), ("error_description", &text)]);
        let end = ending(&browser.open(&back).await);
        let reason = end.split(": ").nth(1).expect("a reason");
        let explained = person.get(&format!("/problems/{reason}")).await.text;
        assert!(explained.contains(words), "{code} {reason}: {explained}");
    }
}

#[tokio::test]
async fn while_a_refusal_is_checked_the_doctor_says_what_the_connection_says() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" }));
    ana.post("/v1/connection/verify", json!({})).await;
    let shown = ana.connection().await;
    assert_eq!(shown["status"], "checking");
    let said = ask(&ana, json!({ "connection_id": shown["id"] })).await;
    assert_eq!(said.json["who"], shown["problem"]["fix"]["owner"], "{}", said.text);
    assert_eq!((&said.json["tokens_dropped"], said.str("/code")), (&json!(false), "AADSTS50173"));
}

#[tokio::test]
async fn an_expired_access_token_destroys_nothing() {
    let world = World::start().await;
    let ana = world.ana().await;
    for text in [
        r#"{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed, the token is expired."}}"#,
        "Access token has expired or is not yet valid.",
        "CompactToken validation failed with reason code: 80049228.",
    ] {
        let said = ask(&ana, json!({ "text": text })).await;
        assert_eq!(said.str("/code"), "InvalidAuthenticationToken", "{text}");
        assert_eq!(
            (&said.json["tokens_dropped"], &said.json["sign_in_again"]),
            (&json!(false), &json!(false))
        );
    }
}

/// What the API makes of a refusal of that class, once repeats and renewals are over.
fn api_problem(code: &str, class: Class) -> Value {
    let evidence = GraphEvidence { code: Some(code.to_owned()), class, ..GraphEvidence::default() };
    let error = match class {
        Class::Throttled => GraphError::Throttled { wait: std::time::Duration::from_secs(30), evidence },
        Class::TooEarly | Class::Moving | Class::Broken => GraphError::Unavailable(Some(evidence)),
        _ => GraphError::of(evidence),
    };
    serde_json::to_value(graph_problem(&error).summary(SENDER.public_url)).expect("json")
}

fn in_json(said: &shared::doctor::Diagnosis) -> Value {
    serde_json::to_value(said).expect("json")
}

#[test]
fn every_code_of_graph_has_one_owner_and_one_way_on_at_the_api_and_at_the_doctor() {
    for (code, _) in GRAPH_CODES {
        let alone = in_json(&diagnose(&json!({ "error": { "code": code } }).to_string(), SENDER));
        let likeliest = api_problem(code, classes(code)[0]);
        assert_eq!(alone["who"], likeliest["fix"]["owner"], "{code}: {likeliest}");
        for class in classes(code) {
            let shown = api_problem(code, *class);
            assert_eq!(shown["microsoft"]["error"], *code);
            let said = in_json(&diagnose(&shown.to_string(), SENDER));
            assert_eq!(said["code"], *code, "{class:?}");
            assert_eq!(said["who"], shown["fix"]["owner"], "{code} {class:?}: {shown}");
            assert_eq!(said["steps"], shown["fix"]["steps"], "{code} {class:?}: {shown}");
            assert_eq!(said["meaning"], shown["detail"], "{code} {class:?}: {shown}");
            let steps = shown["fix"]["steps"].as_array().expect("steps");
            let known = alone["steps"].as_array().expect("steps");
            assert!(steps.iter().all(|step| known.contains(step)), "{code} {class:?}: {alone}");
            let meaning = alone["meaning"].as_str().expect("words");
            assert!(meaning.contains(shown["detail"].as_str().expect("words")), "{code} {class:?}: {alone}");
            if let [only] = classes(code) {
                assert_eq!((only, &alone["steps"]), (class, &shown["fix"]["steps"]), "{code}");
            }
        }
    }
}

/// A problem as it came over HTTP, and what the doctor says of it and of its code alone.
async fn agrees(person: &Person<'_>, answer: &Answer) {
    let code = answer.str("/microsoft/error");
    let whole = ask(person, json!({ "text": answer.text })).await;
    assert_eq!(whole.json["who"], answer.json["fix"]["owner"], "{}", answer.text);
    assert_eq!(whole.json["steps"], answer.json["fix"]["steps"], "{}", answer.text);
    let alone = ask(person, json!({ "text": code })).await;
    assert_eq!((alone.str("/code"), whole.str("/code")), (code, code));
    assert_eq!(alone.json["who"], answer.json["fix"]["owner"], "{}", answer.text);
    let all = alone.json["steps"].as_array().expect("steps");
    let steps = answer.json["fix"]["steps"].as_array().expect("steps");
    assert!(steps.iter().all(|step| all.contains(step)), "{}: {}", answer.text, alone.text);
}

#[tokio::test]
async fn a_refused_create_change_cancel_or_search_is_told_as_the_doctor_tells_it() {
    const CREATE: &str = "POST /me/events";
    const CHANGE: &str = "PATCH /me/events/{id}";
    const CANCEL: &str = "POST /me/events/{id}/cancel";
    const SEARCH: &str = "POST /me/calendar/getSchedule";
    for (operation, code, problem) in [
        (CREATE, "ErrorAccessDenied", "mailbox-access-denied"),
        (CREATE, "ErrorSendAsDenied", "send-as-denied"),
        (CREATE, "ErrorAccountDisabled", "account-unavailable"),
        (CREATE, "ErrorMailboxLogonFailed", "mailbox-unavailable"),
        (CREATE, "ErrorQuotaExceeded", "mailbox-full"),
        (CREATE, "ErrorSubmissionQuotaExceeded", "sending-limit-reached"),
        (CREATE, "ErrorInvalidRecipients", "invalid-recipient"),
        (CREATE, "ErrorPropertyValidationFailure", "internal-error"),
        (CHANGE, "MailboxNotEnabledForRESTAPI", "mailbox-unavailable"),
        (CHANGE, "ErrorMessageSizeExceeded", "event-too-large"),
        (CHANGE, "ErrorAccessDenied", "mailbox-access-denied"),
        (CANCEL, "ErrorCannotDeleteObject", "event-not-removable"),
        (CANCEL, "ErrorAccountDisabled", "account-unavailable"),
        (SEARCH, "MailboxNotEnabledForRESTAPI", "mailbox-unavailable"),
        (SEARCH, "ErrorAccessDenied", "mailbox-access-denied"),
    ] {
        let world = World::with_setting("FEATURES", "calendar,availability").await;
        let ana = world.ana().await;
        let switch = |times: u32| {
            world.switch("graph-error", json!({ "operation": operation, "code": code, "times": times }));
        };
        let answer = if operation == CREATE {
            switch(0);
            ana.schedule("key-of-one-request").await
        } else if operation == SEARCH {
            switch(0);
            let search = json!({
                "people": ["ben@contoso.com"], "rooms": [], "duration_minutes": 45, "time_zone": "Europe/Paris",
                "windows": [{ "start": "2026-12-01T09:00:00", "end": "2026-12-01T18:00:00" }],
            });
            ana.post("/v1/availability", search).await
        } else {
            let path = format!("/v1/interviews/{}", ana.schedule("key-of-one-request").await.str("/id"));
            switch(0);
            if operation == CHANGE {
                ana.patch(&path, json!({ "title": "Another" })).await
            } else {
                ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({})).await
            }
        };
        assert_eq!(answer.problem().1, problem, "{operation} {code}: {}", answer.text);
        agrees(&ana, &answer).await;
    }
}
