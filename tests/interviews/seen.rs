//! What was read in Outlook is what is shown, and who can act is named.

use serde_json::json;

use super::absence::{ANA, cancel, made, moved};
use super::reschedule::tomorrow;
use crate::world::{World, interview, minutes};

#[tokio::test]
async fn what_was_read_is_what_is_shown() {
    let at = |hour: u8| json!({ "dateTime": format!("2026-12-01T{hour:02}:00:00"), "timeZone": "UTC" });
    let midnight = |day: u8| json!({ "dateTime": format!("2026-12-{day:02}T00:00:00"), "timeZone": "UTC" });
    for (change, start, title) in [
        (
            json!({ "start": at(14), "end": at(15) }),
            "2026-12-01T15:00:00+01:00",
            "Interview: Backend engineer",
        ),
        (json!({ "subject": "By hand" }), "2026-12-01T10:00:00+01:00", "By hand"),
        (
            json!({ "isAllDay": true, "start": midnight(1), "end": midnight(2) }),
            "2026-12-01T01:00:00+01:00",
            "Interview: Backend engineer",
        ),
    ] {
        let world = World::start().await;
        let ana = world.ana().await;
        let (path, made) = made(&ana).await;
        assert_eq!(made.json["outlook"]["start"], made.json["start"]);
        world.edit_in_outlook(ANA, made.str("/outlook/event_id"), change.clone());
        world.pass_time(minutes(3));
        let answer = ana.patch(&path, json!({ "candidates": [{ "email": "erik@example.org" }] })).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let read = ana.get(&path).await;
        for shown in [&answer, &read] {
            assert_eq!(shown.str("/problem/code"), "changed-in-outlook", "{change}: {}", shown.text);
            assert_eq!(
                (shown.str("/outlook/start"), shown.str("/outlook/title")),
                (start, title),
                "{change}"
            );
            assert_eq!(
                shown.json["start"], made.json["start"],
                "{change}: what was asked for stays beside it"
            );
            assert_eq!(shown.json["outlook"]["all_day"], json!(change["isAllDay"] == true));
        }
        let moved = moved(&ana, &path).await;
        let expected = if title == "By hand" { "changed-in-outlook" } else { "" };
        assert_eq!((moved.status, moved.str("/problem/code")), (200, expected), "{change}: {}", moved.text);
        assert_eq!(moved.json["outlook"]["start"], moved.json["start"]);
    }
}

#[tokio::test]
async fn a_look_of_follow_ups_shows_what_was_moved_by_hand() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("room-answer", json!({ "room": "room7@contoso.com", "answer": "never" }));
    let mut body = interview();
    body["rooms"] = json!(["room7@contoso.com"]);
    let made = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
    let at = |hour: u8| json!({ "dateTime": format!("2026-12-01T{hour:02}:00:00"), "timeZone": "UTC" });
    world.edit_in_outlook(ANA, made.str("/outlook/event_id"), json!({ "start": at(14), "end": at(15) }));
    world.advance(minutes(2)).await;
    let read = ana.get(&format!("/v1/interviews/{}", made.str("/id"))).await;
    assert_eq!(read.str("/problem/code"), "changed-in-outlook", "{}", read.text);
    assert_eq!(read.str("/outlook/start"), "2026-12-01T15:00:00+01:00");
    assert_ne!(read.json["version"], made.json["version"]);
}

#[tokio::test]
async fn times_that_outlook_keeps_otherwise_are_told_at_once() {
    let world = World::start().await;
    world.microsoft().options(|options| options.shift_seconds = 3600);
    let ana = world.ana().await;
    let (path, made) = made(&ana).await;
    assert_eq!((made.status, made.str("/problem/code")), (201, "time-differs"), "{}", made.text);
    assert_eq!(
        (made.str("/start"), made.str("/outlook/start")),
        ("2026-12-01T10:00:00+01:00", "2026-12-01T11:00:00+01:00")
    );
    let titled = ana.patch(&path, json!({ "title": "New" })).await;
    assert_eq!(titled.str("/problem/code"), "time-differs", "it is not a change by hand: {}", titled.text);
    let moved_there = moved(&ana, &path).await;
    assert_eq!(
        (moved_there.status, moved_there.str("/problem/code")),
        (200, "time-differs"),
        "{}",
        moved_there.text
    );
    world.microsoft().options(|options| options.shift_seconds = 0);
    let again = ana.post_as("key-of-another-move", &format!("{path}/reschedule"), &tomorrow()).await;
    assert_eq!((again.status, again.str("/problem/code")), (200, ""), "{}", again.text);
}

#[tokio::test]
async fn what_is_over_cannot_be_changed_and_the_right_person_is_told_to_connect() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, _) = made(&ana).await;
    let boss = world
        .person_with(json!({ "sub": "u-boss", "customer_id": "acme", "scope": "interviews admin" }))
        .await;
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    for answer in [
        boss.patch(&path, json!({ "title": "New" })).await,
        moved(&boss, &path).await,
        cancel(&boss, &path).await,
    ] {
        assert_eq!(answer.problem(), (409, "organizer-not-connected"), "{}", answer.text);
        assert_eq!(answer.str("/fix/owner"), "recruiter");
        assert!(answer.str("/detail").contains(ANA), "{}", answer.text);
    }
    assert_eq!(moved(&ana, &path).await.problem(), (409, "not-connected"), "her own is hers to connect");
    assert_eq!(ana.connect().await, "connected");
    assert_eq!(cancel(&ana, &path).await.status, 200);
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    for who in [&ana, &boss] {
        let answer = who.patch(&path, json!({ "title": "New" })).await;
        assert_eq!(answer.problem(), (409, "interview-not-active"), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_colleague_of_an_organizer_whose_sign_in_is_refused_is_told_whose_it_is() {
    let world = World::start().await;
    let ana = world.ana().await;
    let (path, _) = made(&ana).await;
    let boss = world
        .person_with(json!({ "sub": "u-boss", "customer_id": "acme", "scope": "interviews admin" }))
        .await;
    world.switch("revoke-sessions", json!({ "user": ANA }));
    world.advance(minutes(70)).await;
    let answer = boss.patch(&path, json!({ "title": "New" })).await;
    assert_eq!(answer.problem(), (409, "organizer-not-connected"), "{}", answer.text);
    assert!(
        answer.str("/detail").contains(ANA) && answer.str("/detail").contains("sign in again"),
        "{}",
        answer.text
    );
    assert_eq!(answer.str("/microsoft/code"), "AADSTS50173", "{}", answer.text);
    assert_eq!(ana.patch(&path, json!({ "title": "New" })).await.problem().1, "connection-needs-reauth");
}
