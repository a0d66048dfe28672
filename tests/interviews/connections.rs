//! What the state of the organiser's connection means to whoever schedules.

use futures::future::join_all;
use serde_json::json;

use super::reschedule::tomorrow;
use crate::world::{Person, World, minutes};

#[tokio::test]
async fn without_a_connection_nothing_is_written_and_the_recruiter_must_act() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let never = ana.schedule("key-of-one-request").await;
    assert_eq!(never.problem(), (409, "not-connected"), "{}", never.text);
    assert_eq!(never.json["fix"]["owner"], "recruiter");
    assert_eq!(ana.connect().await, "connected");
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    assert_eq!(ana.schedule("key-of-one-request").await.problem(), (409, "not-connected"));
    assert!(world.meetings("ana@contoso.com").is_empty());
}

/// Ana, an hour and more after Entra began to refuse her with this code.
async fn refused(world: &World, code: u32, after: i64) -> Person<'_> {
    let ana = world.ana().await;
    world.switch("refresh-answer", json!({ "user": "ana@contoso.com", "code": code }));
    world.advance(minutes(after)).await;
    ana
}

#[tokio::test]
async fn every_state_of_the_connection_has_its_problem() {
    for (code, after, status, problem, owner) in [
        (65001, 70, 409, "connection-revoked", "it_admin"),
        (7_000_112, 70, 409, "app-disabled-in-tenant", "it_admin"),
        (50173, 70, 409, "connection-needs-reauth", "recruiter"),
        (53003, 70, 403, "blocked-by-conditional-access", "it_admin"),
        (50105, 70, 403, "user-not-assigned", "it_admin"),
        (50173, 7, 409, "connection-checking", "microsoft_or_wait"),
    ] {
        let world = World::start().await;
        let ana = refused(&world, code, after).await;
        let n = world.journal().last();
        let answer = ana.schedule("key-of-one-request").await;
        assert_eq!(answer.problem(), (status, problem), "{code} {}", answer.text);
        assert_eq!(answer.json["fix"]["owner"], owner, "{code}");
        assert_eq!(answer.retry_after() > 0, problem == "connection-checking", "{code}");
        assert_eq!(answer.str("/microsoft/code"), format!("AADSTS{code}"));
        assert!(world.graph_since(n).is_empty());
    }
}

#[tokio::test]
async fn whoever_waits_for_approval_is_told_so() {
    let world = World::start().await;
    world.switch("consent-policy", json!({ "tenant": "contoso.com", "policy": "none", "workflow": true }));
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.connect_as("ana@contoso.com", sim::Answer::Request).await, "pending_approval");
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.problem(), (403, "approval-pending"), "{}", answer.text);
}

#[tokio::test]
async fn a_refusal_at_the_moment_of_use_is_the_same_problem_and_nothing_is_written() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" }));
    world.pass_time(minutes(100));
    let n = world.journal().last();
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.problem(), (409, "connection-checking"), "{}", answer.text);
    assert!(world.graph_since(n).is_empty());
}

#[tokio::test]
async fn a_vendor_credential_that_fails_is_our_fault_and_says_so() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("vendor-secret", json!({ "state": "expired" }));
    world.pass_time(minutes(100));
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.problem(), (503, "vendor-credential-invalid"), "{}", answer.text);
    assert_eq!((&answer.json["retryable"], answer.retry_after() > 0), (&json!(true), true));
    world.switch("vendor-secret", json!({ "state": "ok" }));
    assert_eq!(ana.schedule("key-of-one-request").await.status, 201, "the connection was not touched");
}

#[tokio::test]
async fn an_account_without_a_mailbox_any_more_is_told() {
    let world = World::start().await;
    let ana = world.ana().await;
    let kind = json!({ "status": { "status": 404, "body": { "error": { "code": "MailboxNotEnabledForRESTAPI", "message": "" } } } });
    world.fault(json!({ "service": "graph", "kind": kind }));
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.problem(), (422, "mailbox-unavailable"), "{}", answer.text);
    assert_eq!(ana.schedule("key-of-one-request").await.status, 201);
}

#[tokio::test]
async fn whoever_reconnects_as_another_account_cannot_change_what_lies_in_the_former_mailbox() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    assert_eq!(ana.patch("/v1/customer", json!({ "allowed_account": "any_in_tenant" })).await.status, 200);
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    assert_eq!(ana.connect_as("ben@contoso.com", sim::Answer::Accept).await, "connected");
    let (path, mails, n) =
        (format!("/v1/interviews/{}", made.str("/id")), world.mails().len(), world.journal().last());
    let answers = [
        ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &tomorrow()).await,
        ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({})).await,
        ana.patch(&path, json!({ "title": "New" })).await,
    ];
    for answer in answers {
        assert_eq!(answer.problem(), (409, "organizer-changed"), "{}", answer.text);
        assert_eq!(answer.json["fix"]["owner"], "recruiter");
    }
    assert!(world.graph_since(n).is_empty());
    assert_eq!(world.mails().len(), mails);
    assert_eq!(ana.get(&path).await.status, 200, "it can still be read");
    assert_eq!(ana.connect().await, "connected");
    assert_eq!(ana.patch(&path, json!({ "title": "New" })).await.status, 200, "the same account again may");
}

#[tokio::test]
async fn switched_off_nothing_is_served() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let path = format!("/v1/interviews/{}", made.str("/id"));
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
    let n = world.journal().last();
    let answers = [
        ana.schedule("key-of-another-request").await,
        ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &tomorrow()).await,
        ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({})).await,
        ana.patch(&path, json!({ "title": "New" })).await,
    ];
    for answer in answers {
        assert_eq!(answer.problem(), (403, "integration-disabled"), "{}", answer.text);
        assert_eq!(answer.json["fix"]["owner"], "customer_admin");
    }
    assert!(world.graph_since(n).is_empty());
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": true })).await.status, 200);
    assert_eq!(ana.patch(&path, json!({ "title": "New" })).await.status, 200);
}

#[tokio::test]
async fn an_expired_token_is_redeemed_once_for_fifty_requests_at_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.pass_time(minutes(100));
    let before = world.microsoft().redemptions().len();
    let calls = (0..50).map(|n| {
        let ana = ana.clone();
        async move { ana.schedule(&format!("key-of-request-{n}")).await }
    });
    let answers = join_all(calls).await;
    let bad: Vec<_> =
        answers.iter().filter(|answer| answer.status != 201).map(|answer| &answer.text).collect();
    assert!(bad.is_empty(), "{bad:?}");
    assert_eq!(world.microsoft().redemptions().len(), before + 1, "one redemption");
    assert_eq!(world.meetings("ana@contoso.com").len(), 50);
    assert_eq!(world.mails().len(), 100);
}

#[tokio::test]
async fn a_token_that_graph_does_not_take_any_more_is_replaced_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.fault(json!({ "service": "graph", "kind": { "status": { "status": 401 } } }));
    let before = world.microsoft().redemptions().len();
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(world.microsoft().redemptions().len(), before + 1);
    assert_eq!(world.mails().len(), 2);
}
