//! An interview is called off.

use serde_json::{Value, json};
use sim::MailKind::Cancellation;

use super::reschedule::tomorrow;
use crate::world::{Answer, Person, World};

async fn cancel(person: &Person<'_>, id: &str, key: &str, body: &Value) -> Answer {
    person.post_as(key, &format!("/v1/interviews/{id}/cancel"), body).await
}

#[tokio::test]
async fn a_cancelled_interview_leaves_the_calendar_and_everybody_reads_why() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let mails = world.mails().len();
    let answer =
        cancel(&ana, made.str("/id"), "key-of-a-cancel", &json!({ "comment": "The role is filled." })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!((answer.str("/status"), answer.str("/outlook/state")), ("cancelled", "absent"));
    assert_eq!(answer.header("etag"), Some("\"2\""));
    assert!(world.meetings("ana@contoso.com").is_empty());
    let sent = world.microsoft().mails().split_off(mails);
    assert_eq!(sent.len(), 2);
    assert!(sent.iter().all(|mail| mail.kind == Cancellation && mail.comment == "The role is filled."));
}

#[tokio::test]
async fn cancelling_twice_is_fine_and_tells_nobody_twice() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let first = cancel(&ana, made.str("/id"), "key-of-a-cancel", &json!({})).await;
    let (mails, n) = (world.mails().len(), world.journal().last());
    let second = cancel(&ana, made.str("/id"), "key-of-another-cancel", &json!({})).await;
    assert_eq!((second.status, second.str("/status")), (200, "cancelled"), "{}", second.text);
    assert_eq!(second.json, first.json, "nothing has changed");
    assert_eq!(second.header("etag"), first.header("etag"));
    assert_eq!(world.mails().len(), mails);
    assert!(world.graph_since(n).is_empty());
}

#[tokio::test]
async fn an_event_that_is_gone_from_outlook_already_is_cancelled_with_success() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    world.switch(
        "delete-event",
        json!({ "user": "ana@contoso.com", "event_id": made.str("/outlook/event_id") }),
    );
    let mails = world.mails().len();
    let answer = cancel(&ana, made.str("/id"), "key-of-a-cancel", &json!({ "comment": "x" })).await;
    assert_eq!(
        (answer.status, answer.str("/status"), answer.str("/outlook/state")),
        (200, "cancelled", "absent")
    );
    assert_eq!(world.mails().len(), mails);
}

#[tokio::test]
async fn a_cancelled_interview_can_be_read_but_not_changed() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let answer = cancel(&ana, made.str("/id"), "key-of-a-cancel", &json!({})).await;
    let path = format!("/v1/interviews/{}", made.str("/id"));
    assert_eq!(ana.get(&path).await.json, answer.json);
    let n = world.journal().last();
    let moved = ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &tomorrow()).await;
    assert_eq!(moved.problem(), (409, "interview-not-active"), "{}", moved.text);
    assert_eq!(ana.patch(&path, json!({ "title": "x" })).await.problem(), (409, "interview-not-active"));
    assert!(world.graph_since(n).is_empty());
}

#[tokio::test]
async fn a_cancelled_interview_can_be_cancelled_again_after_the_connection_is_gone() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    cancel(&ana, made.str("/id"), "key-of-a-cancel", &json!({})).await;
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    let again = cancel(&ana, made.str("/id"), "key-of-another-cancel", &json!({})).await;
    assert_eq!((again.status, again.str("/status")), (200, "cancelled"), "{}", again.text);
}

#[tokio::test]
async fn a_cancel_without_a_body_is_taken() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-of-one-request").await;
    let path = format!("/v1/interviews/{}/cancel", made.str("/id"));
    let answer =
        ana.call(reqwest::Method::POST, &path, None, &[("idempotency-key", "key-of-a-cancel")]).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
