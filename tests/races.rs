//! Two who do something at the same moment, and a worker that sleeps through its lease.

mod duels;
mod preempted;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::function::ScheduledFunction;
use shared::store::{Shard, ShardRow};
use tokio::sync::Notify;

use crate::exactly_once::quiesce;
use crate::journeys::{hold, lives};
use crate::world::{Browser, Person, World, ending, minutes};

const TOKEN: &str = "POST /{tenant}/oauth2/v2.0/token";

/// Every answer of this service takes a moment, so that whatever may overlap does.
fn slow(world: &World, service: &str, ms: u64) {
    world.fault(json!({ "service": service, "kind": { "latency": { "ms": ms } }, "times": 0 }));
}

fn sweeper() -> ScheduledFunction {
    let all = local::scheduled_functions();
    all.into_iter().find(|function| function.name == "token-refresh").expect("it is scheduled")
}

async fn board(world: &World) -> ShardRow {
    let shard = Shard::of(&"acme".parse().expect("an id"));
    let board = world.app("follow-ups").store.shards.all().await.expect("the store answers");
    board.rows.into_iter().find(|row| row.shard == shard).expect("it is on the board")
}

/// A person at the moment at which Microsoft sends the browser back.
async fn about_to_return<'w>(who: &Person<'w>) -> (Browser<'w>, String) {
    let (browser, authorize) = who.begin().await;
    let back = who.world.microsoft().sign_in(&authorize, &who.email, sim::Answer::Accept).expect("back");
    (browser, back)
}

#[tokio::test]
async fn two_sign_ins_of_one_user_that_end_at_once_leave_one_connection_that_works() {
    for service in ["graph", "login", "dynamodb"] {
        let world = World::start().await;
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        let (one, other) = (about_to_return(&ana).await, about_to_return(&ana).await);
        slow(&world, service, 20);
        let (first, second) = tokio::join!(one.0.open(&one.1), other.0.open(&other.1));
        world.switch("clear-faults", json!({}));
        assert_eq!((ending(&first), ending(&second)), ("connected".to_owned(), "connected".to_owned()));
        assert_eq!(world.stored("acme", "u-ana").await.value.generation, 2, "one came after the other");
        assert_eq!(world.all_stored("acme").await.len(), 1);
        quiesce(&world).await;
        hold(&world, "acme", service).await;
        lives(&ana, service).await;
    }
}

#[tokio::test]
async fn two_first_connections_of_a_customer_at_once_share_one_key() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    let (one, other) = (about_to_return(&ana).await, about_to_return(&ben).await);
    slow(&world, "kms", 30);
    let (first, second) = tokio::join!(one.0.open(&one.1), other.0.open(&other.1));
    world.switch("clear-faults", json!({}));
    assert_eq!((ending(&first), ending(&second)), ("connected".to_owned(), "connected".to_owned()));
    let minted =
        world.journal().calls().into_iter().filter(|call| call.operation == "GenerateDataKey").count();
    assert_eq!((minted, crate::world::Rows::keys(&world)), (2, 1), "both made one, the first was kept");
    quiesce(&world).await;
    hold(&world, "acme", "one key").await;
    lives(&ana, "the first").await;
    lives(&ben, "the second").await;
}

#[tokio::test]
async fn fifty_creates_with_one_key_at_token_expiry_redeem_once_and_make_one_event() {
    let world = World::start().await;
    let ana = world.ana().await;
    ana.expire().await;
    slow(&world, "login", 40);
    let begun = world.now();
    let answers = join_all((0..50).map(|_| ana.schedule("key-of-fifty"))).await;
    world.switch("clear-faults", json!({}));
    let made: BTreeSet<&str> =
        answers.iter().filter(|answer| answer.status == 201).map(|answer| answer.text.as_str()).collect();
    assert_eq!(made.len(), 1, "whoever was told of it was told the same");
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert_eq!(answer.problem(), (409, "idempotency-key-in-progress"), "{}", answer.text);
        assert!(answer.retry_after() > 0);
    }
    assert_eq!(world.refreshes(&ana.email, begun).len(), 1);
    assert_eq!((world.meetings(&ana.email).len(), world.mails().len()), (1, 2));
    let again = ana.schedule("key-of-fifty").await;
    assert!(made.contains(again.text.as_str()), "{}", again.text);
}

/// A worker of its own is paused inside its pass, wakes up after its lease has ended and another has done the work,
/// and writes neither cursor nor watermark.
#[tokio::test]
async fn t22_a_paused_worker_that_comes_back_after_its_lease_moves_no_cursor() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    world.until_swept("acme").await;
    world.pass_time(minutes(60));
    let (redeeming, journal) = (Arc::new(Notify::new()), world.journal().clone());
    let tell = Arc::clone(&redeeming);
    world.journal().after_each(Arc::new(move |n| {
        if journal.calls().iter().any(|call| call.n == n && call.operation == TOKEN) {
            tell.notify_one();
        }
    }));
    // Its redemptions hang; the second worker's do not.
    world.fault(json!({ "service": "login", "operation": TOKEN, "when": "after", "kind": { "latency": { "ms": 800 } }, "times": 2 }));
    let (first, second) = (Arc::clone(world.app("token-refresh")), Arc::clone(world.app("follow-ups")));
    let sweeper = sweeper();
    let (paused, after) = tokio::join!(sweeper.run(&first, None), async {
        redeeming.notified().await;
        redeeming.notified().await;
        world.journal().clear_hooks();
        let held = board(&world).await;
        assert!(held.lease_until.is_some_and(|until| until > world.now()), "the first has it");
        assert_eq!(sweeper.run(&second, None).await["shards"], 0, "nobody else may take it");
        world.pass_time(minutes(3));
        let report = sweeper.run(&second, None).await;
        assert_eq!((&report["shards"], &report["postponed"]), (&json!(1), &json!(0)), "{report}");
        let after = board(&world).await;
        assert_eq!(after.fence, held.fence + 1, "the lease was over");
        after
    });
    assert_eq!(
        (&paused["verified"], &paused["shards"]),
        (&json!(2), &json!(0)),
        "it had its answers: {paused}"
    );
    assert_eq!(board(&world).await, after, "and what it wrote of them was refused");
    hold(&world, "acme", "two workers").await;
    for who in
        [world.person("u-ana", "acme", &ana.email).await, world.person("u-ben", "acme", &ben.email).await]
    {
        lives(&who, "redeemed twice, and one token stays").await;
    }
}

/// What a create may come to while its connection ends: it was first, or it was refused and nothing was made.
async fn at_one_with_outlook(world: &World, ana: &Person<'_>, key: &str, first: &crate::world::Answer) {
    quiesce(world).await;
    let events = world.meetings(&ana.email).len();
    let list = ana.get("/v1/interviews").await;
    let stored: Vec<&Value> = list.json["data"].as_array().into_iter().flatten().collect();
    let standing = stored.iter().filter(|interview| interview["outlook"]["state"] == "present").count();
    match first.status {
        201 => assert_eq!((events, standing), (1, 1), "{key}: {}", list.text),
        409 => assert_eq!((events, standing), (0, 0), "{key}: {} {}", first.text, list.text),
        // Nobody can ask what became of it any more: it is told as unknown, or was noted in time.
        202 => assert!(events <= 1 && standing <= events, "{key}: {}", list.text),
        _ => panic!("{key}: {first:?}"),
    }
}

#[tokio::test]
async fn a_disconnect_and_a_create_at_once_agree_on_what_was_made() {
    let mut seen = BTreeSet::new();
    for (service, expired) in [
        ("graph", false),
        ("dynamodb", false),
        ("login", true),
        ("dynamodb", true),
        ("kms", false),
        ("*", true),
    ] {
        let world = World::start().await;
        let ana = world.ana().await;
        if expired {
            ana.expire().await;
        }
        slow(&world, service, 25);
        let (made, ended) = tokio::join!(ana.schedule("key-of-a-race"), ana.delete("/v1/connection"));
        world.switch("clear-faults", json!({}));
        assert_eq!(ended.status, 204, "{}", ended.text);
        seen.insert(made.status);
        let connection = world.stored("acme", "u-ana").await.value;
        assert_eq!(
            (connection.tokens.is_some(), ana.status().await.as_str()),
            (false, "disconnected"),
            "{service}"
        );
        at_one_with_outlook(&world, &ana, service, &made).await;
        let (calls, refused) = (world.journal().last(), ana.schedule("key-after-the-end").await);
        assert_eq!((refused.status, world.graph_since(calls)), (409, Vec::new()), "{service}");
    }
    println!("creates beside a disconnect were answered {seen:?}");
}

#[tokio::test]
async fn a_deletion_and_a_new_connection_at_once_leave_nothing_or_a_new_beginning() {
    let mut seen = BTreeSet::new();
    for service in ["graph", "login", "kms", "dynamodb", "*"] {
        let world = World::start().await;
        let ana = world.ana().await;
        let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
        let (browser, back) = about_to_return(&ben).await;
        world.app("oauth-callback").vault.forget(&"acme".parse().expect("an id"));
        slow(&world, service, 25);
        let (came, receipt) = tokio::join!(browser.open(&back), ana.delete("/v1/customer"));
        world.switch("clear-faults", json!({}));
        assert_eq!(receipt.status, 202, "{}", receipt.text);
        seen.insert(ending(&came));
        assert_eq!(ben.status().await, "not_connected", "{service}: nothing is served");
        quiesce(&world).await;
        let (rows, keys) = (crate::world::Rows::of(&world), crate::world::Rows::keys(&world));
        assert_eq!((rows.with("C#").count(), keys), (0, 0), "{service}");
        assert_eq!(crate::world::Rows::of(&world).with("S#").count(), 0, "{service}");
        assert_eq!(ana.patch("/v1/customer", json!({ "enabled": true })).await.status, 200);
        assert_eq!(ben.connect().await, "connected", "{service}: and it can begin anew");
        world.pass_time(SignedDuration::from_secs(60));
        quiesce(&world).await;
        lives(&ben, service).await;
    }
    println!("sign-ins beside a deletion ended {seen:?}");
}
