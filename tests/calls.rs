//! What each operation costs in calls to AWS and Microsoft: the table of the architecture, row by row.

mod reserving;

use std::collections::BTreeMap;

use serde_json::json;
use sim::Call;

use crate::world::{Browser, Person, World, minutes};

/// The calls of one operation.
struct Cost(Vec<Call>);

impl Cost {
    /// How many, by service and operation.
    fn names(&self) -> BTreeMap<String, usize> {
        let mut names = BTreeMap::new();
        for call in &self.0 {
            *names.entry(format!("{} {}", call.service, call.operation)).or_insert(0) += 1;
        }
        names
    }

    /// The longest chain in which each call begins after the one before has ended.
    fn depth(&self) -> usize {
        let mut ends: Vec<(u64, usize)> = Vec::new();
        let mut calls: Vec<&Call> = self.0.iter().collect();
        calls.sort_by_key(|call| call.began);
        for call in calls {
            let before = ends.iter().filter(|(ended, _)| *ended < call.began).map(|(_, depth)| *depth).max();
            ends.push((call.ended.expect("answered"), before.unwrap_or(0) + 1));
        }
        ends.into_iter().map(|(_, depth)| depth).max().unwrap_or(0)
    }

    /// Holds the row to the table.
    fn is(&self, row: &str, calls: usize, depth: usize) -> String {
        assert_eq!((self.0.len(), self.depth()), (calls, depth), "{row}: {:#?}", self.names());
        self.row(row)
    }

    fn row(&self, row: &str) -> String {
        format!("| {row} | {}, depth {} | {} |", self.0.len(), self.depth(), self.list())
    }

    fn list(&self) -> String {
        let each = self.names().into_iter().map(|(name, times)| match times {
            1 => name,
            _ => format!("{times} × {name}"),
        });
        each.collect::<Vec<_>>().join(", ")
    }

    fn has(&self, name: &str) -> usize {
        self.names().get(name).copied().unwrap_or(0)
    }
}

impl World {
    /// The calls that are made meanwhile. Every answer takes a moment, so that calls at the same time overlap.
    async fn cost<T>(&self, work: impl Future<Output = T>) -> (Cost, T) {
        self.fault(json!({ "service": "*", "kind": { "latency": { "ms": 25 } }, "times": 0 }));
        let before = self.journal().last();
        let done = work.await;
        self.switch("clear-faults", json!({}));
        (Cost(self.journal().since(before)), done)
    }
}

/// A browser that is back from Microsoft, and the address it is sent to.
async fn back<'a>(person: &Person<'a>) -> (Browser<'a>, String) {
    let world = person.world;
    let link = person.connect_link().await;
    let browser = Browser::new(world);
    let authorize = browser.to_microsoft(&link).await;
    let url = world.microsoft().sign_in(&authorize, &person.email, sim::Answer::Accept).expect("back");
    (browser, url)
}

/// The callback of this person's sign-in.
async fn callback(person: &Person<'_>) -> Cost {
    let (browser, url) = back(person).await;
    let (cost, answer) = person.world.cost(browser.open(&url)).await;
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert!(answer.header("location").is_some_and(|way| way.contains("status=connected")));
    cost
}

async fn create(person: &Person<'_>, key: &str) -> Cost {
    let (cost, answer) = person.world.cost(person.schedule(key)).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    cost
}

#[tokio::test]
async fn connecting_costs_what_the_table_says() {
    let (world, mut table) = (World::start().await, Vec::new());
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for temperature in ["cold", "warm"] {
        let link = ana.connect_link().await;
        let (cost, _) = world.cost(Browser::new(&world).to_microsoft(&link)).await;
        table.push(cost.is(&format!("connect start, {temperature}"), 2, 2));
    }

    // Nothing is in memory: assertion, JWKS, discovery; and the customer has no key yet.
    let first = callback(&ana).await;
    table.push(first.is("callback, cold container, first connection of the customer, not pinned", 10, 8));
    for name in [
        "kms GenerateDataKey",
        "dynamodb PutItem",
        "kms Sign",
        "login GET /{tenant}/discovery/v2.0/keys",
        "login GET /{tenant}/v2.0/.well-known/openid-configuration",
    ] {
        assert_eq!(first.has(name), 1, "{name}");
    }

    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    table.push(callback(&ben).await.is("callback, warm", 5, 4));
    table.push(callback(&ben).await.is("callback, warm, again", 5, 4));

    world.pass_time(minutes(2));
    world.microsoft().rotate_keys();
    table.push(callback(&ben).await.is("callback, JWKS not in memory", 6, 5));

    world.app("oauth-callback").vault.forget(&"acme".parse().expect("an id"));
    table.push(callback(&ben).await.is("callback, customer key not in memory", 6, 5));

    let fay = world.person("u-fay", "fabrikam", "fay@fabrikam.com").await;
    let cost = callback(&fay).await;
    table.push(cost.is("callback, first connection of a customer, another domain", 8, 6));
    assert_eq!((cost.has("kms GenerateDataKey"), cost.has("kms Decrypt")), (1, 0));
    println!("{}", table.join("\n"));
}

#[tokio::test]
async fn a_pinned_customer_saves_the_discovery() {
    let (world, mut table) = (World::start().await, Vec::new());
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let pin = json!({ "tenant_id": world.microsoft().tenant_id("contoso.com") });
    assert_eq!(ana.patch("/v1/customer", pin).await.status, 200);
    table.push(callback(&ana).await.is(
        "callback, cold container, first connection of the customer, pinned",
        9,
        8,
    ));
    table.push(callback(&ana).await.is("callback, warm, pinned", 5, 4));
    println!("{}", table.join("\n"));
}

#[tokio::test]
async fn scheduling_costs_what_the_table_says() {
    let (world, mut table) = (World::start().await, Vec::new());
    let ana = world.ana().await;
    table.push(create(&ana, "key-00001").await.is(
        "create, fresh token, cold container: key not in memory",
        5,
        5,
    ));
    table.push(create(&ana, "key-00002").await.is("create, fresh token, key in memory", 4, 3));

    world.app("interviews").vault.forget(&"acme".parse().expect("an id"));
    table.push(create(&ana, "key-00003").await.is("create, fresh token, key not in memory", 5, 5));

    // An assertion is good for minutes, so a token that has expired costs a new one as well.
    expired(&ana, &mut table, [("create, expired token, no assertion", 8, 7); 2]).await;
    let world = World::with_client_secret().await;
    let rows = [
        ("create, expired token, client secret not in memory", 8, 7),
        ("create, expired token, client secret in memory", 7, 6),
    ];
    let ana = world.ana().await;
    assert_eq!(create(&ana, "key-00001").await.has("kms Decrypt"), 1, "the key is in memory from here on");
    expired(&ana, &mut table, rows).await;
    println!("{}", table.join("\n"));
}

/// Creates with a token that has expired, twice. The scheduled functions sleep meanwhile; a read brings the key back
/// into memory.
async fn expired(ana: &Person<'_>, table: &mut Vec<String>, rows: [(&str, usize, usize); 2]) {
    let world = ana.world;
    for (round, (row, calls, depth)) in rows.into_iter().enumerate() {
        world.pass_time(minutes(90));
        let id = ana.get("/v1/interviews").await.str("/data/0/id").to_owned();
        assert_eq!(ana.get(&format!("/v1/interviews/{id}")).await.status, 200);
        table.push(create(ana, &format!("{round}-expired")).await.is(row, calls, depth));
        table.push(create(ana, &format!("{round}-again-and-fresh")).await.is(
            "create, fresh token after it",
            4,
            3,
        ));
    }
}

#[tokio::test]
async fn verifying_costs_what_the_table_says() {
    let (world, mut table) = (World::start().await, Vec::new());
    let emails: Vec<String> = (0..11).map(|n| format!("p{n}@contoso.com")).collect();
    world.crowd("acme", &emails).await;
    world.until_swept("acme").await;
    // Per tick: the board. Per shard: take, page, key, finish. Per connection: the probe.
    for (row, kms) in [("cold", 1), ("warm", 0)] {
        world.app("token-refresh").vault.forget_expired();
        if kms == 1 {
            world.app("token-refresh").vault.forget(&"acme".parse().expect("an id"));
        }
        make_due(&world).await;
        let (cost, report) = world.cost(world.tick("token-refresh")).await;
        assert_eq!((report["verified"].as_u64(), report["shards"].as_u64()), (Some(11), Some(1)), "{report}");
        let stored = usize::try_from(report["stored"].as_u64().unwrap_or(99)).expect("a count");
        let probes = cost.has("login POST /{tenant}/oauth2/v2.0/token");
        let names =
            (probes, cost.has("dynamodb UpdateItem"), cost.has("kms Decrypt"), cost.has("dynamodb Query"));
        table.push(cost.row(&format!("sweep of 11, {row}")));
        assert_eq!(names, (11, stored + 2, kms, 2), "{:#?}", cost.names());
        assert_eq!(cost.0.len(), 11 + stored + 5 + kms);
        assert!(stored <= 1, "only the canary, whose errand must be moved on, is written");
    }
    // A use makes it hot: from now on it is verified and stored.
    let customer = "acme".parse().expect("an id");
    for n in 0..11 {
        let user = format!("p{n}").parse().expect("an id");
        world
            .app("connections")
            .store
            .connections
            .mark_used(&customer, &user, world.now())
            .await
            .expect("noted");
    }
    make_due(&world).await;
    let (cost, report) = world.cost(world.tick("token-refresh")).await;
    table.push(cost.row("sweep of 11 hot ones"));
    assert_eq!((report["verified"].as_u64(), report["stored"].as_u64()), (Some(11), Some(11)), "{report}");
    assert_eq!(cost.0.len(), 11 * 2 + 5);
    // A tick with nothing to do looks at the board.
    let (cost, _) = world.cost(world.tick("token-refresh")).await;
    table.push(cost.is("sweep, nothing due", 1, 1));
    println!("{}", table.join("\n"));
}

/// The shard of the customer is due at once.
async fn make_due(world: &World) {
    let shard = shared::store::Shard::of(&"acme".parse().expect("an id"));
    let shards = &world.app("follow-ups").store.shards;
    shards.make_due_now(shard, world.now()).await.expect("the store answers");
}
