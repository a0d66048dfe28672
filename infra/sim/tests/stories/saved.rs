//! What is saved today is what Microsoft knows tomorrow, in another process and at another address.

use crate::world::{World, parameter};
use serde_json::json;
use sim::{Answer, Config, Journal, Microsoft};
use std::sync::Arc;

fn successor(world: &World) -> Microsoft {
    let config = Config {
        public_url: "http://127.0.0.1:9999/microsoft".into(),
        client_id: crate::world::CLIENT.into(),
        client_secret: "another secret, made at the start".into(),
        redirect_uris: vec!["http://localhost:9999/api/auth/microsoft/callback".into()],
        app_name: "Convene".into(),
    };
    let next =
        Microsoft::new(config, Journal::new(), Arc::new(|| "2026-11-24T09:00:00Z".parse().expect("a time")));
    next.restore(&world.microsoft.save()).expect("what was saved can be read");
    next
}

#[tokio::test]
async fn tokens_consents_events_mails_and_switches_survive() {
    let world = World::new();
    world.code_for("ana@contoso.com");
    let token = world.access("ben@contoso.com");
    let id = world.create(&token, json!({"transactionId": "t-1"})).await["id"].clone();
    world.switch("options", json!({"loop_limit": 7}));
    world.switch("disable-app", json!({"tenant": "fabrikam.com"}));
    let before = world.microsoft.snapshot();

    let next = successor(&world);
    assert_eq!(next.snapshot(), before);
    assert_eq!(
        next.client_secret(),
        crate::world::SECRET,
        "the ciphertext of the product is for the old one"
    );
    assert_eq!(next.secrets(), world.microsoft.secrets());
    assert_eq!(next.mails(), world.microsoft.mails());
    assert_eq!(next.redemptions(), world.microsoft.redemptions());
    assert_eq!(next.events("ben@contoso.com")[0]["id"], id);
}

#[tokio::test]
async fn it_answers_at_its_new_address_and_goes_on_where_it_stopped() {
    let world = World::new();
    world.code_for("ana@contoso.com");
    let next = successor(&world);
    assert_eq!(next.login_url(), "http://127.0.0.1:9999/microsoft/login");
    let ask = world
        .authorize_url(&[("redirect_uri", Some("http://localhost:9999/api/auth/microsoft/callback"))])
        .replace("8787", "9999");
    let back = next.sign_in(&ask, "ana@contoso.com", Answer::Accept).expect("Ana consented before");
    let code = parameter(&back, "code").expect("a code");
    assert!(!world.microsoft.secrets().contains(&code), "no secret is issued twice");
}

#[test]
fn what_is_no_state_is_refused() {
    let world = World::new();
    assert!(world.microsoft.restore("{}").is_err());
    assert!(world.microsoft.restore("nonsense").is_err());
    assert_eq!(world.microsoft.client_secret(), crate::world::SECRET);
}
