//! Where the log has gaps, and where it has none: lost answers, a store that fails, crashes.

use serde_json::json;

use super::{log, told};
use crate::crash::dies_after;
use crate::exactly_once::Story;
use crate::world::{World, minutes};

#[tokio::test]
async fn a_call_whose_answer_was_lost_is_told_without_a_status_and_so_is_what_follow_ups_asked() {
    let world = World::start().await;
    let ana = world.ana().await;
    for operation in ["POST /me/events", "GET /me/events"] {
        let lost = json!({ "service": "graph", "operation": operation, "when": "after", "kind": "reset", "times": 0 });
        world.fault(lost);
    }
    let unclear = ana.schedule("key-of-creation").await;
    assert_eq!(unclear.status, 202, "{}", unclear.text);
    let so_far = log(&ana).await;
    let write = so_far.iter().rfind(|call| call["path"] == "/v1.0/me/events").expect("the write");
    assert_eq!(
        (&write["method"], &write["status"], &write["microsoft_request_id"], &write["interview"]),
        (&json!("POST"), &json!(null), &json!(null), &json!(unclear.str("/id")))
    );
    assert!(told(&so_far).contains(&"GET /v1.0/me/events null".to_owned()));
    world.switch("clear-faults", json!({}));
    world.advance(minutes(3)).await;
    let now = log(&ana).await;
    assert_eq!(told(&now)[0], "GET /v1.0/me/events 200", "it was found, not made again");
    assert_eq!(now[now.len() - so_far.len()..], so_far, "and nothing of what was told has changed");
}

#[tokio::test]
async fn a_settling_write_whose_answer_was_lost_leaves_each_call_once() {
    let world = World::start().await;
    let ana = world.ana().await;
    let before = log(&ana).await.len();
    world.fault(json!({
        "service": "dynamodb", "operation": "TransactWriteItems", "when": "after", "kind": "reset", "times": 0,
    }));
    // The write took effect, nobody was told, and the calls are put by themselves: into the same row.
    assert_eq!(ana.schedule("key-of-creation").await.status, 202);
    world.switch("clear-faults", json!({}));
    assert_eq!(log(&ana).await.len(), before + 1);
}

#[tokio::test]
async fn a_search_is_answered_though_its_record_cannot_be_stored() {
    let world = World::with_setting("FEATURES", "calendar,availability").await;
    let ana = world.ana().await;
    let before = log(&ana).await;
    world.fault(json!({ "service": "dynamodb", "operation": "PutItem", "kind": "reset", "times": 0 }));
    let search = json!({
        "people": ["carl@contoso.com"], "duration_minutes": 45, "step_minutes": 15, "time_zone": "Europe/Paris",
        "windows": [{ "start": "2026-12-01T09:00:00", "end": "2026-12-01T18:00:00" }],
    });
    assert_eq!(ana.post("/v1/availability", search).await.status, 200);
    world.switch("clear-faults", json!({}));
    assert_eq!(log(&ana).await, before);
}

/// A crash between the call and the write takes the record of that call along; what follow-ups asked is there.
#[tokio::test]
async fn who_dies_before_the_write_leaves_the_look_of_follow_ups_in_the_log() {
    for n in 1..9 {
        let world = World::start().await;
        let ana = world.ana().await;
        let before = log(&ana).await.len();
        let ready = Story::Create.prepare(&ana).await;
        let died = dies_after(&world, n, world.stack.ask(ready.request(&world, &ana))).await.is_none();
        if world.meetings("ana@contoso.com").is_empty() {
            continue;
        }
        assert!(died, "right after the event was made");
        assert_eq!(log(&ana).await.len(), before, "nobody is left who could store the call");
        world.advance(minutes(3)).await;
        let after = log(&ana).await;
        assert_eq!(told(&after[..after.len() - before]), ["GET /v1.0/me/events 200"]);
        return;
    }
    panic!("no event was made");
}
