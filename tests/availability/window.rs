//! What Exchange judges against another value of the same request: the interval of the view against the window.

use serde_json::{Value, json};

use super::{busy, day, open_world, reasons, search, starts};
use crate::world::interview;

fn within(from: &str, to: &str) -> Value {
    json!({ "people": ["carl@contoso.com"], "duration_minutes": 30, "step_minutes": 15, "time_zone": "Europe/Paris",
        "windows": [{ "start": from, "end": to }], "policy": { "outside_working_hours": "include" } })
}

#[tokio::test]
async fn a_search_of_a_day_is_answered_by_exchange() {
    let world = open_world().await;
    let ana = world.ana().await;
    busy(&world, "carl@contoso.com", "08:00", "11:00", "busy");
    let found = search(&ana, day(&["carl@contoso.com"], &["room7@contoso.com"])).await;
    assert_eq!((reasons(&found), &found.json["complete"]), (vec!["known", "known"], &json!(true)));
    assert_eq!(starts(&found)[0], "12:00");
    assert_eq!(found.json["incomplete"], json!([]));
}

#[tokio::test]
async fn a_check_of_45_minutes_is_answered_by_exchange() {
    let world = open_world().await;
    let ana = world.ana().await;
    let mut body = interview();
    body["require_free"] = json!(true);
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    busy(&world, "carl@contoso.com", "12:00", "12:50", "busy");
    body["start"] = json!("2026-12-01T13:15:00");
    body["end"] = json!("2026-12-01T14:00:00");
    let taken = ana.post_as("key-of-another", "/v1/interviews", &body).await;
    assert_eq!(taken.problem(), (409, "slot-taken"), "{}", taken.text);
}

#[tokio::test]
async fn a_day_of_23_hours_and_one_of_25_are_answered_by_exchange() {
    let world = open_world().await;
    let ana = world.ana().await;
    for (date, next, slots) in [("2027-03-28", "2027-03-29", 91), ("2027-10-31", "2027-11-01", 99)] {
        let found = search(&ana, within(&format!("{date}T00:00:00"), &format!("{next}T00:00:00"))).await;
        assert_eq!((reasons(&found), starts(&found).len()), (vec!["known"], slots), "{date}");
    }
}

#[tokio::test]
async fn a_search_of_61_days_and_3_hours_is_answered_by_exchange() {
    let world = open_world().await;
    let ana = world.ana().await;
    let n = world.journal().last();
    let mut asked = within("2026-12-01T00:00:00", "2027-01-31T03:00:00");
    asked["step_minutes"] = json!(1440);
    let found = search(&ana, asked).await;
    assert_eq!(reasons(&found), ["known"], "{}", found.text);
    assert_eq!(found.json["slots"].as_array().map(Vec::len), Some(62));
    assert_eq!(world.graph_since(n).len(), 2);
}

#[tokio::test]
async fn windows_under_five_minutes_are_widened_and_the_answer_is_cut_again() {
    let world = open_world().await;
    let ana = world.ana().await;
    // 09:00 to 09:03 and 09:04 to 09:05 in UTC: nothing between them.
    busy(&world, "carl@contoso.com", "09:00", "09:01", "busy");
    busy(&world, "carl@contoso.com", "09:04", "09:05", "busy");
    for (from, to) in [("10:01:00", "10:04:00"), ("10:02:00", "10:02:01"), ("10:01:30", "10:03:30")] {
        let found = search(&ana, within(&format!("2026-12-01T{from}"), &format!("2026-12-01T{to}"))).await;
        assert_eq!(reasons(&found), ["known"], "{from}");
        assert_eq!(found.json["schedules"][0]["busy"], json!([]), "{from}");
    }
    let mut body = interview();
    body["require_free"] = json!(true);
    body["start"] = json!("2026-12-01T10:01:00");
    body["end"] = json!("2026-12-01T10:04:00");
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(made.status, 201, "between two appointments: {}", made.text);
}

/// The first look after connecting asks for the working hours alone, by the same rule.
#[tokio::test]
async fn the_own_time_zone_is_asked_for_with_an_interval_that_fits() {
    let world = open_world().await;
    let ana = world.ana().await;
    world.advance(crate::world::minutes(3)).await;
    assert_eq!(ana.connection().await["time_zone"], "Europe/Paris");
}
