//! Exchange refuses a call as a whole for one address: the culprit is found, and the others are read.

use serde_json::{Value, json};

use super::{day, open_world, reasons, search};
use crate::world::{Person, World, interview};

const SCHEDULE: &str = "POST /me/calendar/getSchedule";

/// So many people with a mailbox.
fn people(world: &World, count: usize) -> Vec<String> {
    let people: Vec<String> = (0..count).map(|n| format!("p{n:02}@contoso.com")).collect();
    for email in &people {
        world.microsoft().add_user(email, "Some Body");
    }
    people
}

fn refuses(world: &World, address: &str, code: &str) {
    world.switch("schedule-refusal", json!({ "address": address, "code": code }));
}

/// Searches for these; the reasons that are not "known", and how many calls that took.
async fn unknown(person: &Person<'_>, people: &[String], rooms: &[&str]) -> (Vec<(String, String)>, usize) {
    let names: Vec<&str> = people.iter().map(String::as_str).collect();
    let n = person.world.journal().last();
    let found = search(person, day(&names, rooms)).await;
    let all = names.iter().chain(rooms).zip(reasons(&found));
    let unknown = all.filter(|(_, reason)| *reason != "known");
    let unknown = unknown.map(|(email, reason)| ((*email).to_owned(), reason.to_owned())).collect();
    (unknown, person.world.graph_since(n).len())
}

fn is(email: &str, reason: &str) -> (String, String) {
    (email.to_owned(), reason.to_owned())
}

#[tokio::test]
async fn one_bad_address_of_twenty_is_found_and_the_others_are_read() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people = people(&world, 20);
    refuses(&world, "p07@contoso.com", "ErrorInvalidSmtpAddress");
    // Twenty, ten and ten, five and five, and so on to the one.
    let (found, calls) = unknown(&ana, &people, &[]).await;
    assert_eq!(found, [is("p07@contoso.com", "address_refused")]);
    assert!(calls <= 11, "{calls}");
    // A code that says nothing costs one question more: the same about the recruiter alone.
    refuses(&world, "p07@contoso.com", "BadRequest");
    let (found, more) = unknown(&ana, &people, &[]).await;
    assert_eq!((found, more), (vec![is("p07@contoso.com", "address_refused")], calls + 1));
    refuses(&world, "p07@contoso.com", "ErrorResultSetTooBig");
    assert_eq!(unknown(&ana, &people, &[]).await.0, [is("p07@contoso.com", "too_many_events")]);
}

#[tokio::test]
async fn two_bad_addresses_are_both_found() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people = people(&world, 20);
    refuses(&world, "p00@contoso.com", "ErrorInvalidSmtpAddress");
    refuses(&world, "p19@contoso.com", "ErrorMailRecipientNotFound");
    let (found, calls) = unknown(&ana, &people, &[]).await;
    assert_eq!(found, [is("p00@contoso.com", "address_refused"), is("p19@contoso.com", "mailbox_not_found")]);
    assert!(calls <= 19, "{calls}");
}

#[tokio::test]
async fn a_bad_room_leaves_the_people_and_the_other_room() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people = people(&world, 3);
    refuses(&world, "room8@contoso.com", "BadRequest");
    let (found, calls) = unknown(&ana, &people, &["room7@contoso.com", "room8@contoso.com"]).await;
    assert_eq!(found, [is("room8@contoso.com", "address_refused")]);
    assert!(calls <= 8, "{calls}");
}

#[tokio::test]
async fn a_bad_address_in_the_second_twenty_of_45_costs_the_others_nothing() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people = people(&world, 45);
    refuses(&world, "p27@contoso.com", "BadRequest");
    // The other calls prove that the request is sound: no other call is made.
    let (found, calls) = unknown(&ana, &people, &[]).await;
    assert_eq!(found, [is("p27@contoso.com", "address_refused")]);
    assert!((3..=13).contains(&calls), "{calls}");
}

#[tokio::test]
async fn a_bad_address_is_looked_for_in_one_span_of_time_only() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people = people(&world, 20);
    refuses(&world, "p07@contoso.com", "ErrorInvalidSmtpAddress");
    let names: Vec<&str> = people.iter().map(String::as_str).collect();
    let mut asked = day(&names, &[]);
    asked["windows"] = json!([{ "start": "2026-12-01T09:00:00", "end": "2027-05-01T09:00:00" }]);
    asked["step_minutes"] = json!(1440);
    let n = world.journal().last();
    let found = search(&ana, asked).await;
    let known = reasons(&found).iter().filter(|reason| **reason == "known").count();
    assert_eq!((known, reasons(&found)[7]), (19, "address_refused"), "{}", found.text);
    let calls = world.graph_since(n).len();
    assert!(calls <= 3 + 10 + 2, "three spans, the search in one, and the other two once more: {calls}");
}

#[tokio::test]
async fn where_every_address_is_refused_the_calls_end() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people = people(&world, 100);
    for email in &people {
        refuses(&world, email, "BadRequest");
    }
    let (found, calls) = unknown(&ana, &people, &[]).await;
    assert_eq!(found.len(), 100);
    assert!(found.iter().all(|(_, reason)| ["address_refused", "not_asked"].contains(&reason.as_str())));
    assert!(calls <= 5 + 60, "{calls}");
}

#[tokio::test]
async fn an_address_that_the_answer_leaves_out_is_asked_about_alone() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people = people(&world, 20);
    world.microsoft().options(|options| _ = options.schedule_omitted.insert("p03@contoso.com".to_owned()));
    let (found, calls) = unknown(&ana, &people, &[]).await;
    assert_eq!((found, calls), (vec![is("p03@contoso.com", "unreadable")], 2));
}

#[tokio::test]
async fn a_large_distribution_list_has_its_own_reason_and_a_small_one_is_read() {
    let world = open_world().await;
    let ana = world.ana().await;
    let people = people(&world, 25);
    for (list, members) in [("team@contoso.com", 25), ("pair@contoso.com", 2)] {
        let members = people[..members].to_vec();
        world.microsoft().options(|options| _ = options.distribution_lists.insert(list.to_owned(), members));
    }
    super::busy(&world, "p01@contoso.com", "08:00", "11:00", "busy");
    let asked: Vec<String> =
        ["team@contoso.com", "carl@contoso.com", "pair@contoso.com"].map(str::to_owned).into();
    for large in [sim::LargeLists::Refused, sim::LargeLists::Reported] {
        world.microsoft().options(|options| options.large_lists = large);
        let (found, calls) = unknown(&ana, &asked, &[]).await;
        assert_eq!(found, [is("team@contoso.com", "list_too_large")], "{large:?}");
        assert!(calls <= 5, "{calls}");
    }
    let found = search(&ana, day(&["team@contoso.com"], &[])).await;
    let schedule = &found.json["schedules"][0];
    assert_eq!(schedule["fix"]["steps"], json!(["Name the people one by one instead of the list."]));
    let found = search(&ana, day(&["pair@contoso.com"], &[])).await;
    assert_eq!(super::starts(&found)[0], "12:00", "a list has the times of its members: {}", found.text);
}

/// Everybody is refused: it is what we ask, and no state of anybody.
#[tokio::test]
async fn a_refusal_of_our_own_request_is_our_fault_and_raises_the_alarm() {
    let world = open_world().await;
    let ana = world.ana().await;
    let coded = |code: &str| json!({ "error": { "code": code, "message": "No." } });
    for (code, calls) in [
        (Some("ErrorInvalidMergedFreeBusyInterval"), 1),
        (Some("ErrorInvalidTimeInterval"), 1),
        (Some("BadRequest"), 2),
        (None, 2),
    ] {
        let status = json!({ "status": 400, "body": code.map(coded) });
        world.fault(
            json!({ "service": "graph", "operation": SCHEDULE, "kind": { "status": status }, "times": 0 }),
        );
        let (n, log) = (world.journal().last(), crate::logs::begin());
        let refused = ana.post("/v1/availability", day(&["carl@contoso.com", "dora@contoso.com"], &[])).await;
        assert_eq!(refused.problem(), (500, "internal-error"), "{code:?}: {}", refused.text);
        assert_eq!(refused.str("/fix/owner"), "vendor");
        assert!(!refused.text.contains("carl@contoso.com"));
        assert_eq!(world.graph_since(n).len(), calls, "{code:?}");
        let log = String::from_utf8_lossy(&crate::logs::since(log)).into_owned();
        assert!(
            log.contains(r#""alarm":"own-request-refused""#) && log.contains("OwnRequestsRefused"),
            "{log}"
        );
        let mut body = interview();
        body["require_free"] = json!(true);
        let refused = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
        assert_eq!(refused.problem(), (500, "internal-error"), "{code:?}: {}", refused.text);
        world.switch("clear-faults", json!({}));
    }
    assert!(world.meetings("ana@contoso.com").is_empty());
    assert_eq!(ana.schedule("key-of-one-request").await.status, 201, "the key is free");
}

/// The codes of an item may be about the request, too.
#[tokio::test]
async fn a_refusal_of_our_own_request_within_an_answer_is_our_fault_as_well() {
    let world = open_world().await;
    let ana = world.ana().await;
    for code in ["5004", "5010"] {
        super::unreadable(&world, "carl@contoso.com", code, "");
        let log = crate::logs::begin();
        let found = search(&ana, day(&["carl@contoso.com", "dora@contoso.com"], &[])).await;
        assert_eq!(reasons(&found), ["internal_error", "known"]);
        let alone = ana.post("/v1/availability", day(&["carl@contoso.com"], &[])).await;
        assert_eq!(alone.problem(), (500, "internal-error"), "{}", alone.text);
        // The log is that of all tests: these two lines are among them.
        let log = String::from_utf8_lossy(&crate::logs::since(log)).into_owned();
        let alarms = log.lines().filter(|line| {
            line.contains(r#""alarm":"own-request-refused""#) && line.contains(r#""status":200"#)
        });
        assert!(alarms.count() >= 2, "{log}");
    }
}

/// What Exchange refuses for the recruiter's own mailbox is told of that mailbox, as ever.
#[tokio::test]
async fn a_recruiter_without_a_mailbox_is_told_so() {
    let world = open_world().await;
    let ana = world.ana().await;
    let body = json!({ "error": { "code": "MailboxNotEnabledForRESTAPI", "message": "No." } });
    let status = json!({ "status": 404, "body": body });
    world.fault(
        json!({ "service": "graph", "operation": SCHEDULE, "kind": { "status": status }, "times": 0 }),
    );
    let refused = ana.post("/v1/availability", day(&["carl@contoso.com"], &[])).await;
    assert_eq!(refused.problem(), (422, "mailbox-unavailable"), "{}", refused.text);
    assert_eq!(refused.json.get("slots"), None::<&Value>);
}
