//! Who is free, which rooms there are, and interviews that ask before they write.

mod chunks;
mod codes;
mod failures;
mod recent;
mod rooms;
mod search;
mod size;
mod slot;
mod weeks;
mod window;

use serde_json::{Value, json};

use crate::world::{Answer, Person, World};

/// A world in which everything about calendars may be switched on.
async fn open_world() -> World {
    World::with_setting("FEATURES", "calendar,availability,rooms,rooms_directory,rooms_basic").await
}

/// The working day of 1 December in Paris, in slots of 45 minutes.
fn day(people: &[&str], rooms: &[&str]) -> Value {
    json!({
        "people": people, "rooms": rooms, "duration_minutes": 45, "step_minutes": 15, "time_zone": "Europe/Paris",
        "windows": [{ "start": "2026-12-01T09:00:00", "end": "2026-12-01T18:00:00" }],
    })
}

/// Searches; the answer must be a success.
async fn search(person: &Person<'_>, body: Value) -> Answer {
    let answer = person.post("/v1/availability", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer
}

/// Begins of the slots, as the clock shows them.
fn starts(answer: &Answer) -> Vec<&str> {
    let slots = answer.json["slots"].as_array().expect("slots").iter();
    slots.map(|slot| &slot["start"].as_str().expect("a start")[11..16]).collect()
}

/// Why the calendar of each address is not known; none if it is.
fn reasons(answer: &Answer) -> Vec<&str> {
    let all = answer.json["schedules"].as_array().expect("schedules").iter();
    all.map(|schedule| schedule["reason"].as_str().unwrap_or("known")).collect()
}

/// An appointment of somebody on 1 December, in UTC.
fn busy(world: &World, email: &str, from: &str, to: &str, show_as: &str) {
    let at = |time: &str| format!("2026-12-01T{time}:00Z");
    let body = json!({ "user": email, "start": at(from), "end": at(to), "show_as": show_as, "subject": "Salary of Dana" });
    world.switch("busy", body);
}

/// What Exchange says of a mailbox in place of its times.
fn unreadable(world: &World, address: &str, code: &str, message: &str) {
    world.switch("schedule-error", json!({ "address": address, "code": code, "message": message }));
}
