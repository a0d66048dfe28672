//! Many connections: what a sweep of them asks for, and how much of it at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
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

/// A sweep of these people of one customer, while each redemption takes a while: the calls, and what came of it.
async fn sweep(emails: &[String]) -> (Vec<Call>, serde_json::Value) {
    let world = World::start().await;
    world.crowd("acme", emails).await;
    world.advance(minutes(2)).await;
    let shard = Shard::of(&"acme".parse().expect("an id"));
    let board = &world.app("follow-ups").store.shards;
    board.make_due_now(shard, world.now()).await.expect("the store answers");
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
