//! A room is asked like a person, and answers when it likes.

use serde_json::json;

use super::reschedule::tomorrow;
use crate::world::{Answer, Person, World, interview, minutes};

async fn with_room(person: &Person<'_>) -> Answer {
    with_rooms(person, &["room7@contoso.com", "room8@contoso.com"]).await
}

async fn with_rooms(person: &Person<'_>, rooms: &[&str]) -> Answer {
    let mut body = interview();
    body["rooms"] = json!(rooms);
    person.post_as("key-of-one-request", "/v1/interviews", &body).await
}

#[tokio::test]
async fn the_first_room_is_invited_as_a_resource_and_its_yes_is_seen() {
    let world = World::start().await;
    let ana = world.ana().await;
    let answer = with_room(&ana).await;
    assert_eq!((answer.status, answer.str("/status")), (201, "awaiting_room"), "{}", answer.text);
    assert_eq!(answer.json["room"], json!({ "email": "room7@contoso.com", "state": "pending" }));
    assert_eq!(answer.json["rooms"], json!(["room7@contoso.com", "room8@contoso.com"]));
    let event = world.meeting("ana@contoso.com");
    assert_eq!(event["attendees"][2]["type"], "resource");
    assert_eq!(event["attendees"].as_array().map(Vec::len), Some(3), "only the first room is asked");
    assert_eq!(event["location"]["displayName"], "room7@contoso.com");
    let ticks = world.advance(minutes(1)).await;
    assert_eq!(ticks[0]["reports"]["follow-ups"]["looked"], 1, "{ticks:?}");
    let read = ana.get(&format!("/v1/interviews/{}", answer.str("/id"))).await;
    assert_eq!((read.str("/status"), read.str("/room/state")), ("scheduled", "accepted"), "{}", read.text);
    assert_eq!(read.header("etag"), Some("\"2\""));
    let n = world.journal().last();
    world.advance(minutes(60)).await;
    assert!(world.graph_since(n).is_empty());
}

#[tokio::test]
async fn a_room_that_declines_leaves_the_interview_scheduled() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch(
        "room-answer",
        json!({ "room": "room7@contoso.com", "answer": "declined", "after_seconds": 120 }),
    );
    let answer = with_rooms(&ana, &["room7@contoso.com"]).await;
    let path = format!("/v1/interviews/{}", answer.str("/id"));
    world.advance(minutes(1)).await;
    assert_eq!(ana.get(&path).await.str("/status"), "awaiting_room");
    world.advance(minutes(5)).await;
    let read = ana.get(&path).await;
    assert_eq!((read.str("/status"), read.str("/room/state")), ("scheduled", "declined"), "{}", read.text);
}

#[tokio::test]
async fn a_room_that_asks_a_delegate_is_awaited_until_he_decides() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "tentativelyAccepted" }));
    let path = format!("/v1/interviews/{}", with_room(&ana).await.str("/id"));
    world.advance(minutes(10)).await;
    assert_eq!(ana.get(&path).await.str("/room/state"), "pending");
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "accepted" }));
    world.advance(minutes(60)).await;
    assert_eq!(ana.get(&path).await.str("/room/state"), "accepted");
}

#[tokio::test]
async fn a_room_that_never_answers_is_unknown_once_the_interview_begins() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "never" }));
    let mut body = interview();
    (body["start"], body["end"]) = (json!("2026-11-24T12:00:00"), json!("2026-11-24T12:30:00"));
    body["rooms"] = json!(["room7@contoso.com"]);
    let answer = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    let path = format!("/v1/interviews/{}", answer.str("/id"));
    world.advance(minutes(120)).await;
    assert_eq!(ana.get(&path).await.str("/status"), "awaiting_room");
    world.advance(minutes(120)).await;
    let read = ana.get(&path).await;
    assert_eq!((read.str("/status"), read.str("/room/state")), ("scheduled", "unknown"), "{}", read.text);
}

#[tokio::test]
async fn a_room_is_asked_again_when_the_interview_moves() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = with_rooms(&ana, &["room7@contoso.com"]).await;
    world.advance(minutes(1)).await;
    let busy = json!({ "user": "room7@contoso.com", "start": "2026-12-02T12:00:00Z", "end": "2026-12-02T15:00:00Z" });
    world.switch("busy", busy);
    let path = format!("/v1/interviews/{}", made.str("/id"));
    let moved = ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &tomorrow()).await;
    assert_eq!(
        (moved.str("/status"), moved.str("/room/state")),
        ("awaiting_room", "pending"),
        "{}",
        moved.text
    );
    world.advance(minutes(2)).await;
    let read = ana.get(&path).await;
    assert_eq!((read.str("/status"), read.str("/room/state")), ("scheduled", "declined"), "{}", read.text);
}

#[tokio::test]
async fn another_room_takes_the_place_of_the_first_in_one_change() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = with_room(&ana).await;
    world.advance(minutes(1)).await;
    let path = format!("/v1/interviews/{}", made.str("/id"));
    let answer = ana.patch(&path, json!({ "rooms": ["room8@contoso.com"] })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["room"], json!({ "email": "room8@contoso.com", "state": "pending" }));
    let event = world.meeting("ana@contoso.com");
    assert_eq!(event["location"]["displayName"], "room8@contoso.com");
    assert_eq!(event["attendees"].as_array().map(Vec::len), Some(3));
    world.advance(minutes(2)).await;
    assert_eq!(ana.get(&path).await.str("/room/state"), "accepted");
    assert!(world.microsoft().events("room7@contoso.com").is_empty(), "the first room is free again");
    let none = ana.patch(&path, json!({ "rooms": [] })).await;
    assert_eq!((none.str("/status"), &none.json["room"]), ("scheduled", &json!(null)), "{}", none.text);
    assert_eq!(world.meeting("ana@contoso.com")["attendees"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_room_that_is_taken_away_while_it_is_awaited_is_awaited_no_longer() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "never" }));
    let path = format!("/v1/interviews/{}", with_room(&ana).await.str("/id"));
    let none = ana.patch(&path, json!({ "rooms": [] })).await;
    assert_eq!((none.str("/status"), &none.json["room"]), ("scheduled", &json!(null)), "{}", none.text);
    let n = world.journal().last();
    world.advance(minutes(30)).await;
    assert!(world.graph_since(n).is_empty());
}

#[tokio::test]
async fn an_event_that_is_removed_while_the_room_is_awaited_shows_as_gone() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "never" }));
    let made = with_room(&ana).await;
    world.switch(
        "delete-event",
        json!({ "user": "ana@contoso.com", "event_id": made.str("/outlook/event_id") }),
    );
    world.advance(minutes(2)).await;
    let read = ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await;
    assert_eq!((read.str("/status"), read.str("/outlook/state")), ("cancelled", "absent"), "{}", read.text);
}
