//! A room is held before anybody hears of the interview.

use serde_json::{Value, json};

use super::{ANA, ROOM7, ROOM8, answers, attendees, create, once, path_of, post, shows, with_rooms};
use crate::world::{Answer, Person, World, interview, minutes};

const KEY: &str = "key-of-one-request";

async fn hold(person: &Person<'_>, rooms: &[&str]) -> Answer {
    let answer = create(person, KEY, &held(rooms)).await;
    assert_eq!((answer.status, answer.str("/status")), (202, "awaiting_room"), "{}", answer.text);
    assert!(answer.retry_after() > 0 && answer.json["hold_room"] == true, "{}", answer.text);
    answer
}

fn held(rooms: &[&str]) -> Value {
    with_rooms(rooms, json!({ "hold_room": true }))
}

#[tokio::test]
async fn people_are_invited_once_the_room_has_said_yes() {
    let world = World::start().await;
    let ana = world.ana().await;
    let asked = hold(&ana, &[ROOM7, ROOM8]).await;
    assert_eq!(shows(&asked), ("awaiting_room", ROOM7, "pending", ""), "{}", asked.text);
    assert_eq!(post(&world), once(&["invites room7"]));
    assert_eq!(attendees(&world.meeting(ANA)), [ROOM7]);
    let path = path_of(&asked);
    assert_eq!(ana.get(&path).await.json["room"], json!({ "email": ROOM7, "state": "pending" }));
    // While it is held, the same request waits too.
    assert_eq!(create(&ana, KEY, &held(&[ROOM7, ROOM8])).await.problem().1, "idempotency-key-in-progress");
    world.advance(minutes(2)).await;
    let read = ana.get(&path).await;
    assert_eq!(shows(&read), ("scheduled", ROOM7, "accepted", ""), "{}", read.text);
    assert!(read.str("/join_url").starts_with("https://teams"), "{}", read.text);
    assert_eq!(post(&world), once(&["invites room7", "invites dana", "invites carl"]));
    let event = world.meeting(ANA);
    assert_eq!(attendees(&event), [ROOM7, "dana@example.org", "carl@contoso.com"]);
    assert_eq!(event["location"]["displayName"], ROOM7);
    // From now on the request is answered as it ended.
    let again = create(&ana, KEY, &held(&[ROOM7, ROOM8])).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, Some("true")), "{}", again.text);
    assert_eq!(again.json, read.json);
    let n = world.journal().last();
    world.advance(minutes(60)).await;
    assert!(world.graph_since(n).is_empty());
}

#[tokio::test]
async fn a_room_that_declines_a_hold_is_never_heard_of_by_the_people() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    let path = path_of(&hold(&ana, &[ROOM7, ROOM8]).await);
    world.advance(minutes(1)).await;
    assert_eq!(shows(&ana.get(&path).await), ("awaiting_room", ROOM8, "pending", ""));
    let rooms_only = ["invites room7", "cancels room7", "invites room8"];
    assert_eq!(post(&world), once(&rooms_only));
    world.advance(minutes(3)).await;
    assert_eq!(shows(&ana.get(&path).await), ("scheduled", ROOM8, "accepted", ""));
    let all = [&rooms_only[..], &["invites dana", "invites carl"]].concat();
    assert_eq!(post(&world), once(&all));
    assert_eq!(
        world.meeting(ANA)["location"]["displayName"],
        ROOM8,
        "people are told of the room they meet in"
    );
}

#[tokio::test]
async fn where_every_room_declines_nobody_was_ever_told_and_nothing_stays() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    answers(&world, ROOM8, "declined");
    let path = path_of(&hold(&ana, &[ROOM7, ROOM8]).await);
    world.advance(minutes(5)).await;
    let read = ana.get(&path).await;
    assert_eq!(shows(&read), ("failed", ROOM8, "declined", "room-declined"), "{}", read.text);
    assert_eq!(read.str("/outlook/state"), "absent");
    assert!(world.meetings(ANA).is_empty() && world.microsoft().events(ROOM8).is_empty());
    assert_eq!(post(&world), once(&["invites room7", "cancels room7", "invites room8", "cancels room8"]));
    let again = create(&ana, KEY, &held(&[ROOM7, ROOM8])).await;
    assert_eq!(again.problem(), (409, "room-declined"), "{}", again.text);
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let moved = json!({ "start": "2026-12-02T14:00:00Z", "end": "2026-12-02T14:45:00Z" });
    let moved = ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &moved).await;
    assert_eq!(moved.problem(), (409, "interview-not-active"), "{}", moved.text);
}

#[tokio::test]
async fn a_hold_that_is_cancelled_before_the_answer_frees_the_room() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "never");
    let path = path_of(&hold(&ana, &[ROOM7, ROOM8]).await);
    for change in [json!({ "title": "Another" }), json!({ "rooms": [ROOM8] })] {
        assert_eq!(ana.patch(&path, change).await.problem().1, "idempotency-key-in-progress");
    }
    let off = ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({})).await;
    assert_eq!((off.status, off.str("/status")), (200, "cancelled"), "{}", off.text);
    assert_eq!(post(&world), once(&["invites room7", "cancels room7"]));
    assert!(world.meetings(ANA).is_empty());
    world.advance(minutes(5)).await;
    assert_eq!(ana.get(&path).await.str("/status"), "cancelled");
    let again = create(&ana, KEY, &held(&[ROOM7, ROOM8])).await;
    assert_eq!((again.status, again.str("/status")), (201, "cancelled"), "{}", again.text);
    assert_eq!(world.mails().len(), 2, "and nobody was asked again");
}

#[tokio::test]
async fn a_hold_that_somebody_removes_in_outlook_is_cancelled() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "never");
    let asked = hold(&ana, &[ROOM7]).await;
    world.switch("delete-event", json!({ "user": ANA, "event_id": asked.str("/outlook/event_id") }));
    world.advance(minutes(3)).await;
    let read = ana.get(&path_of(&asked)).await;
    assert_eq!((read.str("/status"), read.str("/outlook/state")), ("cancelled", "absent"), "{}", read.text);
    assert!(world.meetings(ANA).is_empty());
}

#[tokio::test]
async fn a_delegate_may_take_hours_and_a_room_that_is_silent_to_the_last_is_let_go() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "tentativelyAccepted");
    let mut body = held(&[ROOM7]);
    (body["start"], body["end"]) = (json!("2026-11-24T14:00:00Z"), json!("2026-11-24T14:30:00Z"));
    let path = path_of(&create(&ana, KEY, &body).await);
    world.advance(minutes(180)).await;
    assert_eq!(shows(&ana.get(&path).await), ("awaiting_room", ROOM7, "pending", ""));
    assert_eq!(post(&world), once(&["invites room7"]));
    world.advance(minutes(240)).await;
    assert_eq!(shows(&ana.get(&path).await), ("failed", ROOM7, "declined", "room-declined"));
    assert!(world.meetings(ANA).is_empty());
    assert_eq!(post(&world), once(&["invites room7", "cancels room7"]));
}

#[tokio::test]
async fn a_hold_whose_connection_breaks_fails_and_frees_the_room_once_it_can() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "never");
    let path = path_of(&hold(&ana, &[ROOM7]).await);
    world.switch("revoke-sessions", json!({ "user": ANA }));
    world.advance(minutes(120)).await;
    let read = ana.get(&path).await;
    assert_eq!((read.str("/status"), read.str("/outlook/state")), ("failed", "present"), "{}", read.text);
    assert_eq!(ana.connect().await, "connected");
    world.advance(minutes(90)).await;
    let read = ana.get(&path).await;
    assert_eq!((read.str("/status"), read.str("/outlook/state")), ("failed", "absent"), "{}", read.text);
    assert!(world.meetings(ANA).is_empty());
    assert_eq!(post(&world), once(&["invites room7", "cancels room7"]));
}

#[tokio::test]
async fn a_hold_needs_a_room() {
    let world = World::start().await;
    let ana = world.ana().await;
    let mut body = interview();
    body["hold_room"] = json!(true);
    let answer = create(&ana, KEY, &body).await;
    assert_eq!(answer.problem(), (422, "invalid-request"), "{}", answer.text);
    assert_eq!(answer.json["errors"][0]["pointer"], "/hold_room");
}
