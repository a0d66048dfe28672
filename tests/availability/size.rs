//! Lambda refuses answers over 6 MB: what does not fit is left out, and the answer says so.

use serde_json::{Value, json};

use super::{open_world, search};

/// Bytes of an answer as Lambda hands it over: a string within JSON.
fn handed_over(text: &str) -> usize {
    json!({ "statusCode": 200, "headers": {}, "body": text, "isBase64Encoded": false }).to_string().len()
}

const MOST: usize = 6 * 1024 * 1024;

#[tokio::test]
async fn a_hundred_people_over_half_a_year_fit_into_an_answer() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people: Vec<String> = (0..100).map(|n| format!("somebody.with.a.name.{n:03}@contoso.com")).collect();
    for email in &people {
        world.microsoft().add_user(email, "Some Body");
    }
    world.microsoft().options(|options| options.crowded_calendars = Some(4));
    let asked = json!({ "people": people, "duration_minutes": 30, "step_minutes": 5,
        "policy": { "outside_working_hours": "include" },
        "windows": [{ "start": "2026-12-01T00:00:00Z", "end": "2027-05-30T00:00:00Z" }] });
    let found = search(&ana, asked).await;
    assert!(handed_over(&found.text) < MOST, "{} bytes", handed_over(&found.text));
    assert_eq!(found.json["complete"], false);
    assert_eq!(found.json["incomplete"], json!(["slots_truncated", "busy_truncated"]));
    let schedules = found.json["schedules"].as_array().expect("schedules");
    for schedule in schedules {
        let busy = schedule["busy"].as_array().expect("items");
        let until = schedule["busy_truncated_at"].as_str().expect("a time");
        assert_eq!(busy.len(), 200, "the same for everybody");
        assert!(busy.iter().all(|item| item["start"].as_str().is_some_and(|start| start < until)), "{until}");
    }
    // Slots are found from all of it: until 03:30 everybody is busy in the first half of each hour.
    let slots = found.json["slots"].as_array().expect("slots");
    let starts: Vec<&str> =
        slots.iter().map(|slot| &slot["start"].as_str().expect("a start")[11..16]).collect();
    assert!(
        !starts.is_empty() && starts.iter().all(|start| *start >= "03:30" || start.ends_with(":30")),
        "{starts:?}"
    );
}

#[tokio::test]
async fn what_fits_is_whole() {
    let world = open_world().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| options.crowded_calendars = Some(12));
    let asked = json!({ "people": ["carl@contoso.com"], "duration_minutes": 30, "step_minutes": 60,
        "windows": [{ "start": "2026-12-01T00:00:00Z", "end": "2026-12-11T00:00:00Z" }] });
    let found = search(&ana, asked).await;
    assert_eq!((&found.json["complete"], &found.json["incomplete"]), (&json!(true), &json!([])));
    let schedule = &found.json["schedules"][0];
    assert_eq!(schedule["busy"].as_array().map(Vec::len), Some(120));
    assert_eq!(schedule["busy_truncated_at"], Value::Null);
}
