//! Weeks in which a clock is put on or back: working hours are what the wall clock shows.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::{open_world, search};

#[tokio::test]
async fn working_hours_follow_the_clock_through_its_change() {
    let world = open_world().await;
    let ana = world.ana().await;
    for (windows, iana, monday) in [
        (Some("Romance Standard Time"), "Europe/Paris", "2027-03-22"),
        (Some("Eastern Standard Time"), "America/New_York", "2027-03-08"),
        (Some("E. South America Standard Time"), "America/Sao_Paulo", "2027-03-22"),
        (Some("Lord Howe Standard Time"), "Australia/Lord_Howe", "2027-03-29"),
        (Some("Nepal Standard Time"), "Asia/Kathmandu", "2027-03-22"),
        // A zone that has rules and no name; they are those of Madrid.
        (None, "Europe/Madrid", "2027-03-22"),
    ] {
        world.switch("zone", json!({ "user": "carl@contoso.com", "zone": windows }));
        let wall = TimeZone::get(iana).expect("a zone");
        let begin: Timestamp = format!("{monday}T00:00:00Z").parse().expect("a time");
        // Two weeks: the change lies between them.
        let end = begin + SignedDuration::from_hours(14 * 24);
        let answer = search(
            &ana,
            json!({ "people": ["carl@contoso.com"], "duration_minutes": 30, "step_minutes": 15,
                "windows": [{ "start": begin.to_string(), "end": end.to_string() }] }),
        )
        .await;
        let found: Vec<Timestamp> = answer.json["slots"]
            .as_array()
            .expect("slots")
            .iter()
            .map(|slot| slot["start"].as_str().expect("a start").parse().expect("a time"))
            .collect();
        let works = |at: Timestamp| {
            let local = wall.to_datetime(at);
            local.date().weekday().to_monday_zero_offset() < 5 && (8..17).contains(&local.hour())
        };
        let quarter = SignedDuration::from_mins(15);
        let all = std::iter::successors(Some(begin), |at| Some(*at + quarter))
            .take_while(|at| *at + quarter * 2 <= end);
        let wanted: Vec<Timestamp> = all.filter(|at| works(*at) && works(*at + quarter)).collect();
        assert_eq!(found, wanted, "{iana}");
        let offsets = |at: Timestamp| wall.to_offset(at);
        let changes = ["America/Sao_Paulo", "Asia/Kathmandu"].contains(&iana);
        assert_eq!(
            offsets(begin) == offsets(end),
            changes,
            "{iana}: a week with a change, or a place without"
        );
        let hours = &answer.json["schedules"][0]["working_hours"];
        assert_eq!(hours["time_zone"].as_str(), windows.map(|_| iana), "{hours}");
        assert_eq!((&hours["start"], &hours["end"]), (&json!("08:00"), &json!("17:00")));
    }
}

#[tokio::test]
async fn a_local_time_that_is_not_one_instant_is_refused_in_a_window() {
    let world = open_world().await;
    let ana = world.ana().await;
    let asked = json!({ "people": ["carl@contoso.com"], "duration_minutes": 30, "time_zone": "Europe/Paris",
        "windows": [{ "start": "2027-03-28T02:30:00", "end": "2027-03-28T12:00:00" }] });
    let refused = ana.post("/v1/availability", asked).await;
    assert_eq!(refused.problem(), (422, "ambiguous-local-time"));
    assert_eq!(refused.str("/errors/0/pointer"), "/windows/0/start");
}
