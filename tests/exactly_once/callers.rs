//! Many callers with one key, each of them following `Retry-After`.

use std::collections::BTreeSet;

use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Story, agree, quiesce, story::KEY};
use crate::world::{Answer, Person, World};

/// So many callers repeat until each has a final answer, as well-behaved clients do: each comes again when its
/// `Retry-After` is over. A request takes no time compared with these waits, so the clock moves when all wait.
async fn patient(ana: &Person<'_>, callers: usize) -> Vec<Answer> {
    let world = ana.world;
    let mut due = vec![Some(world.now()); callers];
    let mut finals = Vec::new();
    for _ in 0..40 {
        let now = world.now();
        let turn: Vec<usize> = (0..callers).filter(|n| due[*n].is_some_and(|due| due <= now)).collect();
        let answers = join_all(turn.iter().map(|_| ana.schedule(KEY))).await;
        for (n, answer) in turn.into_iter().zip(answers) {
            due[n] = None;
            if matches!(answer.status, 202 | 409 | 503) {
                let wait = answer.retry_after();
                assert!(wait > 0, "whoever must come again is told when: {answer:?}");
                due[n] = Some(world.now() + SignedDuration::from_secs(i64::try_from(wait).expect("a wait")));
            } else {
                finals.push(answer);
            }
        }
        let Some(next) = due.iter().flatten().min() else { return finals };
        world.pass_time(next.duration_since(world.now()).max(SignedDuration::ZERO));
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
    let answers = patient(&ana, callers).await;
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
