//! Changes that overtake one another: what is stored is what stands in Outlook, and an old change never undoes a
//! newer one.

use futures::future::join_all;
use serde_json::{Value, json};

use super::quiesce;
use crate::world::{Answer, Person, World};

fn at(hour: u8) -> Value {
    json!({ "start": format!("2026-12-02T{hour:02}:00:00Z"), "end": format!("2026-12-02T{hour:02}:30:00Z") })
}

async fn same_time_and_title(world: &World, ana: &Person<'_>, path: &str) -> Answer {
    let (read, event) = (ana.get(path).await, world.meeting("ana@contoso.com"));
    let stored: jiff::Timestamp = read.str("/start").parse().expect("a time");
    let there = format!("{}Z", event["start"]["dateTime"].as_str().expect("a time"));
    assert_eq!(stored, there.parse().expect("a time"), "{}", read.text);
    assert_eq!(read.json["title"], event["subject"]);
    read
}

#[tokio::test]
async fn a_move_that_was_left_open_does_not_undo_a_later_one() {
    for effect in ["before", "after"] {
        let world = World::start().await;
        let ana = world.ana().await;
        let path = format!("/v1/interviews/{}", ana.schedule("key-of-the-interview").await.str("/id"));
        world.fault(json!({ "service": "graph", "when": effect, "kind": "reset", "times": 0 }));
        let first = ana.post_as("key-of-a-first-move", &format!("{path}/reschedule"), &at(9)).await;
        assert_eq!(first.status, 202, "{}", first.text);
        world.microsoft().faults().clear();
        world.pass_time(jiff::SignedDuration::from_secs(5));
        let second = ana.post_as("key-of-a-second-move", &format!("{path}/reschedule"), &at(15)).await;
        assert_eq!(second.status, 200, "{}", second.text);
        let mails = world.mails().len();
        quiesce(&world).await;
        assert_eq!(same_time_and_title(&world, &ana, &path).await.str("/start"), second.str("/start"));
        assert_eq!(world.mails().len(), mails, "nobody hears of the first move any more");
        let late = ana.post_as("key-of-a-first-move", &format!("{path}/reschedule"), &at(9)).await;
        assert_eq!(late.problem(), (412, "version-mismatch"), "{}", late.text);
    }
}

#[tokio::test]
async fn changes_at_the_same_time_all_end_and_what_is_stored_stands_in_outlook() {
    for round in 0..6 {
        let world = World::start().await;
        let ana = world.ana().await;
        let path = format!("/v1/interviews/{}", ana.schedule("key-of-the-interview").await.str("/id"));
        for n in 0..round {
            let operation = if n % 2 == 0 { "PATCH /me/events/{id}" } else { "GET /me/events/{id}" };
            world.fault(json!({ "service": "graph", "operation": operation, "when": "after", "kind": { "latency": { "ms": 15 } }, "times": 1, "skip": n }));
        }
        let moves = (9..13).map(|hour| {
            let (ana, path) = (ana.clone(), format!("{path}/reschedule"));
            async move { ana.post_as(&format!("key-of-move-{hour}"), &path, &at(hour)).await }
        });
        let edits = (0..3).map(|n| {
            let (ana, path) = (ana.clone(), path.clone());
            async move { ana.patch(&path, json!({ "title": format!("Title {n}") })).await }
        });
        let (after_moves, after_edits) = tokio::join!(join_all(moves), join_all(edits));
        for answer in after_moves.iter().chain(&after_edits) {
            assert!(matches!(answer.status, 200 | 202 | 412), "{}", answer.text);
        }
        quiesce(&world).await;
        same_time_and_title(&world, &ana, &path).await;
    }
}

#[tokio::test]
async fn a_change_and_a_cancel_at_the_same_time_leave_it_cancelled() {
    let world = World::start().await;
    let ana = world.ana().await;
    let path = format!("/v1/interviews/{}", ana.schedule("key-of-the-interview").await.str("/id"));
    let (cancel, to, move_to) = (format!("{path}/cancel"), at(9), format!("{path}/reschedule"));
    let (nothing, title) = (json!({}), json!({ "title": "New" }));
    let (off, moved, edited) = tokio::join!(
        ana.post_as("key-of-a-cancel", &cancel, &nothing),
        ana.post_as("key-of-a-move", &move_to, &to),
        ana.patch(&path, title),
    );
    assert_eq!(off.status, 200, "{}", off.text);
    for answer in [moved, edited] {
        assert!(matches!(answer.status, 200 | 202 | 409), "{}", answer.text);
    }
    quiesce(&world).await;
    let read = ana.get(&path).await;
    assert_eq!((read.str("/status"), read.str("/outlook/state")), ("cancelled", "absent"), "{}", read.text);
    assert!(world.meetings("ana@contoso.com").is_empty());
}
