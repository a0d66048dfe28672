//! Free/busy times are up to minutes old: our own interviews are laid over them.

use serde_json::{Value, json};

use super::{busy, day, open_world, search, starts};
use crate::world::{World, interview, minutes};

fn checked() -> Value {
    let mut body = interview();
    body["require_free"] = json!(true);
    body
}

fn moved(from: &str, to: &str) -> Value {
    json!({ "start": format!("2026-12-01T{from}:00"), "end": format!("2026-12-01T{to}:00"), "time_zone": "Europe/Paris",
        "require_free": true })
}

/// Exchange shows changes so many minutes late.
fn lag(world: &World, minutes: i64) {
    world.switch("options", json!({ "free_busy_lag_minutes": minutes }));
}

/// Carl's times that are not free.
async fn carls(person: &crate::world::Person<'_>) -> Vec<(String, String)> {
    let found = search(person, day(&["carl@contoso.com"], &[])).await;
    let items = found.json["schedules"][0]["busy"].as_array().expect("items").clone();
    let one = |item: &Value| {
        (
            item["start"].as_str().expect("a start")[11..16].to_owned(),
            item["status"].as_str().expect("a word").to_owned(),
        )
    };
    items.iter().map(one).collect()
}

fn at(time: &str, status: &str) -> (String, String) {
    (time.to_owned(), status.to_owned())
}

#[tokio::test]
async fn nobody_is_offered_or_booked_for_the_hour_that_was_just_booked() {
    for minutes_late in [0, 10] {
        let world = open_world().await;
        let ana = world.ana().await;
        let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
        assert_eq!(ben.connect().await, "connected");
        lag(&world, minutes_late);
        let mut body = checked();
        body["rooms"] = json!(["room7@contoso.com"]);
        let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
        assert_eq!(made.status, 201, "{}", made.text);
        // 10:00 to 10:45 in Paris, for another recruiter of the same company as well.
        for person in [&ana, &ben] {
            let all = day(&["carl@contoso.com"], &["room7@contoso.com"]);
            assert_eq!(
                starts(&search(person, all).await)[..3],
                ["09:00", "09:15", "10:45"],
                "{minutes_late}"
            );
        }
        let mut bens = checked();
        bens["start"] = json!("2026-12-01T10:15:00");
        bens["end"] = json!("2026-12-01T11:00:00");
        let refused = ben.post_as("key-of-ben-1", "/v1/interviews", &bens).await;
        assert_eq!(refused.problem(), (409, "slot-taken"), "{minutes_late}: {}", refused.text);
        assert_eq!(refused.str("/errors/0/message"), "carl@contoso.com is tentatively booked");
        // The room alone, with a person who is free.
        bens["interviewers"] = json!([{ "email": "dora@contoso.com" }]);
        bens["rooms"] = json!(["room7@contoso.com"]);
        let refused = ben.post_as("key-of-ben-2", "/v1/interviews", &bens).await;
        assert_eq!(refused.problem(), (409, "slot-taken"), "{minutes_late}: {}", refused.text);
        assert!(world.meetings("ben@contoso.com").is_empty());
    }
}

#[tokio::test]
async fn another_companys_interviews_are_laid_over_nothing() {
    let world = open_world().await;
    let ana = world.ana().await;
    lag(&world, 10);
    assert_eq!(ana.schedule("key-of-one-request").await.status, 201);
    let other = world.person("u-ben", "other", "ben@contoso.com").await;
    assert_eq!(other.connect().await, "connected");
    assert_eq!(carls(&other).await, [], "Exchange does not show it yet, and it is not theirs");
    assert_eq!(carls(&ana).await, [at("10:00", "tentative")]);
}

#[tokio::test]
async fn an_interview_is_laid_over_until_exchange_must_show_it() {
    let world = open_world().await;
    let ana = world.ana().await;
    lag(&world, 14);
    assert_eq!(ana.schedule("key-of-one-request").await.status, 201);
    world.advance(minutes(13)).await;
    assert_eq!(carls(&ana).await, [at("10:00", "tentative")], "laid over");
    world.advance(minutes(3)).await;
    assert_eq!(carls(&ana).await, [at("10:00", "tentative")], "shown by Exchange");
    // Moved by hand since then: what was laid over for minutes is not kept for ever.
    lag(&world, 0);
    let id = world.meeting("ana@contoso.com")["id"].as_str().expect("an id").to_owned();
    world.edit_in_outlook(
        "ana@contoso.com",
        &id,
        json!({
        "start": { "dateTime": "2026-12-01T14:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-12-01T14:45:00", "timeZone": "UTC" } }),
    );
    assert_eq!(carls(&ana).await, [at("15:00", "tentative")]);
}

#[tokio::test]
async fn a_move_counts_at_once_and_where_it_stood_nothing_is_known() {
    let world = open_world().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    world.advance(minutes(20)).await;
    lag(&world, 10);
    let path = format!("/v1/interviews/{}/reschedule", made.str("/id"));
    let answer = ana.post_as("key-of-first-move", &path, &moved("14:00", "14:45")).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(carls(&ana).await, [at("10:00", "unknown"), at("14:00", "tentative")]);
    // Neither hour is given to another interview.
    for (key, from, to, code) in [
        ("key-of-new", "14:15", "15:00", "slot-taken"),
        ("key-of-old", "10:15", "11:00", "availability-unknown"),
    ] {
        let mut body = checked();
        body["start"] = json!(format!("2026-12-01T{from}:00"));
        body["end"] = json!(format!("2026-12-01T{to}:00"));
        let refused = ana.post_as(key, "/v1/interviews", &body).await;
        assert_eq!(refused.problem(), (409, code), "{from}: {}", refused.text);
    }
    // Once Exchange shows the move, the old hour is free.
    lag(&world, 0);
    assert_eq!(carls(&ana).await, [at("14:00", "tentative")]);
}

#[tokio::test]
async fn where_an_interview_was_cancelled_another_appointment_is_never_free() {
    let world = open_world().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    world.advance(minutes(20)).await;
    lag(&world, 10);
    let path = format!("/v1/interviews/{}/cancel", made.str("/id"));
    assert_eq!(ana.post_as("key-of-cancel", &path, &json!({})).await.status, 200);
    assert_eq!(carls(&ana).await, [at("10:00", "unknown")], "Exchange shows it still");
    lag(&world, 0);
    assert_eq!(carls(&ana).await, [], "Exchange shows that it is gone: the hour is free at once");
    // The same hour, taken by another appointment: an item without a name is no proof that it is ours.
    busy(&world, "carl@contoso.com", "09:00", "09:45", "busy");
    let refused = ana.post_as("key-of-another", "/v1/interviews", &checked()).await;
    assert_eq!(refused.problem(), (409, "availability-unknown"), "{}", refused.text);
    assert!(world.meetings("ana@contoso.com").iter().all(|event| event["isCancelled"] == true));
    world.advance(minutes(16)).await;
    assert_eq!(carls(&ana).await, [at("10:00", "busy")]);
}

#[tokio::test]
async fn an_interview_that_is_made_in_the_place_of_a_cancelled_one_is_there() {
    let world = open_world().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    world.advance(minutes(20)).await;
    lag(&world, 10);
    let path = format!("/v1/interviews/{}/cancel", made.str("/id"));
    assert_eq!(ana.post_as("key-of-cancel", &path, &json!({})).await.status, 200);
    assert_eq!(ana.schedule("key-of-another").await.status, 201);
    assert!(carls(&ana).await.contains(&at("10:00", "tentative")), "not only unknown: taken");
}

#[tokio::test]
async fn the_interview_that_moves_is_taken_out_where_outlook_shows_it_now() {
    for cut_off in [false, true] {
        moved_by_hand(cut_off).await;
    }
}

async fn moved_by_hand(cut_off: bool) {
    let world = open_world().await;
    world.microsoft().options(|options| options.items_cut_off = cut_off);
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    world.advance(minutes(20)).await;
    // Moved by hand to 14:00 in Paris; and the old hour was taken.
    let id = made.str("/outlook/event_id").to_owned();
    world.edit_in_outlook(
        "ana@contoso.com",
        &id,
        json!({
        "start": { "dateTime": "2026-12-01T13:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-12-01T13:45:00", "timeZone": "UTC" } }),
    );
    busy(&world, "carl@contoso.com", "09:00", "09:45", "busy");
    let mut asked = day(&["carl@contoso.com"], &[]);
    asked["rescheduling"] = json!(made.str("/id"));
    let n = world.journal().last();
    let found = search(&ana, asked.clone()).await;
    assert_eq!(found.json["rescheduling"]["state"], "present");
    assert_eq!(found.str("/rescheduling/start"), "2026-12-01T14:00:00+01:00");
    let free = starts(&found);
    assert!(free.contains(&"14:00") && free.contains(&"13:45"), "its own time is free: {free:?}");
    assert!(!free.contains(&"10:00"), "the time that is stored is another appointment's: {free:?}");
    assert_eq!(world.graph_since(n).len(), 2, "calendars, and the event");
    let path = format!("/v1/interviews/{}/reschedule", made.str("/id"));
    let refused = ana.post_as("key-of-first-move", &path, &moved("10:15", "11:00")).await;
    assert_eq!(refused.problem(), (409, "slot-taken"), "{}", refused.text);
    let answer = ana.post_as("key-of-second-move", &path, &moved("14:15", "15:00")).await;
    assert_eq!(answer.status, 200, "it overlaps with nothing but itself: {}", answer.text);
    // Outlook cannot be asked: its own time counts as taken, and the answer says so.
    world.fault(json!({ "service": "graph", "operation": "GET /me/events/{id}", "kind": { "status": { "status": 500 } },
        "times": 0 }));
    let found = search(&ana, asked).await;
    assert_eq!(found.json["rescheduling"], json!({ "state": "unknown", "start": null, "end": null }));
    assert_eq!(found.json["incomplete"], json!(["rescheduling_unknown"]));
    assert!(!starts(&found).contains(&"14:15"));
}

#[tokio::test]
async fn an_interview_of_the_scheduling_user_is_looked_for_in_that_mailbox() {
    let world = open_world().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let ana = world.ana().await;
    let setting = json!({ "scheduling_user": { "user": "u-ben", "allowed_users": ["u-ana"] } });
    assert_eq!(ana.patch("/v1/customer", setting).await.status, 200);
    let mut body = interview();
    body["organize_as"] = json!("scheduling_user");
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let mut asked = day(&["carl@contoso.com"], &[]);
    asked["rescheduling"] = json!(made.str("/id"));
    let found = search(&ana, asked.clone()).await;
    assert_eq!(found.json["rescheduling"]["state"], "present", "{}", found.text);
    assert_eq!(starts(&found)[..2], ["09:00", "09:15"]);
    assert_eq!(ben.delete("/v1/connection").await.status, 204);
    let found = search(&ana, asked).await;
    assert_eq!(found.json["rescheduling"]["state"], "unknown", "{}", found.text);
}
