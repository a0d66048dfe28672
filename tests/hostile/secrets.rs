//! Threat 14: secrets where they do not belong. What Microsoft and KMS issued is looked for after every test by
//! `World`; here is the rest, and the ways by which errors could carry something out.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use sim::Answer::{Accept, Cancel};
use sim::Hunt;

use crate::world::{Forge, World, back_with, ending, minutes, parameter};

#[tokio::test]
async fn t14_what_browsers_links_and_clients_carry_is_neither_logged_nor_stored() {
    let log = crate::logs::begin();
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let link = ana.connect_link().await;
    let browser = crate::world::Browser::new(&world);
    let authorize = browser.to_microsoft(&link).await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let field = |url: &str, name| parameter(url, name).expect("a field");
    let secrets = [
        field(&link, "key"),
        field(&authorize, "state"),
        field(&authorize, "nonce"),
        field(&back, "code"),
        browser.cookies().remove(0).1,
        ana.token.clone(),
    ];
    let others = [field(&authorize, "code_challenge"), "/done".to_owned(), "u-ana".to_owned()];
    assert_eq!(ending(&browser.open(&back).await), "connected");
    assert_eq!(browser.open(&back).await.status, 400);
    assert_eq!(ana.schedule("key-that-is-not-logged").await.status, 201);
    assert_eq!(ana.ends("ben@contoso.com", Cancel).await, "pending_approval");
    world.advance(minutes(50)).await;
    for secret in &secrets {
        assert!(!world.is_stored(secret), "stored: {secret}");
    }
    let log = crate::logs::since(log);
    for text in secrets.iter().chain(&others) {
        // Other tests of this process log too, under the same names of users.
        let theirs = text == "u-ana" || text == "/done";
        assert!(theirs || !Hunt::new([text]).finds(&log), "logged: {text}");
    }
    for never in [
        "Bearer",
        "eyJ",
        "access_token",
        "refresh_token",
        "__Host-",
        "return_url",
        "Interview: Backend",
        "key-that-is-not-logged",
    ] {
        assert!(!String::from_utf8_lossy(&log).contains(never), "logged: {never}");
    }
}

#[tokio::test]
async fn t14_an_answer_of_entra_that_cannot_be_read_is_not_repeated_anywhere() {
    let log = crate::logs::begin();
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let canary = "canary-7c1d7e5b2f6a4d0e";
    for kind in [
        json!({ "raw": { "status": 200, "headers": [["content-type", "application/json"]],
            "text": format!("{{\"access_token\":\"{canary}\",\"refresh_token\":\"{canary}\",\"token_type\":7}}") } }),
        json!({ "raw": { "status": 200, "text": format!("{{\"access_token\":\"{canary}") } }),
        json!({ "body": { "status": 400, "json": { "error": canary, "error_description": format!("AADSTS70000: {canary}"),
            "suberror": format!("{canary} x"), "trace_id": canary, "correlation_id": canary, "timestamp": canary } } }),
        json!({ "body": { "status": 500, "json": { "error": { "message": canary } } } }),
    ] {
        world.fault(
            json!({ "service": "login", "operation": "POST /{tenant}/oauth2/v2.0/token", "kind": kind }),
        );
        let (browser, authorize) = ana.begin().await;
        let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
        let answer = browser.open(&back).await;
        assert!(ending(&answer).starts_with("failed"));
        assert!(!format!("{answer:?}").contains(canary));
    }
    assert!(!world.is_stored(canary));
    assert!(!Hunt::new([canary]).finds(crate::logs::since(log)));
}

#[tokio::test]
async fn t14_words_of_a_forged_redirect_are_not_repeated_anywhere() {
    let log = crate::logs::begin();
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let canary = "canary-3f0b9a77e1c24d55";
    let script = format!("<script>{canary}</script>");
    for name in ["error", "error_description", "error_subcode", "error_uri", "code", "session_state", "iss"] {
        let (browser, authorize) = ana.begin().await;
        let answer = browser.open(&back_with(&world, &authorize, &[(name, &script)])).await;
        assert!(!format!("{answer:?}").contains(canary), "{name}");
        let strange =
            crate::world::Browser::new(&world).open(&back_with(&world, &authorize, &[(name, &script)])).await;
        assert_eq!(strange.status, 400);
        assert!(!format!("{strange:?}").contains(canary), "{name}");
    }
    assert!(!world.is_stored(canary));
    assert!(!Hunt::new([canary]).finds(crate::logs::since(log)));
}

#[tokio::test]
async fn t14_a_refused_request_is_not_repeated_to_the_log() {
    let log = crate::logs::begin();
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let canary = "canary-90d2c6aa15b84e0f";
    for body in [
        json!({ "name": canary, canary: 1 }),
        json!({ "tenant_id": canary, "calendar": canary }),
        json!({ "rooms": [{ "email": canary }] }),
    ] {
        assert_eq!(ana.patch("/v1/customer", body).await.status, 422);
    }
    assert_eq!(ana.get(&format!("/v1/connections/{canary}")).await.status, 404);
    for query in [format!("cursor={canary}"), format!("{canary}=x")] {
        assert_eq!(ana.get(&format!("/v1/connections?{query}")).await.status, 422, "{query}");
    }
    assert!(!world.is_stored(canary));
    assert!(!Hunt::new([canary]).finds(crate::logs::since(log)));
}

#[tokio::test]
async fn t14_sealed_tokens_are_all_that_is_stored_of_them() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let forge = Forge::published(&world);
    let id_token = Forge::token(&forge.claims(&authorize, "ana@contoso.com"));
    forge.answers_with(
        "ana@contoso.com",
        &json!({ "id_token": id_token, "access_token": "A".repeat(64), "refresh_token": "R".repeat(64) }),
    );
    // The mailbox refuses the made-up token: then not even its ciphertext stays.
    assert_eq!(ending(&browser.open(&back).await), "failed: mailbox-access-denied");
    for token in ["A".repeat(64), "R".repeat(64), id_token] {
        assert!(!world.is_stored(&token) && !world.is_stored(&BASE64_STANDARD.encode(&token)));
    }
}
