//! Threats 10 to 13: sealed values where they do not belong, and keys that stay too long. Rows are changed as whoever
//! can write to the tables could change them.

use std::collections::BTreeSet;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use shared::clock::SystemEntropy;
use shared::domain::connection::Sealed;
use shared::vault::{Binding, CustomerKey, OpenError, Purpose, open, seal};

use crate::world::{Person, World, minutes};

fn rows(world: &World, table: &str, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
    let dump = world.stack.aws.dump();
    dump[table].as_array().expect("a table").iter().filter(|row| fits(row)).cloned().collect()
}

fn row(world: &World, sort_key: &str) -> Value {
    let mut found =
        rows(world, "convene", |row| row["sk"]["S"].as_str().is_some_and(|sk| sk.starts_with(sort_key)));
    assert_eq!(found.len(), 1, "{sort_key}");
    found.remove(0)
}

fn connection(world: &World, person: &Person<'_>) -> Value {
    row(world, &format!("C#{}#U#{}", person.customer, person.user))
}

fn put(world: &World, table: &str, row: &Value) {
    let request = json!({ "TableName": table, "Item": row });
    let request = serde_json::from_value(request).expect("a request");
    world.stack.aws.database().put_item(request).expect("stored");
}

/// A row with the sealed part of another one.
fn with_blob(row: &Value, other: &Value) -> Value {
    let mut moved = row.clone();
    moved["blob"] = other["blob"].clone();
    moved
}

/// The whole of a row at the place of another one.
fn at_place_of(row: &Value, other: &Value) -> Value {
    let mut moved = row.clone();
    for key in ["pk", "sk"] {
        moved[key] = other[key].clone();
    }
    moved
}

/// Neither a call nor the sweep takes anything to Microsoft for this person.
async fn is_not_served(person: &Person<'_>, what: &str) {
    let world = person.world;
    let (mark, redeemed) = (world.journal().last(), world.microsoft().redemptions().len());
    let refused = person.schedule("key-of-a-moved-row").await;
    assert_eq!(refused.problem(), (500, "internal-error"), "{what}: {}", refused.text);
    let verified = person.post("/v1/connection/verify", json!({})).await;
    assert_eq!(verified.problem(), (500, "internal-error"), "{what}: {}", verified.text);
    assert!(world.graph_since(mark).is_empty(), "{what}");
    assert_eq!(world.microsoft().redemptions().len(), redeemed, "{what}");
}

#[tokio::test]
async fn t10_tokens_that_are_moved_open_nowhere_else() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    let fay = world.person("u-fay", "other", "fay@fabrikam.com").await;
    assert_eq!((ben.connect().await, fay.connect().await), ("connected".to_owned(), "connected".to_owned()));
    assert_eq!(ana.schedule("key-of-ana-1").await.status, 201);
    let (hers, his, foreign) = (connection(&world, &ana), connection(&world, &ben), connection(&world, &fay));
    let (interview, claim) = (row(&world, "INT#"), row(&world, "IDEM#"));
    for (n, (what, person, own, false_one)) in [
        ("tokens of a colleague", &ben, &his, with_blob(&his, &hers)),
        ("the row of a colleague", &ben, &his, at_place_of(&hers, &his)),
        ("tokens of another customer", &fay, &foreign, with_blob(&foreign, &hers)),
        ("the row of another customer", &fay, &foreign, at_place_of(&hers, &foreign)),
        ("details of an interview", &ana, &hers, with_blob(&hers, &interview)),
        ("an answer of a claim", &ana, &hers, with_blob(&hers, &claim)),
    ]
    .into_iter()
    .enumerate()
    {
        put(&world, "convene", &false_one);
        is_not_served(person, what).await;
        put(&world, "convene", own);
        assert_eq!(person.schedule(&format!("key-after-{n}")).await.status, 201, "{what}: it was that alone");
    }
}

#[tokio::test]
async fn t10_tokens_of_yesterday_do_not_open_in_the_row_of_today() {
    let world = World::start().await;
    let ana = world.ana().await;
    let old = connection(&world, &ana);
    assert_eq!(ana.schedule("key-of-ana-1").await.status, 201);
    world.pass_time(minutes(120));
    assert_eq!(ana.schedule("key-of-ana-2").await.status, 201, "redeemed and sealed anew");
    let new = connection(&world, &ana);
    assert_ne!(new["blob"], old["blob"]);
    put(&world, "convene", &with_blob(&new, &old));
    is_not_served(&ana, "an older generation").await;
    let mut cut = new.clone();
    let blob = BASE64_STANDARD.decode(new["blob"]["B"].as_str().expect("bytes")).expect("base64");
    for length in [0, 1, 57, blob.len() - 1] {
        cut["blob"]["B"] = json!(BASE64_STANDARD.encode(&blob[..length]));
        put(&world, "convene", &cut);
        is_not_served(&ana, &format!("{length} bytes of it")).await;
    }
}

#[tokio::test]
async fn t10_a_moved_interview_is_shown_to_nobody() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ids = [ana.schedule("key-of-ana-1").await, ana.schedule("key-of-ana-2").await]
        .map(|made| made.str("/id").to_owned());
    let [first, second] = [0, 1].map(|n: usize| row(&world, &format!("INT#{}", ids[n])));
    for (what, false_one) in
        [("details", with_blob(&first, &second)), ("the row", at_place_of(&second, &first))]
    {
        put(&world, "convene", &false_one);
        let read = ana.get(&format!("/v1/interviews/{}", ids[0])).await;
        assert_eq!(read.problem(), (500, "internal-error"), "{what}: {}", read.text);
        assert_eq!(ana.get(&format!("/v1/interviews/{}", ids[1])).await.status, 200, "{what}");
    }
}

#[tokio::test]
async fn t10_a_customers_key_is_unwrapped_for_him_and_its_version_alone() {
    let world = World::start().await;
    let ana = world.ana().await;
    let fay = world.person("u-fay", "other", "fay@fabrikam.com").await;
    assert_eq!(fay.connect().await, "connected");
    let key = |customer: &str| rows(&world, "convene-keys", |row| row["customer"]["S"] == customer).remove(0);
    let (hers, others) = (key("acme"), key("other"));
    let mut renamed = hers.clone();
    renamed["id"] = others["id"].clone();
    // Nothing is in memory any more.
    world.pass_time(minutes(16));
    for (what, false_one) in
        [("another customer's key", with_blob(&hers, &others)), ("another version", renamed)]
    {
        put(&world, "convene-keys", &false_one);
        is_not_served(&ana, what).await;
    }
    put(&world, "convene-keys", &hers);
    assert_eq!(ana.schedule("key-of-ana-3").await.status, 201);
}

#[tokio::test]
async fn t11_no_salt_is_used_twice() {
    let world = World::start().await;
    let ana = world.ana().await;
    for n in 0..5 {
        assert_eq!(ana.schedule(&format!("key-of-ana-{n}")).await.status, 201);
        world.pass_time(minutes(70));
    }
    let blobs = rows(&world, "convene", |row| !row["blob"].is_null());
    let salts: BTreeSet<Vec<u8>> = blobs
        .iter()
        .map(|row| BASE64_STANDARD.decode(row["blob"]["B"].as_str().expect("bytes")).expect("base64"))
        .map(|blob| blob[25..57].to_vec())
        .collect();
    assert!(blobs.len() >= 11, "a connection, five interviews and their claims: {}", blobs.len());
    assert_eq!(salts.len(), blobs.len());
}

#[test]
fn t12_a_ciphertext_opens_under_one_key_only() {
    let (customer, user) = ("acme".parse().expect("an id"), "ana".parse().expect("an id"));
    let binding = Binding {
        customer: &customer,
        user: &user,
        purpose: Purpose::Tokens,
        item: "con_1",
        generation: 1,
        account: None,
    };
    let key = |byte| CustomerKey::new(uuid(), &[byte; 32]).expect("a key");
    let sealed = seal(&key(1), &binding, &[b"secret"], &SystemEntropy);
    assert!(open(&key(1), &binding, &sealed).is_ok());
    let other = seal(&key(2), &binding, &[b"secret"], &SystemEntropy);
    // The commitment of the other key over this ciphertext, and the reverse.
    for (mine, theirs) in [(&sealed, &other), (&other, &sealed)] {
        let mut crossed = Sealed(mine.0.clone());
        crossed.0[57..89].copy_from_slice(&theirs.0[57..89]);
        for byte in [1, 2] {
            assert_eq!(open(&key(byte), &binding, &crossed).map(|_| ()), Err(OpenError::Damaged));
        }
    }
}

/// The version of both keys of a test. (This package does not name the crate of the type.)
fn uuid<T: Default>() -> T {
    T::default()
}

#[tokio::test]
async fn t13_a_key_is_in_memory_for_minutes_only() {
    let world = World::start().await;
    let ana = world.ana().await;
    let unwrapped = async |key: &str| {
        let mark = world.journal().last();
        assert_eq!(ana.schedule(key).await.status, 201);
        let calls = world.journal().since(mark);
        calls.iter().filter(|call| call.service == "kms" && call.operation == "Decrypt").count()
    };
    world.pass_time(minutes(6));
    assert!(unwrapped("key-of-ana-1").await >= 1, "the key's time was over");
    assert_eq!(unwrapped("key-of-ana-2").await, 0, "it is in memory");
    world.pass_time(minutes(4));
    assert_eq!(unwrapped("key-of-ana-3").await, 0, "it still is");
    world.pass_time(minutes(1));
    assert_eq!(unwrapped("key-of-ana-4").await, 1, "use does not prolong its time");
}
