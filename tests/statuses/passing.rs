//! Refusals that pass: waited for, looked at, and tried again, with one event and one mail for each person at the end.

use serde_json::{Value, json};

use super::{ANA, CANCEL, CHANGE, CREATE, cancelled, fault, made, moved};
use crate::world::World;

fn coded(status: u16, code: &str) -> Value {
    json!({ "status": { "status": status, "body": { "error": { "code": code, "message": "m" } } } })
}

fn passing() -> Vec<(&'static str, Value)> {
    let page = |status| json!({ "raw": { "status": status, "text": "<html><body>Busy</body></html>" } });
    vec![
        ("408", json!({ "status": { "status": 408 } })),
        ("425", json!({ "status": { "status": 425 } })),
        ("423", json!({ "status": { "status": 423 } })),
        ("500 move", coded(500, "ErrorMailboxMoveInProgress")),
        ("503 stale", coded(503, "MailboxInfoStale")),
        ("503 page", page(503)),
        ("504 page", page(504)),
        ("404 page", page(404)),
        ("409", coded(409, "ErrorIrresolvableConflict")),
        ("412", coded(412, "ErrorIrresolvableConflict")),
        ("412 page", page(412)),
    ]
}

#[tokio::test]
async fn what_passes_makes_no_second_event_and_no_second_mail() {
    for (name, kind) in passing() {
        for when in ["before", "after"] {
            // Nothing is done behind these two.
            if when == "after" && name == "425" {
                continue;
            }
            let world = World::start().await;
            let ana = world.ana().await;
            let fault = |operation| {
                world
                    .fault(json!({ "service": "graph", "operation": operation, "when": when, "kind": kind }));
            };
            fault(CREATE);
            let answer = ana.schedule("key-of-one-request").await;
            assert_eq!(answer.status, 201, "create, {name} {when}: {}", answer.text);
            assert_eq!((world.meetings(ANA).len(), world.mails().len()), (1, 2), "{name} {when}");
            let path = format!("/v1/interviews/{}", answer.str("/id"));
            fault(CHANGE);
            let mut answer = moved(&ana, &path).await;
            // What may still be on its way behind an outage is left to follow-ups, which look first.
            if name.starts_with("504") || name.starts_with("404") {
                world.advance(crate::world::minutes(2)).await;
                answer = moved(&ana, &path).await;
            }
            assert_eq!(answer.status, 200, "move, {name} {when}: {}", answer.text);
            fault(CANCEL);
            let answer = cancelled(&ana, &path).await;
            assert_eq!(answer.status, 200, "cancel, {name} {when}: {}", answer.text);
            assert!(world.meetings(ANA).is_empty(), "{name} {when}");
            assert_eq!(world.mails().len(), 6, "{name} {when}: {:?}", world.mails());
        }
    }
}

#[tokio::test]
async fn a_change_key_that_exchange_renews_after_a_create_stops_no_change() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = made(&ana).await;
    let etag = world.meeting(ANA)["@odata.etag"].clone();
    world.pass_time(jiff::SignedDuration::from_secs(6));
    let answer = ana.patch(&path, json!({ "title": "Interview: Platform engineer" })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_ne!(world.meeting(ANA)["@odata.etag"], etag);
    world.microsoft().options(|options| options.change_key_renewed_after = 0);
    let answer = moved(&ana, &path).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn a_list_that_is_filtered_or_expanded_but_not_both_still_finds_the_event() {
    for refuses in [false, true] {
        let world = World::start().await;
        let ana = world.ana().await;
        world.microsoft().options(|options| options.filter_or_expand = refuses);
        let lost =
            json!({ "service": "graph", "operation": CREATE, "when": "after", "kind": "reset", "times": 1 });
        world.fault(lost);
        let (n, log) = (world.journal().last(), crate::logs::begin());
        let path = made(&ana).await;
        let looked = |operation: &str| {
            world.journal().since(n).iter().filter(|call| call.operation == operation).count()
        };
        let calls = (looked("GET /me/events"), looked("GET /me/events/{id}"));
        assert_eq!(calls, if refuses { (2, 1) } else { (1, 0) }, "one call more only where Graph refuses");
        assert_eq!((world.meetings(ANA).len(), world.mails().len()), (1, 2));
        // Another id, so that only the tag leads there, and what was written can be told from what was not.
        world.switch("renew-ids", json!({ "user": ANA }));
        let answer = ana.patch(&path, json!({ "title": "Interview: Platform engineer" })).await;
        assert_eq!(answer.status, 200, "{refuses}: {}", answer.text);
        assert_eq!(world.meeting(ANA)["subject"], "Interview: Platform engineer");
        let answer = cancelled(&ana, &path).await;
        assert_eq!(answer.status, 200, "{refuses}: {}", answer.text);
        assert!(world.meetings(ANA).is_empty(), "{refuses}");
        let log = String::from_utf8_lossy(&crate::logs::since(log)).into_owned();
        assert!(!log.contains("own-request-refused"), "there was another way: {log}");
    }
}

#[tokio::test]
async fn a_patch_that_meets_a_conflict_reads_again_after_a_while() {
    for times in [1, 2] {
        let world = World::start().await;
        let ana = world.ana().await;
        let path = made(&ana).await;
        fault(&world, CHANGE, &coded(412, "ErrorIrresolvableConflict"), times);
        let begun = world.now();
        let answer = ana.patch(&path, json!({ "title": "Interview: Platform engineer" })).await;
        assert_eq!(answer.status, 200, "{times}: {}", answer.text);
        assert_eq!(world.meeting(ANA)["subject"], "Interview: Platform engineer");
        let waited = world.now().duration_since(begun).as_millis();
        assert!(waited >= 500 * i128::from(times), "{times}: {waited} ms");
    }
}
