//! Whether a calendar takes Teams meetings: for hours after a licence was given it does not say.

use serde_json::{Value, json};

use super::ANA;
use crate::world::World;

const PROBE: &str = "GET /me/calendar";

fn lists(world: &World, providers: &Value) {
    world.microsoft().options(|options| options.providers.extend([(ANA.to_owned(), providers.clone())]));
}

#[tokio::test]
async fn what_a_calendar_says_of_teams_is_shown_as_one_of_three() {
    for (told, shown) in [
        (json!(["teamsForBusiness"]), json!(true)),
        (json!([]), Value::Null),
        (json!(["unknown"]), Value::Null),
        (Value::Null, Value::Null),
        (json!(["skypeForBusiness"]), json!(false)),
    ] {
        let world = World::start().await;
        lists(&world, &told);
        let ana = world.ana().await;
        assert_eq!(ana.connection().await["capabilities"], json!({ "teams": shown }), "{told}");
    }
}

#[tokio::test]
async fn a_licence_that_shows_later_is_found_by_the_next_request() {
    for told in [json!([]), json!(["unknown"]), Value::Null, json!(["skypeForBusiness"])] {
        let world = World::start().await;
        lists(&world, &told);
        let ana = world.ana().await;
        let n = world.journal().last();
        let refused = ana.schedule("key-of-one-request").await;
        assert_eq!(refused.problem(), (422, "teams-not-available"), "{told}: {}", refused.text);
        assert_eq!(world.graph_since(n), [PROBE], "asked again before it is refused, and nothing is written");
        lists(&world, &json!(["teamsForBusiness"]));
        let made = ana.schedule("key-of-one-request").await;
        assert_eq!(made.status, 201, "{told}: {}", made.text);
        assert!(made.json["join_url"].is_string());
        assert_eq!(ana.connection().await["capabilities"]["teams"], true);
        let n = world.journal().last();
        assert_eq!(ana.schedule("key-of-another-request").await.status, 201);
        assert_eq!(world.graph_since(n), ["POST /me/events"], "no call more where the answer is known");
    }
}

#[tokio::test]
async fn verifying_asks_the_calendar_again() {
    let world = World::start().await;
    lists(&world, &json!([]));
    let ana = world.ana().await;
    lists(&world, &json!(["teamsForBusiness"]));
    let verified = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!(verified.json["capabilities"]["teams"], true, "{}", verified.text);
    assert_eq!(ana.connection().await["capabilities"]["teams"], true);
    assert_eq!(ana.schedule("key-of-one-request").await.status, 201);
    lists(&world, &json!([]));
    assert_eq!(ana.post("/v1/connection/verify", json!({})).await.json["capabilities"]["teams"], Value::Null);
}

#[tokio::test]
async fn a_calendar_that_cannot_be_asked_takes_nothing_from_a_verification() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.fault(json!({ "service": "graph", "operation": PROBE, "kind": { "status": { "status": 403 } }, "times": 0 }));
    let verified = ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!((verified.status, verified.str("/status")), (200, "connected"), "{}", verified.text);
    assert_eq!(verified.json["capabilities"]["teams"], true);
}

#[tokio::test]
async fn both_blocks_of_teams_are_kept_when_the_text_changes() {
    for old in [false, true] {
        let world = World::start().await;
        world.microsoft().options(|options| options.old_teams_block = old);
        let ana = world.ana().await;
        let made = ana.schedule("key-of-one-request").await;
        let block = |event: &Value| {
            let body = event["body"]["content"].as_str().expect("a body").to_owned();
            let at = body.find("<div class=\"me-email-text\"").expect("a block");
            body[at..].to_owned()
        };
        let before = world.meeting(ANA);
        let path = format!("/v1/interviews/{}", made.str("/id"));
        for text in ["<p>Bring <b>nothing</b>.</p>", "<p>Bring all.</p>"] {
            let answer = ana.patch(&path, json!({ "body_html": text })).await;
            assert_eq!(answer.status, 200, "old: {old}: {}", answer.text);
            assert_eq!(answer.json["join_url"], made.json["join_url"]);
            let after = world.meeting(ANA);
            assert_eq!(block(&after), block(&before), "old: {old}");
            assert_eq!(after["onlineMeeting"], before["onlineMeeting"]);
            let body = after["body"]["content"].as_str().expect("a body");
            assert!(body.contains(text) && !body.contains("questions"), "{body}");
        }
    }
}
