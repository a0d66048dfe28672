//! What can be proven: the log of calls to Graph, and the receipts for what was destroyed.

use serde_json::{Value, json};
use shared::domain::connection::Status;
use shared::domain::features::Feature;

use super::answers::{page_of, whole, words};
use super::kinds::{boolean, date_time, integer, nullable, one_of, prefixed, reference, text, uuid};
use super::live::Live;
use super::stories::Told;
use crate::world::World;

pub(super) fn answers() -> Vec<(&'static str, Value)> {
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
    vec![
        ("RecordedCall", call),
        ("RecordedCallList", page_of("RecordedCall")),
        ("SeenRefusal", refusal),
        ("DestroyedTokens", destroyed),
        ("DeletionReceipt", receipt),
        ("Checked", checked),
    ]
}

/// The log after all the interviews of the other stories.
pub(super) async fn story(live: &Live, world: &World) {
    let told = Told { live, person: world.person("u-ana", "acme", "ana@contoso.com").await };
    let page = told.ask("GET /v1/graph-calls", "?limit=3", None, &[]).await;
    assert_eq!(page.json["data"].as_array().map(Vec::len), Some(3), "{}", page.text);
    let whole = told.ask("GET /v1/graph-calls", "?limit=200", None, &[]).await;
    assert_eq!(whole.status, 200);
    assert_eq!(told.ask("GET /v1/graph-calls", "?limit=0", None, &[]).await.status, 422);
}
