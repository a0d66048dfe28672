//! An interview is moved: start and end, and nothing else.

use serde_json::{Value, json};
use sim::MailKind::Update;

use crate::world::{Answer, Person, World};

pub(super) fn tomorrow() -> Value {
    json!({ "start": "2026-12-02T14:00:00", "end": "2026-12-02T14:45:00", "time_zone": "Europe/Paris" })
}

async fn moved(person: &Person<'_>, id: &str, key: &str, when: &Value) -> Answer {
    person.post_as(key, &format!("/v1/interviews/{id}/reschedule"), when).await
}

#[tokio::test]
async fn a_moved_interview_keeps_its_event_its_link_and_its_text() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let (before, mails, n) = (world.meeting("ana@contoso.com"), world.mails().len(), world.journal().last());
    let answer = moved(&ana, made.str("/id"), "key-of-a-move", &tomorrow()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.str("/start"), "2026-12-02T14:00:00+01:00");
    assert_eq!(answer.str("/end"), "2026-12-02T14:45:00+01:00");
    assert_eq!(answer.str("/status"), "scheduled");
    assert_eq!(answer.json["version"], 2);
    assert_eq!(answer.header("etag"), Some("\"2\""));
    for field in ["id", "join_url", "problem", "title", "body_html", "created_at"] {
        assert_eq!(answer.json[field], made.json[field], "{field}");
    }
    assert_eq!(answer.json["outlook"]["event_id"], made.json["outlook"]["event_id"]);
    assert_ne!(answer.json["outlook"]["etag"], made.json["outlook"]["etag"]);

    let after = world.meeting("ana@contoso.com");
    assert_eq!(after["start"]["dateTime"], "2026-12-02T13:00:00.0000000");
    for field in
        ["id", "body", "subject", "onlineMeeting", "attendees", "iCalUId", "singleValueExtendedProperties"]
    {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(
        world.mails_since(mails),
        [(Update, "dana@example.org".to_owned()), (Update, "carl@contoso.com".to_owned())]
    );
    assert_eq!(world.graph_since(n), ["PATCH /me/events/{id}"]);
    assert_eq!(ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await.json, answer.json);
}

#[tokio::test]
async fn an_event_that_was_removed_in_outlook_cannot_be_moved() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    world.switch(
        "delete-event",
        json!({ "user": "ana@contoso.com", "event_id": made.str("/outlook/event_id") }),
    );
    let answer = moved(&ana, made.str("/id"), "key-of-a-move", &tomorrow()).await;
    assert_eq!(answer.problem(), (409, "event-missing"), "{}", answer.text);
    assert_eq!(answer.json["fix"]["owner"], "recruiter");
    assert_eq!(answer.str("/microsoft/error"), "ErrorItemNotFound");
}

#[tokio::test]
async fn a_stale_etag_is_refused_with_the_present_one_and_nothing_is_written() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let id = made.str("/id");
    let (path, n, mails) = (format!("/v1/interviews/{id}"), world.journal().last(), world.mails().len());
    let asked = async |verb: &str, tag: &str| {
        let (method, path, body) = match verb {
            "patch" => (reqwest::Method::PATCH, path.clone(), json!({ "title": "New" })),
            "cancel" => (reqwest::Method::POST, format!("{path}/cancel"), json!({})),
            _ => (reqwest::Method::POST, format!("{path}/reschedule"), tomorrow()),
        };
        ana.call(method, &path, Some(&body), &[("if-match", tag), ("idempotency-key", "key-of-a-change")])
            .await
    };
    for verb in ["patch", "reschedule", "cancel"] {
        let answer = asked(verb, "\"7\"").await;
        assert_eq!(answer.problem(), (412, "version-mismatch"), "{verb} {}", answer.text);
        assert_eq!(answer.header("etag"), Some("\"1\""), "{verb}");
    }
    assert!(world.graph_since(n).is_empty());
    assert_eq!(world.mails().len(), mails);
    // The key was not burnt by the refusal, and the right tag is taken, also in a list, as is any.
    assert_eq!(asked("reschedule", "\"7\", \"1\"").await.status, 200);
    assert_eq!(asked("patch", "*").await.status, 200);
    assert_eq!(asked("cancel", "\"3\"").await.status, 200);
}

#[tokio::test]
async fn an_event_that_was_edited_in_outlook_keeps_what_was_edited_when_it_is_moved() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    world.edit_in_outlook("ana@contoso.com", made.str("/outlook/event_id"), json!({ "subject": "By hand" }));
    let answer = moved(&ana, made.str("/id"), "key-of-a-move", &tomorrow()).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(world.meeting("ana@contoso.com")["subject"], "By hand");
}

#[tokio::test]
async fn an_interview_whose_link_changed_in_outlook_says_so() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| options.renew_lost_link = true);
    let made = ana.schedule("key-of-one-request").await;
    let body = json!({ "body": { "contentType": "html", "content": "<p>all new</p>" } });
    world.edit_in_outlook("ana@contoso.com", made.str("/outlook/event_id"), body);
    let answer = moved(&ana, made.str("/id"), "key-of-a-move", &tomorrow()).await;
    assert_eq!(answer.str("/problem/code"), "join-url-changed", "{}", answer.text);
    assert_eq!(answer.json["join_url"], world.meeting("ana@contoso.com")["onlineMeeting"]["joinUrl"]);
    assert_ne!(answer.json["join_url"], made.json["join_url"]);
}
