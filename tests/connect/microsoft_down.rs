//! Microsoft out of order while somebody signs in.

use serde_json::{Value, json};
use sim::Answer::Accept;

use crate::world::{Person, Rows, World, minutes};

const TOKEN: &str = "POST /{tenant}/oauth2/v2.0/token";
const KEYS: &str = "GET /{tenant}/discovery/v2.0/keys";
const DISCOVERY: &str = "GET /{tenant}/v2.0/.well-known/openid-configuration";
const PROBE: &str = "GET /me/calendar";

fn spoil(world: &World, service: &str, operation: &str, kind: &Value) {
    world.fault(json!({ "service": service, "operation": operation, "kind": kind, "times": 0 }));
}

/// Ana tries while this fault lasts; nothing is kept of it.
async fn ends_with(world: &World, ana: &Person<'_>, fault: (&str, &str, &Value), end: &str) {
    let (service, operation, kind) = fault;
    spoil(world, service, operation, kind);
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, end, "{:.80}", kind.to_string());
    assert_eq!(ana.status().await, "not_connected");
    assert_eq!(Rows::of(world).sealed(), 0, "nothing is half stored");
    world.switch("clear-faults", json!({}));
}

#[tokio::test]
async fn whatever_entra_answers_instead_of_tokens_is_an_outage() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for kind in [
        json!("reset"),
        json!("malformed"),
        json!("truncated"),
        json!("empty"),
        json!({ "body": { "status": 200, "json": [] } }),
        json!({ "body": { "status": 200, "json": { "access_token": 7 } } }),
        json!({ "body": { "status": 200, "json": { "access_token": "a", "token_type": "Bearer", "expires_in": -5, "scope": "User.Read" } } }),
        json!({ "raw": { "status": 502, "text": "<html>Bad Gateway</html>" } }),
        json!({ "raw": { "status": 200, "text": "<html>a captive portal</html>" } }),
        json!({ "raw": { "status": 302, "headers": [["location", "http://evil.example/"]], "text": "" } }),
        json!({ "raw": { "status": 200, "text": "x".repeat(2 * 1024 * 1024) } }),
        json!({ "status": { "status": 500 } }),
        json!({ "status": { "status": 503 } }),
        json!({ "body": { "status": 400, "json": {} } }),
    ] {
        ends_with(&world, &ana, ("login", TOKEN, &kind), "failed: microsoft-unavailable").await;
    }
    assert_eq!(ana.connect().await, "connected");
}

#[tokio::test]
async fn an_answer_that_was_lost_after_the_redemption_is_not_asked_for_again() {
    for kind in [json!("reset"), json!("truncated")] {
        let world = World::start().await;
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        world.fault(json!({ "service": "login", "operation": TOKEN, "when": "after", "kind": kind }));
        assert_eq!(ana.ends("ana@contoso.com", Accept).await, "failed: microsoft-unavailable");
        assert_eq!(world.microsoft().redemptions().len(), 1, "a code works once");
        assert_eq!((ana.status().await.as_str(), Rows::of(&world).sealed()), ("not_connected", 0));
    }
}

#[tokio::test]
async fn a_throttled_redemption_says_so() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let throttled = json!({ "status": { "status": 429, "retry_after": "60" } });
    ends_with(&world, &ana, ("login", TOKEN, &throttled), "failed: microsoft-throttled").await;
    assert_eq!(ana.connect().await, "connected");
}

#[tokio::test]
async fn keys_that_cannot_be_had_prove_nobody() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for kind in [json!("reset"), json!("malformed"), json!("empty"), json!({ "status": { "status": 503 } })] {
        ends_with(&world, &ana, ("login", KEYS, &kind), "failed: microsoft-unavailable").await;
    }
    assert_eq!(ana.connect().await, "connected");
}

#[tokio::test]
async fn a_tenant_that_cannot_be_looked_up_proves_nobody() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for kind in [json!("reset"), json!("malformed"), json!({ "status": { "status": 503 } })] {
        ends_with(&world, &ana, ("login", DISCOVERY, &kind), "failed: microsoft-unavailable").await;
    }
    assert_eq!(ana.connect().await, "connected");
}

#[tokio::test]
async fn a_mailbox_that_cannot_be_looked_at_is_not_connected() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for (kind, end) in [
        (json!({ "status": { "status": 403 } }), "failed: mailbox-access-denied"),
        (json!({ "status": { "status": 404 } }), "failed: mailbox-unavailable"),
        (json!({ "status": { "status": 503 } }), "failed: microsoft-unavailable"),
        (json!({ "status": { "status": 429, "retry_after": "600" } }), "failed: microsoft-throttled"),
        (json!("malformed"), "failed: microsoft-unavailable"),
        (json!("reset"), "failed: microsoft-unavailable"),
    ] {
        ends_with(&world, &ana, ("graph", PROBE, &kind), end).await;
    }
    assert_eq!(ana.connect().await, "connected");
}

#[tokio::test]
async fn a_passing_fault_of_graph_is_not_noticed() {
    for kind in
        [json!({ "status": { "status": 503 } }), json!({ "status": { "status": 429, "retry_after": "2" } })]
    {
        let world = World::start().await;
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        world.fault(json!({ "service": "graph", "operation": PROBE, "kind": kind }));
        assert_eq!(ana.connect().await, "connected", "{kind}");
    }
}

#[tokio::test]
async fn a_new_signing_key_of_entra_is_fetched_when_it_is_met() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.microsoft().rotate_keys();
    assert_eq!(ana.connect().await, "connected");
    let fetched =
        |world: &World| world.journal().calls().iter().filter(|call| call.operation == KEYS).count();
    assert_eq!(fetched(&world), 1);
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    assert_eq!(fetched(&world), 1, "kept from then on");
    world.pass_time(minutes(24 * 60));
    world.journal().clear();
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    assert_eq!(fetched(&world), 1, "fetched again after a day");
}

#[tokio::test]
async fn a_failed_fetch_of_a_new_key_is_an_outage_and_over_with_the_next_try() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.microsoft().rotate_keys();
    world.fault(json!({ "service": "login", "operation": KEYS, "kind": "reset" }));
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "failed: microsoft-unavailable");
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "connected", "the same minute");
}
