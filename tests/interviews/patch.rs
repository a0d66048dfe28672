//! Title, text, people or rooms change; each is written only where it differs from what Outlook shows.

use serde_json::{Value, json};
use sim::MailKind::{Cancellation, Invitation, Update};

use crate::world::{Answer, Person, World, interview};

const ANA: &str = "ana@contoso.com";

async fn made(ana: &Person<'_>) -> (String, Answer) {
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    (format!("/v1/interviews/{}", answer.str("/id")), answer)
}

/// Mails since there were so many, by addressee.
fn sent(world: &World, mails: usize) -> Vec<(sim::MailKind, String)> {
    let mut sent = world.mails_since(mails);
    sent.sort_by(|a, b| a.1.cmp(&b.1));
    sent
}

fn people(event: &Value) -> Vec<&str> {
    let all = event["attendees"].as_array().expect("attendees").iter();
    all.map(|a| a["emailAddress"]["address"].as_str().expect("an address")).collect()
}

#[tokio::test]
async fn a_new_title_is_written_alone() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    let (before, mails, n) = (world.meeting(ANA), world.mails().len(), world.journal().last());
    let answer = ana.patch(&path, json!({ "title": "Interview: Platform engineer" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let mut expected = made.json.clone();
    expected["title"] = json!("Interview: Platform engineer");
    expected["version"] = json!(2);
    expected["outlook"]["etag"] = answer.json["outlook"]["etag"].clone();
    expected["outlook"]["title"] = json!("Interview: Platform engineer");
    assert_eq!(answer.json, expected);
    let after = world.meeting(ANA);
    assert_eq!(after["subject"], "Interview: Platform engineer");
    for field in ["body", "onlineMeeting", "attendees", "start", "end"] {
        assert_eq!(after[field], before[field], "{field}");
    }
    assert_eq!(world.mails_since(mails).len(), 2);
    assert_eq!(world.graph_since(n), ["GET /me/events/{id}", "PATCH /me/events/{id}"]);
}

#[tokio::test]
async fn a_new_text_keeps_the_teams_block_and_the_link() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    let before = world.meeting(ANA);
    let answer = ana.patch(&path, json!({ "body_html": "<p>Bring <b>nothing</b>.</p>" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json["join_url"], made.json["join_url"]);
    assert_eq!(answer.str("/body_html"), "<p>Bring <b>nothing</b>.</p>");
    let after = world.meeting(ANA);
    assert_eq!(after["onlineMeeting"], before["onlineMeeting"]);
    let text = |event: &Value| event["body"]["content"].as_str().expect("a body").to_owned();
    let block = |text: &str| text[text.find("<div").expect("a block")..].to_owned();
    assert_eq!(block(&text(&after)), block(&text(&before)));
    assert!(text(&after).contains("<b>nothing</b>") && !text(&after).contains("questions"));
}

#[tokio::test]
async fn without_the_teams_block_no_text_is_written_and_the_rest_still_can_be() {
    for renewed in [false, true] {
        let world = World::start().await;
        let ana = world.ana().await;
        let (path, made) = made(&ana).await;
        world.microsoft().options(|options| options.renew_lost_link = renewed);
        let body = json!({ "body": { "contentType": "html", "content": "<p>all new, by hand</p>" } });
        world.edit_in_outlook(ANA, made.str("/outlook/event_id"), body);
        let (before, mails, n) = (world.meeting(ANA), world.mails().len(), world.journal().last());
        let answer = ana.patch(&path, json!({ "body_html": "<p>New.</p>", "title": "New" })).await;
        assert_eq!(answer.problem(), (409, "teams-block-not-found"), "{}", answer.text);
        assert_eq!(world.meeting(ANA), before);
        assert_eq!(world.mails().len(), mails);
        assert_eq!(world.graph_since(n), ["GET /me/events/{id}"]);
        assert_eq!(ana.get(&path).await.json, made.json);
        let titled = ana.patch(&path, json!({ "title": "New" })).await;
        assert_eq!((titled.status, titled.str("/title")), (200, "New"), "{}", titled.text);
        let trouble = if renewed { "join-url-changed" } else { "teams-not-available" };
        assert_eq!(titled.str("/problem/code"), trouble, "{}", titled.text);
    }
}

#[tokio::test]
async fn the_text_of_an_interview_without_a_meeting_is_replaced() {
    let world = World::start().await;
    let ana = world.ana().await;
    let mut body = interview();
    body["online_meeting"] = json!("none");
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    let path = format!("/v1/interviews/{}", made.str("/id"));
    let answer = ana.patch(&path, json!({ "body_html": "<p>New.</p>" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let event = world.meeting(ANA);
    let text = event["body"]["content"].as_str().expect("a body");
    assert!(text.contains("<p>New.</p>") && !text.contains("questions"), "{text}");
}

#[tokio::test]
async fn only_those_who_come_or_go_are_mailed_and_others_keep_their_answer() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    let yes = json!({ "user": ANA, "event_id": made.str("/outlook/event_id"), "attendee": "dana@example.org", "response": "accepted" });
    world.switch("respond", yes);
    let mails = world.mails().len();
    let answer = ana
        .patch(&path, json!({ "interviewers": [{ "email": "dora@contoso.com", "optional": true }] }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let panel = json!([{ "email": "dora@contoso.com", "name": null, "optional": true }]);
    assert_eq!(answer.json["interviewers"], panel);
    let expected =
        [(Cancellation, "carl@contoso.com".to_owned()), (Invitation, "dora@contoso.com".to_owned())];
    assert_eq!(sent(&world, mails), expected);
    let event = world.meeting(ANA);
    assert_eq!(people(&event), ["dana@example.org", "dora@contoso.com"]);
    assert_eq!(event["attendees"][0]["status"]["response"], "accepted");
    assert_eq!(event["attendees"][1]["type"], "optional");
}

#[tokio::test]
async fn somebody_who_was_added_in_outlook_by_hand_stays() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    let mut attendees = world.meeting(ANA)["attendees"].as_array().expect("attendees").clone();
    attendees
        .push(json!({ "type": "required", "emailAddress": { "address": "ben@contoso.com", "name": "Ben" } }));
    world.edit_in_outlook(ANA, made.str("/outlook/event_id"), json!({ "attendees": attendees }));
    let mails = world.mails().len();
    let answer = ana.patch(&path, json!({ "candidates": [{ "email": "erik@example.org" }] })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let event = world.meeting(ANA);
    assert_eq!(people(&event), ["carl@contoso.com", "ben@contoso.com", "erik@example.org"]);
    let expected =
        [(Cancellation, "dana@example.org".to_owned()), (Invitation, "erik@example.org".to_owned())];
    assert_eq!(sent(&world, mails), expected);
}

#[tokio::test]
async fn where_nothing_differs_nothing_is_written_and_nobody_is_mailed() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    let (mails, n) = (world.mails().len(), world.journal().last());
    let body = json!({
        "title": made.json["title"], "body_html": made.json["body_html"], "candidates": made.json["candidates"],
        "interviewers": made.json["interviewers"], "rooms": [],
    });
    let answer = ana.patch(&path, body).await;
    assert_eq!((answer.status, &answer.json), (200, &made.json), "{}", answer.text);
    assert_eq!(answer.header("etag"), made.header("etag"), "what did not change keeps its version");
    assert_eq!(world.graph_since(n), ["GET /me/events/{id}"]);
    assert_eq!(world.mails().len(), mails);
    // Also with the addresses in another case.
    let body = json!({ "interviewers": [{ "email": "CARL@contoso.com" }], "candidates": [{ "email": "Dana@example.org", "name": "Dana" }] });
    assert_eq!(ana.patch(&path, body).await.status, 200);
    assert_eq!(world.mails().len(), mails);
}

#[tokio::test]
async fn what_is_not_named_is_left_as_it_was_edited_in_outlook() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    world.edit_in_outlook(ANA, made.str("/outlook/event_id"), json!({ "subject": "By hand" }));
    let answer = ana.patch(&path, json!({ "candidates": [{ "email": "erik@example.org" }] })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(world.meeting(ANA)["subject"], "By hand", "a change of people says nothing about the title");
}

#[tokio::test]
async fn nobody_left_is_refused() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, _) = made(&ana).await;
    let (mails, n) = (world.mails().len(), world.journal().last());
    let answer = ana.patch(&path, json!({ "candidates": [], "interviewers": [] })).await;
    assert_eq!(answer.problem(), (422, "invalid-request"), "{}", answer.text);
    assert_eq!(ana.patch(&path, json!({ "interviewers": [] })).await.status, 200);
    let last = ana.patch(&path, json!({ "candidates": [] })).await;
    assert_eq!(last.problem(), (422, "invalid-request"), "{}", last.text);
    assert_eq!(last.json["errors"][0]["pointer"], "/candidates");
    assert_eq!(world.mails().len(), mails + 1);
    assert_eq!(world.graph_since(n).len(), 2);
}

#[tokio::test]
async fn an_event_that_changes_between_our_read_and_our_write_is_read_again() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    let stale = json!({ "service": "graph", "operation": "PATCH /me/events/{id}", "kind": { "status": { "status": 412 } }, "times": 2 });
    world.fault(stale);
    let (mails, n) = (world.mails().len(), world.journal().last());
    let answer = ana.patch(&path, json!({ "title": "New" })).await;
    assert_eq!((answer.status, answer.str("/title")), (200, "New"), "{}", answer.text);
    assert_eq!(answer.json["outlook"]["event_id"], made.json["outlook"]["event_id"]);
    let expected = [(Update, "carl@contoso.com".to_owned()), (Update, "dana@example.org".to_owned())];
    assert_eq!(sent(&world, mails), expected);
    assert_eq!(world.graph_since(n).len(), 6);
}

#[tokio::test]
async fn all_of_it_changes_in_one_write() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    let n = world.journal().last();
    let body = json!({
        "title": "New", "body_html": "<p>New.</p>", "interviewers": [], "rooms": ["room8@contoso.com"],
        "candidates": [{ "email": "dana@example.org" }, { "email": "erik@example.org" }],
    });
    let answer = ana.patch(&path, body).await;
    assert_eq!((answer.status, answer.str("/status")), (200, "awaiting_room"), "{}", answer.text);
    assert_eq!(answer.json["join_url"], made.json["join_url"]);
    assert_eq!(world.graph_since(n), ["GET /me/events/{id}", "PATCH /me/events/{id}"]);
}
