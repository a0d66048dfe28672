//! Requests that cannot be carried out: every fault is told at once, and nothing is written.

use serde_json::{Value, json};

use crate::world::{Answer, Person, World, interview};

async fn ask(person: &Person<'_>, change: Value) -> Answer {
    let mut body = interview();
    body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    person.post_as("key-of-one-request", "/v1/interviews", &body).await
}

fn pointers(answer: &Answer) -> Vec<&str> {
    let errors = answer.json["errors"].as_array().expect("errors");
    errors.iter().map(|error| error["pointer"].as_str().expect("a pointer")).collect()
}

#[tokio::test]
async fn every_fault_of_a_request_is_told_at_once_with_its_pointer() {
    let world = World::start().await;
    let ana = world.ana().await;
    let body = json!({
        "title": " ", "body_html": 5, "start": "tomorrow",
        "time_zone": "Europe/Atlantis", "candidates": [{ "email": "no address" }, { "name": "Nobody" }],
        "interviewers": "carl", "online_meeting": "zoom", "rooms": ["room7"], "hide_attendees": "yes",
        "hold_room": true, "color": "red",
    });
    let answer = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(answer.problem(), (422, "invalid-request"), "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let told = pointers(&answer);
    for pointer in [
        "/title",
        "/body_html",
        "/start",
        "/end",
        "/time_zone",
        "/candidates/0/email",
        "/candidates/1/email",
        "/interviewers",
        "/online_meeting",
        "/rooms/0",
        "/hide_attendees",
        "/hold_room",
        "/color",
    ] {
        assert!(told.contains(&pointer), "{pointer} is not told: {}", answer.text);
    }
    assert!(world.journal().calls().is_empty(), "nothing is asked of anybody for a bad request");
}

#[tokio::test]
async fn a_fault_of_one_kind_has_the_code_of_its_kind() {
    let world = World::start().await;
    let ana = world.ana().await;
    for (change, status, code, pointer) in [
        (json!({ "color": "red" }), 422, "unknown-field", "/color"),
        (json!({ "a/b~c": 1 }), 422, "unknown-field", "/a~1b~0c"),
        (
            json!({ "candidates": [{ "email": "dana@example.org", "phone": "1" }] }),
            422,
            "unknown-field",
            "/candidates/0/phone",
        ),
        (json!({ "time_zone": "Antarctica/Troll" }), 422, "unmapped-time-zone", "/time_zone"),
        (json!({ "time_zone": "Romance Standard Time" }), 422, "invalid-request", "/time_zone"),
        (json!({ "end": "2026-12-01T09:59:00" }), 422, "invalid-request", "/end"),
        (json!({ "end": "2026-12-01T10:00:00" }), 422, "invalid-request", "/end"),
        (json!({ "end": "2026-12-03T10:00:00" }), 422, "invalid-request", "/end"),
        (json!({ "title": "\u{202e}\u{200f}\n" }), 422, "invalid-request", "/title"),
        (json!({ "external_id": "two\nlines" }), 422, "invalid-request", "/external_id"),
        (json!({ "title": "x".repeat(256) }), 422, "invalid-request", "/title"),
        (json!({ "title": null }), 422, "invalid-request", "/title"),
        (json!({ "candidates": [], "interviewers": [] }), 422, "invalid-request", "/candidates"),
        (
            json!({ "candidates": [{ "email": "da na@example.org" }] }),
            422,
            "invalid-request",
            "/candidates/0/email",
        ),
        (json!({ "body_html": "x".repeat(32_001) }), 422, "invalid-request", "/body_html"),
        (json!({ "body_html": "&".repeat(32_000) }), 422, "invalid-request", "/body_html"),
        (json!({ "rooms": ["room7@contoso.com", 7] }), 422, "invalid-request", "/rooms/1"),
        (json!({ "organize_as": "somebody" }), 422, "invalid-request", "/organize_as"),
        (json!({ "start": 5 }), 422, "invalid-request", "/start"),
        (json!({ "time_zone": null }), 422, "invalid-request", "/start"),
        (json!({ "hold_room": true }), 422, "invalid-request", "/hold_room"),
        (json!({ "require_free": "yes" }), 422, "invalid-request", "/require_free"),
    ] {
        let answer = ask(&ana, change.clone()).await;
        assert_eq!(answer.problem(), (status, code), "{change} {}", answer.text);
        assert_eq!(answer.json["errors"][0]["pointer"], pointer, "{change} {}", answer.text);
        assert_eq!(answer.json["retryable"], false);
    }
    assert!(world.journal().calls().is_empty());
}

#[tokio::test]
async fn a_local_time_that_the_clock_skips_or_shows_twice_is_refused_with_both_readings() {
    let world = World::start().await;
    let ana = world.ana().await;
    let skipped = ask(&ana, json!({ "start": "2027-03-28T02:30:00", "end": "2027-03-28T04:00:00" })).await;
    assert_eq!(skipped.problem(), (422, "ambiguous-local-time"), "{}", skipped.text);
    assert_eq!(skipped.json["errors"][0]["pointer"], "/start");
    assert_eq!(
        skipped.json["errors"][0]["candidates"],
        json!(["2027-03-28T01:30:00+01:00", "2027-03-28T03:30:00+02:00"])
    );
    let doubled = ask(&ana, json!({ "start": "2027-10-31T01:30:00", "end": "2027-10-31T02:30:00" })).await;
    assert_eq!(doubled.problem(), (422, "ambiguous-local-time"), "{}", doubled.text);
    assert_eq!(
        doubled.json["errors"][0]["candidates"],
        json!(["2027-10-31T02:30:00+02:00", "2027-10-31T02:30:00+01:00"])
    );
    assert_eq!(doubled.json["errors"][0]["pointer"], "/end");
    // Each reading, sent back with its offset, is taken.
    let chosen =
        ask(&ana, json!({ "start": "2027-10-31T02:30:00+02:00", "end": "2027-10-31T02:30:00+01:00" })).await;
    assert_eq!(chosen.status, 201, "{}", chosen.text);
    assert_eq!(chosen.str("/end"), "2027-10-31T02:30:00+01:00");
}

#[tokio::test]
async fn a_body_that_is_no_json_object_or_too_big_or_of_another_type_is_refused() {
    let world = World::start().await;
    let ana = world.ana().await;
    let send = async |body: Vec<u8>, kind: &str| {
        let request = world.http.post(format!("{}/v1/interviews", world.stack.url)).bearer_auth(&ana.token);
        let request = request.header("idempotency-key", "key-of-one-request").header("content-type", kind);
        Answer::read(request.body(body).send().await.expect("an answer")).await
    };
    let json = "application/json";
    for bad in ["{", "[]", "null", "\"x\"", "{\"title\": \"a\", \"title\": \"b\"}", "{\"title\": \"a\"} x"] {
        let answer = send(bad.into(), json).await;
        assert_eq!(answer.problem(), (400, "malformed-json"), "{bad}: {}", answer.text);
    }
    assert_eq!(send(vec![b'{', b'"', 0xff, b'"', b'}'], json).await.problem(), (400, "malformed-json"));
    assert_eq!(send(vec![b' '; 65 * 1024], json).await.problem(), (413, "payload-too-large"));
    assert_eq!(
        send(b"title=x".to_vec(), "application/x-www-form-urlencoded").await.problem(),
        (415, "unsupported-media-type")
    );
    assert!(world.journal().calls().is_empty());
}

#[tokio::test]
async fn times_comments_and_patches_are_parsed_as_strictly() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = format!("/v1/interviews/{}", ana.schedule("key-of-one-request").await.str("/id"));
    let n = world.journal().last();
    let moved = async |body: Value| ana.post_as("key-of-a-move", &format!("{path}/reschedule"), &body).await;
    let when =
        json!({ "start": "2026-12-02T10:00:00", "end": "2026-12-02T10:45:00", "time_zone": "Europe/Paris" });
    assert_eq!(pointers(&moved(json!({})).await), ["/start", "/end"]);
    assert_eq!(
        moved(
            json!({ "title": "x", "start": when["start"], "end": when["end"], "time_zone": "Europe/Paris" })
        )
        .await
        .problem(),
        (422, "unknown-field")
    );
    let mut held = when.clone();
    held["require_free"] = json!("yes");
    assert_eq!(moved(held).await.problem(), (422, "invalid-request"));
    assert_eq!(
        ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({ "comment": 5 })).await.problem(),
        (422, "invalid-request")
    );
    assert_eq!(
        ana.post_as("key-of-a-cancel", &format!("{path}/cancel"), &json!({ "reason": "x" })).await.problem(),
        (422, "unknown-field")
    );
    let timed = ana.patch(&path, when).await;
    assert_eq!(timed.problem(), (422, "invalid-request"));
    assert_eq!(pointers(&timed), ["/start", "/end", "/time_zone"]);
    assert_eq!(ana.patch(&path, json!({})).await.problem(), (422, "invalid-request"));
    assert_eq!(ana.patch(&path, json!({ "status": "cancelled" })).await.problem(), (422, "unknown-field"));
    assert_eq!(ana.patch(&path, json!({ "external_id": "x" })).await.problem(), (422, "unknown-field"));
    assert_eq!(world.journal().last(), n, "nothing is asked of anybody for a bad request");
}
