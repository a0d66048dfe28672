//! Where only an administrator may approve: pending, told apart from "no", and over once he has.

use serde_json::json;
use sim::Answer::{Accept, Cancel, Decline, Request};

use crate::world::{Browser, Person, Rows, World, back_with, ending, minutes};

fn only_admins(world: &World, workflow: bool) {
    world.switch(
        "consent-policy",
        json!({ "tenant": "contoso.com", "policy": "managed", "workflow": workflow }),
    );
}

fn approve(world: &World) {
    world.switch("grant-admin-consent", json!({ "tenant": "contoso.com" }));
}

async fn is_pending(ana: &Person<'_>) {
    let connection = ana.connection().await;
    assert_eq!(connection["status"], "pending_approval");
    assert_eq!(connection["problem"]["code"], "approval-pending");
    assert_eq!(connection["problem"]["fix"]["owner"], "it_admin");
    assert!(connection["account"].is_null() && connection["connected_at"].is_null());
    let refused = ana.schedule("key-while-pending").await;
    assert_eq!(refused.problem().0 / 100, 4, "{}", refused.text);
    assert_eq!(ana.post("/v1/connection/verify", json!({})).await.problem(), (403, "approval-pending"));
}

#[tokio::test]
async fn a_request_for_approval_is_pending_until_the_administrator_has_acted_and_connect_is_pressed_again() {
    let world = World::start().await;
    only_admins(&world, true);
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.ends("ana@contoso.com", Request).await, "pending_approval");
    is_pending(&ana).await;
    let id = ana.connection().await["id"].clone();
    approve(&world);
    world.advance(minutes(5)).await;
    assert_eq!(ana.status().await, "pending_approval", "nothing calls us after an approval");
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "connected");
    assert_eq!(ana.connection().await["id"], id);
    assert_eq!(ana.schedule("key-approved").await.status, 201);
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.ends("ben@contoso.com", Accept).await, "connected", "approved once for everybody");
}

#[tokio::test]
async fn going_back_from_need_admin_approval_is_pending_too() {
    let world = World::start().await;
    only_admins(&world, false);
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.ends("ana@contoso.com", Cancel).await, "pending_approval");
    is_pending(&ana).await;
}

#[tokio::test]
async fn while_no_grant_was_proven_a_decline_may_be_a_request() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.ends("ana@contoso.com", Decline).await, "pending_approval");
    is_pending(&ana).await;
}

#[tokio::test]
async fn numbers_that_ask_for_an_administrator_are_pending_whatever_was_proven() {
    let world = World::start().await;
    world.ana().await;
    world.pass_time(minutes(2)); // Sooner after the proof it would be waited for.
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    for code in [90093, 90094, 90095, 900_941, 900_981] {
        let (browser, authorize) = ben.begin().await;
        let text = format!("AADSTS{code}: An administrator of Contoso has set a policy.");
        let back = back_with(&world, &authorize, &[("error", "access_denied"), ("error_description", &text)]);
        assert_eq!(ending(&browser.open(&back).await), "pending_approval", "{code}");
        assert_eq!(ben.status().await, "pending_approval", "{code}");
    }
}

#[tokio::test]
async fn a_pending_request_of_one_who_is_connected_leaves_the_connection_alone() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.pass_time(minutes(2));
    let (browser, authorize) = ana.begin().await;
    let text = "AADSTS90094: An administrator must approve.";
    let back = back_with(&world, &authorize, &[("error", "access_denied"), ("error_description", text)]);
    assert_eq!(ending(&browser.open(&back).await), "pending_approval");
    assert_eq!(ana.status().await, "connected");
}

#[tokio::test]
async fn once_access_was_revoked_going_back_is_pending_again_until_somebody_proves_a_new_grant() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.switch("delete-app", json!({ "tenant": "contoso.com" }));
    world.advance(minutes(15)).await;
    assert_eq!(ana.status().await, "revoked");
    only_admins(&world, false);
    assert_eq!(ana.ends("ana@contoso.com", Cancel).await, "pending_approval");
    is_pending(&ana).await;
    approve(&world);
    assert_eq!(ana.ends("ana@contoso.com", Accept).await, "connected");
    world.advance(minutes(5)).await;
    assert_eq!(ana.ends("ana@contoso.com", Cancel).await, "cancelled");
}

#[tokio::test]
async fn one_session_may_be_visited_until_it_led_to_a_connection() {
    let world = World::start().await;
    only_admins(&world, true);
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let link = ana.connect_link().await;
    let first = Browser::new(&world).sign_in(&link, "ana@contoso.com", Request).await;
    assert_eq!(ending(&first), "pending_approval");
    approve(&world);
    let second = Browser::new(&world).sign_in(&link, "ana@contoso.com", Accept).await;
    assert_eq!(ending(&second), "connected");
    assert_eq!(Browser::new(&world).open(&link).await.status, 400);
}

#[tokio::test]
async fn a_request_after_a_disconnection_keeps_the_id_and_the_count_of_seals() {
    let world = World::start().await;
    let ana = world.ana().await;
    world.pass_time(minutes(2));
    let id = ana.connection().await["id"].clone();
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    let generation = Rows::of(&world).with("S#").documents()[0]["generation"].as_u64();
    let (browser, authorize) = ana.begin().await;
    let text = "AADSTS90094: An administrator must approve.";
    let back = back_with(&world, &authorize, &[("error", "access_denied"), ("error_description", text)]);
    assert_eq!(ending(&browser.open(&back).await), "pending_approval");
    let connection = ana.connection().await;
    assert_eq!((&connection["status"], &connection["id"]), (&json!("pending_approval"), &id));
    assert_eq!(Rows::of(&world).with("S#").documents()[0]["generation"].as_u64(), generation);
    assert_eq!(ana.get(&format!("/v1/connections/{}", id.as_str().expect("an id"))).await.json["id"], id);
}

#[tokio::test]
async fn a_canary_that_waits_for_approval_hands_over_to_another() {
    let world = World::start().await;
    let ana = world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.connect().await, "connected");
    world.advance(minutes(3)).await;
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    let (browser, authorize) = ana.begin().await;
    let text = "AADSTS90094: An administrator must approve.";
    let back = back_with(&world, &authorize, &[("error", "access_denied"), ("error_description", text)]);
    assert_eq!(ending(&browser.open(&back).await), "pending_approval");
    world.advance(minutes(2)).await;
    let canaries: Vec<_> = Rows::of(&world)
        .with("S#")
        .documents()
        .into_iter()
        .filter(|document| document["canary"] == true)
        .map(|document| document["user"].clone())
        .collect();
    assert_eq!(canaries, [json!("u-ben")]);
}
