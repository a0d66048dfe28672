//! A new interview and the event that it makes.

use serde_json::{Value, json};
use sim::MailKind::Invitation;

use crate::world::{World, interview};

#[tokio::test]
async fn an_interview_is_on_the_calendar_with_a_teams_link_and_one_invitation_for_each_person() {
    let world = World::start().await;
    let ana = world.ana().await;
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("etag"), Some("\"1\""));
    assert!(answer.header("request-id").is_some());
    assert!(answer.header("idempotent-replayed").is_none());

    let event = world.meeting("ana@contoso.com");
    assert_eq!(answer.json["join_url"], event["onlineMeeting"]["joinUrl"]);
    assert!(answer.str("/join_url").starts_with("https://teams.microsoft.com/"));
    assert_eq!(event["subject"], "Interview: Backend engineer");
    let body = event["body"]["content"].as_str().expect("a body");
    assert!(body.contains("<p>Bring your questions.</p>") && body.contains(answer.str("/join_url")));
    assert_eq!(
        world.mails(),
        [(Invitation, "dana@example.org".to_owned()), (Invitation, "carl@contoso.com".to_owned())]
    );
}

#[tokio::test]
async fn every_field_of_the_answer_is_there_and_says_what_was_asked_and_what_stands_in_outlook() {
    let world = World::start().await;
    let ana = world.ana().await;
    let answer = ana.schedule("key-of-one-request").await;
    let event = world.meeting("ana@contoso.com");
    let mut told = answer.json.clone();
    let id = told["id"].take();
    let id = id.as_str().expect("an id");
    assert!(id.starts_with("int_") && id.len() == 30, "{id}");
    assert_eq!(
        told,
        json!({
            "id": null, "external_id": "ats-9981", "title": "Interview: Backend engineer",
            "body_html": "<p>Bring your questions.</p>",
            "start": "2026-12-01T10:00:00+01:00", "end": "2026-12-01T10:45:00+01:00", "time_zone": "Europe/Paris",
            "candidates": [{ "email": "dana@example.org", "name": "Dana" }],
            "interviewers": [{ "email": "carl@contoso.com", "name": null, "optional": false }],
            "online_meeting": "teams", "rooms": [], "hold_room": false, "require_free": false,
            "hide_attendees": false, "organize_as": "me",
            "status": "scheduled", "requested_by": "u-ana",
            "organizer": { "user": "u-ana", "email": "ana@contoso.com" },
            "join_url": event["onlineMeeting"]["joinUrl"], "problem": null, "room": null,
            "outlook": {
                "event_id": event["id"], "ical_uid": event["iCalUId"], "web_link": event["webLink"],
                "etag": event["@odata.etag"], "start": "2026-12-01T10:00:00+01:00", "end": "2026-12-01T10:45:00+01:00",
                "all_day": false, "title": "Interview: Backend engineer", "state": "present", "checked_at": "2026-11-24T08:02:00Z",
            },
            "warnings": [], "version": 1, "created_at": "2026-11-24T08:02:00Z", "updated_at": "2026-11-24T08:02:00Z",
        })
    );
}

#[tokio::test]
async fn outlook_gets_the_windows_zone_the_local_time_our_tag_and_hidden_attendees() {
    let world = World::start().await;
    let ana = world.ana().await;
    let mut body = interview();
    body["hide_attendees"] = json!(true);
    let answer = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(answer.json["hide_attendees"], true, "{}", answer.text);
    let event = world.meeting("ana@contoso.com");
    assert_eq!(event["originalStartTimeZone"], "Romance Standard Time");
    assert_eq!(event["originalEndTimeZone"], "Romance Standard Time");
    assert_eq!(
        event["start"]["dateTime"], "2026-12-01T09:00:00.0000000",
        "in UTC, as nobody asked for a zone"
    );
    assert_eq!(event["end"]["dateTime"], "2026-12-01T09:45:00.0000000");
    assert_eq!(event["hideAttendees"], true);
    let claim = event["transactionId"].as_str().expect("a transaction id");
    assert!(claim.starts_with("clm_"));
    let tags = event["singleValueExtendedProperties"].as_array().expect("tags");
    assert!(tags.iter().any(|tag| tag["value"] == claim), "{tags:?}");
}

#[tokio::test]
async fn times_with_an_offset_and_in_another_zone_mean_the_same_instant() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ask = async |key: &str, change: Value| {
        let mut body = interview();
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        ana.post_as(key, "/v1/interviews", &body).await
    };
    let offset = ask(
        "key-with-an-offset",
        json!({ "start": "2026-12-01T10:00:00-05:00", "end": "2026-12-01T11:00:00-05:00", "time_zone": "America/New_York" }),
    )
    .await;
    assert_eq!(offset.str("/start"), "2026-12-01T10:00:00-05:00", "{}", offset.text);
    let utc = json!({ "start": "2026-12-01T15:00:00Z", "end": "2026-12-01T16:00:00Z" });
    let instant = ask("key-of-an-instant", utc).await;
    assert_eq!(instant.str("/start"), "2026-12-01T16:00:00+01:00", "{}", instant.text);
    let tokyo = ask("key-of-tokyo", json!({ "time_zone": "asia/tokyo" })).await;
    assert_eq!((tokyo.str("/start"), tokyo.str("/time_zone")), ("2026-12-01T10:00:00+09:00", "Asia/Tokyo"));
    let change = json!({ "start": "2026-12-01T09:00:00Z", "end": "2026-12-01T10:00:00Z", "time_zone": null });
    let utc = ask("key-of-no-zone", change).await;
    assert_eq!(
        (utc.str("/start"), utc.str("/time_zone")),
        ("2026-12-01T09:00:00+00:00", "UTC"),
        "{}",
        utc.text
    );
}

#[tokio::test]
async fn everything_that_may_be_left_out_is_null_or_empty_in_the_answer() {
    let world = World::start().await;
    let ana = world.ana().await;
    let body = json!({
        "title": "Chat", "start": "2026-12-01T10:00:00Z", "end": "2026-12-01T10:45:00Z",
        "candidates": [{ "email": "dana@example.org" }],
    });
    let answer = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    for name in ["external_id", "body_html", "join_url", "problem", "room"] {
        assert!(answer.json.as_object().expect("an object").contains_key(name), "{name}");
        assert!(answer.json[name].is_null(), "{name}");
    }
    assert_eq!(answer.json["online_meeting"], "none");
    assert_eq!(answer.json["interviewers"], json!([]));
    assert_eq!(answer.json["candidates"], json!([{ "email": "dana@example.org", "name": null }]));
    let event = world.meeting("ana@contoso.com");
    assert_eq!((&event["isOnlineMeeting"], &event["onlineMeeting"]), (&json!(false), &json!(null)));
}

#[tokio::test]
async fn somebody_who_is_named_twice_is_invited_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    let mut body = interview();
    body["candidates"] = json!([{ "email": "dana@example.org" }, { "email": "Dana@Example.org" }]);
    body["interviewers"] =
        json!([{ "email": "carl@contoso.com" }, { "email": "CARL@contoso.com", "optional": true }]);
    let answer = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(world.mails().len(), 2, "{:?}", world.mails());
}

#[tokio::test]
async fn an_optional_interviewer_is_optional_in_outlook() {
    let world = World::start().await;
    let ana = world.ana().await;
    let mut body = interview();
    body["interviewers"] = json!([{ "email": "carl@contoso.com", "name": "Carl" }, { "email": "dora@contoso.com", "optional": true }]);
    ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    let event = world.meeting("ana@contoso.com");
    let kinds: Vec<_> =
        event["attendees"].as_array().expect("attendees").iter().map(|a| a["type"].clone()).collect();
    assert_eq!(kinds, ["required", "required", "optional"]);
    assert_eq!(event["attendees"][1]["emailAddress"]["name"], "Carl");
}
