//! What holds for every body that a client can send: it is taken as it was meant, or all its faults are told at once.

mod links;
mod searches;

use std::collections::BTreeSet;

use connections::settings;
use interviews::request::{self, New};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use shared::domain::claim::Command;
use shared::domain::customer::Customer;
use shared::problem::{Code, Problem};

/// A value of any kind, not deep.
fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "Europe/Paris",
            "2026-03-29T02:30:00",
            "2026-12-01T10:00:00",
            "2026-12-01T10:00:00+01:00",
            "teams",
            "ana@contoso.com",
            "<p>x</p>",
            "<script>",
            "-9999-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_name(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_name() -> impl Strategy<Value = String> {
    let known = [
        "title",
        "body_html",
        "start",
        "end",
        "time_zone",
        "candidates",
        "interviewers",
        "rooms",
        "online_meeting",
        "hide_attendees",
        "hold_room",
        "require_free",
        "organize_as",
        "external_id",
        "comment",
        "email",
        "name",
        "optional",
        "enabled",
        "features",
        "strict",
        "tenant_id",
        "allowed_account",
        "calendar",
        "scheduling_user",
        "user",
        "allowed_users",
        "capacity",
        "building",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => "[a-z~/]{0,6}"]
}

fn any_body() -> impl Strategy<Value = Vec<u8>> {
    let object = prop::collection::vec((any_name(), any_value()), 0..12)
        .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>()).to_string().into_bytes());
    prop_oneof![8 => object, 1 => prop::collection::vec(any::<u8>(), 0..60)]
}

/// A refusal is one of the client's faults, and each of them points into the body.
fn is_told(problem: &Problem) -> Result<(), TestCaseError> {
    let status = problem.code.entry().status;
    prop_assert!(status == 422 || problem.code == Code::MalformedJson, "{:?}", problem);
    prop_assert_eq!(problem.errors.is_empty(), problem.code == Code::MalformedJson);
    let into_body = |pointer: &str| pointer.is_empty() || pointer.starts_with('/');
    prop_assert!(problem.errors.iter().all(|fault| into_body(&fault.pointer)), "{:?}", problem);
    Ok(())
}

fn sound_interview() -> impl Strategy<Value = Value> {
    let people = prop::collection::vec(("[a-z]{1,8}", prop::option::of("[A-Za-z éß]{1,10}[a-z]")), 1..4);
    let zones = prop::sample::select(vec!["Europe/Paris", "America/New_York", "Asia/Kolkata", "UTC"]);
    let times = (1u32..28, 9u32..17, 1u32..240, zones);
    ("[A-Za-zéß][ -~éß]{0,60}[a-z]", times, people, any::<(bool, bool)>()).prop_map(
        |(title, (day, hour, minutes, zone), people, (teams, hide))| {
            let people: Vec<Value> = people
                .into_iter()
                .map(|(local, name)| json!({ "email": format!("{local}@example.org"), "name": name.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()) }))
                .collect();
            let (end_hour, end_minute) = (hour + minutes / 60, minutes % 60);
            json!({ "title": title, "start": format!("2026-12-{day:02}T{hour:02}:00:00"), "time_zone": zone,
                "end": format!("2026-12-{day:02}T{end_hour:02}:{end_minute:02}:00"), "candidates": people,
                "online_meeting": if teams { "teams" } else { "none" }, "hide_attendees": hide })
        },
    )
}

/// Before every time that is made up here.
fn now() -> jiff::Timestamp {
    "2026-11-24T08:00:00Z".parse().expect("a time")
}

/// One wrong value for each of these fields, and where its fault is told.
const WRONG: [(&str, &str, &str); 9] = [
    ("title", "7", "/title"),
    ("body_html", "5", "/body_html"),
    ("start", "\"soon\"", "/start"),
    ("time_zone", "\"Mars/Olympus\"", "/time_zone"),
    ("rooms", "[\"room\"]", "/rooms/0"),
    ("candidates", "[{\"email\":\"x\"}]", "/candidates/0/email"),
    ("online_meeting", "\"fax\"", "/online_meeting"),
    ("hide_attendees", "1", "/hide_attendees"),
    ("a/b~c", "true", "/a~1b~0c"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_body_breaks_a_reader(body in any_body()) {
        let before = Customer::default();
        let outcomes = [
            request::new_interview(&body, now()).map(|_| ()),
            request::new_time(&body, now()).map(|_| ()),
            request::patch(&body).map(|_| ()),
            request::comment(&body).map(|_| ()),
            settings::apply(&body, &before).map(|_| ()),
        ];
        for problem in outcomes.into_iter().filter_map(Result::err) {
            is_told(&problem)?;
        }
    }

    #[test]
    fn all_faults_are_told_at_once(sound in sound_interview(), wrong in prop::collection::btree_set(0..WRONG.len(), 1..WRONG.len())) {
        let mut body = sound;
        for n in &wrong {
            body[WRONG[*n].0] = serde_json::from_str(WRONG[*n].1).expect("JSON");
        }
        let problem = request::new_interview(body.to_string().as_bytes(), now()).map(|_| ()).expect_err("it is wrong");
        is_told(&problem)?;
        let told: BTreeSet<&str> = problem.errors.iter().map(|fault| fault.pointer.as_str()).collect();
        let due: BTreeSet<&str> = wrong.iter().map(|n| WRONG[*n].2).collect();
        prop_assert_eq!(told, due);
    }

    #[test]
    fn a_sound_interview_is_taken_as_it_was_meant(body in sound_interview()) {
        let new = request::new_interview(body.to_string().as_bytes(), now());
        let New { details, when, options, past } = new.map_err(|problem| TestCaseError::fail(format!("{problem:?}")))?;
        prop_assert_eq!(past, None);
        prop_assert_eq!(json!(details.title), body["title"].as_str().map(str::trim).map(Value::from).unwrap_or_default());
        prop_assert_eq!(json!(when.local(when.start)), body["start"].clone());
        prop_assert_eq!(json!(when.local(when.end)), body["end"].clone());
        prop_assert_eq!(json!(when.zone), body["time_zone"].clone());
        prop_assert_eq!(options.teams, body["online_meeting"] == "teams");
        prop_assert_eq!(json!(options.hide_attendees), body["hide_attendees"].clone());
        let people = body["candidates"].as_array().expect("a list");
        prop_assert_eq!(details.candidates.len(), people.len());
        for (read, given) in details.candidates.iter().zip(people) {
            prop_assert_eq!(json!(read.email.as_str()), given["email"].clone());
            prop_assert_eq!(json!(read.name), given["name"].clone());
        }
        // A claim keeps the request as JSON until it is settled.
        let command = Command::Create { details, when, options };
        let kept = serde_json::to_string(&command).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<Command>(&kept).expect("it comes back"), command);
    }

    #[test]
    fn settings_that_were_taken_are_taken_again_and_change_nothing(body in any_body()) {
        if let Ok(next) = settings::apply(&body, &Customer::default()) {
            prop_assert_eq!(settings::apply(&body, &next).expect("it was taken before"), next.clone());
            prop_assert_eq!(settings::apply(b"{}", &next).expect("nothing is changed"), next);
        }
    }
}
