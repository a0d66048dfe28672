//! What must not cost anybody his connection: our own credential, outages, and other tenants' affairs.

use serde_json::{Value, json};
use shared::domain::connection::Status;

use crate::world::{Person, World, minutes};

/// An hour of this trouble with a refresh every minute of it, at worst; then nobody has lost anything.
async fn an_hour_of(trouble: impl Fn(&World), relief: impl Fn(&World)) {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    let fay = world.person("u-fay", "other", "fay@fabrikam.com").await;
    assert_eq!(fay.connect().await, "connected");
    world.advance(minutes(2)).await;
    let people = [&ana, &ben, &fay];
    trouble(&world);
    for _ in 0..12 {
        world.advance(minutes(5)).await;
        for person in people {
            let state = world.state(person).await.value;
            assert_eq!(state.status(), Status::Connected);
            assert!(state.tokens.is_some());
        }
    }
    relief(&world);
    world.advance(minutes(2)).await;
    for person in people {
        assert_eq!(person.status().await, "connected");
        let created = person.schedule("key-00001").await;
        assert_eq!(created.status, 201, "{}", created.text);
    }
}

fn outage(kind: &Value) -> impl Fn(&World) {
    let fault = json!({ "service": "login", "operation": "POST /{tenant}/oauth2/v2.0/token", "kind": kind, "times": 0 });
    move |world| world.fault(fault.clone())
}

fn over(world: &World) {
    world.switch("clear-faults", json!({}));
}

#[tokio::test]
async fn our_expired_secret_costs_nobody_his_connection() {
    let secret = |state: &'static str| {
        move |world: &World| drop(world.switch("vendor-secret", json!({ "state": state })))
    };
    an_hour_of(secret("expired"), secret("ok")).await;
}

#[tokio::test]
async fn our_wrong_secret_costs_nobody_his_connection() {
    let secret = |state: &'static str| {
        move |world: &World| drop(world.switch("vendor-secret", json!({ "state": state })))
    };
    an_hour_of(secret("wrong"), secret("ok")).await;
}

#[tokio::test]
async fn an_outage_with_server_errors_costs_nobody_his_connection() {
    an_hour_of(outage(&json!({ "status": { "status": 503 } })), over).await;
}

#[tokio::test]
async fn an_outage_with_html_pages_costs_nobody_his_connection() {
    an_hour_of(outage(&json!({ "raw": { "status": 502, "text": "<html>Bad gateway</html>" } })), over).await;
}

#[tokio::test]
async fn dropped_connections_cost_nobody_his_connection() {
    an_hour_of(outage(&json!("reset")), over).await;
}

#[tokio::test]
async fn garbage_costs_nobody_his_connection() {
    an_hour_of(outage(&json!("malformed")), over).await;
}

#[tokio::test]
async fn throttling_costs_nobody_his_connection() {
    an_hour_of(outage(&json!({ "status": { "status": 429, "retry_after": "30" } })), over).await;
}

#[tokio::test]
async fn a_loop_that_entra_reports_as_a_dead_grant_costs_nobody_his_connection() {
    let answer =
        |code: Value| move |world: &World| drop(world.switch("refresh-answer", json!({ "code": code })));
    an_hour_of(answer(json!(50196)), answer(Value::Null)).await;
}

#[tokio::test]
async fn one_lost_answer_does_not_cost_the_hour() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    world.until_verified(&ben.email).await;
    world.switch("revoke-sessions", json!({ "user": ben.email }));
    world.fault(json!({ "service": "login", "user": ben.email, "kind": "reset" }));
    let dropped = world.until(&ben, Status::NeedsReauth, minutes(90)).await.expect("dropped");
    println!("revoked right after a verification, and the next answer lost: dropped after {dropped:#}");
    assert!(dropped <= minutes(60), "{dropped:#}");
}

#[tokio::test]
async fn nobody_is_asked_before_the_time_that_entra_named() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    let retry = json!({ "status": { "status": 429, "retry_after": "1800" } });
    world.fault(json!({ "service": "login", "user": ana.email, "kind": retry }));
    let begun = world.now();
    world.advance(minutes(29)).await;
    let asked: Vec<_> =
        [&ana, &ben].iter().flat_map(|person| world.refreshes(&person.email, begun)).collect();
    let throttled = throttled_at(&world);
    assert!(asked.iter().all(|(at, _)| *at < throttled || *at >= throttled + minutes(30)), "{asked:?}");
}

/// When the only 429 was answered: the first minute in which the canary was due.
fn throttled_at(world: &World) -> jiff::Timestamp {
    let calls = world.journal().calls();
    assert_eq!(calls.iter().filter(|call| call.status == 429).count(), 1, "asked again within Retry-After");
    world.now() - minutes(29)
}

#[tokio::test]
async fn a_refresh_answer_without_a_new_refresh_token_keeps_the_old_one() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("options", json!({ "withhold_refresh_token": true }));
    let before = world.state(&ana).await.value.generation;
    for _ in 0..3 {
        world.until_swept("acme").await;
    }
    let after = world.state(&ana).await.value.generation;
    assert!(after >= before + 3, "stored each time: {before} {after}");
    world.switch("options", json!({ "withhold_refresh_token": false }));
    world.until_swept("acme").await;
    works(&ana).await;
}

#[tokio::test]
async fn a_switched_off_customer_is_still_verified_and_still_dropped() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
    world.until_verified(&ben.email).await;
    world.switch("revoke-sessions", json!({ "user": ben.email }));
    world.advance(minutes(55)).await;
    assert_eq!(world.state(&ben).await.value.status(), Status::NeedsReauth);
    assert_eq!(world.state(&ana).await.value.status(), Status::Connected);
}

async fn works(person: &Person<'_>) {
    assert_eq!(person.status().await, "connected");
    assert_eq!(person.schedule("key-works").await.status, 201);
}
