//! One odd answer is no evidence: gone, declined and failed need proof, and what was read is what is shown.

use serde_json::{Value, json};
use sim::MailKind::{Cancellation, Invitation};
use sim::Trash;

use super::reschedule::tomorrow;
use crate::world::{Answer, Person, World, interview, minutes};

pub(super) const ANA: &str = "ana@contoso.com";
const MOVE: &str = "PATCH /me/events/{id}";
const READ: &str = "GET /me/events/{id}";
const FIND: &str = "GET /me/events";
const CANCEL: &str = "POST /me/events/{id}/cancel";

fn not_found() -> Value {
    refused(404, "ErrorItemNotFound")
}

fn refused(status: u16, code: &str) -> Value {
    json!({ "status": { "status": status, "body": { "error": { "code": code, "message": "" } } } })
}

fn fault(world: &World, operation: &str, kind: &Value, times: u32) {
    world.fault(json!({ "service": "graph", "operation": operation, "kind": kind, "times": times }));
}

pub(super) async fn made(ana: &Person<'_>) -> (String, Answer) {
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    (format!("/v1/interviews/{}", answer.str("/id")), answer)
}

pub(super) async fn moved(ana: &Person<'_>, path: &str) -> Answer {
    ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &tomorrow()).await
}

pub(super) async fn cancel(ana: &Person<'_>, path: &str) -> Answer {
    ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({})).await
}

#[tokio::test]
async fn a_404_that_passes_is_no_end() {
    for (operation, times) in [(MOVE, 1), (MOVE, 2), (READ, 1), ("*", 1), ("*", 2)] {
        let world = World::start().await;
        let ana = world.ana().await;
        let (path, made) = made(&ana).await;
        fault(&world, operation, &not_found(), times);
        let mut changed = ana.patch(&path, json!({ "title": "New" })).await;
        if (operation, times) == ("*", 2) {
            // Neither of the two looks succeeded: nothing was written, and nothing is said of the event.
            assert_eq!(changed.problem(), (503, "microsoft-unavailable"), "{}", changed.text);
            changed = ana.patch(&path, json!({ "title": "New" })).await;
        }
        assert_eq!(
            (changed.status, changed.str("/title")),
            (200, "New"),
            "{operation} {times}: {}",
            changed.text
        );
        world.switch("clear-faults", json!({}));
        fault(&world, operation, &not_found(), times);
        let answer = moved(&ana, &path).await;
        assert_eq!(
            (answer.status, answer.str("/status")),
            (200, "scheduled"),
            "{operation} {times}: {}",
            answer.text
        );
        assert_eq!(answer.json["outlook"]["event_id"], made.json["outlook"]["event_id"]);
        assert_eq!(world.meetings(ANA).len(), 1);
    }
}

#[tokio::test]
async fn where_no_look_succeeds_the_event_is_not_said_to_be_gone() {
    for look in [
        not_found(),
        refused(400, "ErrorInvalidRequest"),
        refused(403, "ErrorAccessDenied"),
        json!({ "status": { "status": 500 } }),
    ] {
        let world = World::start().await;
        let ana = world.ana().await;
        let (path, made) = made(&ana).await;
        fault(&world, MOVE, &not_found(), 0);
        fault(&world, READ, &not_found(), 0);
        fault(&world, FIND, &look, 0);
        let answer = moved(&ana, &path).await;
        assert_ne!(answer.str("/code"), "event-missing", "{look}: {}", answer.text);
        assert_eq!(ana.get(&path).await.json, made.json, "{look}: nothing is known, so nothing is changed");
        world.switch("clear-faults", json!({}));
        world.advance(minutes(10)).await;
        let again = moved(&ana, &path).await;
        assert_eq!(
            (again.status, again.str("/start")),
            (200, "2026-12-02T14:00:00+01:00"),
            "{look}: {}",
            again.text
        );
    }
}

#[tokio::test]
async fn an_event_that_is_gone_is_stored_as_gone_and_the_answer_and_a_read_agree() {
    for trash in [Trash::Cancelled, Trash::Plain, Trash::Hidden] {
        for verb in ["move", "patch"] {
            let world = World::start().await;
            world.microsoft().options(|options| options.trash = trash);
            let ana = world.ana().await;
            let (path, made) = made(&ana).await;
            world.switch("delete-event", json!({ "user": ANA, "event_id": made.str("/outlook/event_id") }));
            let mails = world.mails().len();
            let change = async || match verb {
                "move" => moved(&ana, &path).await,
                _ => ana.patch(&path, json!({ "title": "New" })).await,
            };
            let answer = change().await;
            assert_eq!(answer.problem(), (409, "event-missing"), "{trash:?} {verb}: {}", answer.text);
            let read = ana.get(&path).await;
            assert_eq!(
                (read.str("/status"), read.str("/outlook/state")),
                ("cancelled", "absent"),
                "{}",
                read.text
            );
            assert_eq!(read.header("etag"), Some("\"2\""));
            let n = world.journal().last();
            let again = ana.post_as("key-of-another-move", &format!("{path}/reschedule"), &tomorrow()).await;
            assert_eq!(again.problem(), (409, "interview-not-active"), "{}", again.text);
            assert_eq!(cancel(&ana, &path).await.status, 200);
            assert_eq!((world.graph_since(n).len(), world.mails().len()), (0, mails));
        }
    }
}

#[tokio::test]
async fn an_event_in_deleted_items_is_called_off_once() {
    for trash in [Trash::Cancelled, Trash::Plain, Trash::Hidden] {
        let world = World::start().await;
        world.microsoft().options(|options| options.trash = trash);
        let ana = world.ana().await;
        let (path, made) = made(&ana).await;
        world.switch("delete-event", json!({ "user": ANA, "event_id": made.str("/outlook/event_id") }));
        let (mails, n) = (world.mails().len(), world.journal().last());
        let answer = cancel(&ana, &path).await;
        assert_eq!((answer.status, answer.str("/status")), (200, "cancelled"), "{trash:?}: {}", answer.text);
        let calls = world.graph_since(n);
        assert_eq!(calls.iter().filter(|call| *call == CANCEL).count(), 1, "{calls:?}");
        world.advance(minutes(30)).await;
        assert_eq!((world.mails().len(), world.graph_since(n).len()), (mails, calls.len()));
    }
}

#[tokio::test]
async fn a_look_of_follow_ups_sees_that_an_event_lies_in_deleted_items() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "never" }));
    let mut body = interview();
    body["rooms"] = json!(["room7@contoso.com"]);
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    world.switch("delete-event", json!({ "user": ANA, "event_id": made.str("/outlook/event_id") }));
    world.advance(minutes(2)).await;
    let read = ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await;
    assert_eq!((read.str("/status"), read.str("/outlook/state")), ("cancelled", "absent"), "{}", read.text);
    let n = world.journal().last();
    world.advance(minutes(60)).await;
    assert!(world.graph_since(n).is_empty());
}

#[tokio::test]
async fn after_a_mailbox_was_moved_the_event_is_found_under_its_new_id() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    world.switch("renew-ids", json!({ "user": ANA }));
    let new = world.meeting(ANA)["id"].clone();
    assert_ne!(new, made.json["outlook"]["event_id"]);
    let answer = ana.patch(&path, json!({ "title": "New" })).await;
    assert_eq!((answer.status, &answer.json["outlook"]["event_id"]), (200, &new), "{}", answer.text);
    world.switch("renew-ids", json!({ "user": ANA }));
    let answer = moved(&ana, &path).await;
    assert_eq!(answer.json["outlook"]["event_id"], world.meeting(ANA)["id"], "{}", answer.text);
    world.switch("renew-ids", json!({ "user": ANA }));
    let mails = world.mails().len();
    let off = cancel(&ana, &path).await;
    assert_eq!((off.status, off.str("/status")), (200, "cancelled"), "{}", off.text);
    assert!(world.meetings(ANA).is_empty());
    let everybody =
        [(Cancellation, "dana@example.org".to_owned()), (Cancellation, "carl@contoso.com".to_owned())];
    assert_eq!(world.mails_since(mails), everybody);
}

#[tokio::test]
async fn a_create_whose_answer_is_lost_stays_open_until_a_look_succeeds() {
    for look in [
        not_found(),
        refused(400, "ErrorInvalidRequest"),
        refused(403, "ErrorAccessDenied"),
        json!({ "status": { "status": 500 } }),
    ] {
        let world = World::start().await;
        world.microsoft().options(|options| options.forget_transactions = true);
        let ana = world.ana().await;
        world.fault(
            json!({ "service": "graph", "operation": "POST /me/events", "when": "after", "kind": "reset" }),
        );
        fault(&world, FIND, &look, 0);
        let answer = ana.schedule("key-of-one-request").await;
        assert_eq!((answer.status, answer.str("/status")), (202, "scheduling"), "{look}: {}", answer.text);
        let path = format!("/v1/interviews/{}", answer.str("/id"));
        world.advance(minutes(30)).await;
        assert_eq!(ana.get(&path).await.str("/status"), "scheduling", "{look}");
        world.switch("clear-faults", json!({}));
        world.advance(minutes(10)).await;
        let read = ana.get(&path).await;
        assert_eq!(
            (read.str("/status"), read.str("/outlook/state")),
            ("scheduled", "present"),
            "{look}: {}",
            read.text
        );
        let invited =
            [(Invitation, "dana@example.org".to_owned()), (Invitation, "carl@contoso.com".to_owned())];
        assert_eq!((world.mails(), world.meetings(ANA).len()), (invited.to_vec(), 1), "{look}");
    }
}

#[tokio::test]
async fn an_interview_that_failed_without_proof_is_looked_for_and_called_off() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.fault(
        json!({ "service": "graph", "operation": "POST /me/events", "when": "after", "kind": "reset" }),
    );
    fault(&world, FIND, &json!("reset"), 0);
    let asked = ana.schedule("key-of-one-request").await;
    assert_eq!(asked.status, 202, "{}", asked.text);
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    world.switch("clear-faults", json!({}));
    world.advance(minutes(10)).await;
    let path = format!("/v1/interviews/{}", asked.str("/id"));
    assert_eq!(ana.get(&path).await.str("/status"), "failed");
    assert_eq!(world.meetings(ANA).len(), 1, "nobody can ask for it now");
    assert_eq!(ana.connect().await, "connected");
    world.advance(minutes(90)).await;
    assert!(world.meetings(ANA).is_empty(), "people do not wait for an interview that failed");
}

#[tokio::test]
async fn an_answer_without_the_room_is_no_answer_of_the_room() {
    let without_address = json!([{ "type": "resource", "status": { "response": "none" }, "emailAddress": { "name": "Room 7" } }]);
    for hold in [false, true] {
        for odd in [json!([]), without_address.clone(), json!(null)] {
            let world = World::start().await;
            let ana = world.ana().await;
            let mut body = interview();
            (body["rooms"], body["hold_room"]) =
                (json!(["room7@contoso.com", "room8@contoso.com"]), json!(hold));
            let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
            let path = format!("/v1/interviews/{}", made.str("/id"));
            let kind = json!({ "changed": { "set": { "/attendees": odd } } });
            world.fault(
                json!({ "service": "graph", "operation": READ, "when": "after", "kind": kind, "times": 2 }),
            );
            world.advance(minutes(2)).await;
            let read = ana.get(&path).await;
            assert_eq!(
                (read.str("/status"), read.str("/room/state")),
                ("awaiting_room", "pending"),
                "{hold} {odd}: {}",
                read.text
            );
            world.advance(minutes(20)).await;
            let read = ana.get(&path).await;
            assert_eq!(
                (read.str("/status"), read.str("/room/state")),
                ("scheduled", "accepted"),
                "{hold} {odd}: {}",
                read.text
            );
            assert!(world.microsoft().events("room8@contoso.com").is_empty(), "no second room");
        }
    }
}

#[tokio::test]
async fn a_room_that_was_taken_out_by_hand_is_unknown_after_several_looks() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "never" }));
    let mut body = interview();
    body["rooms"] = json!(["room7@contoso.com", "room8@contoso.com"]);
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    let path = format!("/v1/interviews/{}", made.str("/id"));
    let mut attendees = world.meeting(ANA)["attendees"].as_array().expect("attendees").clone();
    attendees.retain(|one| one["type"] != "resource");
    world.edit_in_outlook(ANA, made.str("/outlook/event_id"), json!({ "attendees": attendees }));
    world.advance(minutes(1)).await;
    assert_eq!(ana.get(&path).await.str("/room/state"), "pending", "one look proves nothing");
    world.advance(minutes(10)).await;
    let read = ana.get(&path).await;
    assert_eq!((read.str("/status"), read.str("/room/state")), ("scheduled", "unknown"), "{}", read.text);
}

#[tokio::test]
async fn an_event_that_was_put_into_the_other_calendar_by_hand_is_found_there() {
    let world = World::start().await;
    let ana = world.ana().await;
    assert_eq!(ana.patch("/v1/customer", json!({ "calendar": "scheduler" })).await.status, 200);
    let mut body = interview();
    body["rooms"] = json!(["room7@contoso.com"]);
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    let path = format!("/v1/interviews/{}", made.str("/id"));
    world.switch(
        "move-event",
        json!({ "user": ANA, "event_id": made.str("/outlook/event_id"), "calendar": null }),
    );
    let titled = ana.patch(&path, json!({ "title": "New" })).await;
    assert_eq!((titled.status, titled.str("/title")), (200, "New"), "{}", titled.text);
    world.switch("renew-ids", json!({ "user": ANA }));
    let mails = world.mails().len();
    assert_eq!(cancel(&ana, &path).await.status, 200);
    assert!(world.meetings(ANA).is_empty());
    assert_eq!(world.mails_since(mails).len(), 3, "everybody hears of it");
}

#[tokio::test]
async fn a_cancel_of_what_failed_without_proof_looks_for_the_event_first() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.fault(
        json!({ "service": "graph", "operation": "POST /me/events", "when": "after", "kind": "reset" }),
    );
    fault(&world, FIND, &json!("reset"), 0);
    let path = format!("/v1/interviews/{}", ana.schedule("key-of-one-request").await.str("/id"));
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    world.switch("clear-faults", json!({}));
    world.advance(minutes(120)).await;
    assert_eq!((ana.get(&path).await.str("/status"), world.meetings(ANA).len()), ("failed", 1));
    assert_eq!(ana.connect().await, "connected");
    let mails = world.mails().len();
    let off = cancel(&ana, &path).await;
    assert_eq!((off.status, off.str("/status")), (200, "cancelled"), "{}", off.text);
    assert!(world.meetings(ANA).is_empty());
    assert_eq!(world.mails_since(mails).len(), 2);
}
