//! Every fault of Graph at every call of every story: once, for as long as the first answer takes, and with every
//! other call to Graph failing as well.

use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::{Story, agree, quiesce};
use crate::world::{Answer, World};

/// Name, side of the effect, and what Graph answers.
pub(crate) fn faults() -> Vec<(&'static str, &'static str, Value)> {
    let status = |status: u16| json!({ "status": { "status": status } });
    let wait = |status: u16, wait: &str| json!({ "status": { "status": status, "retry_after": wait } });
    let page = json!({ "raw": { "status": 502, "text": "<html>Bad Gateway</html>" } });
    let strange = json!({ "raw": { "status": 404, "text": "<html>Not Found</html>" } });
    let mut all = vec![
        ("429", "before", status(429)),
        ("429 in 2", "before", wait(429, "2")),
        ("429 in 2.128", "before", wait(429, "2.128")),
        ("429 until a date", "before", wait(429, "Tue, 24 Nov 2026 08:02:04 GMT")),
        ("429 in a day", "before", wait(429, "86400")),
        ("429 in -1", "before", wait(429, "-1")),
        ("401", "before", status(401)),
        ("403", "before", status(403)),
        ("404", "before", status(404)),
        ("404 page", "before", strange),
        ("409", "before", status(409)),
        ("412", "before", status(412)),
        ("507", "before", status(507)),
    ];
    for when in ["before", "after"] {
        all.extend([
            ("reset", when, json!("reset")),
            ("500", when, status(500)),
            ("502 page", when, page.clone()),
            ("503", when, status(503)),
            ("503 in 3", when, wait(503, "3")),
            ("503 in an hour", when, wait(503, "3600")),
            ("504", when, status(504)),
            ("malformed", when, json!("malformed")),
            ("truncated", when, json!("truncated")),
            ("empty", when, json!("empty")),
            ("other object", when, json!({ "body": { "status": 200, "json": { "id": 7 } } })),
            ("20 ms", when, json!({ "latency": { "ms": 20 } })),
        ]);
    }
    all
}

#[derive(Debug, Clone, Copy)]
enum Spread {
    /// The call that writes, once.
    Once,
    /// The call that writes, each time until the first answer.
    Always,
    /// Every call to Graph until the first answer.
    Everywhere,
    /// The call that reads, once.
    Read,
}

fn put(world: &World, story: Story, (when, kind): (&str, &Value), spread: Spread) {
    let (operation, times) = match spread {
        Spread::Once => (story.write(), 1),
        Spread::Always => (story.write(), 0),
        Spread::Everywhere => ("*", 0),
        Spread::Read => ("GET /me/events/{id}", 1),
    };
    world.fault(
        json!({ "service": "graph", "operation": operation, "when": when, "kind": kind, "times": times }),
    );
}

/// One case; the name of the first answer.
async fn case(story: Story, fault: (&str, &str, &Value), spread: Spread) -> String {
    let (name, when, kind) = fault;
    let case = format!("{story:?}, {name} {when}, {spread:?}");
    let world = World::start().await;
    world.microsoft().options(|options| options.forget_transactions = true);
    let ana = world.ana().await;
    let ready = story.prepare(&ana).await;
    let mails = world.mails().len();
    put(&world, story, (when, kind), spread);
    let first = ready.send(&ana).await;
    sound(&first, &case);
    quiesce(&world).await;
    agree(&world, &ana, story, mails, &case).await;
    if !story.is_patch() {
        // The same key again: the final answer, and it stays.
        let last = ready.send(&ana).await;
        sound(&last, &case);
        assert!(last.status < 500 && last.status != 202, "{case}: {first:?} {last:?}");
        if first.status < 300 && first.status != 202 {
            assert_eq!((last.status, &last.text), (first.status, &first.text), "{case}");
        }
        let again = ready.send(&ana).await;
        assert_eq!((again.status, &again.text), (last.status, &last.text), "{case}");
        assert_eq!(again.header("idempotent-replayed"), Some("true"), "{case}: {again:?}");
        quiesce(&world).await;
        agree(&world, &ana, story, mails, &case).await;
    }
    let done = first.status < 300;
    assert!(
        !done || world.mails_since(mails).len() == story.mails().len(),
        "{case}: {first:?} {:?}",
        world.mails_since(mails)
    );
    format!("{} {}", first.status, first.str("/code"))
}

/// An answer that the contract knows.
fn sound(answer: &Answer, case: &str) {
    let problem = answer.header("content-type") == Some("application/problem+json");
    match answer.status {
        200 | 201 => assert!(answer.str("/id").starts_with("int_"), "{case}: {answer:?}"),
        202 => {
            assert!(answer.retry_after() > 0 && answer.str("/id").starts_with("int_"), "{case}: {answer:?}");
        }
        503 => assert!(
            problem && answer.retry_after() > 0 && answer.json["retryable"] == true,
            "{case}: {answer:?}"
        ),
        400..500 => assert!(problem && answer.json["retryable"].is_boolean(), "{case}: {answer:?}"),
        _ => panic!("{case}: {answer:?}"),
    }
}

async fn run(story: Story) {
    let faults = faults();
    let spreads: &[Spread] = if story.is_patch() {
        &[Spread::Once, Spread::Always, Spread::Everywhere, Spread::Read]
    } else {
        &[Spread::Once, Spread::Always, Spread::Everywhere]
    };
    let all = faults
        .iter()
        .flat_map(|(name, when, kind)| spreads.iter().map(move |spread| (*name, *when, kind, *spread)));
    let cases = all.map(|(name, when, kind, spread)| case(story, (name, when, kind), spread));
    let answers: Vec<String> = stream::iter(cases).buffer_unordered(4).collect().await;
    let mut kinds = answers.clone();
    kinds.sort_unstable();
    kinds.dedup();
    println!("{story:?}: {} cases; first answers: {}", answers.len(), kinds.join(", "));
}

#[tokio::test]
async fn a_create_has_its_effect_once_under_every_fault_of_graph() {
    run(Story::Create).await;
}

#[tokio::test]
async fn a_create_with_a_room_has_its_effect_once_under_every_fault_of_graph() {
    run(Story::CreateWithRoom).await;
}

#[tokio::test]
async fn a_reschedule_has_its_effect_once_under_every_fault_of_graph() {
    run(Story::Reschedule).await;
}

#[tokio::test]
async fn a_cancel_has_its_effect_once_under_every_fault_of_graph() {
    run(Story::Cancel).await;
}

#[tokio::test]
async fn a_new_title_is_written_once_under_every_fault_of_graph() {
    run(Story::PatchTitle).await;
}

#[tokio::test]
async fn a_new_text_is_written_once_under_every_fault_of_graph() {
    run(Story::PatchText).await;
}

#[tokio::test]
async fn other_people_are_invited_once_under_every_fault_of_graph() {
    run(Story::PatchPeople).await;
}

#[tokio::test]
async fn a_room_is_asked_once_under_every_fault_of_graph() {
    run(Story::PatchRoom).await;
}
