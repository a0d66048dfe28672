//! What must hold once everything has come to rest.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::Story;
use crate::world::{Person, World, minutes};

/// Whatever was begun comes to an end within this time: Microsoft is believed for an hour, and asked again after it.
const AT_REST_WITHIN: SignedDuration = minutes(75);

/// Nothing fails any more, and follow-ups run whenever something is due, until nothing is.
pub(crate) async fn quiesce(world: &World) {
    world.microsoft().faults().clear();
    let begun = world.now();
    let mut last = None;
    while let Some(next) = next_due(world) {
        let (due, what) = &next;
        // What is still due after its turn waits for something else: a lease, a tenant, stragglers.
        let pause = if last.as_ref() == Some(&next) { minutes(1) } else { SignedDuration::ZERO };
        world.pass_time(due.duration_since(world.now()).max(pause));
        let waited = world.now().duration_since(begun);
        assert!(waited < AT_REST_WITHIN, "{what} is still due after {waited}");
        world.tick("follow-ups").await;
        last = Some(next);
    }
}

/// The earliest thing in the index of follow-ups, and when it is due. A sound canary is never at rest: it is left out.
fn next_due(world: &World) -> Option<(Timestamp, String)> {
    let dump = world.stack.aws.dump();
    let rows = dump["convene"].as_array().cloned().unwrap_or_default();
    let due = rows.iter().filter(|row| !row["fu"].is_null() && !is_canary(row)).map(|row| {
        let second = row["due"]["N"].as_str().and_then(|text| text.parse().ok()).expect("a number");
        let name = format!("{} {}", row["pk"]["S"], row["sk"]["S"]);
        (Timestamp::from_second(second).expect("an instant"), name)
    });
    due.min()
}

fn is_canary(row: &Value) -> bool {
    let document: Value =
        serde_json::from_str(row["doc"]["S"].as_str().unwrap_or_default()).unwrap_or_default();
    document["health"]["state"] == "live" && document["errand"][0] == "canary"
}

/// The interviews that are stored and what stands in Outlook are the same; nothing is left open; and nobody got the
/// same mail twice since there were `mails` of them.
pub(crate) async fn agree(world: &World, ana: &Person<'_>, story: Story, mails: usize, case: &str) {
    assert_eq!(unsettled(world), Vec::<String>::new(), "{case}: a claim is left open");
    let list = ana.get("/v1/interviews").await;
    let stored = list.json["data"].as_array().expect("a list").clone();
    let events = world.meetings(&ana.email);
    let standing =
        stored.iter().filter(|i| !i["outlook"].is_null() && i["outlook"]["state"] == "present").count();
    assert_eq!(standing, events.len(), "{case}: {stored:#?} {events:#?}");
    assert!(events.len() <= 1, "{case}: {events:#?}");
    for interview in &stored {
        let status = interview["status"].as_str().unwrap_or_default();
        let event = events.iter().find(|event| event["id"] == interview["outlook"]["event_id"]);
        match event {
            Some(event) => same(interview, event, case),
            None => assert!(matches!(status, "cancelled" | "failed"), "{case}: {interview:#?}"),
        }
    }
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (kind, to) in world.mails_since(mails) {
        let known = story.mails().iter().any(|(k, who)| *k == kind && *who == to);
        assert!(known, "{case}: a mail that nobody asked for: {kind:?} to {to}");
        *counts.entry((format!("{kind:?}"), to)).or_default() += 1;
    }
    assert!(counts.values().all(|count| *count == 1), "{case}: {counts:?}");
}

fn same(interview: &Value, event: &Value, case: &str) {
    let said = |what: &str| format!("{case}: {what}\n{interview:#?}\n{event:#?}");
    assert!(
        matches!(interview["status"].as_str(), Some("scheduled" | "awaiting_room")),
        "{}",
        said("status")
    );
    assert_eq!(interview["title"], event["subject"], "{}", said("title"));
    for (ours, theirs) in [("start", "start"), ("end", "end")] {
        let ours: jiff::Timestamp = interview[ours].as_str().expect("a time").parse().expect("a time");
        let theirs = event[theirs]["dateTime"].as_str().expect("a time");
        assert_eq!(ours, format!("{theirs}Z").parse().expect("a time"), "{}", said("time"));
    }
    assert_eq!(interview["join_url"], event["onlineMeeting"]["joinUrl"], "{}", said("link"));
    let body = event["body"]["content"].as_str().expect("a body");
    assert!(body.contains(interview["body_html"].as_str().expect("a text")), "{}", said("text"));
    let people = |list: &Value, at: &str| -> Vec<String> {
        list.as_array()
            .expect("people")
            .iter()
            .map(|p| p.pointer(at).and_then(Value::as_str).expect("an address").to_owned())
            .collect()
    };
    let mut ours = people(&interview["candidates"], "/email");
    ours.extend(people(&interview["interviewers"], "/email"));
    ours.extend(interview["room"]["email"].as_str().map(str::to_owned));
    let mut theirs = people(&event["attendees"], "/emailAddress/address");
    ours.sort_unstable();
    theirs.sort_unstable();
    assert_eq!(ours, theirs, "{}", said("people"));
    if let Some(room) = interview["room"].as_object() {
        assert_eq!(event["location"]["displayName"], room["email"], "{}", said("location"));
        assert_eq!(room["state"], "accepted", "{}", said("the room answered"));
    }
}

/// Claims without a final answer.
pub(crate) fn unsettled(world: &World) -> Vec<String> {
    let dump = world.stack.aws.dump();
    let rows = dump["convene"].as_array().cloned().unwrap_or_default();
    let of = |row: &Value| row["sk"]["S"].as_str().unwrap_or_default().to_owned();
    rows.iter().filter(|row| of(row).starts_with("IDEM#") && !row["fu"].is_null()).map(of).collect()
}
