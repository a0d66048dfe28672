//! What can be proven: the log of calls to Graph, and the receipts for what was destroyed.

use serde_json::{Value, json};
use shared::domain::connection::Status;
use shared::domain::features::Feature;
use shared::domain::history::What;
use shared::domain::interview::{self, RoomState};

use super::answers::{page_of, whole, words};
use super::bodies;
use super::kinds::{boolean, date_time, integer, list, nullable, one_of, prefixed, reference, text, uuid};
use super::live::Live;
use super::stories::Told;
use crate::world::{World, minutes};

pub(super) fn answers() -> Vec<(&'static str, Value)> {
    use interview::Status::{AwaitingRoom, Cancelled, Failed, Scheduled, Scheduling};
    let call = whole(json!({
        "at": date_time("When it was sent."),
        "user": text("The user of the ATS whose token was used."),
        "interview": nullable(prefixed("int_")),
        "method": text("Of HTTP."),
        "path": text("Version and template; ids are left out."),
        "feature": one_of(&Feature::ALL.map(Feature::name)),
        "request_id": uuid("Ours, sent as client-request-id."),
        "microsoft_request_id": nullable(text("Microsoft's request-id; null if no answer came.")),
        "status": nullable(integer("Of HTTP; null if no answer came.")),
    }));
    let refusal = whole(json!({
        "seen_at": date_time("On our clock."), "microsoft": reference("Microsoft"),
    }));
    let destroyed = whole(json!({
        "at": date_time("When the sealed tokens were removed."),
        "reason": words(json!([Status::NeedsReauth, Status::Revoked, Status::Disconnected])),
        "first_refusal": nullable(reference("SeenRefusal")), "confirmed_by": nullable(reference("SeenRefusal")),
    }));
    let receipt = whole(json!({
        "requested_at": date_time("When it was first asked for."),
        "keys_destroyed": boolean("The customer's keys are gone: nothing that they sealed opens again."),
        "keys_destroyed_at": date_time("When that was seen; a repeat tells the same."),
        "irrecoverable_after": date_time("From then on no backup and no memory holds a key."),
        "access_tokens_end_by": date_time("Microsoft's tokens that were issued before live so long by themselves."),
        "checked": reference("Checked"),
    }));
    let checked = whole(json!({
        "key_versions_left": integer("Versions of the customer's key that a consistent read still found."),
        "sealed_values_tried": integer("Stored tokens and interviews whose key was asked for afterwards."),
        "sealed_values_opened": integer("How many of them had a key."),
    }));
    let mut made = call.clone();
    for other in ["user", "interview", "feature"] {
        made["properties"].as_object_mut().expect("members").remove(other);
    }
    let names: Vec<Value> =
        made["properties"].as_object().expect("members").keys().map(|k| json!(k)).collect();
    made["required"] = json!(names);
    let rooms = [RoomState::Pending, RoomState::Accepted, RoomState::Declined, RoomState::Unknown];
    let step = whole(json!({
        "what": words(json!([What::Create, What::Reschedule, What::Change, What::Cancel, What::Look, What::Release])),
        "asked_by": nullable(text("The user of the ATS; null for what follow-ups did by themselves.")),
        "asked_at": nullable(date_time("When the request was accepted.")),
        "answer": nullable(integer("HTTP status of the answer; 202 while the outcome was not known.")),
        "problem": nullable(text("Code of the problem, if that was the answer.")),
        "calls": nullable(list(reference("StepCall"))),
        "at": date_time("When it was stored."),
        "status": words(json!([Scheduling, Scheduled, AwaitingRoom, Cancelled, Failed])),
        "room_state": nullable(words(json!(rooms))),
        "version": integer("Of the interview, after the step."),
    }));
    vec![
        ("StepCall", made),
        ("Step", step),
        ("StepList", whole(json!({ "data": list(reference("Step")), "next_cursor": { "type": "null" } }))),
        ("RecordedCall", call),
        ("RecordedCallList", page_of("RecordedCall")),
        ("SeenRefusal", refusal),
        ("DestroyedTokens", destroyed),
        ("DeletionReceipt", receipt),
        ("Checked", checked),
    ]
}

/// An interview that came to nothing, and why.
async fn refused(told: &Told<'_>, world: &World) {
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "declined" }));
    let mut body = bodies::interview();
    (body["rooms"], body["hold_room"]) = (json!(["room7@contoso.com"]), json!(true));
    let made = told.post("POST /v1/interviews", "", &body, "key-of-a-held-room").await;
    world.tick("follow-ups").await;
    world.advance(minutes(2)).await;
    let steps = told.get("GET /v1/interviews/{id}/timeline", made.str("/id")).await;
    assert!(steps.text.contains("room-declined"), "{}", steps.text);
}

/// The log after all the interviews of the other stories.
pub(super) async fn story(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    refused(&told, world).await;
    let page = told.ask("GET /v1/graph-calls", "?limit=3", None, &[]).await;
    assert_eq!(page.json["data"].as_array().map(Vec::len), Some(3), "{}", page.text);
    let whole = told.ask("GET /v1/graph-calls", "?limit=200", None, &[]).await;
    assert_eq!(whole.status, 200);
    assert_eq!(told.ask("GET /v1/graph-calls", "?limit=0", None, &[]).await.status, 422);
}
