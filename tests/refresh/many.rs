//! A thousand connections of ten customers.

use std::collections::{BTreeMap, BTreeSet};

use shared::store::Shard;

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
