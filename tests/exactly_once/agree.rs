//! What must hold once everything has come to rest.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Story;
use crate::world::{Person, World, minutes};

/// An hour in which nothing fails any more and follow-ups look at what is due.
pub(crate) async fn quiesce(world: &World) {
    world.microsoft().faults().clear();
    for pause in [1, 1, 1, 2, 5, 10, 15, 25] {
        world.pass_time(minutes(pause));
        world.tick("follow-ups").await;
    }
}

/// The interviews that are stored and what stands in Outlook are the same; nothing is left open; and nobody got the
/// same mail twice since there were `mails` of them.
pub(crate) async fn agree(world: &World, ana: &Person<'_>, story: Story, mails: usize, case: &str) {
    assert_eq!(unsettled(world), Vec::<String>::new(), "{case}: a claim is left open");
    let list = ana.get("/v1/interviews").await;
    let stored = list.json["data"].as_array().expect("a list").clone();
    let events = world.meetings("ana@contoso.com");
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
