//! A change writes what was asked for, and nothing else: whatever people did to the event by hand in Outlook, and however
//! Outlook shows them, nobody is mailed whom the request does not name. The outbox of every story here is also held
//! against its requests when the world ends.

use serde_json::{Value, json};
use sim::MailKind::{Cancellation, Invitation, Update};

use super::reschedule::tomorrow;
use crate::world::{Answer, Person, World, interview, minutes};

const ANA: &str = "ana@contoso.com";
const X500: &str = "/o=ExchangeLabs/ou=Exchange Administrative Group/cn=Recipients/cn=dora";

async fn made(ana: &Person<'_>) -> (String, String) {
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    (format!("/v1/interviews/{}", answer.str("/id")), answer.str("/outlook/event_id").to_owned())
}

async fn moved(ana: &Person<'_>, path: &str, body: &Value) -> Answer {
    ana.post_as("key-of-a-move", &format!("{path}/reschedule"), body).await
}

fn attendees(world: &World) -> Vec<Value> {
    world.meeting(ANA)["attendees"].as_array().expect("attendees").clone()
}

/// Sets the list of attendees by hand.
fn set(world: &World, event: &str, attendees: &[Value]) {
    world.edit_in_outlook(ANA, event, json!({ "attendees": attendees }));
}

fn entry(email: &str, name: &str) -> Value {
    json!({ "type": "required", "emailAddress": { "address": email, "name": name } })
}

fn sent(world: &World, mails: usize) -> Vec<(sim::MailKind, String)> {
    let mut sent = world.mails_since(mails);
    sent.sort_by(|a, b| a.1.cmp(&b.1));
    sent
}

#[tokio::test]
async fn a_new_title_neither_invites_again_nor_resets_a_role() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, event) = made(&ana).await;
    // Carl is taken out, and Dana need not come.
    let mut dana = attendees(&world)[0].clone();
    dana["type"] = json!("optional");
    set(&world, &event, &[dana]);
    let (before, mails) = (attendees(&world), world.mails().len());
    for change in [
        json!({ "title": "New" }),
        json!({ "body_html": "<p>New.</p>" }),
        json!({ "title": "Newer", "interviewers": [{ "email": "carl@contoso.com" }] }),
    ] {
        assert_eq!(ana.patch(&path, change).await.status, 200);
    }
    assert_eq!(attendees(&world), before);
    assert!(world.mails_since(mails).iter().all(|mail| *mail == (Update, "dana@example.org".to_owned())));
}

#[tokio::test]
async fn colleagues_whom_outlook_shows_without_an_address_stay_when_people_change() {
    for shown in [json!(X500), json!("Dora Interviewer"), json!("Dora <dora@contoso.com>"), json!(null)] {
        let world = World::start().await;
        let ana = world.ana().await;
        let (path, event) = made(&ana).await;
        let mut list = attendees(&world);
        let mut dora = entry("dora@contoso.com", "Dora Interviewer");
        dora["proposedNewTime"] =
            json!({ "start": { "dateTime": "2026-12-01T11:00:00", "timeZone": "UTC" } });
        list.insert(1, dora);
        set(&world, &event, &list);
        let odd = json!({ "user": ANA, "event_id": event, "attendee": "dora@contoso.com", "address": shown });
        world.switch("show-as", odd);
        let (before, mails) = (attendees(&world), world.mails().len());
        let panel = json!({ "interviewers": [{ "email": "ben@contoso.com" }] });
        let answer = ana.patch(&path, panel).await;
        assert_eq!(answer.status, 200, "{shown}: {}", answer.text);
        let expected =
            [(Invitation, "ben@contoso.com".to_owned()), (Cancellation, "carl@contoso.com".to_owned())];
        assert_eq!(sent(&world, mails), expected, "{shown}");
        assert_eq!(attendees(&world)[..2], before[..2], "{shown}: as they were, unread members and all");
    }
}

#[tokio::test]
async fn the_next_room_is_put_in_without_touching_whom_outlook_shows_oddly() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch(
        "room-answer",
        json!({ "room": "room7@contoso.com", "answer": "declined", "after_seconds": 40 }),
    );
    let mut body = interview();
    body["rooms"] = json!(["room7@contoso.com", "room8@contoso.com"]);
    let answer = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    let event = answer.str("/outlook/event_id").to_owned();
    let mut list = attendees(&world);
    list.push(entry("dora@contoso.com", "Dora"));
    set(&world, &event, &list);
    world.switch(
        "show-as",
        json!({ "user": ANA, "event_id": event, "attendee": "dora@contoso.com", "address": X500 }),
    );
    let mails = world.mails().len();
    world.advance(minutes(4)).await;
    let expected =
        [(Cancellation, "room7@contoso.com".to_owned()), (Invitation, "room8@contoso.com".to_owned())];
    assert_eq!(sent(&world, mails), expected);
    let there = attendees(&world);
    assert!(there.iter().any(|one| one["emailAddress"]["address"] == X500), "{there:#?}");
}

#[tokio::test]
async fn people_whom_outlook_shows_under_another_address_can_be_removed() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| {
        options.aliases.insert("carl.miller@contoso.com".to_owned(), "carl@contoso.com".to_owned());
        options.aliases.insert("dora.miller@contoso.com".to_owned(), "dora@contoso.com".to_owned());
    });
    let mut body = interview();
    body["interviewers"] = json!([{ "email": "carl.miller@contoso.com" }]);
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(made.str("/interviewers/0/email"), "carl.miller@contoso.com", "{}", made.text);
    let path = format!("/v1/interviews/{}", made.str("/id"));
    let mails = world.mails().len();
    // One comes by another alias, and goes again.
    let both = json!({ "interviewers": [{ "email": "carl.miller@contoso.com" }, { "email": "dora.miller@contoso.com" }] });
    assert_eq!(ana.patch(&path, both).await.status, 200);
    assert_eq!(sent(&world, mails), [(Invitation, "dora@contoso.com".to_owned())]);
    let mails = world.mails().len();
    let one = json!({ "interviewers": [{ "email": "dora.miller@contoso.com" }] });
    assert_eq!(ana.patch(&path, one).await.status, 200);
    assert_eq!(sent(&world, mails), [(Cancellation, "carl@contoso.com".to_owned())]);
    let mails = world.mails().len();
    assert_eq!(ana.patch(&path, json!({ "interviewers": [] })).await.status, 200);
    assert_eq!(sent(&world, mails), [(Cancellation, "dora@contoso.com".to_owned())]);
}

#[tokio::test]
async fn a_room_that_outlook_shows_under_another_address_is_one_room() {
    for hold in [false, true] {
        let world = World::start().await;
        let ana = world.ana().await;
        world.microsoft().options(|options| {
            options.aliases.insert("seventh.floor@contoso.com".to_owned(), "room7@contoso.com".to_owned());
        });
        let mut body = interview();
        body["rooms"] = json!(["seventh.floor@contoso.com", "room8@contoso.com"]);
        body["hold_room"] = json!(hold);
        let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
        let path = format!("/v1/interviews/{}", made.str("/id"));
        world.advance(minutes(5)).await;
        let read = ana.get(&path).await;
        assert_eq!(
            (read.str("/status"), read.str("/room/state")),
            ("scheduled", "accepted"),
            "{hold}: {}",
            read.text
        );
        assert!(world.microsoft().events("room8@contoso.com").is_empty(), "no second room");
        assert_eq!(ana.patch(&path, json!({ "rooms": [] })).await.status, 200);
        assert!(world.microsoft().events("room7@contoso.com").is_empty(), "{hold}: it is free again");
    }
}

#[tokio::test]
async fn an_answer_without_any_attendees_calls_nobody_off() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, _) = made(&ana).await;
    let (before, mails) = (attendees(&world), world.mails().len());
    let empty = |operation: &str, pointer: &str| {
        let set = json!({ pointer: [] });
        world.fault(json!({ "service": "graph", "operation": operation, "when": "after", "kind": { "changed": { "set": set } } }));
    };
    let panel =
        |email: &str| json!({ "interviewers": [{ "email": "carl@contoso.com" }, { "email": email }] });
    empty("GET /me/events/{id}", "/attendees");
    assert_eq!(ana.patch(&path, panel("ben@contoso.com")).await.status, 200);
    assert_eq!(sent(&world, mails), [(Invitation, "ben@contoso.com".to_owned())]);
    assert_eq!(attendees(&world)[..2], before[..]);
    // Both calls show nobody: then nothing is written.
    empty("GET /me/events/{id}", "/attendees");
    empty("GET /me/events", "/value/0/attendees");
    let (mails, n) = (world.mails().len(), world.journal().last());
    let refused = ana.patch(&path, panel("dora@contoso.com")).await;
    assert_eq!(refused.problem(), (409, "changed-in-outlook"), "{}", refused.text);
    assert_eq!((world.mails().len(), world.graph_since(n).len()), (mails, 2));
}

#[tokio::test]
async fn a_new_name_reaches_outlook_and_nobody_is_mailed_for_it() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, _) = made(&ana).await;
    let mails = world.mails().len();
    let named = json!({ "candidates": [{ "email": "dana@example.org", "name": "Dana Doe" }] });
    assert_eq!(ana.patch(&path, named).await.status, 200);
    assert_eq!(attendees(&world)[0]["emailAddress"]["name"], "Dana Doe");
    assert_eq!(world.mails().len(), mails);
}

#[tokio::test]
async fn a_comment_on_a_move_is_read_by_everybody_and_the_text_and_the_link_stay() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, event) = made(&ana).await;
    let by_hand =
        world.meeting(ANA)["body"]["content"].as_str().expect("a body").replace("questions", "laptop");
    world.edit_in_outlook(ANA, &event, json!({ "body": { "contentType": "html", "content": by_hand } }));
    let (link, mails, n) =
        (world.meeting(ANA)["onlineMeeting"].clone(), world.mails().len(), world.journal().last());
    let mut body = tomorrow();
    body["comment"] = json!("The room is taken.\nSorry & thanks <all>");
    let answer = moved(&ana, &path, &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let after = world.meeting(ANA);
    let text = after["body"]["content"].as_str().expect("a body");
    let note = "<p>The room is taken.<br>Sorry &amp; thanks &lt;all&gt;</p>";
    assert!(text.find(note).expect("the note") < text.find("laptop").expect("the text"), "{text}");
    assert_eq!((&after["onlineMeeting"], answer.str("/problem/code")), (&link, ""));
    assert!(text.contains(link["joinUrl"].as_str().expect("a link")));
    assert_eq!(world.mails_since(mails).len(), 2, "one update for each person");
    assert_eq!(world.graph_since(n), ["GET /me/events/{id}", "PATCH /me/events/{id}"]);
    // A new text takes the place of the old one, note and all.
    assert_eq!(ana.patch(&path, json!({ "body_html": "<p>Anew.</p>" })).await.status, 200);
    let text = world.meeting(ANA)["body"]["content"].as_str().expect("a body").to_owned();
    assert!(
        text.contains("Anew")
            && !text.contains("taken")
            && text.contains(link["joinUrl"].as_str().expect("a link"))
    );
}

#[tokio::test]
async fn a_comment_is_written_once_though_the_answer_is_lost_or_the_event_changes_meanwhile() {
    for fault in [
        json!({ "operation": "PATCH /me/events/{id}", "when": "after", "kind": "reset" }),
        json!({ "operation": "PATCH /me/events/{id}", "when": "after", "kind": "reset", "times": 0 }),
        json!({ "operation": "PATCH /me/events/{id}", "kind": { "status": { "status": 412 } } }),
        json!({ "operation": "PATCH /me/events/{id}", "kind": { "status": { "status": 404, "body": { "error": { "code": "ErrorItemNotFound" } } } } }),
    ] {
        let world = World::start().await;
        let ana = world.ana().await;
        let (path, _) = made(&ana).await;
        let mails = world.mails().len();
        let mut all = fault.clone();
        all["service"] = json!("graph");
        world.fault(all);
        let mut body = tomorrow();
        body["comment"] = json!("Once only.");
        let answer = moved(&ana, &path, &body).await;
        assert!(matches!(answer.status, 200 | 202), "{fault}: {}", answer.text);
        crate::exactly_once::quiesce(&world).await;
        let text = world.meeting(ANA)["body"]["content"].as_str().expect("a body").to_owned();
        assert_eq!(text.matches("Once only.").count(), 1, "{fault}: {text}");
        assert_eq!(world.mails_since(mails).len(), 2, "{fault}");
    }
}

#[tokio::test]
async fn an_event_that_was_made_all_day_by_hand_can_be_moved() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, event) = made(&ana).await;
    let midnight = |day: &str| json!({ "dateTime": format!("{day}T00:00:00"), "timeZone": "UTC" });
    let change = json!({ "isAllDay": true, "start": midnight("2026-12-01"), "end": midnight("2026-12-02") });
    world.edit_in_outlook(ANA, &event, change);
    let answer = moved(&ana, &path, &tomorrow()).await;
    assert_eq!((answer.status, answer.str("/problem/code")), (200, ""), "{}", answer.text);
    let after = world.meeting(ANA);
    assert_eq!(
        (&after["isAllDay"], &after["start"]["dateTime"]),
        (&json!(false), &json!("2026-12-02T13:00:00.0000000"))
    );
}
