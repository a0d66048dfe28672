//! Sign-ins that end without a connection: each says why, and keeps nothing.

use serde_json::{Value, json};
use sim::Answer::{Accept, Cancel, Decline};

use crate::world::{Forge, Rows, World, back_with, ending, minutes};

/// Ana signs in; before her browser comes back this happens; how it ends.
async fn after(world: &World, happens: impl FnOnce(&World)) -> String {
    after_as(world, "ana@contoso.com", happens).await
}

async fn after_as(world: &World, email: &str, happens: impl FnOnce(&World)) -> String {
    let person = world.person("u-ana", "acme", email).await;
    let (browser, authorize) = person.begin().await;
    let back = world.microsoft().sign_in(&authorize, email, Accept).expect("back");
    happens(world);
    let end = ending(&browser.open(&back).await);
    assert!(browser.cookies().is_empty(), "the attempt is over");
    if end != "connected" {
        assert_eq!(person.status().await, "not_connected");
        assert_eq!(Rows::of(world).sealed(), 0, "nothing is half stored");
    }
    end
}

#[tokio::test]
async fn an_account_without_a_mailbox() {
    let world = World::start().await;
    assert_eq!(after_as(&world, "nomail@contoso.com", |_| {}).await, "failed: mailbox-unavailable");
}

#[tokio::test]
async fn a_user_who_is_not_assigned_to_the_app() {
    let world = World::start().await;
    let end = after(&world, |world| {
        world.switch("require-assignment", json!({ "tenant": "contoso.com", "required": true }));
    });
    assert_eq!(end.await, "failed: user-not-assigned");
}

#[tokio::test]
async fn an_app_that_was_switched_off_in_the_tenant() {
    let world = World::start().await;
    let end = after(&world, |world| {
        world.switch("disable-app", json!({ "tenant": "contoso.com" }));
    });
    assert_eq!(end.await, "failed: app-disabled-in-tenant");
}

#[tokio::test]
async fn a_user_who_was_disabled_meanwhile_is_the_administrators_to_enable() {
    let world = World::start().await;
    let end = after(&world, |world| {
        world.switch("disable-user", json!({ "user": "ana@contoso.com" }));
    });
    assert_eq!(end.await, "failed: account-unavailable");
}

#[tokio::test]
async fn a_user_who_was_deleted_meanwhile_is_the_administrators_to_restore() {
    let world = World::start().await;
    let end = after(&world, |world| {
        world.switch("delete-user", json!({ "user": "ana@contoso.com" }));
    });
    assert_eq!(end.await, "failed: account-unavailable");
}

#[tokio::test]
async fn our_own_credential_refused_is_the_vendors_fault_and_nothing_else() {
    for state in ["expired", "wrong"] {
        let world = World::start().await;
        let end = after(&world, |world| {
            world.switch("vendor-secret", json!({ "state": state }));
        });
        assert_eq!(end.await, "failed: vendor-credential-invalid", "{state}");
        let report = world.tick("token-refresh").await;
        assert_eq!(report["breaker_open"], true, "the sweep knows at once: {report}");
    }
}

async fn with_answer(fields: Value) -> String {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let forge = Forge::published(&world);
    let mut answer = json!({ "id_token": Forge::token(&forge.claims(&authorize, "ana@contoso.com")) });
    answer.as_object_mut().expect("an object").extend(fields.as_object().cloned().unwrap_or_default());
    forge.answers_with("ana@contoso.com", &answer);
    let end = ending(&browser.open(&back).await);
    let kept = usize::from(end == "connected");
    assert_eq!(Rows::of(&world).sealed(), kept, "{end}");
    end
}

#[tokio::test]
async fn an_answer_like_entras_own_connects() {
    assert_eq!(with_answer(json!({})).await, "connected");
}

#[tokio::test]
async fn a_grant_without_an_id_token_proves_nobody() {
    assert_eq!(with_answer(json!({ "id_token": null })).await, "failed: microsoft-unavailable");
}

#[tokio::test]
async fn a_customer_that_was_switched_off_meanwhile_is_not_connected_and_graph_not_asked() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
    assert_eq!(ending(&browser.open(&back).await), "failed: integration-disabled");
    assert_eq!(Rows::of(&world).sealed(), 0);
    assert!(world.graph_since(0).is_empty(), "{:?}", world.graph_since(0));
}

#[tokio::test]
async fn once_a_grant_was_proven_going_back_is_cancelled_and_saying_no_is_denied() {
    let world = World::start().await;
    world.ana().await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    assert_eq!(ben.ends("ben@contoso.com", Cancel).await, "cancelled");
    assert_eq!(ben.status().await, "not_connected");
    assert_eq!(ben.ends("ben@contoso.com", Decline).await, "denied");
    assert_eq!(ben.status().await, "not_connected");
}

#[tokio::test]
async fn a_failed_try_does_not_harm_the_connection_that_is_there() {
    let world = World::start().await;
    let ana = world.ana().await;
    assert_eq!(ana.ends("ana@contoso.com", Cancel).await, "cancelled");
    assert_eq!(ana.ends("ben@contoso.com", Accept).await, "wrong_account: wrong-account");
    assert_eq!(ana.status().await, "connected");
    assert_eq!(ana.schedule("key-as-before").await.status, 201);
}

#[tokio::test]
async fn other_errors_of_microsofts_page_are_failures_with_the_one_who_can_act() {
    let world = World::start().await;
    for (error, code, end) in [
        ("server_error", 90033, "failed: microsoft-unavailable"),
        ("temporarily_unavailable", 90024, "failed: microsoft-unavailable"),
        ("access_denied", 50105, "failed: user-not-assigned"),
        ("access_denied", 53003, "failed: blocked-by-conditional-access"),
        ("unauthorized_client", 7_000_112, "failed: app-disabled-in-tenant"),
        ("login_required", 50058, "failed: connection-needs-reauth"),
        ("interaction_required", 16000, "wrong_tenant: wrong-tenant"),
        ("access_denied", 50020, "wrong_tenant: wrong-tenant"),
        ("access_denied", 500_207, "failed: account-not-supported"),
        ("access_denied", 500_212, "failed: cross-tenant-access-blocked"),
        ("invalid_grant", 500_571, "failed: account-unavailable"),
        ("interaction_required", 530_036, "failed: blocked-by-conditional-access"),
        ("invalid_request", 90009, "failed: vendor-credential-invalid"),
        ("invalid_grant", 50057, "failed: account-unavailable"),
        ("invalid_request", 50128, "failed: organization-not-found"),
        ("invalid_grant", 50053, "failed: account-locked"),
        ("consent_required", 65001, "failed: admin-approval-required"),
        ("invalid_request", 65005, "failed: vendor-credential-invalid"),
        ("something_new", 4_711_000, "failed: microsoft-unavailable"),
    ] {
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        let (browser, authorize) = ana.begin().await;
        let text = format!(
            "AADSTS{code}: Some words of Microsoft's.\r\nTrace ID: 5d9f1c0e-1111-4c1b-8a52-8f0e7d6a1200"
        );
        let back = back_with(&world, &authorize, &[("error", error), ("error_description", &text)]);
        assert_eq!(ending(&browser.open(&back).await), end, "{error} {code}");
        assert_eq!(ana.status().await, "not_connected", "{error} {code}");
    }
}

#[tokio::test]
async fn an_error_beside_a_code_counts_as_the_error() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let back = format!("{back}&error=server_error");
    assert_eq!(ending(&browser.open(&back).await), "failed: microsoft-unavailable");
    assert!(world.microsoft().redemptions().is_empty());
}

#[tokio::test]
async fn a_way_back_with_nothing_in_it_is_a_failure() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = back_with(&world, &authorize, &[]);
    assert_eq!(ending(&browser.open(&back).await), "failed: microsoft-unavailable");
}

#[tokio::test]
async fn a_code_that_cannot_be_redeemed_any_more_asks_to_start_again() {
    let world = World::start().await;
    let too_old = after(&world, |world| world.pass_time(minutes(11))).await;
    assert_eq!(too_old, "failed: sign-in-expired");
    for code in ["", "x", "1.AXU-cut", "\u{202e}"] {
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        let (browser, authorize) = ana.begin().await;
        let back = back_with(&world, &authorize, &[("code", code)]);
        assert_eq!(ending(&browser.open(&back).await), "failed: sign-in-expired", "{code:?}");
    }
}
