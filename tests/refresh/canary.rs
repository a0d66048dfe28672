//! One connection of each customer is asked every five minutes and stands for all.

use serde_json::json;
use shared::domain::connection::Status;
use sim::Call;

use crate::world::{World, minutes};

#[tokio::test]
async fn a_disabled_app_is_noticed_within_minutes_and_everybody_is_asked_at_once() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    world.until_verified(&ben.email).await;
    world.switch("disable-app", json!({ "tenant": "contoso.com" }));
    let noticed = world.until(&ben, Status::Checking, minutes(10)).await.expect("noticed");
    let dropped = world.until(&ben, Status::Revoked, minutes(10)).await.expect("dropped");
    println!("a disabled app: the others were in doubt after {noticed:#}, dropped {dropped:#} later");
    assert!(noticed <= minutes(6) && noticed + dropped <= minutes(13));
    assert_eq!(ben.schedule("key-00001").await.problem(), (409, "app-disabled-in-tenant"));
    assert_eq!(ana.status().await, "revoked");
}

#[tokio::test]
async fn an_app_that_is_switched_on_again_in_time_loses_nobody() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    world.switch("disable-app", json!({ "tenant": "contoso.com" }));
    world.until(&ben, Status::Checking, minutes(10)).await.expect("noticed");
    world.switch("disable-app", json!({ "tenant": "contoso.com", "disabled": false }));
    world.advance(minutes(8)).await;
    assert_eq!(world.state(&ben).await.value.status(), Status::Connected);
    assert_eq!(world.state(&ana).await.value.status(), Status::Connected);
    assert!(world.state(&ana).await.value.canary, "she still stands for all");
    let before = world.now();
    world.advance(minutes(6)).await;
    assert!(!world.refreshes(&ana.email, before).is_empty());
}

/// Redemptions since then: of the canary, and of somebody whom only the sweep asks.
fn asked(world: &World, since: jiff::Timestamp) -> (usize, usize) {
    (world.refreshes("ana@contoso.com", since).len(), world.refreshes("ben@contoso.com", since).len())
}

#[tokio::test]
async fn trouble_of_the_canary_alone_does_not_sweep_everybody() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    for answer in [json!({ "code": 53003 }), json!({ "code": 50196 }), json!({ "code": 50173 })] {
        world.until_verified(&ben.email).await;
        let before = world.now();
        world.switch("refresh-answer", json!({ "user": ana.email, "code": answer["code"] }));
        // Long enough for two questions, too short for a successor.
        world.advance(minutes(10)).await;
        let (canary, others) = asked(&world, before + minutes(1));
        assert!(canary >= 1 && others == 0, "{answer}: {canary} {others}");
        world.switch("refresh-answer", json!({ "user": ana.email }));
    }
}

#[tokio::test]
async fn an_outage_at_the_canary_does_not_sweep_everybody() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    world.until_verified(&ben.email).await;
    let mark = world.journal().last();
    world.fault(json!({ "service": "login", "user": ana.email, "kind": "reset", "times": 0 }));
    world.advance(minutes(20)).await;
    let redeems = |call: &&Call| call.operation.ends_with("/oauth2/v2.0/token");
    let asked = world.journal().since(mark).iter().filter(redeems).count();
    println!("an outage of 20 minutes at the canary: {asked} redemptions");
    assert!((4..=6).contains(&asked));
}

#[tokio::test]
async fn when_the_canary_goes_another_takes_its_place() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    assert!(world.state(&ana).await.value.canary && !world.state(&ben).await.value.canary);
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    world.advance(minutes(2)).await;
    assert!(!world.state(&ana).await.value.canary && world.state(&ben).await.value.canary);
    let before = world.now();
    world.advance(minutes(30)).await;
    assert!(world.refreshes(&ben.email, before).len() >= 5);
    // Coming back she finds the place taken.
    assert_eq!(ana.connect().await, "connected");
    world.advance(minutes(2)).await;
    assert!(!world.state(&ana).await.value.canary && world.state(&ben).await.value.canary);
}

#[tokio::test]
async fn a_canary_without_an_heir_for_now_is_replaced_as_soon_as_there_is_one() {
    let world = World::start().await;
    let (ana, ben) = world.ana_and_ben().await;
    world.switch("refresh-answer", json!({ "user": ben.email, "code": 53003 }));
    world.skip_to_the_sweep("acme").await;
    world.until(&ben, Status::Blocked, minutes(5)).await.expect("blocked");
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    world.advance(minutes(3)).await;
    assert!(!world.state(&ben).await.value.canary);
    world.switch("refresh-answer", json!({ "user": ben.email }));
    world.skip_to_the_sweep("acme").await;
    world.advance(minutes(8)).await;
    assert!(world.state(&ben).await.value.canary);
}

#[tokio::test]
async fn an_heir_whose_first_look_is_due_keeps_it() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    world.tick("follow-ups").await;
    assert!(world.state(&ben).await.value.canary);
    world.advance(minutes(2)).await;
    let state = world.state(&ben).await.value;
    assert_eq!((state.time_zone.as_deref(), state.canary), (Some("Europe/Paris"), true));
}
