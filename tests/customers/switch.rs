//! Switched off: no new sessions, nothing served, tokens kept and verified all the same.

use serde_json::json;

use crate::world::{Rows, World, interview, minutes};

#[tokio::test]
async fn switched_off_nothing_is_served_and_nothing_is_lost() {
    let world = World::start().await;
    let ana = world.ana().await;
    let made = ana.schedule("key-before-off").await;
    assert_eq!(made.status, 201);
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
    let graph = world.journal().last();

    let body = json!({ "return_url": format!("{}/done", world.stack.url) });
    let refused = ana.post("/v1/connect-sessions", body).await;
    assert_eq!(refused.problem(), (403, "integration-disabled"));
    assert_eq!(refused.str("/fix/owner"), "customer_admin");
    let refused = ana.post_as("key-while-off", "/v1/interviews", &interview()).await;
    assert_eq!(refused.problem(), (403, "integration-disabled"));
    let path = format!("/v1/interviews/{}", made.str("/id"));
    let to = json!({ "start": "2026-12-02T10:00:00+01:00", "end": "2026-12-02T11:00:00+01:00" });
    for answer in [
        ana.post_as("move-while-off", &format!("{path}/reschedule"), &to).await,
        ana.post_as("cancel-while-off", &format!("{path}/cancel"), &json!({})).await,
        ana.patch(&path, json!({ "title": "Other" })).await,
    ] {
        assert_eq!(answer.problem(), (403, "integration-disabled"), "{}", answer.text);
    }
    assert!(world.graph_since(graph).is_empty());
    assert_eq!(Rows::of(&world).with("S#").sealed(), 1, "tokens are kept");

    let before = ana.connection().await["last_verified_at"].clone();
    world.advance(minutes(60)).await;
    let after = ana.connection().await;
    assert_eq!(after["status"], "connected");
    assert_ne!(after["last_verified_at"], before, "the sweep goes on");
    assert!(world.graph_since(graph).is_empty());

    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": true })).await.status, 200);
    assert_eq!(ana.post_as("cancel-after-on", &format!("{path}/cancel"), &json!({})).await.status, 200);
}

/// Before any user connects, an owner, an administrator or an IT manager switches the integration on; whoever asks
/// then sees it as enabled, the company's IT administrators too.
#[tokio::test]
async fn c01_c03_an_owner_admin_or_it_manager_switches_it_on_before_anybody_connects() {
    for role in ["owner", "admin", "it_manager"] {
        let world = World::with_setting("JWT_CLAIM_ROLES", "roles").await;
        let user = |sub: &str, roles: &[&str]| {
            json!({ "sub": sub, "customer_id": "acme", "email": format!("{sub}@contoso.com"), "roles": roles,
                "scope": "connections interviews admin" })
        };
        let mut ana = world.person("ana", "elsewhere", "ana@contoso.com").await;
        ana.token = world.bare_token(&user("ana", &["recruiter"]));
        let mut boss = ana.clone();
        boss.token = world.bare_token(&user("boss", &[role]));
        let body = json!({ "return_url": format!("{}/done", world.stack.url) });
        assert_eq!(ana.get("/v1/customer").await.json["enabled"], false);
        let early = ana.post("/v1/connect-sessions", body.clone()).await;
        assert_eq!(early.problem(), (403, "integration-disabled"));
        let on = json!({ "enabled": true });
        assert_eq!(ana.patch("/v1/customer", on.clone()).await.problem(), (403, "forbidden"), "not hers");

        assert_eq!(boss.patch("/v1/customer", on).await.status, 200, "{role}");
        assert_eq!(ana.get("/v1/customer").await.json["enabled"], true);
        let link = boss.post("/v1/customer/it-link", json!({})).await;
        let page = crate::world::Browser::new(&world).open(link.str("/url")).await;
        assert!(page.text.contains(r#"<span class="good">Enabled</span>"#), "{}", page.text);
        assert_eq!(ana.post("/v1/connect-sessions", body).await.status, 201);
        assert_eq!(ana.connect().await, "connected");
    }
}

#[tokio::test]
async fn access_that_ends_while_switched_off_is_noticed() {
    let world = World::start().await;
    let ana = world.ana().await;
    assert_eq!(ana.patch("/v1/customer", json!({ "enabled": false })).await.status, 200);
    world.switch("revoke-sessions", json!({ "user": "ana@contoso.com" }));
    world.advance(minutes(60)).await;
    assert_eq!(ana.status().await, "needs_reauth");
    assert_eq!(Rows::of(&world).with("S#").sealed(), 0);
}

#[tokio::test]
async fn a_customer_that_was_never_switched_on_gets_no_link() {
    let world = World::start().await;
    let claims = json!({ "sub": "u-ana", "customer_id": "quiet", "email": "ana@contoso.com", "scope": "connections interviews" });
    let mut ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    ana.token = world.bare_token(&claims);
    let body = json!({ "return_url": format!("{}/done", world.stack.url) });
    assert_eq!(ana.post("/v1/connect-sessions", body).await.problem(), (403, "integration-disabled"));
    assert_eq!(ana.schedule("key-of-quiet").await.problem(), (403, "integration-disabled"));
    assert_eq!(ana.status().await, "not_connected");
}
