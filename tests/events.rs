//! What the ATS is told without asking: connections, interviews and customers, thinly, at least once. That whoever hears
//! everything knows how each interview stands is checked at the end of every story, in `world/told.rs`.

use serde_json::{Value, json};
use sim::Hunt;

use crate::world::{Person, World, heard, interview, kinds, minutes};

fn kinds_of(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(kind, _)| kind.as_str()).collect()
}

async fn since(world: &World, known: usize) -> Vec<(String, Value)> {
    heard(world).await.split_off(known)
}

async fn cancel(ana: &Person<'_>, id: &str) {
    let gone = ana.post_as("key-of-the-end", &format!("/v1/interviews/{id}/cancel"), &json!({})).await;
    assert_eq!(gone.status, 200, "{}", gone.text);
}

#[tokio::test]
async fn the_life_of_a_connection_and_an_interview_is_told_in_thin_words() {
    let world = World::start().await;
    let ana = world.ana().await;
    assert_eq!(
        kinds_of(&heard(&world).await),
        ["customer.enabled", "connection.connected", "customer.changed"]
    );
    let known = heard(&world).await.len();
    let mut body = interview();
    body["external_id"] = json!("ats-9981");
    let made = ana.post_as("key-of-creation", "/v1/interviews", &body).await;
    let id = made.str("/id").to_owned();
    let title = json!({ "title": "Interview: Head of Engineering" });
    assert_eq!(ana.patch(&format!("/v1/interviews/{id}"), title).await.status, 200);
    cancel(&ana, &id).await;
    let events = since(&world, known).await;
    assert_eq!(kinds_of(&events), ["interview.scheduled", "interview.changed", "interview.cancelled"]);
    let expected = json!({ "customer_id": "acme", "interview_id": id, "external_id": "ats-9981", "status": "scheduled",
        "version": 2, "at": events[1].1["at"] });
    assert_eq!(events[1].1, expected, "and nothing else");
    let read = ana.get(&format!("/v1/interviews/{id}")).await;
    assert_eq!(events[2].1["version"], read.json["version"]);
}

#[tokio::test]
async fn what_nobody_sees_is_not_told() {
    let world = World::start().await;
    let ana = world.ana().await;
    let id = ana.schedule("key-of-creation").await.str("/id").to_owned();
    let known = heard(&world).await.len();
    // An hour of sweeps, canaries and follow-ups; a look; a repeat.
    world.advance(minutes(60)).await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.get(&format!("/v1/interviews/{id}")).await.status, 200);
    assert_eq!(ana.schedule("key-of-creation").await.header("idempotent-replayed"), Some("true"));
    assert_eq!(ana.post("/v1/customer/it-link", json!({})).await.status, 201);
    assert_eq!(since(&world, known).await, []);
    let gone = json!({ "TableName": "convene", "Key": { "pk": { "S": "C#acme" }, "sk": { "S": format!("INT#{id}") } } });
    world
        .stack
        .aws
        .database()
        .delete_item(serde_json::from_value(gone).expect("a request"))
        .expect("it is deleted");
    assert_eq!(since(&world, known).await, [], "a row that has served its time");
}

#[tokio::test]
async fn a_connection_in_trouble_is_told_at_once_and_whether_others_wait_for_it() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let organizer = json!({ "scheduling_user": { "user": "u-ana", "allowed_users": ["u-ben"] } });
    assert_eq!(ana.patch("/v1/customer", organizer).await.status, 200);
    let known = heard(&world).await.len();
    for user in ["ana@contoso.com", "ben@contoso.com"] {
        drop(world.switch("revoke-sessions", json!({ "user": user })));
    }
    world.advance(minutes(60)).await;
    let n = world.journal().last();
    let events = since(&world, known).await;
    let reads = world.journal().calls().into_iter().filter(|call| call.n > n && call.operation == "GetItem");
    assert_eq!(reads.count(), 1, "the company's settings are read once for all of them");
    let of = |user: &str| -> Vec<(&str, bool)> {
        let own = events.iter().filter(|(_, detail)| detail["user"] == user);
        own.map(|(kind, detail)| (kind.as_str(), detail["organizes_for_others"] == true)).collect()
    };
    assert_eq!(of("u-ana"), [("connection.checking", true), ("connection.needs_reauth", true)], "{events:?}");
    assert_eq!(of("u-ben"), [("connection.checking", false), ("connection.needs_reauth", false)]);
}

#[tokio::test]
async fn a_customer_that_goes_is_told_once_and_what_goes_with_it_is_not() {
    let world = World::start().await;
    let ana = world.ana().await;
    ana.schedule("key-of-creation").await;
    let known = heard(&world).await.len();
    assert_eq!(ana.delete("/v1/customer").await.status, 202);
    world.advance(minutes(10)).await;
    let events = since(&world, known).await;
    assert_eq!(kinds_of(&events), ["customer.deleting", "customer.deleted"], "{events:?}");
    assert!(events[0].1["version"].as_u64() < events[1].1["version"].as_u64());
}

#[tokio::test]
async fn a_bus_that_does_not_take_a_message_gets_it_again_and_nothing_is_left_out() {
    let world = World::start().await;
    let ana = world.ana().await;
    let known = heard(&world).await.len();
    for key in ["key-of-creation-1", "key-of-creation-2", "key-of-creation-3"] {
        assert_eq!(ana.schedule(key).await.status, 201);
    }
    world.stack.aws.refuse_entry(1);
    let first = kinds_of(&since(&world, known).await).len();
    assert_eq!(first, 2, "the first and the third were taken");
    let events = since(&world, known).await;
    let mut ids: Vec<_> = events.iter().map(|(_, detail)| detail["interview_id"].to_string()).collect();
    assert_eq!(ids.len(), 4, "from the one that was not taken on: the third is told twice");
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn a_bus_out_of_reach_holds_the_stream_up_and_loses_nothing() {
    let world = World::start().await;
    let ana = world.ana().await;
    let known = heard(&world).await.len();
    world.fault(json!({ "service": "events", "kind": "reset", "times": 0 }));
    for n in 0..12 {
        assert_eq!(ana.schedule(&format!("key-of-creation-{n}")).await.status, 201);
    }
    assert_eq!(since(&world, known).await, []);
    drop(world.switch("clear-faults", json!({})));
    assert_eq!(since(&world, known).await.len(), 12, "more than one request takes");
}

#[tokio::test]
async fn an_operator_has_everything_of_a_customer_told_again() {
    let world = World::start().await;
    let ana = world.ana().await;
    let id = ana.schedule("key-of-creation").await.str("/id").to_owned();
    cancel(&ana, &id).await;
    let known = heard(&world).await.len();
    let (mut event, mut told) = (json!({ "repair": { "customer_id": "acme" } }), 0);
    loop {
        let report = world.local("run/events-out", &event).await;
        told += report["told"].as_u64().unwrap_or_else(|| panic!("{report}"));
        if report["next"].is_null() {
            break;
        }
        event["repair"]["after"] = report["next"].clone();
    }
    let events = since(&world, known).await;
    assert_eq!(told, 3);
    assert_eq!(kinds_of(&events), ["customer.enabled", "connection.connected", "interview.cancelled"]);
    for wrong in [
        json!({}),
        json!({ "repair": { "customer_id": "acme", "after": "elsewhere" } }),
        json!({ "repair": 7 }),
    ] {
        let refused = world.local("run/events-out", &wrong).await;
        assert!(refused["message"].is_string(), "{refused}");
    }
}

#[tokio::test]
async fn nothing_personal_and_nothing_secret_is_told() {
    let world = World::start().await;
    let ana = world.ana().await;
    let id = ana.schedule("key-of-creation").await.str("/id").to_owned();
    cancel(&ana, &id).await;
    let text = format!("{:?}", heard(&world).await);
    for personal in ["@contoso.com", "@example.org", "Backend engineer", "https://"] {
        assert!(!text.contains(personal), "{personal}");
    }
    let secrets = world.microsoft().secrets().into_iter().map(String::into_bytes);
    assert!(!Hunt::new(secrets.chain(world.stack.aws.secrets())).finds(text.as_bytes()));
    assert_eq!(kinds(&world.told()), kinds_of(&heard(&world).await), "the bus has what the stream leads to");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_holds_up_nobody() {
    let world = World::start().await;
    let ana = world.ana().await;
    let known = heard(&world).await.len();
    let put = json!({ "TableName": "convene", "Item": { "pk": { "S": "C#acme" }, "sk": { "S": "INT#int_broken" },
        "doc": { "S": "{}" }, "v": { "N": "1" } } });
    world.stack.aws.database().put_item(serde_json::from_value(put).expect("a request")).expect("it is put");
    assert_eq!(ana.schedule("key-of-creation").await.status, 201);
    assert_eq!(kinds_of(&since(&world, known).await), ["interview.scheduled"]);
}
