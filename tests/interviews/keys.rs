//! `Idempotency-Key`: what is carried out once, and what burns a key.

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::reschedule::tomorrow;
use crate::world::{World, interview, minutes};

#[tokio::test]
async fn a_key_is_8_to_255_printable_characters() {
    let world = World::start().await;
    let ana = world.ana().await;
    let body = interview();
    for key in ["1234567", &"x".repeat(256), "tab\there and there"] {
        let answer = ana.post_as(key, "/v1/interviews", &body).await;
        assert_eq!(answer.problem(), (422, "invalid-request"), "{key:?} {}", answer.text);
    }
    // A header that is no ASCII does not get through the gateway.
    for key in ["", "käse-und-brot"] {
        let answer = ana.post_as(key, "/v1/interviews", &body).await;
        assert_eq!(answer.problem(), (400, "idempotency-key-missing"), "{key:?} {}", answer.text);
    }
    assert_eq!(ana.post_as("", "/v1/interviews", &body).await.problem(), (400, "idempotency-key-missing"));
    assert_eq!(ana.post("/v1/interviews", body.clone()).await.problem(), (400, "idempotency-key-missing"));
    assert!(world.journal().calls().is_empty());
    for key in ["12345678", &"x".repeat(255), "with blanks and ~!@#$%^&*()"] {
        assert_eq!(ana.post_as(key, "/v1/interviews", &body).await.status, 201, "{key:?}");
    }
    let id = ana.schedule("key-of-one-request").await.str("/id").to_owned();
    for verb in ["reschedule", "cancel"] {
        let body = if verb == "cancel" { json!({}) } else { tomorrow() };
        let answer = ana.post(&format!("/v1/interviews/{id}/{verb}"), body).await;
        assert_eq!(answer.problem(), (400, "idempotency-key-missing"), "{verb}");
    }
}

#[tokio::test]
async fn a_repeat_gets_the_stored_answer_and_does_nothing() {
    let world = World::start().await;
    let ana = world.ana().await;
    let first = ana.schedule("key-of-one-request").await;
    let id = first.str("/id").to_owned();
    let (mails, n) = (world.mails().len(), world.journal().last());
    for _ in 0..3 {
        let again = ana.schedule("key-of-one-request").await;
        assert_eq!((again.status, &again.text), (201, &first.text));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
        assert_eq!(again.header("etag"), first.header("etag"));
        assert_eq!(again.header("content-type"), first.header("content-type"));
    }
    for (verb, body) in [("reschedule", tomorrow()), ("cancel", json!({ "comment": "x" }))] {
        let path = format!("/v1/interviews/{id}/{verb}");
        let first = ana.post_as("key-of-a-change", &path, &body).await;
        let again = ana.post_as("key-of-a-change", &path, &body).await;
        assert_eq!((first.status, first.header("idempotent-replayed")), (200, None), "{}", first.text);
        assert_eq!((again.status, &again.text), (200, &first.text));
        assert_eq!(again.header("idempotent-replayed"), Some("true"));
    }
    assert_eq!(world.graph_since(n).len(), 2);
    assert_eq!(world.mails().len(), mails + 4);
    // A repeat is answered as it was then, whatever happened since.
    assert_eq!(ana.schedule("key-of-one-request").await.text, first.text);
}

#[tokio::test]
async fn a_refusal_by_outlook_is_stored_and_replayed_as_a_problem() {
    let world = World::start().await;
    let ana = world.ana().await;
    let kind = json!({ "status": { "status": 400, "body": { "error": { "code": "ErrorCalendarDurationIsTooLong", "message": "x" } } } });
    world.fault(json!({ "service": "graph", "operation": "POST /me/events", "kind": kind }));
    let first = ana.schedule("key-of-one-request").await;
    assert_eq!(first.problem(), (422, "outlook-refused"), "{}", first.text);
    assert_eq!(first.str("/microsoft/error"), "ErrorCalendarDurationIsTooLong");
    let again = ana.schedule("key-of-one-request").await;
    assert_eq!((again.status, &again.text), (422, &first.text));
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    assert_eq!(again.header("content-type"), Some("application/problem+json"));
    assert_eq!(ana.schedule("key-of-another-request").await.status, 201);
}

#[tokio::test]
async fn another_body_or_path_under_the_same_key_is_refused() {
    let world = World::start().await;
    let ana = world.ana().await;
    let one = ana.schedule("key-of-one-request").await;
    let mut body = interview();
    body["title"] = json!("Another");
    let other = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused"), "{}", other.text);
    let two = ana.schedule("key-of-two-requests").await;
    let path = |id: &str| format!("/v1/interviews/{id}/reschedule");
    assert_eq!(ana.post_as("key-of-a-move", &path(one.str("/id")), &tomorrow()).await.status, 200);
    let other = ana.post_as("key-of-a-move", &path(two.str("/id")), &tomorrow()).await;
    assert_eq!(other.problem(), (422, "idempotency-key-reused"), "{}", other.text);
    assert_eq!(world.meetings("ana@contoso.com").len(), 2);
}

#[tokio::test]
async fn a_key_belongs_to_one_user_of_one_customer_and_one_route() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    let fay = world.person("u-ana", "globex", "fay@fabrikam.com").await;
    assert_eq!((ben.connect().await, fay.connect().await), ("connected".to_owned(), "connected".to_owned()));
    let mut ids = Vec::new();
    for who in [&ana, &ben, &fay] {
        let answer = who.schedule("key-of-all-of-us").await;
        assert_eq!((answer.status, answer.header("idempotent-replayed")), (201, None), "{}", answer.text);
        ids.push(answer.str("/id").to_owned());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let path = format!("/v1/interviews/{}", ids[0]);
    assert_eq!(ana.post_as("key-of-all-of-us", &format!("{path}/reschedule"), &tomorrow()).await.status, 200);
    assert_eq!(ana.post_as("key-of-all-of-us", &format!("{path}/cancel"), &json!({})).await.status, 200);
}

#[tokio::test]
async fn while_the_first_call_runs_a_repeat_is_told_when_to_come_again() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.fault(
        json!({ "service": "graph", "operation": "POST /me/events", "kind": { "latency": { "ms": 150 } } }),
    );
    let answers = join_all([ana.schedule("key-of-one-request"), ana.schedule("key-of-one-request")]).await;
    let mut told: Vec<_> = answers.iter().map(|answer| (answer.problem(), answer.retry_after())).collect();
    told.sort_unstable();
    assert_eq!(told[0], ((201, ""), 0), "{answers:?}");
    assert_eq!(told[1].0, (409, "idempotency-key-in-progress"));
    assert!((1..=35).contains(&told[1].1), "{told:?}");
    assert_eq!(ana.schedule("key-of-one-request").await.header("idempotent-replayed"), Some("true"));
    assert_eq!(world.mails().len(), 2);
}

#[tokio::test]
async fn earlier_problems_do_not_burn_the_key() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let key = "key-of-one-request";
    let odd = ana.post_as(key, "/v1/interviews", &json!({ "title": 5 })).await;
    assert_eq!(odd.status, 422);
    assert_eq!(ana.schedule(key).await.problem(), (409, "not-connected"));
    assert_eq!(ana.connect().await, "connected");
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
    assert_eq!(ana.schedule(key).await.problem(), (403, "integration-disabled"));
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": true })).await.status, 200);
    world.fault(json!({ "service": "graph", "kind": { "status": { "status": 429, "retry_after": "120" } } }));
    let slow = ana.schedule(key).await;
    assert_eq!((slow.problem(), slow.retry_after()), ((503, "microsoft-throttled"), 120), "{}", slow.text);
    world.fault(json!({ "service": "graph", "kind": { "status": { "status": 403 } } }));
    assert_eq!(ana.schedule(key).await.problem(), (403, "mailbox-access-denied"));
    world.fault(json!({ "service": "dynamodb", "operation": "BatchGetItem", "kind": { "status": { "status": 500 } }, "times": 0 }));
    assert_eq!(ana.schedule(key).await.problem(), (503, "service-unavailable"));
    world.microsoft().faults().clear();
    let made = ana.schedule(key).await;
    assert_eq!((made.status, made.header("idempotent-replayed")), (201, None), "{}", made.text);
    world.advance(minutes(10)).await;
    assert_eq!(world.meetings("ana@contoso.com").len(), 1);
}

#[tokio::test]
async fn after_an_error_before_the_write_follow_ups_do_not_make_the_interview_behind_the_clients_back() {
    let world = World::start().await;
    let ana = world.ana().await;
    assert_eq!(ana.schedule("key-that-warms-the-container").await.status, 201);
    world.fault(json!({ "service": "dynamodb", "operation": "BatchGetItem", "kind": { "status": { "status": 500 } }, "times": 0 }));
    assert_eq!(ana.schedule("key-of-one-request").await.problem(), (503, "service-unavailable"));
    world.microsoft().faults().clear();
    world.advance(minutes(60)).await;
    assert_eq!(world.meetings("ana@contoso.com").len(), 1);
}

#[tokio::test]
async fn an_outcome_that_is_unknown_is_a_202_which_is_never_replayed() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.fault(json!({ "service": "graph", "operation": "POST /me/events", "when": "after", "kind": "reset", "times": 0 }));
    world.fault(json!({ "service": "graph", "operation": "GET /me/events", "kind": "reset", "times": 0 }));
    let first = ana.schedule("key-of-one-request").await;
    assert_eq!((first.status, first.str("/status")), (202, "scheduling"), "{}", first.text);
    assert!(first.retry_after() > 0);
    let read = ana.get(&format!("/v1/interviews/{}", first.str("/id"))).await;
    assert_eq!((read.status, read.str("/status")), (200, "scheduling"), "{}", read.text);
    assert!(read.json["outlook"].is_null());
    let path = format!("/v1/interviews/{}/cancel", first.str("/id"));
    let early =
        ana.call(Method::POST, &path, Some(&json!({})), &[("idempotency-key", "key-of-a-cancel")]).await;
    assert_eq!(early.problem(), (409, "idempotency-key-in-progress"), "{}", early.text);
    world.microsoft().faults().clear();
    world.advance(minutes(3)).await;
    let settled = ana.schedule("key-of-one-request").await;
    assert_eq!((settled.status, settled.str("/status")), (201, "scheduled"), "{}", settled.text);
    assert_eq!(settled.header("idempotent-replayed"), Some("true"));
    assert_eq!(settled.str("/id"), first.str("/id"));
    assert_eq!(world.mails().len(), 2);
    assert_eq!(world.meetings("ana@contoso.com").len(), 1);
}

#[tokio::test]
async fn a_key_is_free_again_after_seven_days() {
    let world = World::start().await;
    let ana = world.ana().await;
    let first = ana.schedule("key-of-one-request").await;
    world.pass_time(minutes(7 * 24 * 60 - 5));
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.schedule("key-of-one-request").await.header("idempotent-replayed"), Some("true"));
    world.pass_time(minutes(10));
    let mut body = interview();
    (body["start"], body["end"]) = (json!("2026-12-10T10:00:00"), json!("2026-12-10T10:45:00"));
    let later = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(later.status, 201, "{}", later.text);
    assert_ne!(later.str("/id"), first.str("/id"));
}
