//! Threat 9: an `id_token` that is not Entra's, or not for us.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde_json::{Value, json};
use sim::Answer::Accept;

use crate::world::{Forge, KID, Person, Rows, World, ending};

/// Ana comes back, and the token endpoint answers with what `make` makes of the sound claims.
async fn comes_back_with(ana: &Person<'_>, make: impl FnOnce(Value) -> String) -> String {
    let world = ana.world;
    world.switch("clear-faults", json!({}));
    let (browser, authorize) = ana.begin().await;
    let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
    let forge = Forge::published(world);
    let token = make(forge.claims(&authorize, "ana@contoso.com"));
    forge.answers("ana@contoso.com", &token);
    ending(&browser.open(&back).await)
}

async fn nothing_was_kept(ana: &Person<'_>) {
    assert_eq!((ana.status().await.as_str(), Rows::of(ana.world).sealed()), ("not_connected", 0));
}

/// Makes a token of header, claims and signature.
type Spoil = fn(&str, &str, &str) -> String;

const REFUSED: &str = "failed: internal-error";

#[tokio::test]
async fn t09_a_sound_token_is_taken() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    assert_eq!(comes_back_with(&ana, |claims| Forge::token(&claims)).await, "connected");
}

#[tokio::test]
async fn t09_a_token_is_signed_by_rs256_with_a_published_key_or_refused() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for header in [
        json!({ "alg": "none", "kid": KID }),
        json!({ "alg": "None", "kid": KID }),
        json!({ "alg": "", "kid": KID }),
        json!({ "kid": KID }),
        json!({ "alg": ["RS256"], "kid": KID }),
        json!({ "alg": "rs256", "kid": KID }),
        json!({ "alg": "RS384", "kid": KID }),
        json!({ "alg": "PS256", "kid": KID }),
        json!({ "alg": "ES256", "kid": KID }),
        json!({ "alg": "HS256", "kid": KID }),
        json!({ "alg": "RS256" }),
        json!({ "alg": "RS256", "kid": "unknown" }),
        json!({ "alg": "RS256", "kid": "" }),
        json!({ "alg": "RS256", "kid": 7 }),
        json!({ "alg": "RS256", "kid": "../../../../dev/null" }),
        json!({ "alg": "RS256", "kid": "x' UNION SELECT 'y" }),
        json!({ "alg": "RS256", "kid": KID, "crit": ["exp"] }),
        json!({ "alg": "RS256", "kid": KID, "crit": [] }),
    ] {
        let end = comes_back_with(&ana, |claims| Forge::sign(&header, &claims.to_string())).await;
        assert_eq!(end, REFUSED, "{header}");
    }
    assert_eq!(
        comes_back_with(&ana, |claims| Forge::symmetric(&claims)).await,
        REFUSED,
        "HS256 with the public key"
    );
    nothing_was_kept(&ana).await;
}

#[tokio::test]
async fn t09_keys_that_the_token_brings_along_are_not_looked_at() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let evil = format!("{}/microsoft/login/evil/keys", world.stack.url);
    let own = json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "own" });
    for (kid, end) in [("own", REFUSED), (KID, "connected")] {
        let header =
            json!({ "alg": "RS256", "kid": kid, "jku": evil, "x5u": evil, "jwk": own, "x5c": ["MII"] });
        assert_eq!(
            comes_back_with(&ana, |claims| Forge::sign(&header, &claims.to_string())).await,
            end,
            "{kid}"
        );
    }
}

#[tokio::test]
async fn t09_a_signature_that_is_not_over_these_very_claims_is_refused() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let ways: [(&str, Spoil); 9] = [
        ("without", |header, claims, _| format!("{header}.{claims}.")),
        ("no third part", |header, claims, _| format!("{header}.{claims}")),
        ("four parts", |header, claims, signature| format!("{header}.{claims}.{signature}.x")),
        ("cut", |header, claims, signature| {
            format!("{header}.{claims}.{}", &signature[..signature.len() - 4])
        }),
        ("one bit", |header, claims, signature| {
            let other = if signature[9..].starts_with('A') { 'B' } else { 'A' };
            format!("{header}.{claims}.{}{other}{}", &signature[..9], &signature[10..])
        }),
        ("other claims", |header, claims, signature| {
            format!("{header}.{}.{signature}", claims.replacen('I', "J", 1))
        }),
        ("other header", |_, claims, signature| {
            format!(
                "{}.{claims}.{signature}",
                BASE64.encode(json!({ "alg": "RS256", "kid": KID, "x": 1 }).to_string())
            )
        }),
        ("blanks", |header, claims, signature| format!(" {header}.{claims}.{signature}\n")),
        ("empty", |_, _, _| String::new()),
    ];
    for (what, way) in ways {
        let end = comes_back_with(&ana, |claims| {
            let token = Forge::token(&claims);
            let parts: Vec<&str> = token.split('.').collect();
            way(parts[0], parts[1], parts[2])
        });
        assert_eq!(end.await, REFUSED, "{what}");
    }
    nothing_was_kept(&ana).await;
}

#[tokio::test]
async fn t09_claims_that_are_not_for_us_or_not_of_now_are_refused() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let (login, now) = (world.microsoft().login_url(), world.now().as_second());
    let (contoso, fabrikam) =
        (world.microsoft().tenant_id("contoso.com"), world.microsoft().tenant_id("fabrikam.com"));
    for (name, value) in [
        ("aud", json!("another-app")),
        ("aud", json!(["3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73", "another-app"])),
        ("aud", Value::Null),
        ("iss", json!(format!("{login}/{fabrikam}/v2.0"))),
        ("iss", json!(format!("https://evil.example/{contoso}/v2.0"))),
        ("iss", json!(format!("{login}/{contoso}/v2.0/"))),
        ("iss", json!(format!("{login}/{contoso}/"))),
        ("iss", json!(format!("{login}/{{tenantid}}/v2.0"))),
        ("iss", Value::Null),
        ("tid", json!(fabrikam)),
        ("nonce", json!("another")),
        ("nonce", json!("")),
        ("nonce", Value::Null),
        ("exp", json!(now - 301)),
        ("exp", json!(now.to_string())),
        ("exp", json!(-1)),
        ("exp", json!(1e300)),
        ("exp", Value::Null),
        ("nbf", json!(now + 301)),
        ("nbf", json!("soon")),
        ("iat", json!(now + 301)),
    ] {
        let end = comes_back_with(&ana, |mut claims| {
            claims[name] = value.clone();
            Forge::token(&claims)
        });
        assert_eq!(end.await, REFUSED, "{name} {value}");
    }
    nothing_was_kept(&ana).await;
}

#[tokio::test]
async fn t09_clocks_may_differ_by_minutes() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let now = world.now().as_second();
    for (name, value) in [("exp", now - 299), ("nbf", now + 300), ("iat", now + 300)] {
        let end = comes_back_with(&ana, |mut claims| {
            claims[name] = json!(value);
            Forge::token(&claims)
        });
        assert_eq!(end.await, "connected", "{name}");
    }
}

#[tokio::test]
async fn t09_claims_that_are_said_twice_or_are_no_object_are_refused() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    let header = json!({ "alg": "RS256", "kid": KID });
    for name in ["aud", "iss", "tid", "oid", "nonce", "exp", "email", "unheard_of"] {
        let end = comes_back_with(&ana, |claims| {
            let text = claims.to_string();
            let twice = format!("{{\"{name}\":\"x\",\"{name}\":{},{}", claims[name], &text[1..]);
            Forge::sign(&header, &twice)
        });
        assert_eq!(end.await, REFUSED, "{name}");
    }
    for payload in ["[]", "\"text\"", "null", "{", "", "\u{0}", "{\"aud\":1}{}"] {
        assert_eq!(comes_back_with(&ana, |_| Forge::sign(&header, payload)).await, REFUSED, "{payload}");
    }
    let end = comes_back_with(&ana, |claims| {
        let token = Forge::token(&claims);
        let rest = token.split_once('.').expect("parts").1;
        format!(
            "{}.{rest}",
            BASE64.encode(format!("{{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"{KID}\"}}"))
        )
    });
    assert_eq!(end.await, REFUSED, "a header that says alg twice");
    nothing_was_kept(&ana).await;
}

#[tokio::test]
async fn t09_huge_and_deep_tokens_are_refused_unread() {
    let world = World::start().await;
    let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
    for size in [17 * 1024, 500 * 1024] {
        let end = comes_back_with(&ana, |mut claims| {
            claims["more"] = "x".repeat(size).into();
            Forge::token(&claims)
        });
        assert_eq!(end.await, REFUSED, "{size}");
    }
    let end = comes_back_with(&ana, |_| "x".repeat(1024 * 1024)).await;
    assert_eq!(end, "failed: microsoft-unavailable", "such an answer is not read to its end");
    let end = comes_back_with(&ana, |claims| {
        let text = claims.to_string();
        let deep = format!("{{\"deep\":{}{},{}", "[".repeat(5000), "]".repeat(5000), &text[1..]);
        Forge::sign(&json!({ "alg": "RS256", "kid": KID }), &deep)
    });
    assert_eq!(end.await, REFUSED);
    nothing_was_kept(&ana).await;
}

#[tokio::test]
async fn t09_a_key_of_another_issuer_or_use_signs_nothing() {
    let world = World::start().await;
    let login = world.microsoft().login_url();
    let personal = format!("{login}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0");
    for (name, value) in [
        ("issuer", json!(personal)),
        ("issuer", json!("https://evil.example/{tenantid}/v2.0")),
        ("use", json!("enc")),
        ("kty", json!("oct")),
        ("kid", json!("other")),
    ] {
        world.switch("clear-faults", json!({}));
        world.pass_time(crate::world::minutes(25 * 60)); // the list is kept for a day
        let ana = world.person("u-ana", "acme", "ana@contoso.com").await;
        let (browser, authorize) = ana.begin().await;
        let back = world.microsoft().sign_in(&authorize, "ana@contoso.com", Accept).expect("back");
        let forge = Forge::published_with(&world, &json!({ name: value }));
        forge.answers("ana@contoso.com", &Forge::token(&forge.claims(&authorize, "ana@contoso.com")));
        let end = ending(&browser.open(&back).await);
        // A list without any signing key is no list of Entra's.
        assert!([REFUSED, "failed: microsoft-unavailable"].contains(&end.as_str()), "{name} {value}: {end}");
        nothing_was_kept(&ana).await;
    }
}
