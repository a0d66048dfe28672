//! The Teams link: there at once, late, or never.

use serde_json::json;

use super::reschedule::tomorrow;
use crate::world::{World, interview, minutes};

#[tokio::test]
async fn a_calendar_without_teams_is_refused_before_anything_is_written() {
    let world = World::start().await;
    let tom = world.person("u-tom", "acme", "noteams@contoso.com").await;
    assert_eq!(tom.connect().await, "connected");
    let n = world.journal().last();
    let answer = tom.schedule("key-of-one-request").await;
    assert_eq!(answer.problem(), (422, "teams-not-available"), "{}", answer.text);
    assert_eq!(answer.json["fix"]["owner"], "it_admin");
    assert_eq!(world.graph_since(n), ["GET /me/calendar"], "asked once more, and nothing is written");
    let mut body = interview();
    body["online_meeting"] = json!("none");
    let plain = tom.post_as("key-of-one-request", "/v1/interviews", &body).await;
    assert_eq!(plain.status, 201, "the key was not burnt: {}", plain.text);
}

#[tokio::test]
async fn an_event_that_graph_makes_without_a_link_stays_and_says_so() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("teams", json!({ "user": "ana@contoso.com", "allowed": false }));
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert!(answer.json["join_url"].is_null());
    assert_eq!(answer.str("/status"), "scheduled");
    assert_eq!(answer.str("/problem/code"), "teams-not-available");
    assert_eq!(answer.str("/problem/fix/owner"), "it_admin");
    let n = world.journal().last();
    world.advance(minutes(10)).await;
    assert!(world.graph_since(n).is_empty(), "Outlook said that no link will come: nobody looks for one");
    assert_eq!(world.meetings("ana@contoso.com").len(), 1, "it is never cancelled by us");
    let moved = ana
        .post_as("key-of-a-move", &format!("/v1/interviews/{}/reschedule", answer.str("/id")), &tomorrow())
        .await;
    assert_eq!((moved.status, moved.str("/problem/code")), (200, "teams-not-available"), "{}", moved.text);
}

#[tokio::test]
async fn a_link_that_comes_within_seconds_is_in_the_answer() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| options.reads_without_link = 2);
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert!(answer.json["problem"].is_null());
    assert_eq!(answer.json["join_url"], world.meeting("ana@contoso.com")["onlineMeeting"]["joinUrl"]);
    assert!(answer.json["join_url"].is_string());
}

#[tokio::test]
async fn a_link_that_comes_minutes_later_is_found_by_follow_ups() {
    for room in [false, true] {
        let world = World::start().await;
        let ana = world.ana().await;
        world.microsoft().options(|options| options.reads_without_link = 6);
        let mut body = interview();
        if room {
            body["rooms"] = json!(["room7@contoso.com"]);
        }
        let answer = ana.post_as("key-of-one-request", "/v1/interviews", &body).await;
        assert_eq!(
            (answer.status, answer.str("/problem/code")),
            (201, "teams-not-available"),
            "{}",
            answer.text
        );
        world.advance(minutes(15)).await;
        let read = ana.get(&format!("/v1/interviews/{}", answer.str("/id"))).await;
        assert_eq!(
            read.json["join_url"],
            world.meeting("ana@contoso.com")["onlineMeeting"]["joinUrl"],
            "room: {room}"
        );
        assert!(read.json["join_url"].is_string() && read.json["problem"].is_null(), "{}", read.text);
        assert_eq!(read.str("/status"), "scheduled");
        assert!(read.json["version"].as_u64() > Some(1));
        let n = world.journal().last();
        world.advance(minutes(90)).await;
        assert!(world.graph_since(n).is_empty(), "found is found");
    }
}

#[tokio::test]
async fn a_link_that_never_comes_is_looked_for_for_an_hour_and_no_longer() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.microsoft().options(|options| options.reads_without_link = 1000);
    let answer = ana.schedule("key-of-one-request").await;
    assert_eq!((answer.status, answer.str("/problem/code")), (201, "teams-not-available"), "{}", answer.text);
    world.advance(minutes(150)).await;
    let n = world.journal().last();
    world.advance(minutes(150)).await;
    assert!(world.graph_since(n).is_empty());
    let read = ana.get(&format!("/v1/interviews/{}", answer.str("/id"))).await;
    assert_eq!((read.str("/status"), read.str("/problem/code")), ("scheduled", "teams-not-available"));
}
