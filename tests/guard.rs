//! The two brakes for the day on which our own registration is at fault.

use serde_json::json;
use shared::domain::connection::Status;
use shared::domain::guard::Guard;
use shared::domain::ids::TenantId;
use shared::store::Shard;

use crate::world::{World, minutes};

/// Recruiters of so many tenants, one customer each; only the sweep verifies the second of each.
async fn tenants(world: &World, count: usize) {
    for n in 0..count {
        let emails = [format!("canary@t{n}.example"), format!("r{n}@t{n}.example")];
        world.crowd(&format!("customer-{n}"), &emails).await;
    }
    world.advance(minutes(2)).await;
}

/// From now on every tenant but those named is refused.
fn refuse(world: &World, count: usize, but: &[usize]) {
    for n in (0..count).filter(|n| !but.contains(n)) {
        world.switch("refresh-answer", json!({ "tenant": format!("t{n}.example"), "code": 50173 }));
    }
}

fn relent(world: &World, n: usize) {
    world.switch("refresh-answer", json!({ "tenant": format!("t{n}.example") }));
}

async fn count(world: &World, count: usize, status: Status) -> usize {
    let mut found = 0;
    for n in 0..count {
        let connection = world.stored(&format!("customer-{n}"), &format!("r{n}")).await.value;
        assert_eq!(
            connection.tokens.is_some(),
            status != Status::NeedsReauth || connection.status() != status
        );
        found += usize::from(connection.status() == status);
    }
    found
}

async fn guard(world: &World) -> Guard {
    world.app("follow-ups").store.guard.get().await.expect("the store answers")
}

#[tokio::test]
async fn three_tenants_that_refuse_at_once_are_their_own_affair() {
    for n in [1, 3] {
        let world = World::start().await;
        tenants(&world, n).await;
        refuse(&world, n, &[]);
        world.advance(minutes(60)).await;
        assert_eq!(count(&world, n, Status::NeedsReauth).await, n);
        assert!(!guard(&world).await.is_tripped());
    }
}

#[tokio::test]
async fn four_tenants_that_refuse_at_once_are_held_until_one_success() {
    let world = World::start().await;
    tenants(&world, 4).await;
    refuse(&world, 4, &[]);
    world.advance(minutes(90)).await;
    assert_eq!(count(&world, 4, Status::Checking).await, 4, "sealed and unserved, but not destroyed");
    assert!(guard(&world).await.is_tripped());
    // A new customer's sign-in is no redemption of a refresh token; his canary's is.
    world.crowd("fifth", &["canary@fifth.example".to_owned()]).await;
    world.advance(minutes(8)).await;
    assert!(!guard(&world).await.is_tripped());
    world.advance(minutes(6)).await;
    assert_eq!(count(&world, 4, Status::NeedsReauth).await, 4);
}

#[tokio::test]
async fn an_operator_who_confirms_releases_the_drops() {
    let world = World::start().await;
    tenants(&world, 4).await;
    refuse(&world, 4, &[]);
    world.advance(minutes(60)).await;
    assert_eq!(count(&world, 4, Status::Checking).await, 4);
    world.app("follow-ups").store.guard.confirm(world.now()).await.expect("the store answers");
    world.advance(minutes(7)).await;
    assert_eq!(count(&world, 4, Status::NeedsReauth).await, 4);
}

#[tokio::test]
async fn forty_tenants_that_refuse_while_nobody_succeeds_lose_nothing() {
    let world = World::start().await;
    tenants(&world, 40).await;
    refuse(&world, 40, &[]);
    world.advance(minutes(55)).await;
    assert_eq!(count(&world, 40, Status::Checking).await, 40);
    // It was our registration: repaired, everybody is served again.
    for n in 0..40 {
        relent(&world, n);
    }
    world.advance(minutes(7)).await;
    assert_eq!(count(&world, 40, Status::Connected).await, 40);
    assert!(!guard(&world).await.is_tripped());
}

/// The names of so many tenants do not fit into one expression of DynamoDB: an update that names them all is refused,
/// and the guard would hold for ever.
#[tokio::test]
async fn a_hundred_and_fifty_tenants_in_doubt_are_served_within_five_minutes_of_microsofts_recovery() {
    let world = World::start().await;
    tenants(&world, 150).await;
    refuse(&world, 150, &[]);
    world.advance(minutes(55)).await;
    assert_eq!(count(&world, 150, Status::Checking).await, 150);
    let noted = guard(&world).await;
    assert!(noted.is_tripped() && noted.suspects.len() == 150, "{}", noted.suspects.len());
    for n in 0..150 {
        relent(&world, n);
    }
    world.advance(minutes(5)).await;
    assert_eq!(count(&world, 150, Status::Connected).await, 150);
    let noted = guard(&world).await;
    assert!(!noted.is_tripped() && noted.last_success.is_some());
    assert!(
        noted.suspects.len() < 10,
        "what was noted is removed, portion by portion: {}",
        noted.suspects.len()
    );
}

/// The first write of a success is lost: the next success is recorded at once, not a minute later.
#[tokio::test]
async fn a_success_that_could_not_be_recorded_is_counted_and_tried_again() {
    let world = World::start().await;
    tenants(&world, 5).await;
    refuse(&world, 5, &[]);
    world.advance(minutes(30)).await;
    assert!(guard(&world).await.is_tripped());
    for n in 0..5 {
        relent(&world, n);
    }
    let row = json!({ "service": "dynamodb", "operation": "UpdateItem", "kind": { "status": { "status": 500 } }, "times": 2 });
    world.fault(row);
    world.advance(minutes(5)).await;
    assert!(!guard(&world).await.is_tripped());
    assert_eq!(count(&world, 5, Status::Connected).await, 5);
}

#[tokio::test]
async fn forty_tenants_of_which_one_succeeds_are_dropped_in_time() {
    let world = World::start().await;
    tenants(&world, 41).await;
    refuse(&world, 41, &[40]);
    // The canaries are all refused in one minute, and all again six minutes later.
    world.advance(minutes(13)).await;
    for n in 0..40 {
        let canary = world.stored(&format!("customer-{n}"), "canary").await.value;
        assert_eq!(canary.status(), Status::NeedsReauth, "tenant {n}");
    }
    // Nobody else was verified after the beginning, so the hour began there.
    world.advance(minutes(42)).await;
    assert_eq!(count(&world, 40, Status::NeedsReauth).await, 40);
    assert_eq!(world.stored("customer-40", "r40").await.value.status(), Status::Connected);
}

#[tokio::test]
async fn the_breaker_opens_at_the_first_refusal_and_lets_one_probe_through_a_minute() {
    let world = World::start().await;
    let emails: Vec<String> = (0..60).map(|n| format!("p{n}@contoso.com")).collect();
    world.crowd("acme", &emails).await;
    world.crowd("other", &["fay@fabrikam.com".to_owned(), "gus@fabrikam.com".to_owned()]).await;
    world.advance(minutes(2)).await;
    world.switch("vendor-secret", json!({ "state": "expired" }));
    world.journal().clear();
    world.advance(minutes(5)).await;
    let opened = guard(&world).await.breaker.expect("open: the canaries have met it");
    world.advance(minutes(50)).await;
    let refused = world.journal().calls().iter().filter(|call| call.service == "login").count();
    println!("55 minutes with an expired secret: {refused} redemptions were tried");
    assert!(refused <= 56, "one a minute, and those under way when it opened");
    assert_eq!(guard(&world).await.breaker.map(|breaker| breaker.open_since), Some(opened.open_since));
    for n in 0..60 {
        assert_eq!(world.stored("acme", &format!("p{n}")).await.value.status(), Status::Connected);
    }

    world.switch("vendor-secret", json!({ "state": "ok" }));
    let before = world.now();
    world.advance(minutes(2)).await;
    assert_eq!(guard(&world).await.breaker, None, "it closes by itself");
    let again = emails.iter().filter(|email| !world.refreshes(email, before).is_empty()).count();
    assert_eq!(again, 60, "and the sweep catches up at once");
}

#[tokio::test]
async fn the_breaker_closes_although_the_first_shard_has_nobody_to_ask() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.crowd("other", &["fay@fabrikam.com".to_owned(), "gus@fabrikam.com".to_owned()]).await;
    world.advance(minutes(2)).await;
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    world.switch("vendor-secret", json!({ "state": "wrong" }));
    world.advance(minutes(50)).await;
    assert!(guard(&world).await.breaker.is_some());
    let (shard, long_ago) = (Shard::of(&"acme".parse().expect("an id")), world.now() - minutes(60));
    world.app("follow-ups").store.shards.make_due_now(shard, long_ago).await.expect("the store answers");
    world.switch("vendor-secret", json!({ "state": "ok" }));
    world.advance(minutes(2)).await;
    assert_eq!(guard(&world).await.breaker, None);
    assert_eq!(world.stored("other", "gus").await.value.status(), Status::Connected);
}

#[tokio::test]
async fn a_doubt_is_noted_for_its_tenant_under_the_time_at_which_it_began() {
    let world = World::start().await;
    tenants(&world, 2).await;
    refuse(&world, 2, &[1]);
    world.advance(minutes(6)).await;
    let tenant: TenantId = world.microsoft().tenant_id("t0.example").parse().expect("a GUID");
    let noted = guard(&world).await;
    let proved = noted.last_success.expect("the other's canary succeeded");
    assert!(noted.suspects.get(&tenant).is_none_or(|since| *since <= proved), "{noted:?}");
}
