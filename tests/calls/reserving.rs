//! What rooms, reservations, the scheduling user and the search for times cost.

use serde_json::{Value, json};

use super::Cost;
use crate::world::{Answer, Person, World, interview, minutes};

const ROOM7: &str = "room7@contoso.com";
const FEATURES: &str = "calendar,availability,rooms";

fn with(more: &Value) -> Value {
    let mut body = interview();
    let all = body.as_object_mut().expect("an object");
    all.extend(more.as_object().expect("an object").clone());
    body
}

/// Schedules this on another day each time, so that nothing stands in the way of the next.
async fn schedule(person: &Person<'_>, day: u32, more: &Value) -> (Cost, Answer) {
    let mut body = with(more);
    body["start"] = json!(format!("2026-12-{day:02}T10:00:00"));
    body["end"] = json!(format!("2026-12-{day:02}T10:45:00"));
    person.world.cost(person.post_as(&format!("key-of-day-{day}"), "/v1/interviews", &body)).await
}

#[tokio::test]
async fn reserving_costs_what_the_table_says() {
    let (world, mut table) = (World::with_setting("FEATURES", FEATURES).await, Vec::new());
    let ana = world.ana().await;
    let (_, warm) = schedule(&ana, 1, &json!({})).await;
    assert_eq!(warm.status, 201, "{}", warm.text);
    // A hold stays open: interview and claim are written each for itself.
    for (day, row, more, status, calls, depth) in [
        (2, "create with a room", json!({ "rooms": [ROOM7] }), 201, 4, 3),
        (3, "create with `require_free`", json!({ "rooms": [ROOM7], "require_free": true }), 201, 7, 5),
        (4, "create with `hold_room`", json!({ "rooms": [ROOM7], "hold_room": true }), 202, 5, 4),
    ] {
        let (cost, answer) = schedule(&ana, day, &more).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        table.push(cost.is(row, calls, depth));
    }
    // Beside the calendars, Outlook is asked where the interview stands, and the store for our own of the last minutes.
    let path = format!("/v1/interviews/{}/reschedule", warm.str("/id"));
    for (day, require_free, calls, depth) in [(7, false, 4, 3), (8, true, 8, 5)] {
        let body = json!({ "start": format!("2026-12-{day:02}T10:00:00"), "end": format!("2026-12-{day:02}T10:45:00"),
            "time_zone": "Europe/Paris", "require_free": require_free });
        let (cost, answer) = world.cost(ana.post_as(&format!("key-of-move-{day}"), &path, &body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        table.push(cost.is(&format!("reschedule, `require_free` {require_free}"), calls, depth));
    }
    println!("{}", table.join("\n"));
}

#[tokio::test]
async fn a_calendar_of_our_own_costs_its_making_once_and_a_look_each_time() {
    let (world, mut table) = (World::start().await, Vec::new());
    let ana = world.ana().await;
    assert_eq!(ana.patch("/v1/customer", json!({ "calendar": "scheduler" })).await.status, 200);
    assert_eq!(schedule(&ana, 1, &json!({})).await.1.status, 201);
    for (day, row, calls, depth) in [
        (2, "create in the scheduler calendar, the first time", 7, 6),
        (3, "create in the scheduler calendar", 5, 4),
    ] {
        let (cost, answer) = schedule(&ana, day, &json!({ "rooms": [ROOM7] })).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        table.push(cost.is(row, calls, depth));
    }
    println!("{}", table.join("\n"));
}

#[tokio::test]
async fn organising_through_another_costs_a_read_and_a_note_more() {
    let (world, mut table) = (World::start().await, Vec::new());
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let ana = world.ana().await;
    let setting = json!({ "scheduling_user": { "user": "u-ben", "allowed_users": ["u-ana"] } });
    assert_eq!(ana.patch("/v1/customer", setting).await.status, 200);
    assert_eq!(schedule(&ana, 1, &json!({})).await.1.status, 201);
    // His connection is read, and his name is noted in the claim before anything is written in his calendar.
    let (cost, answer) = schedule(&ana, 2, &json!({ "organize_as": "scheduling_user" })).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    table.push(cost.is("create through the scheduling user", 6, 5));
    println!("{}", table.join("\n"));
}

#[tokio::test]
async fn searching_costs_one_read_one_question_for_twenty_addresses_and_its_record() {
    let (world, mut table) = (World::with_setting("FEATURES", FEATURES).await, Vec::new());
    let ana = world.ana().await;
    world.pass_time(minutes(1));
    for (row, people, calls, depth) in [
        // One of them asks for our own interviews of the last minutes, beside the question to Exchange.
        ("availability of 3, key not in memory", 3, 5, 4),
        ("availability of 3", 3, 4, 3),
        ("availability of 20", 20, 4, 3),
        ("availability of 50", 50, 6, 3),
    ] {
        let people: Vec<String> = (0..people).map(|n| format!("p{n}@contoso.com")).collect();
        let body = json!({
            "people": people, "duration_minutes": 45, "step_minutes": 15, "time_zone": "Europe/Paris",
            "windows": [{ "start": "2026-12-01T09:00:00", "end": "2026-12-01T18:00:00" }],
        });
        let (cost, answer) = world.cost(ana.post("/v1/availability", body)).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        table.push(cost.is(row, calls, depth));
    }
    println!("{}", table.join("\n"));
}
