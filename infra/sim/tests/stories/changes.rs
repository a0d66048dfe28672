//! Changing, cancelling and deleting events, and who is mailed for it (microsoft.md E5, E6).

use crate::world::{World, attendee};
use serde_json::{Value, json};
use sim::MailKind::{self, Cancellation, Invitation, Update};

struct Booked {
    world: World,
    token: String,
    made: Value,
    path: String,
}

async fn booked() -> Booked {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let made = world.create(&token, json!({})).await;
    let path = format!("/me/events/{}", made["id"].as_str().unwrap());
    Booked { world, token, made, path }
}

impl Booked {
    async fn patch(&self, body: Value) -> Value {
        let told = self.world.graph("PATCH", &self.path, &self.token, Some(body)).await;
        assert_eq!(told.status, 200, "{}", told.text);
        told.json()
    }

    /// Mails after the two invitations.
    fn mails(&self) -> Vec<(String, MailKind)> {
        self.world.microsoft.mails().into_iter().skip(2).map(|mail| (mail.to, mail.kind)).collect()
    }
}

fn to(address: &str, kind: MailKind) -> (String, MailKind) {
    (address.to_owned(), kind)
}

#[tokio::test]
async fn moving_an_event_keeps_the_link_tells_everybody_and_asks_again() {
    let booked = booked().await;
    booked.world.advance(5);
    let id = booked.made["id"].as_str().unwrap();
    booked.world.switch("respond", json!({"user": "ana@contoso.com", "event_id": id, "attendee": "carl@contoso.com", "response": "accepted"}));
    let moved = booked
        .patch(json!({"start": {"dateTime": "2026-12-02T10:00:00", "timeZone": "UTC"}, "end": {"dateTime": "2026-12-02T11:00:00", "timeZone": "UTC"}}))
        .await;
    assert_eq!(moved["onlineMeeting"], booked.made["onlineMeeting"]);
    assert_eq!(moved["attendees"][0]["status"]["response"], "none");
    assert_eq!(moved["attendees"][1]["status"]["response"], "none");
    assert_eq!(booked.mails(), [to("carl@contoso.com", Update), to("room7@contoso.com", Update)]);
    assert_eq!(booked.world.microsoft.events("carl@contoso.com")[0]["start"], moved["start"]);
    booked.world.advance(5);
    let room = &booked.world.microsoft.events("ana@contoso.com")[0]["attendees"][1]["status"]["response"];
    assert_eq!(room, "accepted");
}

#[tokio::test]
async fn attendees_are_replaced_as_a_whole() {
    let booked = booked().await;
    let list = json!([attendee("dora@contoso.com", "required"), attendee("room7@contoso.com", "resource")]);
    let patched = booked.patch(json!({"attendees": list})).await;
    assert_eq!(patched["attendees"].as_array().unwrap().len(), 2);
    assert_eq!(booked.mails(), [to("carl@contoso.com", Cancellation), to("dora@contoso.com", Invitation)]);
    let carl = &booked.world.microsoft.events("carl@contoso.com")[0];
    assert_eq!(carl["isCancelled"], true);
}

#[tokio::test]
async fn a_reminder_mails_nobody_but_changes_the_etag() {
    let booked = booked().await;
    let patched = booked.patch(json!({"reminderMinutesBeforeStart": 30, "iCalUId": "ignored"})).await;
    assert_eq!(booked.mails(), []);
    assert_ne!(patched["@odata.etag"], booked.made["@odata.etag"]);
    assert_eq!(patched["iCalUId"], booked.made["iCalUId"]);
}

#[tokio::test]
async fn a_new_body_without_the_block_takes_the_link_with_it() {
    let booked = booked().await;
    let body = booked.made["body"]["content"].as_str().unwrap().replace("Agenda", "New agenda");
    let kept = booked.patch(json!({"body": {"contentType": "html", "content": body}})).await;
    assert_eq!(kept["onlineMeeting"], booked.made["onlineMeeting"]);
    assert!(kept["bodyPreview"].as_str().unwrap().starts_with("New agenda"));
    let bare = json!({"body": {"contentType": "html", "content": "<p>Bare</p>"}});
    let lost = booked.patch(bare.clone()).await;
    assert_eq!((&lost["isOnlineMeeting"], &lost["onlineMeeting"]), (&json!(true), &Value::Null));
    let other = self::booked().await;
    other.world.microsoft.options(|options| options.renew_lost_link = true);
    let renewed = other.patch(bare).await;
    assert!(renewed["onlineMeeting"].is_object());
    assert_ne!(renewed["onlineMeeting"], other.made["onlineMeeting"]);
}

#[tokio::test]
async fn a_stale_etag_is_refused_and_answers_of_attendees_make_it_stale() {
    let booked = booked().await;
    let etag = booked.made["@odata.etag"].as_str().unwrap();
    booked.world.advance(5); // the room answers
    let change = Some(json!({"subject": "New"}));
    let stale = booked
        .world
        .graph_with("PATCH", &booked.path, &booked.token, change.clone(), &[("if-match", etag)])
        .await;
    assert_eq!((stale.status, stale.code().as_str()), (412, "ErrorIrresolvableConflict"));
    let fresh = booked.world.graph("GET", &booked.path, &booked.token, None).await.json();
    let etag = fresh["@odata.etag"].as_str().unwrap();
    let told =
        booked.world.graph_with("PATCH", &booked.path, &booked.token, change, &[("if-match", etag)]).await;
    assert_eq!(told.status, 200);
}

#[tokio::test]
async fn cancelling_tells_everybody_why_and_the_event_is_gone() {
    let booked = booked().await;
    booked.world.advance(5);
    assert_eq!(booked.world.microsoft.events("room7@contoso.com").len(), 1);
    let cancel = format!("{}/cancel", booked.path);
    let told = booked.world.graph("POST", &cancel, &booked.token, Some(json!({"comment": "Filled"}))).await;
    assert_eq!((told.status, told.text.as_str()), (202, ""));
    assert_eq!(booked.mails(), [to("carl@contoso.com", Cancellation), to("room7@contoso.com", Cancellation)]);
    assert_eq!(booked.world.microsoft.mails()[2].comment, "Filled");
    let again = booked.world.graph("POST", &cancel, &booked.token, None).await;
    assert_eq!((again.status, again.code().as_str()), (404, "ErrorItemNotFound"));
    assert_eq!(booked.world.microsoft.events("carl@contoso.com")[0]["isCancelled"], true);
    assert!(booked.world.microsoft.events("room7@contoso.com").is_empty());
}

#[tokio::test]
async fn an_attendee_cannot_cancel_but_may_remove_his_copy() {
    let booked = booked().await;
    let carl = booked.world.access("carl@contoso.com");
    let copy = booked.world.microsoft.events("carl@contoso.com")[0]["id"].as_str().unwrap().to_owned();
    let told = booked.world.graph("POST", &format!("/me/events/{copy}/cancel"), &carl, None).await;
    assert_eq!((told.status, told.code().as_str()), (400, "ErrorInvalidRequest"));
    assert_eq!(booked.world.graph("GET", &booked.path, &carl, None).await.code(), "ErrorItemNotFound");
    assert_eq!(booked.world.graph("DELETE", &format!("/me/events/{copy}"), &carl, None).await.status, 204);
    assert_eq!(booked.mails(), []);
    assert_eq!(
        booked.world.graph("GET", "/me/events/nonsense", &carl, None).await.code(),
        "ErrorInvalidIdMalformed"
    );
}

#[tokio::test]
async fn the_recruiter_may_edit_and_delete_in_outlook() {
    let booked = booked().await;
    let id = booked.made["id"].as_str().unwrap();
    booked
        .world
        .switch("edit-event", json!({"user": "ana@contoso.com", "event_id": id, "subject": "Edited"}));
    assert_eq!(booked.world.microsoft.events("ana@contoso.com")[0]["subject"], "Edited");
    booked.world.switch("delete-event", json!({"user": "ana@contoso.com", "event_id": id}));
    assert!(booked.world.microsoft.events("ana@contoso.com").is_empty());
    assert_eq!(booked.mails().len(), 4, "two updates, two cancellations");
}

#[tokio::test]
async fn a_new_subject_does_not_ask_the_room_again_or_later() {
    let booked = booked().await;
    booked.world.advance(4);
    booked.patch(json!({"subject": "New"})).await;
    booked.world.advance(1);
    let event = &booked.world.microsoft.events("ana@contoso.com")[0];
    assert_eq!(event["attendees"][1]["status"]["response"], "accepted");
    assert_eq!(booked.mails(), [to("carl@contoso.com", Update), to("room7@contoso.com", Update)]);
}

#[tokio::test]
async fn an_unanswered_invitation_is_tentative_and_a_declined_one_gone() {
    let booked = booked().await;
    let show_as =
        || booked.world.microsoft.events("carl@contoso.com").first().map(|copy| copy["showAs"].clone());
    assert_eq!(show_as(), Some(json!("tentative")));
    let id = booked.made["id"].as_str().unwrap();
    for (response, seen) in [("accepted", Some(json!("busy"))), ("declined", None)] {
        let body = json!({"user": "ana@contoso.com", "event_id": id, "attendee": "carl@contoso.com", "response": response});
        booked.world.switch("respond", body);
        assert_eq!(show_as(), seen);
        let event = &booked.world.microsoft.events("ana@contoso.com")[0];
        assert_eq!(event["attendees"][0]["status"]["response"], response);
    }
}
