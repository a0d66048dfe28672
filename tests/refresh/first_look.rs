//! A minute after connecting: the shard is on the board, the time zone is known.

use serde_json::json;
use sim::Call;

use crate::world::{Browser, Person, World, minutes};

/// Connects with this time zone in the session; the calls to Graph of the next three minutes.
async fn looked(person: &Person<'_>, zone: Option<&str>) -> Vec<Call> {
    let world = person.world;
    let body = json!({ "return_url": format!("{}/done", world.stack.url), "time_zone": zone });
    let session = person.post("/v1/connect-sessions", body).await;
    assert_eq!(session.status, 201, "{}", session.text);
    let back = Browser::new(world).sign_in(session.str("/url"), &person.email, sim::Answer::Accept).await;
    assert_eq!(back.status, 303, "{}", back.text);
    let mark = world.journal().last();
    world.advance(minutes(3)).await;
    world.journal().since(mark).into_iter().filter(|call| call.service == "graph").collect()
}

#[tokio::test]
async fn the_time_zone_is_asked_for_once_by_the_free_busy_of_the_own_address() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let calls = looked(&ana, None).await;
    assert_eq!(
        calls.iter().map(|call| call.operation.as_str()).collect::<Vec<_>>(),
        ["POST /me/calendar/getSchedule"]
    );
    assert_eq!(ana.connection().await["time_zone"], "Europe/Paris");
}

#[tokio::test]
async fn a_time_zone_of_the_session_is_believed_and_nobody_is_asked() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert!(looked(&ana, Some("America/New_York")).await.is_empty());
    assert_eq!(ana.connection().await["time_zone"], "America/New_York");
}

#[tokio::test]
async fn a_strict_customer_is_not_asked_for_more_than_an_interview_needs() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.patch("/v1/customer", json!({ "strict": true })).await.status, 200);
    assert!(looked(&ana, None).await.is_empty());
    assert!(ana.connection().await["time_zone"].is_null());
}

#[tokio::test]
async fn a_sweep_that_comes_before_the_first_look_does_not_cancel_it() {
    let world = World::start().await;
    let (_ana, ben) = world.ana_and_ben().await;
    world.until_verified(&ben.email).await;
    world.advance(minutes(44)).await;
    // Connected half a minute before the shard is due, so that the sweep is first.
    let carl = world.person("u-carl", "acme", "carl@contoso.com").await;
    assert_eq!(carl.connect().await, "connected");
    let begun = world.now();
    world.pass_time(minutes(1));
    world.tick("token-refresh").await;
    assert!(!world.refreshes(&carl.email, begun).is_empty(), "the sweep was first");
    world.tick("follow-ups").await;
    assert_eq!(carl.connection().await["time_zone"], "Europe/Paris");
}
