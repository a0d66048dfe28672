//! Interviews with a room in a calendar of our own, for customers who want that.

use futures::future::join_all;
use serde_json::{Value, json};

use super::{ANA, ROOM7, attendees, create, shows, with_rooms};
use crate::world::{Person, World, interview, minutes};

const NAME: &str = "Convene Scheduler";

async fn ana(world: &World) -> Person<'_> {
    let ana = world.ana().await;
    let chosen = ana.patch("/v1/customer", json!({ "calendar": "scheduler" })).await;
    assert_eq!(chosen.status, 200, "{}", chosen.text);
    world.journal().clear();
    ana
}

/// The calendars that she has beside the default one.
fn calendars(world: &World) -> Value {
    let snapshot = world.microsoft().snapshot();
    let all = snapshot["users"].as_array().expect("users").iter();
    all.filter(|user| user["email"] == ANA).map(|user| user["calendars"].clone()).next().unwrap_or_default()
}

#[tokio::test]
async fn an_interview_with_a_room_goes_there_and_the_rooms_answer_is_never_known() {
    let world = World::start().await;
    let ana = ana(&world).await;
    let made = create(&ana, "key-of-one-request", &with_rooms(&[ROOM7], json!({}))).await;
    assert_eq!((made.status, shows(&made)), (201, ("scheduled", ROOM7, "unknown", "")), "{}", made.text);
    let event = world.meeting(ANA);
    assert_eq!(event["calendar"], NAME);
    assert_eq!(attendees(&event), ["dana@example.org", "carl@contoso.com", ROOM7]);
    assert!(made.str("/join_url").starts_with("https://teams"));
    let n = world.journal().last();
    world.advance(minutes(60)).await;
    assert!(world.graph_since(n).is_empty(), "nobody waits for what never comes");
    assert_eq!(world.microsoft().events(ROOM7).len(), 1, "the room has it all the same");
    let path = format!("/v1/interviews/{}", made.str("/id"));
    assert_eq!(shows(&ana.get(&path).await), ("scheduled", ROOM7, "unknown", ""));
    // It is moved, changed and called off as any other.
    let to =
        json!({ "start": "2026-12-02T14:00:00", "end": "2026-12-02T14:45:00", "time_zone": "Europe/Paris" });
    let moved = ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &to).await;
    assert_eq!((moved.status, shows(&moved)), (200, ("scheduled", ROOM7, "unknown", "")), "{}", moved.text);
    let titled = ana.patch(&path, json!({ "title": "Another title" })).await;
    assert_eq!((titled.status, titled.str("/status")), (200, "scheduled"), "{}", titled.text);
    let off = ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({})).await;
    assert_eq!((off.status, off.str("/status")), (200, "cancelled"), "{}", off.text);
    assert!(world.microsoft().events(ROOM7).is_empty());
}

#[tokio::test]
async fn one_without_a_room_stays_in_the_default_calendar() {
    let world = World::start().await;
    let ana = ana(&world).await;
    assert_eq!(create(&ana, "key-of-one-request", &interview()).await.status, 201);
    assert!(world.meeting(ANA)["calendar"].is_null());
    assert_eq!(calendars(&world), json!([]));
}

#[tokio::test]
async fn ten_at_once_make_one_calendar_and_it_is_found_again_and_made_again() {
    let world = World::start().await;
    let ana = ana(&world).await;
    // They have looked and hear of it late: all ten, before the first has made one, however busy the machine is.
    world.fault(json!({ "service": "graph", "operation": "GET /me/calendars", "when": "after", "kind": { "latency": { "ms": 1000 } }, "times": 10 }));
    let body = with_rooms(&[ROOM7], json!({}));
    let keys: Vec<String> = (0..10).map(|n| format!("key-of-request-{n}")).collect();
    let made = join_all(keys.iter().map(|key| create(&ana, key, &body))).await;
    for answer in &made {
        assert_eq!((answer.status, answer.str("/status")), (201, "scheduled"), "{}", answer.text);
    }
    assert_eq!(calendars(&world), json!([NAME]));
    let tried = world.graph_since(0).iter().filter(|call| *call == "POST /me/calendars").count();
    assert!(tried > 1, "several tried at once: {tried}");
    let events = world.meetings(ANA);
    assert!(events.len() == 10 && events.iter().all(|event| event["calendar"] == NAME), "{events:#?}");

    let n = world.journal().last();
    assert_eq!(create(&ana, "key-of-a-further-one", &body).await.status, 201);
    assert_eq!(world.graph_since(n), ["GET /me/calendars", "POST /me/calendars/{id}/events"]);

    world.switch("delete-calendar", json!({ "user": ANA, "calendar": NAME }));
    assert_eq!(create(&ana, "key-of-the-last-one", &body).await.status, 201);
    assert_eq!(calendars(&world), json!([NAME]));
    assert_eq!(world.meeting(ANA)["calendar"], NAME);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_calendar_and_no_second_event() {
    for operation in ["POST /me/calendars", "POST /me/calendars/{id}/events"] {
        for (when, times) in [("after", 1), ("after", 0), ("before", 1), ("before", 0)] {
            let case = format!("{operation} {when} {times}");
            let world = World::start().await;
            world.microsoft().options(|options| options.forget_transactions = true);
            let ana = ana(&world).await;
            world.fault(json!({ "service": "graph", "operation": operation, "when": when, "kind": "reset", "times": times }));
            let body = with_rooms(&[ROOM7], json!({}));
            let first = create(&ana, "key-of-one-request", &body).await;
            assert!(matches!(first.status, 201 | 202), "{case}: {}", first.text);
            crate::exactly_once::quiesce(&world).await;
            let last = create(&ana, "key-of-one-request", &body).await;
            assert_eq!((last.status, shows(&last)), (201, ("scheduled", ROOM7, "unknown", "")), "{case}");
            assert_eq!(calendars(&world), json!([NAME]), "{case}");
            assert_eq!(world.meeting(ANA)["calendar"], NAME, "{case}");
            assert_eq!(world.mails().len(), 3, "{case}: {:?}", world.mails());
        }
    }
}

#[tokio::test]
async fn an_event_is_found_where_it_was_put_though_the_setting_changed_meanwhile() {
    let world = World::start().await;
    world.microsoft().options(|options| options.forget_transactions = true);
    let ana = ana(&world).await;
    world.fault(json!({ "service": "graph", "operation": "POST /me/calendars/{id}/events", "when": "after", "kind": "reset", "times": 0 }));
    world.fault(json!({ "service": "graph", "operation": "GET /me/calendars/{id}/events", "kind": "reset", "times": 0 }));
    let first = create(&ana, "key-of-one-request", &with_rooms(&[ROOM7], json!({}))).await;
    assert_eq!(first.status, 202, "{}", first.text);
    assert_eq!(ana.patch("/v1/customer", json!({ "calendar": "primary" })).await.status, 200);
    crate::exactly_once::quiesce(&world).await;
    let read = ana.get(&format!("/v1/interviews/{}", first.str("/id"))).await;
    assert_eq!(shows(&read), ("scheduled", ROOM7, "unknown", ""), "{}", read.text);
    assert_eq!(world.meeting(ANA)["calendar"], NAME);
}

#[tokio::test]
async fn a_room_cannot_be_held_there() {
    let world = World::start().await;
    let ana = ana(&world).await;
    let held = with_rooms(&[ROOM7], json!({ "hold_room": true }));
    let answer = create(&ana, "key-of-one-request", &held).await;
    assert_eq!(answer.problem(), (422, "invalid-request"), "{}", answer.text);
    assert_eq!(answer.json["errors"][0]["pointer"], "/hold_room");
    assert!(answer.str("/errors/0/message").contains("scheduler calendar"), "{}", answer.text);
    assert!(world.mails().is_empty() && world.meetings(ANA).is_empty());
    // The key is not burnt by that.
    assert_eq!(ana.patch("/v1/customer", json!({ "calendar": "primary" })).await.status, 200);
    assert_eq!(create(&ana, "key-of-one-request", &held).await.status, 202);
}
