//! A room that says no is followed by the next, and nobody but the rooms is mailed for that.

use serde_json::json;

use super::{ANA, ROOM7, ROOM8, answers, attendees, create, once, path_of, post, shows, with_rooms};
use crate::world::{World, minutes};

#[tokio::test]
async fn the_next_room_takes_the_place_of_one_that_declines_and_people_are_mailed_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    let made = create(&ana, "key-of-one-request", &with_rooms(&[ROOM7, ROOM8], json!({}))).await;
    assert_eq!((made.status, shows(&made)), (201, ("awaiting_room", ROOM7, "pending", "")), "{}", made.text);
    let path = path_of(&made);
    let n = world.journal().last();
    world.advance(minutes(1)).await;
    assert_eq!(
        world.graph_since(n),
        ["GET /me/events/{id}", "PATCH /me/events/{id}"],
        "one look, one change"
    );
    let asked = ana.get(&path).await;
    assert_eq!(shows(&asked), ("awaiting_room", ROOM8, "pending", "room-changed"), "{}", asked.text);
    world.advance(minutes(3)).await;
    let read = ana.get(&path).await;
    assert_eq!(shows(&read), ("scheduled", ROOM8, "accepted", "room-changed"), "{}", read.text);
    assert_eq!(read.json["rooms"], json!([ROOM7, ROOM8]), "the order of preference stays");
    assert_eq!(read.json["join_url"], made.json["join_url"]);
    let event = world.meeting(ANA);
    assert_eq!(attendees(&event), ["dana@example.org", "carl@contoso.com", ROOM8]);
    let expected = ["invites dana", "invites carl", "invites room7", "cancels room7", "invites room8"];
    assert_eq!(post(&world), once(&expected));
    let n = world.journal().last();
    world.advance(minutes(60)).await;
    assert!(world.graph_since(n).is_empty(), "nothing is left to look for");
}

#[tokio::test]
async fn what_people_were_not_told_they_hear_with_the_next_update() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    let path = path_of(&create(&ana, "key-of-one-request", &with_rooms(&[ROOM7, ROOM8], json!({}))).await);
    world.advance(minutes(3)).await;
    assert_eq!(world.meeting(ANA)["location"]["displayName"], ROOM7, "a new location would mail everybody");
    // A change of people mails those who come or go, and nobody else: no word of the room.
    let panel = json!({ "interviewers": [{ "email": "carl@contoso.com" }, { "email": "dora@contoso.com" }] });
    assert_eq!(ana.patch(&path, panel).await.str("/problem/code"), "room-changed");
    assert_eq!(world.meeting(ANA)["location"]["displayName"], ROOM7);
    let mails = world.mails().len();
    let titled = ana.patch(&path, json!({ "title": "Another title" })).await;
    assert_eq!(shows(&titled), ("scheduled", ROOM8, "accepted", ""), "{}", titled.text);
    assert_eq!(world.meeting(ANA)["location"]["displayName"], ROOM8);
    assert_eq!(world.mails_since(mails).len(), 4, "one update each");
}

#[tokio::test]
async fn naming_the_room_or_a_new_time_tells_it_too() {
    for by_move in [false, true] {
        let world = World::start().await;
        let ana = world.ana().await;
        answers(&world, ROOM7, "declined");
        let made = create(&ana, "key-of-one-request", &with_rooms(&[ROOM7, ROOM8], json!({}))).await;
        let path = path_of(&made);
        world.advance(minutes(3)).await;
        let (n, mails) = (world.journal().last(), world.mails().len());
        let told = if by_move {
            let to = json!({ "start": "2026-12-02T14:00:00", "end": "2026-12-02T14:45:00", "time_zone": "Europe/Paris" });
            ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &to).await
        } else {
            ana.patch(&path, json!({ "rooms": [ROOM8] })).await
        };
        assert_eq!((told.status, told.str("/problem/code")), (200, ""), "{}", told.text);
        assert_eq!(world.meeting(ANA)["location"]["displayName"], ROOM8);
        assert_eq!(told.json["join_url"], made.json["join_url"]);
        assert_eq!(world.mails_since(mails).len(), 3, "one update each");
        let writes = world.graph_since(n).iter().filter(|call| call.starts_with("PATCH")).count();
        assert_eq!(writes, 1);
    }
}

#[tokio::test]
async fn when_every_room_declines_the_interview_is_scheduled_without_one() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    answers(&world, ROOM8, "declined");
    let path = path_of(&create(&ana, "key-of-one-request", &with_rooms(&[ROOM7, ROOM8], json!({}))).await);
    world.advance(minutes(5)).await;
    let read = ana.get(&path).await;
    assert_eq!((read.str("/status"), read.str("/room/state")), ("scheduled", "declined"), "{}", read.text);
    let expected = ["invites dana", "invites carl", "invites room7", "cancels room7", "invites room8"];
    assert_eq!(post(&world), once(&expected));
    // Another choice is asked anew.
    answers(&world, ROOM7, "accepted");
    let again = ana.patch(&path, json!({ "rooms": [ROOM7] })).await;
    assert_eq!(shows(&again), ("awaiting_room", ROOM7, "pending", ""), "{}", again.text);
    world.advance(minutes(2)).await;
    assert_eq!(shows(&ana.get(&path).await), ("scheduled", ROOM7, "accepted", ""));
}

#[tokio::test]
async fn a_change_that_comes_between_the_rooms_does_not_invite_two_of_them() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    let made = create(&ana, "key-of-one-request", &with_rooms(&[ROOM7, ROOM8], json!({}))).await;
    let path = path_of(&made);
    // As if a follow-up had put the next room in and died before it could write that down.
    let mut event = world.meeting(ANA)["attendees"].clone();
    event[2]["emailAddress"]["address"] = json!(ROOM8);
    world.edit_in_outlook(ANA, made.str("/outlook/event_id"), json!({ "attendees": event }));
    let panel = json!({ "interviewers": [{ "email": "dora@contoso.com" }] });
    let changed = ana.patch(&path, panel).await;
    assert_eq!((changed.status, changed.str("/room/email")), (200, ROOM8), "{}", changed.text);
    assert_eq!(attendees(&world.meeting(ANA)), ["dana@example.org", ROOM8, "dora@contoso.com"]);
    world.advance(minutes(2)).await;
    assert_eq!(shows(&ana.get(&path).await), ("scheduled", ROOM8, "accepted", "room-changed"));
}

#[tokio::test]
async fn after_a_move_every_room_may_be_asked_again() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    let path = path_of(&create(&ana, "key-of-one-request", &with_rooms(&[ROOM7, ROOM8], json!({}))).await);
    world.advance(minutes(3)).await;
    assert_eq!(ana.get(&path).await.str("/room/email"), ROOM8);
    answers(&world, ROOM7, "accepted");
    let busy = json!({ "user": ROOM8, "start": "2026-12-02T12:00:00Z", "end": "2026-12-02T15:00:00Z" });
    world.switch("busy", busy);
    let to =
        json!({ "start": "2026-12-02T14:00:00", "end": "2026-12-02T14:45:00", "time_zone": "Europe/Paris" });
    let moved = ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &to).await;
    assert_eq!(shows(&moved), ("awaiting_room", ROOM8, "pending", ""), "{}", moved.text);
    world.advance(minutes(5)).await;
    let read = ana.get(&path).await;
    assert_eq!(shows(&read), ("scheduled", ROOM7, "accepted", "room-changed"), "{}", read.text);
    assert_eq!(read.json["join_url"], moved.json["join_url"]);
}

#[tokio::test]
async fn cancelling_while_the_next_room_is_awaited_frees_it() {
    let world = World::start().await;
    let ana = world.ana().await;
    answers(&world, ROOM7, "declined");
    let path = path_of(&create(&ana, "key-of-one-request", &with_rooms(&[ROOM7, ROOM8], json!({}))).await);
    world.advance(minutes(1)).await;
    let off = ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({})).await;
    assert_eq!((off.status, off.str("/status")), (200, "cancelled"), "{}", off.text);
    world.advance(minutes(10)).await;
    assert!(world.microsoft().events(ROOM8).is_empty() && world.microsoft().events(ROOM7).is_empty());
    assert_eq!(ana.get(&path).await.str("/status"), "cancelled");
}
