//! Slots, and what an answer says and does not say.

use serde_json::{Value, json};

use super::{busy, day, open_world, reasons, search, starts, unreadable};

#[tokio::test]
async fn of_a_panel_of_three_the_one_who_is_not_known_is_never_free() {
    let world = open_world().await;
    let ana = world.ana().await;
    busy(&world, "carl@contoso.com", "08:00", "11:30", "busy");
    unreadable(&world, "ben@contoso.com", "ErrorNoFreeBusyAccess", "");
    let panel = day(&["ben@contoso.com", "carl@contoso.com", "dora@contoso.com"], &[]);

    let all = search(&ana, panel.clone()).await;
    assert_eq!((starts(&all).len(), &all.json["complete"]), (0, &json!(false)), "{}", all.text);
    assert_eq!(reasons(&all), ["no_access", "known", "known"]);
    assert_eq!(all.json["schedules"][0]["busy"], json!([]));

    let mut two = panel.clone();
    two["need"] = json!({ "people": 2 });
    let two = search(&ana, two).await;
    assert_eq!(starts(&two)[..2], ["12:30", "12:45"], "{}", two.text);
    assert_eq!(starts(&two).last(), Some(&"16:15"), "working hours end at 17:00");
    let first = &two.json["slots"][0];
    assert_eq!(first["people"], json!(["carl@contoso.com", "dora@contoso.com"]));
    assert_eq!((&first["room"], &first["confidence"]), (&Value::Null, &json!(100)));
    assert_eq!(first["end"], "2026-12-01T13:15:00+01:00");

    let mut included = panel;
    included["policy"] = json!({ "unknown": "include" });
    let included = search(&ana, included).await;
    assert_eq!(included.json["slots"][0]["confidence"], 83, "two are free, of one nobody knows");
    assert_eq!(included.json["policy"]["unknown"], "include");
    assert_eq!(included.json["policy"]["tentative"], "busy", "the rest stays as usual");
}

#[tokio::test]
async fn any_one_room_will_do_and_the_first_free_one_is_chosen() {
    let world = open_world().await;
    let ana = world.ana().await;
    busy(&world, "room7@contoso.com", "08:00", "10:00", "busy");
    busy(&world, "room8@contoso.com", "09:30", "12:00", "busy");
    let found = search(&ana, day(&["carl@contoso.com"], &["room7@contoso.com", "room8@contoso.com"])).await;
    let rooms: Vec<(&str, &str)> = found.json["slots"]
        .as_array()
        .expect("slots")
        .iter()
        .map(|slot| {
            (&slot["start"].as_str().expect("a start")[11..16], slot["room"].as_str().expect("a room"))
        })
        .collect();
    assert_eq!(rooms[0], ("09:00", "room8@contoso.com"));
    assert_eq!(
        rooms[4],
        ("11:00", "room7@contoso.com"),
        "between 10:30 and 11:00 neither is free: {rooms:?}"
    );
    assert_eq!(found.json["schedules"][1]["kind"], "room");
    assert_eq!(found.json["schedules"][1]["working_hours"], Value::Null);
}

#[tokio::test]
async fn the_policy_says_what_is_neither_free_nor_busy() {
    let world = open_world().await;
    let ana = world.ana().await;
    busy(&world, "carl@contoso.com", "08:00", "10:00", "tentative");
    busy(&world, "carl@contoso.com", "10:00", "12:00", "workingElsewhere");
    busy(&world, "carl@contoso.com", "12:00", "14:00", "oof");
    let usual = search(&ana, day(&["carl@contoso.com"], &[])).await;
    assert_eq!(
        starts(&usual),
        [
            "11:00", "11:15", "11:30", "11:45", "12:00", "12:15", "15:00", "15:15", "15:30", "15:45",
            "16:00", "16:15"
        ]
    );
    let statuses: Vec<&str> = usual.json["schedules"][0]["busy"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|item| item["status"].as_str())
        .collect();
    assert_eq!(statuses, ["tentative", "working_elsewhere", "out_of_office"]);
    let mut other = day(&["carl@contoso.com"], &[]);
    other["policy"] =
        json!({ "tentative": "free", "working_elsewhere": "busy", "outside_working_hours": "include" });
    let other = search(&ana, other).await;
    assert_eq!(starts(&other)[..2], ["09:00", "09:15"]);
    assert_eq!(other.json["slots"][0]["confidence"], 75);
    assert_eq!(starts(&other).last(), Some(&"17:15"), "beyond working hours");
    assert!(!starts(&other).contains(&"11:00"), "working elsewhere counts as busy now");
}

#[tokio::test]
async fn buffers_are_kept_and_the_interview_that_moves_is_no_conflict() {
    let world = open_world().await;
    let ana = world.ana().await;
    // 10:00 to 10:45 in Paris.
    let made = ana.schedule("key-of-one-request").await;
    assert_eq!(made.status, 201, "{}", made.text);
    busy(&world, "carl@contoso.com", "13:00", "14:00", "busy");
    let mut asked = day(&["carl@contoso.com"], &[]);
    asked["buffers"] = json!({ "before_minutes": 10, "after_minutes": 20 });
    let around = search(&ana, asked.clone()).await;
    assert_eq!(starts(&around)[..3], ["11:00", "11:15", "11:30"], "{}", around.text);
    let (last, next) = (starts(&around).iter().filter(|s| **s < "13:30").max().copied(), starts(&around));
    assert_eq!(last, Some("12:45"), "ends 13:30, and twenty minutes are left: 13:45 would be too late");
    assert!(next.contains(&"15:15") && !next.contains(&"15:00"), "ten minutes before: {next:?}");
    asked["rescheduling"] = json!(made.str("/id"));
    let moved = search(&ana, asked.clone()).await;
    assert_eq!(starts(&moved)[..2], ["09:00", "09:15"]);
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    let claims =
        json!({ "sub": "u-ben", "customer_id": "acme", "email": "ben@contoso.com", "scope": "availability" });
    let stranger = world.person_with(claims).await;
    assert_eq!(stranger.post("/v1/availability", asked).await.problem(), (404, "not-found"));
}

#[tokio::test]
async fn nothing_says_what_anybody_is_busy_with() {
    let world = open_world().await;
    let ana = world.ana().await;
    let log = crate::logs::begin();
    // Her own subject is shown to her by Graph.
    busy(&world, "ana@contoso.com", "09:00", "10:00", "busy");
    let found = search(&ana, day(&["ana@contoso.com", "carl@contoso.com"], &[])).await;
    assert_eq!(found.json["schedules"][0]["busy"].as_array().map(Vec::len), Some(1), "{}", found.text);
    assert!(!found.text.contains("Salary") && !world.is_stored("Salary of Dana"));
    let log = String::from_utf8_lossy(&crate::logs::since(log)).into_owned();
    assert!(log.contains("getSchedule") && !log.contains("Salary") && !log.contains("@contoso.com"));
}

#[tokio::test]
async fn calls_are_as_few_as_microsoft_allows_and_never_more_than_three_at_a_time() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people: Vec<String> = (0..45).map(|n| format!("p{n:02}@contoso.com")).collect();
    for email in &people {
        world.microsoft().add_user(email, "Some Body");
    }
    world.microsoft().options(|options| options.mailbox_concurrency = Some(3));
    world.fault(json!({ "service": "graph", "kind": { "latency": { "ms": 30 } }, "times": 0 }));
    let names: Vec<&str> = people.iter().map(String::as_str).collect();
    let n = world.journal().last();
    let found = search(&ana, day(&names, &[])).await;
    assert_eq!(world.graph_since(n), vec!["POST /me/calendar/getSchedule"; 3]);
    assert_eq!(found.json["complete"], true, "{}", found.text);
    assert_eq!(found.json["slots"][0]["people"].as_array().map(Vec::len), Some(45));

    // 100 days are two windows of less than 62, for each twenty.
    let mut long = day(&names, &[]);
    long["windows"] = json!([{ "start": "2026-12-01T00:00:00Z", "end": "2027-03-11T00:00:00Z" }]);
    long["step_minutes"] = json!(60);
    let n = world.journal().last();
    busy(&world, "p07@contoso.com", "08:00", "09:00", "busy");
    let found = search(&ana, long).await;
    assert_eq!(world.graph_since(n).len(), 6);
    assert_eq!(found.json["complete"], true, "{}", found.text);
    assert_eq!(starts(&found)[..2], ["08:00", "10:00"], "p07 is busy from 09:00");
    let last = found.json["slots"].as_array().and_then(|slots| slots.last()).expect("slots").clone();
    assert_eq!(last["start"], "2027-03-10T16:00:00+01:00", "the second call counts as well");
}
