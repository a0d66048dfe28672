//! The same for searches of free time.

use availability::request::parse;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{any_value, is_told};

/// Values that mean something in one of the fields.
const TELLING: [&str; 14] = [
    "[\"ana@contoso.com\"]",
    "[\"ana@contoso.com\",\"ANA@contoso.com\"]",
    "[\"room7@contoso.com\"]",
    "[\"nobody\"]",
    "[]",
    "30",
    "1441",
    "{\"people\":1,\"rooms\":1}",
    "{\"people\":9}",
    "{\"before_minutes\":10,\"after_minutes\":240}",
    "{\"tentative\":\"free\",\"unknown\":\"include\"}",
    "{\"tentative\":\"maybe\"}",
    "[{\"start\":\"2026-12-01T09:00:00+01:00\",\"end\":\"2026-12-01T18:00:00+01:00\"}]",
    "[{\"start\":\"2026-12-01T18:00:00Z\",\"end\":\"2026-12-01T09:00:00Z\"}]",
];

const FIELDS: [&str; 10] = [
    "people",
    "rooms",
    "duration_minutes",
    "step_minutes",
    "windows",
    "time_zone",
    "need",
    "buffers",
    "rescheduling",
    "policy",
];

fn any_search() -> impl Strategy<Value = Vec<u8>> {
    let name =
        prop_oneof![12 => prop::sample::select(&FIELDS[..]).prop_map(str::to_owned), 1 => "[a-z~/]{0,6}"];
    let value = prop_oneof![
        1 => any_value(),
        3 => prop::sample::select(&TELLING[..]).prop_map(|text| serde_json::from_str(text).expect("JSON")),
    ];
    prop::collection::vec((name, value), 0..10)
        .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()).to_string().into_bytes())
}

/// Windows by the second from which each begins, and its length; in any order, some of them on top of each other.
fn windows() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((0..300 * 86_400_i64, 1..86_400_i64), 1..12)
}

fn at(second: i64) -> Timestamp {
    "2026-12-01T00:00:00Z".parse::<Timestamp>().expect("a time") + SignedDuration::from_secs(second)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_search_breaks_its_reader(body in any_search()) {
        match parse(&body) {
            Err(problem) => is_told(&problem)?,
            Ok(wanted) => {
                prop_assert!(!wanted.windows.is_empty());
                prop_assert!(!wanted.people.is_empty() || !wanted.rooms.is_empty());
                prop_assert!(wanted.need <= wanted.people.len() && !(wanted.needs_room && wanted.rooms.is_empty()));
                prop_assert!(wanted.duration >= 5 * 60 && wanted.step >= 5 * 60);
            }
        }
    }

    #[test]
    fn a_sound_search_is_taken_as_it_was_meant(
        (people, rooms, need) in (1..60_usize, 0..30_usize, 0..60_usize),
        (duration, step, before) in (5..=1440_i64, 5..=1440_i64, 0..=240_i64),
        windows in windows(),
    ) {
        let people: Vec<String> = (0..people).map(|n| format!("p{n}@contoso.com")).collect();
        let rooms: Vec<String> = (0..rooms).map(|n| format!("r{n}@contoso.com")).collect();
        let need = need.min(people.len());
        let asked: Vec<Value> = windows.iter()
            .map(|(from, long)| json!({ "start": at(*from).to_string(), "end": at(from + long).to_string() }))
            .collect();
        let body = json!({ "people": people, "rooms": rooms, "duration_minutes": duration, "step_minutes": step,
            "windows": asked, "need": { "people": need }, "buffers": { "before_minutes": before } });
        let wanted = parse(body.to_string().as_bytes()).expect("it is sound");
        prop_assert_eq!((wanted.people.len(), wanted.rooms.len()), (people.len(), rooms.len()));
        prop_assert_eq!((wanted.need, wanted.needs_room), (need, !rooms.is_empty()));
        prop_assert_eq!((wanted.duration, wanted.step, wanted.buffers), (duration * 60, step * 60, (before * 60, 0)));
        // Nothing that was asked for is left out, nothing is added, and what is left does not touch.
        let found: Vec<(i64, i64)> = wanted.windows.iter().collect();
        let origin = at(0).as_second();
        for (from, long) in &windows {
            let inside = |(start, end): &(i64, i64)| *start <= origin + from && origin + from + long <= *end;
            prop_assert!(found.iter().any(inside), "{:?}", found);
        }
        for (start, end) in &found {
            prop_assert!(windows.iter().any(|(from, _)| origin + from == *start));
            prop_assert!(windows.iter().any(|(from, long)| origin + from + long == *end));
        }
        prop_assert!(found.windows(2).all(|pair| pair[0].1 < pair[1].0), "{:?}", found);
    }
}
