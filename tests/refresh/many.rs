//! Many connections: what a sweep of them asks for, and how much of it at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::store::Shard;
use sim::Call;

use crate::world::{World, minutes};

const CUSTOMERS: usize = 10;
const EACH: usize = 100;

#[tokio::test]
async fn a_sweep_of_a_thousand_connections_decrypts_ten_keys() {
    let world = World::start().await;
    let mut shards = BTreeSet::new();
    for n in 0..CUSTOMERS {
        let customer = format!("customer-{n}");
        let emails: Vec<String> = (0..EACH).map(|user| format!("r{n}-{user}@t{n}.example")).collect();
        world.crowd(&customer, &emails).await;
        shards.insert(Shard::of(&customer.parse().expect("an id")));
    }
    world.advance(minutes(2)).await;
    let board = &world.app("follow-ups").store.shards;
    for shard in &shards {
        board.make_due_now(*shard, world.now()).await.expect("the store answers");
    }
    // A container that has slept: its keys are gone.
    world.app("token-refresh").vault.forget_expired();
    let (mark, begun) = (world.journal().last(), world.now());
    let report = world.tick("token-refresh").await;
    let calls = world.journal().since(mark);
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    for call in &calls {
        *names.entry(format!("{} {}", call.service, call.operation)).or_insert(0) += 1;
    }
    let all = CUSTOMERS * EACH;
    println!("{all} connections of {CUSTOMERS} customers in {} shards: {names:#?}", shards.len());
    #[expect(clippy::cast_precision_loss, reason = "a ratio to print")]
    let each = calls.len() as f64 / all as f64;
    println!("{} calls, {each:.3} per connection; {report}", calls.len());
    assert_eq!(report["verified"].as_u64(), Some(1000), "{report}");
    let verified =
        (0..CUSTOMERS).flat_map(|n| (0..EACH).map(move |user| format!("r{n}-{user}@t{n}.example")));
    let once = verified.filter(|email| world.refreshes(email, begun).len() == 1).count();
    assert_eq!(once, all, "everybody is asked, and once");
    assert!(names["kms Decrypt"] <= CUSTOMERS + 1, "ten customers' keys and the client secret");
    assert!(each < 1.1);
}

/// People of that tenant.
fn people(tenant: &str, many: usize) -> Vec<String> {
    (0..many).map(|n| format!("{tenant}-{n}@{tenant}.example")).collect()
}

/// These people of one customer, all due.
async fn due(emails: &[String]) -> World {
    let world = World::start().await;
    world.crowd("acme", emails).await;
    world.advance(minutes(2)).await;
    let shard = Shard::of(&"acme".parse().expect("an id"));
    let board = &world.app("follow-ups").store.shards;
    board.make_due_now(shard, world.now()).await.expect("the store answers");
    world
}

/// A sweep of these people, while each redemption takes a while: the calls, and what came of it.
async fn sweep(emails: &[String]) -> (Vec<Call>, Value) {
    let world = due(emails).await;
    world.fault(json!({ "service": "login", "kind": { "latency": { "ms": 200 } }, "times": 0 }));
    let mark = world.journal().last();
    let report = world.tick("token-refresh").await;
    (world.journal().since(mark), report)
}

/// So many calls to Entra were under way at the same time.
fn most_at_once(calls: &[Call]) -> usize {
    let of_entra = || calls.iter().filter(|call| call.service == "login");
    let under_way =
        |at: u64| of_entra().filter(move |c| c.began <= at && c.ended.is_none_or(|ended| at < ended));
    of_entra().map(|call| under_way(call.began).count()).max().unwrap_or(0)
}

#[tokio::test]
async fn no_tenant_is_asked_more_than_32_times_at_once_and_the_next_page_is_read_meanwhile() {
    let emails = people("large", 330);
    let (calls, report) = sweep(&emails).await;
    assert_eq!(report["verified"].as_u64(), Some(330), "{report}");
    assert!((20..=32).contains(&most_at_once(&calls)), "{}", most_at_once(&calls));
    let pages: Vec<&Call> = calls.iter().filter(|call| call.operation == "Query").collect();
    let second =
        pages.iter().rfind(|page| calls.iter().any(|call| call.service == "login" && call.n < page.n));
    let second = second.expect("330 are more than a page holds");
    let meanwhile = |call: &&Call| call.began < second.began && call.ended > Some(second.began);
    assert!(calls.iter().filter(|call| call.service == "login").any(|call| meanwhile(&call)), "{pages:#?}");
}

#[tokio::test]
async fn a_large_tenant_keeps_no_place_from_a_small_one() {
    let emails = [people("large", 60), people("small", 20)].concat();
    let (calls, report) = sweep(&emails).await;
    assert_eq!(report["verified"].as_u64(), Some(80), "{report}");
    let most = most_at_once(&calls);
    assert!((33..=52).contains(&most), "{most}");
}

/// A page is noted as done when everybody on it was asked, and not before: with each answer 0.9 s of the tick's 270 go by,
/// so its time ends on the second page.
#[tokio::test]
async fn whoever_was_not_asked_when_the_time_was_over_is_asked_by_the_next_tick() {
    let emails = people("large", 330);
    let world = due(&emails).await;
    let (clock, journal) = (Arc::clone(&world.stack.clock), world.journal().clone());
    world.journal().after_each(Arc::new(move |n| {
        if journal.since(n - 1).first().is_some_and(|call| call.service == "login") {
            clock.advance(SignedDuration::from_millis(900));
        }
    }));
    let begun = world.now();
    let first = world.tick("token-refresh").await;
    let asked = |email: &String| world.refreshes(email, begun).len();
    let so_far = emails.iter().filter(|email| asked(email) == 1).count();
    assert_eq!(first["shards"], 0, "{first}");
    world.journal().clear_hooks();
    let second = world.tick("token-refresh").await;
    let of_second_page = second["verified"].as_u64().and_then(|n| usize::try_from(n).ok()).expect("a count");
    assert_eq!(second["shards"], 1, "{second}");
    assert!(emails.iter().all(|email| (1..=2).contains(&asked(email))), "everybody was asked");
    let twice = emails.iter().filter(|email| asked(email) == 2).count();
    assert_eq!(twice, so_far + of_second_page - 330, "nobody of the first page was asked again");
    assert!((1..of_second_page).contains(&twice), "the time ended on the second page: {so_far}, {second}");
}

/// What cannot be read holds up nobody who was read before.
#[tokio::test]
async fn a_page_that_cannot_be_read_costs_the_one_before_it_nothing() {
    let emails = people("large", 330);
    let world = due(&emails).await;
    world.fault(json!({ "service": "login", "kind": { "latency": { "ms": 50 } }, "times": 0 }));
    let (faults, journal) = (world.microsoft().faults().clone(), world.journal().clone());
    // The board, then the first page; whatever is read after the first redemption fails.
    let broken = json!({ "service": "dynamodb", "operation": "Query", "times": 0,
        "kind": { "status": { "status": 500, "body": "{\"__type\":\"InternalServerError\"}" } } });
    let broken: sim::Fault = serde_json::from_value(broken).expect("a fault");
    let told = std::sync::atomic::AtomicBool::new(false);
    world.journal().after_each(Arc::new(move |n| {
        let login = journal.since(n - 1).first().is_some_and(|call| call.service == "login");
        if login && !told.swap(true, std::sync::atomic::Ordering::SeqCst) {
            faults.add(broken.clone());
        }
    }));
    let begun = world.now();
    let first = world.tick("token-refresh").await;
    assert_eq!((&first["store_failed"], &first["shards"]), (&json!(true), &json!(0)), "{first}");
    world.journal().clear_hooks();
    world.switch("clear-faults", json!({}));
    let second = world.tick("token-refresh").await;
    assert_eq!(second["shards"], 1, "{second}");
    assert_eq!(first["verified"].as_u64().zip(second["verified"].as_u64()).map(|(a, b)| a + b), Some(330));
    assert!(emails.iter().all(|email| world.refreshes(email, begun).len() == 1), "each once");
}
