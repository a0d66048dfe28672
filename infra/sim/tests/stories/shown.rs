//! How Outlook shows attendees and times, and what an id leads to (docs#13898, contrib#825, docs#4477;
//! concepts/outlook-immutable-id.md).

use crate::world::{World, attendee};
use serde_json::{Value, json};
use sim::MailKind::{Cancellation, Invitation};
use sim::Trash;

const ANA: &str = "ana@contoso.com";
const X500: &str = "/o=ExchangeLabs/ou=x/cn=Recipients/cn=carl";

fn path(event: &Value) -> String {
    format!("/me/events/{}", event["id"].as_str().unwrap())
}

fn mails(world: &World) -> Vec<(sim::MailKind, String)> {
    world.microsoft.mails().into_iter().map(|mail| (mail.kind, mail.to)).collect()
}

#[tokio::test]
async fn an_entry_that_is_sent_back_as_it_was_read_is_the_same_person() {
    for shown in [json!(X500), json!("Carl Interviewer"), json!("Carl <carl@contoso.com>"), json!(null)] {
        let world = World::new();
        let token = world.access(ANA);
        let made =
            world.create(&token, json!({"attendees": [attendee("carl@contoso.com", "required")]})).await;
        world.switch(
            "show-as",
            json!({"user": ANA, "event_id": made["id"], "attendee": "carl@contoso.com", "address": shown}),
        );
        let read = world.graph("GET", &path(&made), &token, None).await.json();
        assert_eq!(read["attendees"][0]["emailAddress"].get("address").cloned().unwrap_or_default(), shown);
        let mut list = read["attendees"].as_array().unwrap().clone();
        list[0]["unread"] = json!({"x": 1});
        let told = world.graph("PATCH", &path(&made), &token, Some(json!({"attendees": list}))).await;
        assert_eq!((told.status, &told.json()["attendees"]), (200, &json!(list)), "{shown}");
        assert_eq!(mails(&world), [(Invitation, "carl@contoso.com".to_owned())]);
        assert_eq!(
            world.graph("PATCH", &path(&made), &token, Some(json!({"attendees": []}))).await.status,
            200
        );
        assert_eq!(mails(&world)[1..], [(Cancellation, "carl@contoso.com".to_owned())], "{shown}");
        // By itself it names nobody, unless it is an address.
        let again = world.graph("PATCH", &path(&made), &token, Some(json!({"attendees": list}))).await;
        let names = shown.as_str().is_some_and(|text| text == X500 || text.contains('@'));
        assert_eq!(again.status, if names { 200 } else { 400 }, "{shown}");
    }
}

#[tokio::test]
async fn an_alias_is_kept_as_the_primary_address_if_so_set() {
    let world = World::new();
    let token = world.access(ANA);
    let asked = json!({"attendees": [attendee("c.miller@contoso.com", "required")]});
    assert_eq!(
        world.create(&token, asked.clone()).await["attendees"][0]["emailAddress"]["address"],
        "c.miller@contoso.com"
    );
    world.switch("options", json!({"aliases": {"c.miller@contoso.com": "carl@contoso.com"}}));
    let made = world.create(&token, asked).await;
    assert_eq!(made["attendees"][0]["emailAddress"]["address"], "carl@contoso.com");
    assert_eq!(world.microsoft.events("carl@contoso.com").len(), 1, "it is in that mailbox");
}

#[tokio::test]
async fn what_was_deleted_is_still_found_by_its_immutable_id_and_by_nothing_else() {
    for (trash, cancelled) in
        [(Trash::Cancelled, Some(true)), (Trash::Plain, Some(false)), (Trash::Hidden, None)]
    {
        let world = World::new();
        world.microsoft.options(|options| options.trash = trash);
        let token = world.access(ANA);
        let made =
            world.create(&token, json!({"attendees": [attendee("carl@contoso.com", "required")]})).await;
        let cancel = format!("{}/cancel", path(&made));
        assert_eq!(world.graph("POST", &cancel, &token, Some(json!({}))).await.status, 202);
        let read = world.graph("GET", &path(&made), &token, None).await;
        match cancelled {
            Some(cancelled) => {
                assert_eq!((read.status, &read.json()["isCancelled"]), (200, &json!(cancelled)));
            }
            None => assert_eq!(read.code(), "ErrorItemNotFound"),
        }
        assert_eq!(world.graph("GET", "/me/events", &token, None).await.json()["value"], json!([]));
        let window = "/me/calendarView?startDateTime=2026-12-01T00:00:00Z&endDateTime=2026-12-02T00:00:00Z";
        assert_eq!(world.graph("GET", window, &token, None).await.json()["value"], json!([]));
        for (method, path) in [("POST", cancel.clone()), ("PATCH", path(&made)), ("DELETE", path(&made))] {
            assert_eq!(world.graph(method, &path, &token, Some(json!({}))).await.code(), "ErrorItemNotFound");
        }
    }
}

#[tokio::test]
async fn times_may_be_kept_otherwise_and_ids_end_with_a_mailbox_move() {
    let world = World::new();
    let token = world.access(ANA);
    world.switch("options", json!({"shift_seconds": 3600}));
    let made = world.create(&token, json!({})).await;
    assert_eq!(made["start"]["dateTime"], "2026-12-01T10:00:00.0000000");
    world.switch("renew-ids", json!({"user": ANA}));
    assert_eq!(world.graph("GET", &path(&made), &token, None).await.code(), "ErrorItemNotFound");
    let all = world.graph("GET", "/me/events", &token, None).await.json();
    assert_eq!((&all["value"][0]["iCalUId"], all["value"][0]["id"] == made["id"]), (&made["iCalUId"], false));
}
