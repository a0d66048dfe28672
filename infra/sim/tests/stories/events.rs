//! Creating and reading events (microsoft.md E1 to E4).

use crate::world::{World, attendee, event};
use serde_json::{Value, json};
use sim::MailKind;

#[tokio::test]
async fn creating_an_event_invites_everybody_and_gives_a_link_and_copies() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let made = world.create(&token, json!({"transactionId": "tx-1"})).await;
    let link = made["onlineMeeting"]["joinUrl"].as_str().unwrap();
    assert!(link.starts_with("https://teams.microsoft.com/l/meetup-join/"));
    assert!(made["body"]["content"].as_str().unwrap().contains(link));
    assert_eq!(made["start"], json!({"dateTime": "2026-12-01T09:00:00.0000000", "timeZone": "UTC"}));
    assert_eq!(made["originalStartTimeZone"], "Europe/Madrid");
    assert_eq!(made["attendees"][0]["status"]["response"], "none");
    assert!(made["id"].as_str().unwrap().starts_with("AAkA"));
    let mails = world.microsoft.mails();
    let to: Vec<&str> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["carl@contoso.com", "room7@contoso.com"]);
    assert!(mails.iter().all(|mail| mail.kind == MailKind::Invitation && made["iCalUId"] == mail.ical_uid));
    let copy = &world.microsoft.events("carl@contoso.com")[0];
    assert_eq!(copy["iCalUId"], made["iCalUId"]);
    assert_ne!(copy["id"], made["id"]);
    assert_eq!(
        (&copy["isOrganizer"], &copy["responseStatus"]["response"]),
        (&json!(false), &json!("notResponded"))
    );
    assert_eq!(world.journal.violations(), [""; 0]);
    assert_eq!(world.journal.calls()[0].operation, "POST /me/events");
    assert_eq!(world.journal.calls()[0].detail, "ana@contoso.com");
}

#[tokio::test]
async fn answers_are_in_the_preferred_zone_and_say_so() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let made = world.create(&token, json!({})).await;
    let path = format!("/me/events/{}", made["id"].as_str().unwrap());
    let zone = [("prefer", "outlook.timezone=\"Tokyo Standard Time\"")];
    let told = world.graph_with("GET", &path, &token, None, &zone).await;
    let tokyo = json!({"dateTime": "2026-12-01T18:00:00.0000000", "timeZone": "Tokyo Standard Time"});
    assert_eq!(told.json()["start"], tokyo);
    assert!(told.header("preference-applied").contains("outlook.timezone=\"Tokyo Standard Time\""));
    assert_eq!(told.header("client-request-id"), "6f0c1c7e-4b53-4a0e-8d6e-0d1b1f6f2a10");
    assert_eq!(told.header("date"), "Tue, 24 Nov 2026 09:00:00 GMT");
    let told = world.graph_with("GET", &path, &token, None, &[("prefer", "outlook.timezone=\"Mars\"")]).await;
    assert_eq!(told.code(), "TimeZoneNotSupportedException");
}

#[tokio::test]
async fn bad_fields_are_refused_and_read_only_ones_ignored() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    for (change, code) in [
        (
            json!({"start": {"dateTime": "2026-12-01T10:00:00Z", "timeZone": "UTC"}}),
            "ErrorPropertyValidationFailure",
        ),
        (
            json!({"start": {"dateTime": "2026-12-01T12:00:00", "timeZone": "UTC"}}),
            "ErrorPropertyValidationFailure",
        ),
        (
            json!({"start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Mars/Olympus"}}),
            "TimeZoneNotSupportedException",
        ),
        (json!({"attendees": [attendee("nobody", "required")]}), "ErrorPropertyValidationFailure"),
        (json!({"showAs": "sleeping"}), "ErrorPropertyValidationFailure"),
        (json!({"title": "x"}), "RequestBodyRead"),
    ] {
        let told = world.graph("POST", "/me/events", &token, Some(event(change.clone()))).await;
        assert_eq!((told.status, told.code().as_str()), (400, code), "{change}");
    }
    assert!(world.microsoft.mails().is_empty());
    let ignored =
        json!({"isOrganizer": false, "iCalUId": "x", "organizer": {}, "webLink": "x", "showAs": "TENTATIVE"});
    let made = world.create(&token, ignored).await;
    assert_eq!((&made["isOrganizer"], &made["showAs"]), (&json!(true), &json!("tentative")));
    assert_eq!(made["organizer"]["emailAddress"]["address"], "ana@contoso.com");
}

#[tokio::test]
async fn the_same_transaction_gives_the_same_event_and_other_content_is_a_duplicate() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let first = world.create(&token, json!({"transactionId": "tx-1"})).await;
    let again = world.create(&token, json!({"transactionId": "tx-1"})).await;
    assert_eq!(first["id"], again["id"]);
    assert_eq!(world.microsoft.events("ana@contoso.com").len(), 1);
    assert_eq!(world.microsoft.mails().len(), 2);
    let other = event(json!({"transactionId": "tx-1", "subject": "Other"}));
    let told = world.graph("POST", "/me/events", &token, Some(other)).await;
    assert_eq!((told.status, told.code().as_str()), (400, "ErrorDuplicateTransactionId"));
    assert_eq!(told.json()["error"]["@event.existingEventId"], first["id"]);
    // The memory is the mailbox's, and outlives the event.
    let ben = world.access("ben@contoso.com");
    assert_ne!(world.create(&ben, json!({"transactionId": "tx-1"})).await["id"], first["id"]);
    world.graph("DELETE", &format!("/me/events/{}", first["id"].as_str().unwrap()), &token, None).await;
    let gone = world.graph("POST", "/me/events", &token, Some(event(json!({"transactionId": "tx-1"})))).await;
    assert_eq!(gone.code(), "ErrorDuplicateTransactionId");
}

#[tokio::test]
async fn an_event_is_found_by_its_tag_and_shows_it_only_when_expanded() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let id = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name BookingId";
    let made =
        world.create(&token, json!({"singleValueExtendedProperties": [{"id": id, "value": "bk_123"}]})).await;
    world.create(&token, json!({})).await;
    assert!(made.get("singleValueExtendedProperties").is_none());
    let query = |name: &str, text: String| {
        url::form_urlencoded::Serializer::new(String::new()).append_pair(name, &text).finish()
    };
    let filter = query(
        "$filter",
        format!("singleValueExtendedProperties/Any(ep: ep/id eq '{id}' and ep/value eq 'bk_123')"),
    );
    let found =
        world.graph("GET", &format!("/me/events?{filter}&$select=subject,start"), &token, None).await.json();
    assert_eq!(found["value"].as_array().unwrap().len(), 1);
    assert_eq!(found["value"][0]["id"], made["id"]);
    assert!(found["value"][0].get("attendees").is_none() && found["value"][0].get("@odata.etag").is_some());
    let expand = query("$expand", format!("singleValueExtendedProperties($filter=id eq '{id}')"));
    let path = format!("/me/events/{}?{expand}", made["id"].as_str().unwrap());
    let read = world.graph("GET", &path, &token, None).await.json();
    assert_eq!(read["singleValueExtendedProperties"][0]["value"], "bk_123");
    let carl = world.access("carl@contoso.com");
    let none = world.graph("GET", &format!("/me/events?{filter}"), &carl, None).await.json();
    assert_eq!(none["value"], json!([]), "copies do not carry the tag");
    let told = world.graph("GET", "/me/events?$filter=subject%20eq%20'x'", &token, None).await;
    assert_eq!(told.status, 501);
    assert_eq!(world.journal.violations().len(), 1);
}

#[tokio::test]
async fn without_teams_there_is_no_link_and_no_error() {
    let world = World::new();
    let token = world.access("noteams@contoso.com");
    let calendar = world.graph("GET", "/me/calendar", &token, None).await.json();
    assert_eq!(calendar["allowedOnlineMeetingProviders"], json!([]));
    let made = world.create(&token, json!({})).await;
    assert_eq!(
        (&made["isOnlineMeeting"], &made["onlineMeetingProvider"]),
        (&json!(false), &json!("unknown"))
    );
    assert_eq!(made["onlineMeeting"], Value::Null);
    world.switch("teams", json!({"user": "noteams@contoso.com", "allowed": true}));
    assert_eq!(world.create(&token, json!({})).await["isOnlineMeeting"], true);
}

#[tokio::test]
async fn the_link_may_be_late() {
    let world = World::new();
    world.microsoft.options(|options| options.reads_without_link = 2);
    let token = world.access("ana@contoso.com");
    let made = world.create(&token, json!({})).await;
    assert_eq!((&made["isOnlineMeeting"], &made["onlineMeeting"]), (&json!(true), &Value::Null));
    let path = format!("/me/events/{}", made["id"].as_str().unwrap());
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(world.graph("GET", &path, &token, None).await.json()["onlineMeeting"].is_object());
    }
    assert_eq!(seen, [false, false, true]);
}

#[tokio::test]
async fn text_is_escaped_and_scripts_are_removed() {
    let world = World::new();
    let token = world.access("ana@contoso.com");
    let made = world.create(&token, json!({"body": {"contentType": "text", "content": "a < b\nc"}})).await;
    assert!(made["body"]["content"].as_str().unwrap().contains("a &lt; b<br>"));
    assert!(made["bodyPreview"].as_str().unwrap().starts_with("a < b"));
    let script = json!({"body": {"contentType": "html", "content": "<p>x<script>alert(1)</script></p>"}});
    assert!(!world.create(&token, script).await["body"]["content"].as_str().unwrap().contains("alert"));
}
