//! `/token`: codes once, PKCE, secrets, scopes, what is issued, and that a strict library accepts the `id_token`.

use crate::world::{CALLBACK, CLIENT, SCOPES, VERIFIER, World};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};
use std::collections::BTreeSet;

#[tokio::test]
async fn a_code_becomes_tokens_once() {
    let world = World::new();
    let code = world.code_for("ana@contoso.com");
    let told = world.redeem(&code).await;
    assert_eq!(told.status, 200, "{}", told.text);
    let body = told.json();
    let life = body["expires_in"].as_u64().unwrap();
    assert!((3600..=5400).contains(&life), "{life}");
    let scopes: BTreeSet<String> = body["scope"]
        .as_str()
        .unwrap()
        .split(' ')
        .map(|scope| scope.trim_start_matches("https://graph.microsoft.com/").to_owned())
        .collect();
    let expected = ["Calendars.ReadWrite", "User.Read", "email", "openid", "profile"].map(String::from);
    assert_eq!(scopes, BTreeSet::from(expected), "offline_access is not listed");
    let info = URL_SAFE_NO_PAD.decode(body["client_info"].as_str().unwrap()).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info["uid"], world.microsoft.object_id("ana@contoso.com"));
    let again = world.redeem(&code).await;
    assert_eq!((again.status, again.numbers()), (400, vec![70002, 54005]));
    let outcomes: Vec<u32> = world.microsoft.redemptions().iter().map(|one| one.code).collect();
    assert_eq!(outcomes, [0, 54005]);
    let calls = world.journal.calls();
    assert_eq!(calls[0].operation, "POST /{tenant}/oauth2/v2.0/token");
    assert_eq!((calls[0].detail.as_str(), calls[0].status), ("authorization_code", 200));
    assert!(calls[0].ended < Some(calls[1].began));
}

#[tokio::test]
async fn a_strict_library_accepts_the_id_token_by_the_published_keys() {
    let world = World::new();
    for _ in 0..2 {
        let body = world.redeem(&world.code_for("ana@contoso.com")).await.json();
        let token = body["id_token"].as_str().unwrap();
        let header = jsonwebtoken::decode_header(token).unwrap();
        let keys = world
            .get(&format!("{}/organizations/discovery/v2.0/keys", world.microsoft.login_url()))
            .await
            .json();
        let key =
            keys["keys"].as_array().unwrap().iter().find(|key| key["kid"] == json!(header.kid)).unwrap();
        assert_eq!(key["issuer"], format!("{}/{{tenantid}}/v2.0", world.microsoft.login_url()));
        let rsa =
            DecodingKey::from_rsa_components(key["n"].as_str().unwrap(), key["e"].as_str().unwrap()).unwrap();
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_audience(&[CLIENT]);
        rules.set_issuer(&[world.microsoft.issuer("contoso.com")]);
        rules.validate_exp = false; // the clock of this world stands
        let claims = jsonwebtoken::decode::<Value>(token, &rsa, &rules).unwrap().claims;
        assert_eq!(claims["nonce"], "n_55a1");
        assert_eq!(claims["tid"], world.microsoft.tenant_id("contoso.com"));
        assert_eq!(claims["oid"], world.microsoft.object_id("ana@contoso.com"));
        assert_eq!(claims["preferred_username"], "ana@contoso.com");
        world.microsoft.rotate_keys();
    }
}

#[tokio::test]
async fn a_key_is_named_after_the_certificate_that_comes_with_it() {
    let world = World::new();
    let url = format!("{}/organizations/discovery/v2.0/keys", world.microsoft.login_url());
    let key = world.get(&url).await.json()["keys"][0].clone();
    let certificate =
        base64::engine::general_purpose::STANDARD.decode(key["x5c"][0].as_str().unwrap()).unwrap();
    let thumbprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &certificate);
    let name = URL_SAFE_NO_PAD.encode(thumbprint);
    assert_eq!((&key["kid"], &key["x5t"]), (&json!(name), &json!(name)));
    let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
    assert!(certificate.windows(modulus.len()).any(|part| part == modulus), "it is of this key");
}

#[tokio::test]
async fn a_code_needs_its_verifier_its_redirect_uri_its_tenant_and_its_ten_minutes() {
    let world = World::new();
    let code = world.code_for("ana@contoso.com");
    let with = |verifier: &'static str, redirect: &'static str| {
        let fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", redirect),
            ("code_verifier", verifier),
        ];
        fields
    };
    let other = "another-another-another-another-another-another";
    assert_eq!(world.token(&with(other, CALLBACK)).await.numbers(), [501_481]);
    assert_eq!(world.token(&with("", CALLBACK)).await.numbers(), [50148]);
    assert_eq!(world.token(&with(VERIFIER, "http://localhost:8787/other")).await.numbers(), [500_112]);
    assert_eq!(world.token_at("fabrikam.com", &with(VERIFIER, CALLBACK)).await.numbers(), [700_005]);
    assert_eq!(world.token_at("nowhere.example", &with(VERIFIER, CALLBACK)).await.numbers(), [90002]);
    assert_eq!(world.token_at("contoso.com", &with(VERIFIER, CALLBACK)).await.status, 200);
    let late = world.code_for("ana@contoso.com");
    world.advance(600);
    assert_eq!(world.redeem(&late).await.numbers(), [70008]);
}

#[tokio::test]
async fn the_credential_is_checked_but_only_after_the_form_of_the_token() {
    let world = World::new();
    let refresh = world.microsoft.mint_connection("ana@contoso.com", SCOPES).1;
    let grant = ("grant_type", "refresh_token");
    let token = ("refresh_token", refresh.as_str());
    for (secret, number) in [("wrong", 7_000_215), ("", 7_000_218)] {
        let told = world.token(&[grant, token, ("client_secret", secret)]).await;
        assert_eq!((told.status, told.numbers()), (401, vec![number]));
        assert_eq!(told.json()["error"], "invalid_client");
    }
    world.switch("vendor-secret", json!({"state": "expired"}));
    assert_eq!(world.refresh(&refresh).await.numbers(), [7_000_222]);
    let cut = &refresh[..refresh.len() - 4];
    assert_eq!(world.refresh(cut).await.numbers(), [9_002_313], "before the secret");
    world.switch("vendor-secret", json!({"state": "ok"}));
    assert_eq!(world.token(&[grant, token, ("client_id", "x")]).await.numbers(), [700_016]);
    assert_eq!(world.token(&[("grant_type", "password")]).await.numbers(), [70003]);
    assert_eq!(world.token(&[grant]).await.numbers(), [900_144]);
    assert_eq!(world.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn basic_authentication_is_taken_and_an_origin_header_is_not() {
    let world = World::new();
    let refresh = world.microsoft.mint_connection("ana@contoso.com", SCOPES).1;
    let url = format!("{}/organizations/oauth2/v2.0/token", world.microsoft.login_url());
    let basic =
        base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{}", crate::world::SECRET));
    let request = |name: &str, value: &str| {
        axum::http::Request::post(&url)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("authorization", format!("Basic {basic}"))
            .header(name, value)
            .body(axum::body::Body::from(format!("grant_type=refresh_token&refresh_token={refresh}")))
            .unwrap()
    };
    assert_eq!(world.send(request("accept", "*/*")).await.status, 200);
    assert_eq!(world.send(request("origin", "http://localhost:8787")).await.numbers(), [9_002_326]);
    assert_eq!(world.journal.violations(), ["token request with an Origin header"]);
}

#[tokio::test]
async fn a_refresh_gives_a_new_token_and_the_old_one_stays_valid() {
    let world = World::new();
    let old = world.redeem(&world.code_for("ana@contoso.com")).await.json()["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let new = world.refresh(&old).await.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(old, new);
    assert!(old.starts_with("1.AX") && (1024..2048).contains(&old.len()));
    assert_eq!(world.refresh(&old).await.status, 200);
    world.advance(60 * 86_400);
    let newer = world.refresh(&new).await.json()["refresh_token"].as_str().unwrap().to_owned();
    world.advance(30 * 86_400);
    assert_eq!(world.refresh(&new).await.numbers(), [700_082], "90 days after it was issued");
    assert_eq!(world.refresh(&newer).await.status, 200);
}

#[tokio::test]
async fn asking_for_more_than_is_granted_fails_a_healthy_refresh_token() {
    let world = World::new();
    let refresh = world.microsoft.mint_connection("ana@contoso.com", SCOPES).1;
    let ask = |scope: &'static str| {
        let refresh = refresh.clone();
        let world = &world;
        async move {
            world
                .token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh), ("scope", scope)])
                .await
        }
    };
    let told = ask("openid Place.Read.All").await;
    assert_eq!((told.status, told.numbers()), (400, vec![65001]));
    assert_eq!(
        ask("https://graph.microsoft.com/User.Read https://outlook.office.com/Mail.Read").await.numbers(),
        [70011]
    );
    assert_eq!(ask("offline_access User.Read").await.status, 200);
    assert_eq!(ask("https://graph.microsoft.com/.default offline_access").await.status, 200);
}

#[tokio::test]
async fn the_same_request_thirty_one_times_in_a_minute_is_a_loop() {
    let world = World::new();
    let refresh = world.microsoft.mint_connection("ana@contoso.com", SCOPES).1;
    for _ in 0..30 {
        assert_eq!(world.refresh(&refresh).await.status, 200);
    }
    assert_eq!(world.refresh(&refresh).await.numbers(), [50196]);
    world.advance(61);
    assert_eq!(world.refresh(&refresh).await.status, 200);
}

#[tokio::test]
async fn discovery_is_concrete_for_a_tenant_and_a_template_for_organizations() {
    let world = World::new();
    let read = |tenant: &'static str| {
        let url = format!("{}/{tenant}/v2.0/.well-known/openid-configuration", world.microsoft.login_url());
        let world = &world;
        async move { world.get(&url).await }
    };
    assert_eq!(read("contoso.com").await.json()["issuer"], world.microsoft.issuer("contoso.com"));
    let organizations = read("organizations").await.json();
    assert_eq!(organizations["issuer"], format!("{}/{{tenantid}}/v2.0", world.microsoft.login_url()));
    let unknown = read("nowhere.example").await;
    assert_eq!((unknown.status, unknown.json()["error"].clone()), (400, json!("invalid_tenant")));
    assert_eq!(unknown.numbers(), [90002]);
}
