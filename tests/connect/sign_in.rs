//! What goes to Microsoft's page, and what comes back to the ATS.

use serde_json::json;
use sim::Answer::Accept;

use crate::world::{Browser, Rows, World, ending, parameter};

#[tokio::test]
async fn microsofts_page_is_asked_for_a_code_with_pkce_nonce_and_the_expected_account() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (_, authorize) = ana.begin().await;
    let page = format!("{}/organizations/oauth2/v2.0/authorize?", world.microsoft().login_url());
    assert!(authorize.starts_with(&page), "{authorize}");
    let asked = |name: &str| parameter(&authorize, name).unwrap_or_default();
    assert_eq!(asked("response_type"), "code");
    assert_eq!(asked("response_mode"), "query");
    assert_eq!(asked("code_challenge_method"), "S256");
    assert_eq!(asked("code_challenge").len(), 43, "SHA-256 as base64url");
    assert_eq!(asked("nonce").len(), 43);
    assert_eq!(asked("login_hint"), "ana%40contoso.com");
    assert_eq!(asked("scope"), "openid+profile+email+offline_access+User.Read+Calendars.ReadWrite");
    assert_eq!(parameter(&authorize, "prompt"), None, "prompt=consent would lead users into a dead end");
    assert_eq!(parameter(&authorize, "client_secret"), None);
}

#[tokio::test]
async fn every_visit_is_an_attempt_of_its_own() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let link = ana.connect_link().await;
    let browser = Browser::new(&world);
    let (first, second) = (browser.to_microsoft(&link).await, browser.to_microsoft(&link).await);
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&first, name), parameter(&second, name), "{name}");
    }
    assert_eq!(browser.cookies().len(), 2, "both tabs can be finished");
    let back = world.microsoft().sign_in(&second, "ana@contoso.com", Accept).expect("back");
    assert_eq!(ending(&browser.open(&back).await), "connected");
}

#[tokio::test]
async fn the_language_of_the_person_reaches_microsofts_page_and_the_zone_the_connection() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let body = json!({ "return_url": format!("{}/done", world.stack.url), "locale": "fr-FR", "time_zone": "europe/paris" });
    let link = ana.post("/v1/connect-sessions", body).await;
    let browser = Browser::new(&world);
    let authorize = browser.to_microsoft(link.str("/url")).await;
    assert_eq!(parameter(&authorize, "ui_locales").as_deref(), Some("fr-FR"));
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    assert_eq!(ending(&browser.open(&back).await), "connected");
    assert_eq!(ana.connection().await["time_zone"], "Europe/Paris");
}

#[tokio::test]
async fn more_features_ask_for_more_permissions_and_only_those_that_are_switched_on() {
    let world = World::with_setting("FEATURES", "calendar,shared_calendars,mailbox").await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let body = json!({ "features": ["shared_calendars"] });
    assert_eq!(ana.patch("/v1/customer", body).await.status, 200);
    let body = json!({ "return_url": format!("{}/done", world.stack.url), "features": ["shared_calendars", "mailbox"] });
    let link = ana.post("/v1/connect-sessions", body).await;
    let authorize = Browser::new(&world).to_microsoft(link.str("/url")).await;
    let scope = parameter(&authorize, "scope").expect("a scope");
    assert!(scope.ends_with("Calendars.ReadWrite+Calendars.Read.Shared"), "{scope}");
}

#[tokio::test]
async fn the_browser_is_sent_back_to_where_the_ats_said_and_the_cookie_goes() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let return_url = format!("{}/settings?tab=outlook", world.stack.url);
    let link = ana.post("/v1/connect-sessions", json!({ "return_url": return_url })).await;
    let browser = Browser::new(&world);
    let back = browser.sign_in(link.str("/url"), "ana@contoso.com", Accept).await;
    let expected = format!("{return_url}&status=connected&session={}", link.str("/id"));
    assert_eq!((back.status, back.header("location")), (303, Some(expected.as_str())));
    assert_eq!(back.header("cache-control"), Some("no-store"));
    assert_eq!(back.header("referrer-policy"), Some("no-referrer"));
    assert_eq!(back.header("x-content-type-options"), Some("nosniff"));
    assert!(back.header("set-cookie").is_some_and(|line| line.contains("Max-Age=0")));
    assert!(browser.cookies().is_empty());
    assert_eq!(back.text, "");
}

#[tokio::test]
async fn the_way_to_microsoft_leaves_no_trace_in_caches_or_referrers() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let gone = Browser::new(&world).open(&ana.connect_link().await).await;
    assert_eq!((gone.status, gone.header("cache-control")), (302, Some("no-store")));
    assert_eq!(gone.header("referrer-policy"), Some("no-referrer"));
    assert!(gone.header("set-cookie").is_some_and(|line| line.contains("Max-Age=1800")));
}

#[tokio::test]
async fn connecting_again_keeps_the_connections_id_and_replaces_everything_else() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(ana.patch("/v1/customer", json!({ "allowed_account": "same_domain" })).await.status, 200);
    assert_eq!(ana.connect().await, "connected");
    let before = ana.connection().await;
    let generation = |world: &World| Rows::of(world).with("S#").documents()[0]["generation"].as_u64();
    assert_eq!(generation(&world), Some(1));
    world.pass_time(crate::world::minutes(5));
    assert_eq!(ana.ends("ben@contoso.com", Accept).await, "connected");
    let after = ana.connection().await;
    assert_eq!(before["id"], after["id"]);
    assert_eq!(after["account"]["email"], "ben@contoso.com");
    assert_ne!(before["account"]["object_id"], after["account"]["object_id"]);
    assert_ne!(before["connected_at"], after["connected_at"]);
    assert_eq!(generation(&world), Some(2), "what was sealed before does not open in its place");
    assert_eq!(Rows::of(&world).with("S#").count(), 1);
    let interview = ana.schedule("key-of-ben").await;
    assert_eq!(
        (interview.status, interview.str("/organizer/email")),
        (201, "ben@contoso.com"),
        "{}",
        interview.text
    );
    assert_eq!(world.meetings("ana@contoso.com").len(), 0);
}

#[tokio::test]
async fn connecting_again_ends_a_disconnection() {
    let world = World::start().await;
    let ana = world.ana().await;
    let id = ana.connection().await["id"].clone();
    assert_eq!(ana.delete("/v1/connection").await.status, 204);
    assert_eq!(ana.status().await, "disconnected");
    assert_eq!(ana.connect().await, "connected");
    assert_eq!(ana.connection().await["id"], id);
    assert_eq!(ana.schedule("key-after-all").await.status, 201);
}

#[tokio::test]
async fn two_users_who_connect_at_once_share_one_new_customer_key() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let ben = world.person("u-ben", "acme", "ben@contoso.com").await;
    // Both have read that there is no key before either of them makes one.
    world.fault(json!({ "service": "kms", "operation": "GenerateDataKey", "kind": { "latency": { "ms": 150 } }, "times": 2 }));
    let both = futures::join!(ana.connect(), ben.connect());
    assert_eq!(both, ("connected".to_owned(), "connected".to_owned()));
    assert_eq!(Rows::keys(&world), 1);
    let made = world.journal().calls().iter().filter(|call| call.operation == "GenerateDataKey").count();
    assert_eq!(made, 2, "the loser's key is thrown away");
    for person in [&ana, &ben] {
        assert_eq!(person.post("/v1/connection/verify", json!({})).await.str("/status"), "connected");
    }
}
