//! One refusal is a doubt; what clears it, what confirms it, and what is forgiven.

use serde_json::json;
use shared::domain::connection::Status;

use super::last_verified;
use crate::world::{World, minutes};

#[tokio::test]
async fn a_doubt_is_at_once_unserved_and_a_success_clears_it() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    world.switch("refresh-answer", json!({ "user": ben.email, "code": 50173 }));
    world.skip_to_the_sweep("acme").await;
    world.until(&ben, Status::Checking, minutes(5)).await.expect("in doubt");
    assert!(world.state(&ben).await.value.tokens.is_some(), "nothing is destroyed yet");
    let create = ben.schedule("key-00001").await;
    assert_eq!(create.problem(), (409, "connection-checking"));
    assert!(create.retry_after() > 0);
    assert_eq!(create.json["microsoft"]["code"], "AADSTS50173");
    world.switch("refresh-answer", json!({ "user": ben.email }));
    world.advance(minutes(8)).await;
    assert_eq!(ben.status().await, "connected");
    assert!(ben.connection().await["problem"].is_null());
    assert_eq!(ben.schedule("key-00001").await.status, 201, "the key was not burnt");
}

#[tokio::test]
async fn a_doubt_in_the_first_minute_does_not_keep_the_customer_off_the_board() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.connect().await, "connected");
    world.switch("refresh-answer", json!({ "user": ana.email, "code": 50173 }));
    assert_eq!(ana.post("/v1/connection/verify", json!({})).await.status, 200);
    assert_eq!(world.state(&ana).await.value.status(), Status::Checking);
    world.switch("refresh-answer", json!({ "user": ana.email }));
    world.advance(minutes(9)).await;
    let state = world.state(&ana).await.value;
    assert_eq!((state.status(), state.canary), (Status::Connected, true));
    assert_eq!(state.time_zone.as_deref(), Some("Europe/Paris"));
    world.until_swept("acme").await;
}

#[tokio::test]
async fn missing_consent_right_after_consent_is_forgiven_and_later_it_is_not() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.connect().await, "connected");
    world.switch("refresh-answer", json!({ "user": ana.email, "code": 65001 }));
    for _ in 0..9 {
        world.advance(minutes(1)).await;
        assert_eq!(world.state(&ana).await.value.status(), Status::Connected);
    }
    // Asked on purpose within the grace, the answer is that Microsoft cannot tell yet.
    let answer = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!(answer.problem(), (503, "microsoft-unavailable"), "{}", answer.text);
    world.advance(minutes(8)).await;
    assert_eq!(world.state(&ana).await.value.status(), Status::Checking);
    world.advance(minutes(7)).await;
    assert_eq!(world.state(&ana).await.value.status(), Status::Revoked);
}

#[tokio::test]
async fn a_permission_that_was_taken_away_blocks_and_says_which() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    world.advance(minutes(10)).await;
    let scopes = json!({ "user": ben.email, "scopes": "Calendars.ReadWrite" });
    world.switch("remove-consent", scopes);
    world.skip_to_the_sweep("acme").await;
    world.until(&ben, Status::Blocked, minutes(5)).await.expect("blocked");
    let connection = ben.connection().await;
    assert_eq!(connection["problem"]["code"], "scope-missing");
    assert_eq!(connection["missing_scopes"], json!(["Calendars.ReadWrite"]));
    assert!(world.state(&ben).await.value.tokens.is_some());
    world.switch("grant-admin-consent", json!({ "tenant": "contoso.com" }));
    world.skip_to_the_sweep("acme").await;
    world.until(&ben, Status::Connected, minutes(5)).await.expect("served again");
}

#[tokio::test]
async fn the_time_of_the_last_verification_is_never_newer_than_the_truth() {
    let world = World::start().await;
    world.ana_and_ben().await;
    // Ben grows cold: nothing of him is stored, the shard's mark speaks for him.
    world.pass_time(minutes(3 * 24 * 60));
    let (ana, ben) = world.ana_and_ben_again().await;
    for _ in 0..3 {
        world.until_verified(&ben.email).await;
        let truth =
            world.refreshes(&ben.email, jiff::Timestamp::MIN).iter().map(|(at, _)| *at).max().expect("asked");
        let said = last_verified(&ben).await;
        assert!(said <= truth && truth.duration_since(said) < minutes(1), "{said} {truth}");
    }
    let sure = last_verified(&ben).await;
    // His answers are lost from now on: the passes reach Ana, and say nothing of him.
    world.fault(json!({ "service": "login", "user": ben.email, "kind": "reset", "times": 0 }));
    for _ in 0..3 {
        world.skip_to_the_sweep("acme").await;
        world.advance(minutes(2)).await;
    }
    assert_eq!(last_verified(&ben).await, sure);
    assert!(last_verified(&ana).await > sure);
    world.switch("clear-faults", json!({}));
    world.skip_to_the_sweep("acme").await;
    world.advance(minutes(2)).await;
    assert!(last_verified(&ben).await > sure);
}

#[tokio::test]
async fn whoever_cannot_be_opened_is_not_said_to_be_verified() {
    let world = World::start().await;
    world.ana_and_ben().await;
    world.pass_time(minutes(3 * 24 * 60));
    let (_ana, ben) = world.ana_and_ben_again().await;
    world.until_verified(&ben.email).await;
    // Somebody moved a ciphertext: it does not open in another row.
    let (store, read) = (&world.app("connections").store, world.state(&ben).await);
    let mut moved = read.value.clone();
    moved.generation += 1;
    store.connections.save_if_unchanged(&read, &moved).await.expect("saved");
    let sure = last_verified(&ben).await;
    for _ in 0..3 {
        world.skip_to_the_sweep("acme").await;
        world.advance(minutes(2)).await;
    }
    assert_eq!(last_verified(&ben).await, sure);
}

#[tokio::test]
async fn a_refusal_counts_although_somebody_saved_the_row_in_between() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    let app = world.app("token-refresh");
    let wrapped =
        app.store.keys.current(&"acme".parse().expect("an id")).await.expect("answers").expect("a key");
    let key = app.vault.unwrap(&"acme".parse().expect("an id"), &wrapped).await.expect("opens");
    let stale = world.state(&ben).await;
    let mut noted = stale.value.clone();
    noted.time_zone = Some("Europe/Rome".to_owned());
    app.store.connections.save_if_unchanged(&stale, &noted).await.expect("saved");
    world.switch("refresh-answer", json!({ "user": ben.email, "code": 50173 }));
    let deadline = shared::microsoft::Deadline(world.now() + minutes(1));
    let verified =
        app.access.verify(stale, &key, shared::access::Why::Check, deadline).await.expect("answered");
    assert_eq!(verified.connection.value.status(), Status::Checking);
    assert_eq!(world.state(&ben).await.value.time_zone.as_deref(), Some("Europe/Rome"));
}
