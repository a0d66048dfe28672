//! Every fault of Graph at every call by which a room is held or followed by the next: each person is mailed once, each
//! room is asked once, and what is stored is what stands in Outlook.

use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::{ANA, ROOM7, ROOM8, answers, create, once, post, shows, with_rooms};
use crate::exactly_once::{faults, quiesce, unsettled};
use crate::world::World;

const KEY: &str = "key-of-one-request";

/// The first room says no, the second one yes; with and without a hold.
async fn case(hold: bool, (operation, skip): (&str, u32), fault: (&str, &str, &Value)) -> String {
    let (name, when, kind) = fault;
    let case = format!("hold: {hold}, {operation} after {skip}: {name} {when}");
    let world = World::start().await;
    world.microsoft().options(|options| options.forget_transactions = true);
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    world.fault(json!({ "service": "graph", "operation": operation, "when": when, "kind": kind, "times": 1, "skip": skip }));
    let body = with_rooms(&[ROOM7, ROOM8], json!({ "hold_room": hold }));
    let first = create(&ana, KEY, &body).await;
    for _ in 0..4 {
        world.pass_time(crate::world::minutes(1));
        world.tick("follow-ups").await;
    }
    quiesce(&world).await;
    assert_eq!(unsettled(&world), Vec::<String>::new(), "{case}");
    let last = create(&ana, KEY, &body).await;
    let id = ana.get("/v1/interviews").await.str("/data/0/id").to_owned();
    let read = ana.get(&format!("/v1/interviews/{id}")).await;
    let rooms = ["invites room7", "cancels room7", "invites room8"];
    let people = ["invites dana", "invites carl"];
    if matches!(read.str("/status"), "failed") {
        // Graph refused for good, so it says: no room stays held, and nobody heard of it.
        assert_eq!((hold, read.str("/problem/code")), (true, "outlook-refused"), "{case}: {}", read.text);
        assert!(world.meetings(ANA).is_empty(), "{case}");
        assert!(world.mails().iter().all(|(_, to)| to.starts_with("room")), "{case}: {:?}", world.mails());
    } else if first.status >= 400 {
        // Refused before anything was there; then the same key has made it, or has the same answer.
        assert!(
            last.status == first.status || matches!(last.status, 201 | 202),
            "{case}: {first:?} {last:?}"
        );
    } else {
        let problem = if hold { "" } else { "room-changed" };
        assert_eq!(shows(&read), ("scheduled", ROOM8, "accepted", problem), "{case}: {}", read.text);
        assert_eq!(post(&world), once(&[&rooms[..], &people].concat()), "{case}");
        assert_eq!(world.meetings(ANA).len(), 1, "{case}");
        assert_eq!(last.status, 201, "{case}: {last:?}");
    }
    format!("{} then {}", first.status, read.str("/status"))
}

async fn run(hold: bool, calls: &[(&str, u32)]) {
    let faults = faults();
    let all = faults
        .iter()
        .flat_map(|(name, when, kind)| calls.iter().map(move |call| (*call, (*name, *when, kind))));
    let cases = all.map(|(call, fault)| case(hold, call, fault));
    let ends: Vec<String> = stream::iter(cases).buffer_unordered(4).collect().await;
    let mut kinds = ends.clone();
    kinds.sort_unstable();
    kinds.dedup();
    println!("hold {hold}: {} cases; ends: {}", ends.len(), kinds.join(", "));
}

#[tokio::test]
async fn a_hold_has_its_effect_once_under_every_fault_of_graph() {
    let (read, change) = ("GET /me/events/{id}", "PATCH /me/events/{id}");
    run(true, &[("POST /me/events", 0), (read, 0), (change, 0), (change, 1)]).await;
}

#[tokio::test]
async fn the_next_room_is_asked_once_under_every_fault_of_graph() {
    run(false, &[("GET /me/events/{id}", 0), ("PATCH /me/events/{id}", 0)]).await;
}
