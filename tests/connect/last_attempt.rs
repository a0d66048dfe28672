//! How the last attempt to connect ended, as the API shows it: with a connection, and without one.

use serde_json::{Value, json};
use sim::Answer::{Accept, Cancel, Decline};

use crate::world::{Person, World, back_with, ending, minutes, parameter};

/// Microsoft sends the browser back with this number.
async fn refused(person: &Person<'_>, error: &str, code: u32) -> String {
    let (browser, authorize) = person.begin().await;
    let text = format!("AADSTS{code}: Words.\r\nTrace ID: 5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200");
    let back = back_with(person.world, &authorize, &[("error", error), ("error_description", &text)]);
    ending(&browser.open(&back).await)
}

#[tokio::test]
async fn a_user_who_never_connected_sees_why() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.connection().await["last_attempt"], Value::Null);
    assert_eq!(refused(&ana, "access_denied", 53003).await, "failed: blocked-by-conditional-access");
    let shown = ana.connection().await;
    assert_eq!(
        (&shown["status"], &shown["problem"], &shown["id"]),
        (&json!("not_connected"), &Value::Null, &Value::Null)
    );
    let last = &shown["last_attempt"];
    assert_eq!(last["status"], "failed");
    assert_eq!(last["reason"], "blocked-by-conditional-access");
    assert_eq!(last["microsoft"]["code"], "AADSTS53003");
    assert_eq!(last["microsoft"]["trace_id"], "5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200");
    assert!(last["at"].as_str().is_some_and(|at| at.starts_with("2026-11-24T")), "{last}");
    let nora = world.person("u-nora", "acme", "nomail@contoso.com").await;
    assert_eq!(nora.ends("nomail@contoso.com", Accept).await, "failed: mailbox-unavailable");
    let last = nora.connection().await["last_attempt"].clone();
    assert_eq!(last["reason"], "mailbox-unavailable");
    assert!(last["microsoft"]["error"].is_string(), "Graph's own code: {last}");
}

#[tokio::test]
async fn a_pending_card_goes_when_another_end_came() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.ends("ana@contoso.com", Decline).await, "pending_approval");
    let pending = ana.connection().await;
    assert_eq!(
        (&pending["status"], &pending["last_attempt"]["status"]),
        (&json!("pending_approval"), &json!("pending_approval"))
    );
    assert!(
        pending["problem"]["title"].as_str().is_some_and(|title| title.contains("You declined, or")),
        "{pending}"
    );
    world.pass_time(minutes(1));
    assert_eq!(refused(&ana, "access_denied", 50105).await, "failed: user-not-assigned");
    let shown = ana.connection().await;
    assert_eq!((&shown["status"], &shown["problem"]), (&json!("not_connected"), &Value::Null), "{shown}");
    assert_eq!(shown["last_attempt"]["reason"], "user-not-assigned");
    assert_eq!(ana.schedule("key-00001").await.problem(), (409, "not-connected"));
    let listed = ana.get("/v1/connections").await.json["data"][0].clone();
    assert_eq!(listed["last_attempt"], shown["last_attempt"], "the list says the same");
    world.pass_time(minutes(1));
    assert_eq!(ana.ends("ana@contoso.com", Decline).await, "pending_approval");
    assert_eq!(ana.status().await, "pending_approval", "the newest end counts");
    world.pass_time(minutes(1));
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "connected");
    let connected = ana.connection().await;
    assert_eq!(
        (&connected["status"], &connected["last_attempt"]["status"]),
        (&json!("connected"), &json!("connected"))
    );
}

#[tokio::test]
async fn a_failed_attempt_is_shown_beside_the_connection_that_stays() {
    let world = World::start().await;
    let ana = world.ana().await;
    assert_eq!(ana.ends("ana@contoso.com", Cancel).await, "cancelled");
    let shown = ana.connection().await;
    assert_eq!(
        (&shown["status"], &shown["last_attempt"]["status"]),
        (&json!("connected"), &json!("cancelled"))
    );
    ana.post("/v1/connection/verify", json!({})).await;
    assert_eq!(
        ana.connection().await["last_attempt"]["status"],
        "cancelled",
        "a verification does not forget it"
    );
}

#[tokio::test]
async fn nothing_is_kept_for_a_customer_that_is_switched_off() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
    let back = back_with(&world, &authorize, &[("error", "server_error")]);
    browser.open(&back).await;
    assert_eq!(ana.connection().await["last_attempt"], Value::Null);
}

#[tokio::test]
async fn a_calendar_without_teams_is_said_when_it_is_connected() {
    let world = World::start().await;
    let tom = world.person("u-tom", "acme", "noteams@contoso.com").await;
    let (browser, authorize) = tom.begin().await;
    let back = world.microsoft().sign_in(&authorize, "noteams@contoso.com", Accept).expect("back");
    let answer = browser.open(&back).await;
    let way = answer.header("location").expect("a way back");
    assert_eq!(parameter(way, "status").as_deref(), Some("connected"));
    assert_eq!(parameter(way, "notice").as_deref(), Some("teams-not-available"));
    assert_eq!(tom.connection().await["last_attempt"]["reason"], "teams-not-available");
    let ana = world.ana().await;
    assert_eq!(ana.connection().await["last_attempt"]["reason"], Value::Null);
}
