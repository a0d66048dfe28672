//! Rooms answer later, and by their own rules (microsoft.md E7).

use crate::world::{World, attendee};
use serde_json::{Value, json};

fn room_response(world: &World, user: &str, index: usize) -> Value {
    world.microsoft.events(user)[index]["attendees"].as_array().unwrap().last().unwrap()["status"]["response"]
        .clone()
}

#[tokio::test]
async fn a_free_room_accepts_after_a_while_and_a_taken_one_declines() {
    let world = World::new();
    let (ana, ben) = (world.access("ana@contoso.com"), world.access("ben@contoso.com"));
    let made = world.create(&ana, json!({})).await;
    world.create(&ben, json!({})).await;
    assert_eq!(room_response(&world, "ana@contoso.com", 0), "none");
    world.advance(5);
    let path = format!("/me/events/{}", made["id"].as_str().unwrap());
    let read = world.graph("GET", &path, &ana, None).await.json();
    assert_eq!(
        read["attendees"][1]["status"],
        json!({"response": "accepted", "time": "2026-11-24T09:00:05Z"})
    );
    assert_ne!(read["@odata.etag"], made["@odata.etag"]);
    assert_eq!(room_response(&world, "ben@contoso.com", 0), "declined");
    assert_eq!(world.microsoft.events("room7@contoso.com").len(), 1);
}

#[tokio::test]
async fn rooms_decline_far_and_long_bookings() {
    let world = World::new();
    let ana = world.access("ana@contoso.com");
    let at = |start: &str, end: &str| json!({"start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": end, "timeZone": "UTC"}});
    world.create(&ana, at("2026-12-01T10:00:00", "2026-12-02T10:01:00")).await;
    world.create(&ana, at("2027-06-01T10:00:00", "2027-06-01T11:00:00")).await;
    world.advance(5);
    assert_eq!(room_response(&world, "ana@contoso.com", 0), "declined");
    assert_eq!(room_response(&world, "ana@contoso.com", 1), "declined");
}

#[tokio::test]
async fn an_answer_can_be_forced_delayed_withheld_and_changed() {
    let world = World::new();
    let ana = world.access("ana@contoso.com");
    world.switch("room-answer", json!({"room": "room7@contoso.com", "answer": "never", "after_seconds": 60}));
    world.create(&ana, json!({})).await;
    world.advance(3600);
    assert_eq!(room_response(&world, "ana@contoso.com", 0), "none");
    world.switch("room-answer", json!({"room": "room7@contoso.com", "answer": "tentativelyAccepted"}));
    assert_eq!(room_response(&world, "ana@contoso.com", 0), "tentativelyAccepted");
    assert_eq!(world.microsoft.events("room7@contoso.com")[0]["showAs"], "tentative");
    world.switch("room-answer", json!({"room": "room7@contoso.com", "answer": "declined"}));
    assert_eq!(
        room_response(&world, "ana@contoso.com", 0),
        "tentativelyAccepted",
        "the delegate takes his time"
    );
    world.advance(60);
    assert_eq!(room_response(&world, "ana@contoso.com", 0), "declined");
    assert!(world.microsoft.events("room7@contoso.com").is_empty());
    world.switch("room-answer", json!({"room": "room7@contoso.com", "answer": null}));
}

#[tokio::test]
async fn a_room_that_is_only_a_place_is_not_booked() {
    let world = World::new();
    let ana = world.access("ana@contoso.com");
    let place = json!({"attendees": [attendee("carl@contoso.com", "required")],
        "location": {"displayName": "Room 7", "locationType": "conferenceRoom", "locationEmailAddress": "room7@contoso.com"}});
    let made = world.create(&ana, place).await;
    assert_eq!(made["location"]["locationType"], "default");
    assert_eq!(made["locations"].as_array().unwrap().len(), 1);
    world.advance(60);
    assert!(world.microsoft.events("room7@contoso.com").is_empty());
}

#[tokio::test]
async fn a_kept_room_judges_a_moved_meeting_again() {
    let world = World::new();
    let ana = world.access("ana@contoso.com");
    let made = world.create(&ana, json!({})).await;
    world.advance(5);
    world.switch(
        "busy",
        json!({"user": "room7@contoso.com", "start": "2026-12-02T10:00:00Z", "end": "2026-12-02T11:00:00Z"}),
    );
    let path = format!("/me/events/{}", made["id"].as_str().unwrap());
    let body = json!({"start": {"dateTime": "2026-12-02T10:30:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-12-02T11:30:00", "timeZone": "UTC"}});
    world.graph("PATCH", &path, &ana, Some(body)).await;
    assert_eq!(room_response(&world, "ana@contoso.com", 0), "none");
    world.advance(5);
    assert_eq!(room_response(&world, "ana@contoso.com", 0), "declined");
    assert_eq!(world.microsoft.events("room7@contoso.com").len(), 1, "only what somebody else booked");
}
