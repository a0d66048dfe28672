//! Several who do the same thing at once.

use std::sync::Arc;

use futures::future::join_all;
use serde_json::json;
use shared::domain::connection::Status;
use shared::function::ScheduledFunction;
use shared::store::{SaveError, Shard, Versioned};

use crate::world::{World, minutes};

/// The function itself: `/_local/run` would let only one run at a time.
fn sweeper() -> ScheduledFunction {
    let all = local::scheduled_functions();
    all.into_iter().find(|function| function.name == "token-refresh").expect("it is scheduled")
}

fn acme() -> Shard {
    Shard::of(&"acme".parse().expect("an id"))
}

async fn make_due(world: &World) {
    world.app("follow-ups").store.shards.make_due_now(acme(), world.now()).await.expect("the store answers");
}

/// Every answer takes a moment, so that whatever may overlap does.
fn slow(world: &World, service: &str) {
    world.fault(json!({ "service": service, "kind": { "latency": { "ms": 40 } }, "times": 0 }));
}

#[tokio::test]
async fn two_sweeps_at_once_ask_for_everybody_once() {
    let world = World::start().await;
    let emails: Vec<String> = (0..20).map(|n| format!("p{n}@contoso.com")).collect();
    world.crowd("acme", &emails).await;
    world.advance(minutes(2)).await;
    make_due(&world).await;
    slow(&world, "*");
    let (begun, app) = (world.now(), world.app("token-refresh"));
    let sweeps = {
        let sweeper = sweeper();
        join_all((0..4).map(|_| sweeper.run(app, None))).await
    };
    let verified: u64 = sweeps.iter().filter_map(|report| report["verified"].as_u64()).sum();
    assert_eq!(verified, 20, "{sweeps:?}");
    for email in &emails {
        assert_eq!(world.refreshes(email, begun).len(), 1, "{email}");
    }
}

#[tokio::test]
async fn a_worker_that_wakes_up_after_its_lease_writes_nothing() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    world.until_verified(&ben.email).await;
    make_due(&world).await;
    let shards = &world.app("token-refresh").store.shards;
    let row = |board: shared::store::ShardBoard| {
        board.rows.into_iter().find(|row| row.shard == acme()).expect("it")
    };
    let due = row(shards.all().await.expect("answers"));
    let slept = shards
        .take(&due, "first", world.now() + minutes(2), world.now())
        .await
        .expect("answers")
        .expect("ours");
    assert!(
        shards.take(&due, "second", world.now() + minutes(2), world.now()).await.expect("answers").is_none()
    );

    world.advance(minutes(3)).await;
    let after = row(shards.all().await.expect("answers"));
    assert!(after.fence > slept.fence && after.verified_at.is_some(), "another took it over and finished");
    let stored = world.stack.aws.dump();
    assert_eq!(shards.checkpoint(&slept, world.now() + minutes(2)).await, Err(SaveError::Stale));
    assert_eq!(shards.pause(&slept).await, Err(SaveError::Stale));
    assert_eq!(shards.finish(&slept, world.now() + minutes(45)).await, Err(SaveError::Stale));
    assert_eq!(world.stack.aws.dump(), stored, "not a byte is different");
}

#[tokio::test]
async fn fifty_creates_at_token_expiry_redeem_once() {
    // Whoever waits for another's redemption must wait in real time: a standing clock would jump past the lease.
    let world = World::running().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let (store, read) = (&world.app("connections").store, world.state(&ben).await);
    let mut expired = read.value.clone();
    expired.usable_until = Some(world.now());
    store.connections.save_if_unchanged(&read, &expired).await.expect("saved");
    slow(&world, "login");
    let begun = world.now();
    let keys: Vec<String> = (0..50).map(|n| format!("key-{n:05}")).collect();
    let answers = join_all(keys.iter().map(|key| ben.schedule(key))).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    let other = answers.iter().find(|answer| answer.status != 201).map(|answer| &answer.text);
    assert_eq!(made, 50, "{other:?}");
    assert_eq!(world.refreshes(&ben.email, begun).len(), 1);
    assert_eq!(world.meetings(&ben.email).len(), 50);
}

#[tokio::test]
async fn a_sweep_and_a_call_that_redeem_at_once_both_succeed_and_one_token_stays() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    world.pass_time(minutes(90));
    slow(&world, "login");
    let before = world.state(&ben).await;
    let sweeper = sweeper();
    let sweep = sweeper.run(world.app("token-refresh"), None);
    let (report, created) = tokio::join!(sweep, ben.schedule("key-00001"));
    assert_eq!(created.status, 201, "{}", created.text);
    assert_eq!(report["postponed"], 0, "{report}");
    let after = world.state(&ben).await;
    assert_eq!(after.value.generation, before.value.generation + 1, "one won, the other took his token");
    world.switch("clear-faults", json!({}));
    // What was kept opens and works.
    assert_eq!(ben.schedule("key-00002").await.status, 201);
    world.until_verified(&ben.email).await;
    assert_eq!(world.state(&ben).await.value.status(), Status::Connected);
}

#[tokio::test]
async fn whoever_disconnects_stays_disconnected_whatever_the_sweep_does() {
    for code in [None, Some(50173), Some(53003), Some(999_999)] {
        let world = World::start().await;
        let (_ana, ben) = world.ana_and_ben().await;
        world.pass_time(minutes(90));
        world.switch("refresh-answer", json!({ "user": ben.email, "code": code }));
        world.fault(json!({ "service": "login", "user": ben.email, "kind": { "latency": { "ms": 150 } } }));
        let sweeper = sweeper();
        let sweep = sweeper.run(world.app("token-refresh"), None);
        let (_, ended) = tokio::join!(sweep, ben.delete("/v1/connection"));
        assert_eq!(ended.status, 204);
        let Versioned { value: connection, .. } = world.state(&ben).await;
        assert_eq!(connection.status(), Status::Disconnected, "{code:?}");
        assert!(connection.tokens.is_none(), "{code:?}");
        let before = world.now();
        world.skip_to_the_sweep("acme").await;
        world.advance(minutes(8)).await;
        assert_eq!(ben.status().await, "disconnected");
        assert!(world.refreshes(&ben.email, before + minutes(1)).is_empty(), "never asked again");
    }
}

#[tokio::test]
async fn two_containers_share_the_work_and_neither_does_it_twice() {
    let world = World::start().await;
    for n in 0..4 {
        let emails: Vec<String> = (0..5).map(|user| format!("r{n}-{user}@t{n}.example")).collect();
        world.crowd(&format!("customer-{n}"), &emails).await;
    }
    world.advance(minutes(2)).await;
    world.pass_time(minutes(60));
    slow(&world, "login");
    // Follow-ups run under another role and with caches of their own: as good as a second container.
    let first = Arc::clone(world.app("token-refresh"));
    let second = Arc::clone(world.app("follow-ups"));
    let begun = world.now();
    let sweeper = sweeper();
    let (one, two) = tokio::join!(sweeper.run(&first, None), sweeper.run(&second, None));
    let count = |report: &serde_json::Value| report["verified"].as_u64().unwrap_or_default();
    println!("of 20 connections one container verified {}, the other {}", count(&one), count(&two));
    assert_eq!(count(&one) + count(&two), 20);
    for (n, user) in (0..4).flat_map(|n| (0..5).map(move |user| (n, user))) {
        assert_eq!(world.refreshes(&format!("r{n}-{user}@t{n}.example"), begun).len(), 1);
    }
}
