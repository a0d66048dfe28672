//! Many callers with one key, each of them following `Retry-After`.

use std::collections::BTreeSet;

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Story, agree, quiesce, story::KEY};
use crate::world::{Answer, Person, World};

/// Repeats until there is a final answer, as a well-behaved client does.
async fn patient(ana: Person<'_>) -> Answer {
    for _ in 0..40 {
        let answer = ana.schedule(KEY).await;
        let wait = answer.retry_after();
        let open = answer.status == 202 || answer.status == 409 || answer.status == 503;
        if !open {
            return answer;
        }
        assert!(wait > 0, "whoever must come again is told when: {answer:?}");
        ana.world.pass_time(SignedDuration::from_secs(i64::try_from(wait).expect("a wait")));
        tokio::task::yield_now().await;
    }
    panic!("no final answer");
}

async fn together(callers: usize, faults: &[Value]) {
    let world = World::start().await;
    world.microsoft().options(|options| options.forget_transactions = true);
    let ana = world.ana().await;
    for fault in faults {
        let mut all = json!({ "service": "graph", "operation": "POST /me/events", "when": "after" });
        all.as_object_mut().expect("an object").extend(fault.as_object().expect("an object").clone());
        world.fault(all);
    }
    let answers = join_all((0..callers).map(|_| patient(ana.clone()))).await;
    let case = format!("{callers} callers, {faults:?}");
    let bodies: BTreeSet<(u16, &str)> =
        answers.iter().map(|answer| (answer.status, answer.text.as_str())).collect();
    assert_eq!(bodies.len(), 1, "{case}: {bodies:#?}");
    assert_eq!(answers[0].status, 201, "{case}: {}", answers[0].text);
    let replayed = answers.iter().filter(|answer| answer.header("idempotent-replayed").is_some()).count();
    assert!(replayed >= callers - 1, "{case}: {replayed}");
    assert_eq!(world.meetings("ana@contoso.com").len(), 1, "{case}");
    assert_eq!(world.mails().len(), 2, "{case}: {:?}", world.mails());
    quiesce(&world).await;
    agree(&world, &ana, Story::Create, 0, &case).await;
}

#[tokio::test]
async fn twenty_callers_with_one_key_make_one_event_though_answers_are_lost_after_the_effect() {
    let fault = |kind: Value, times: u32| json!({ "kind": kind, "times": times });
    for faults in [
        vec![fault(json!("reset"), 1)],
        vec![fault(json!("reset"), 0)],
        vec![fault(json!("truncated"), 3)],
        vec![fault(json!("malformed"), 3)],
        vec![fault(json!({ "status": { "status": 503 } }), 3)],
        vec![fault(json!({ "status": { "status": 503, "retry_after": "7" } }), 3)],
        vec![fault(json!({ "status": { "status": 504 } }), 3)],
        vec![fault(json!({ "latency": { "ms": 200 } }), 0)],
        vec![
            fault(json!("reset"), 2),
            fault(json!("malformed"), 2),
            fault(json!({ "status": { "status": 504 } }), 2),
        ],
        vec![
            fault(json!("reset"), 0),
            json!({ "operation": "GET /me/events", "when": "before", "kind": "reset", "times": 12 }),
        ],
        vec![
            fault(json!("reset"), 0),
            json!({ "operation": "GET /me/events", "when": "before", "kind": { "status": { "status": 429, "retry_after": "20" } }, "times": 3 }),
        ],
    ] {
        together(20, &faults).await;
    }
}

#[tokio::test]
async fn fifty_callers_with_one_key_make_one_event() {
    together(50, &[]).await;
    together(50, &[json!({ "kind": "reset", "times": 0 })]).await;
}
