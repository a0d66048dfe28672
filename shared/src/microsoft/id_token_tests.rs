//! Tokens that are almost right. The tables follow Wycheproof's JWT vectors and RFC 8725 in spirit.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use serde_json::json;

use super::super::keys::read_keys;
use super::*;

const LOGIN: &str = "https://login.microsoftonline.com";
const TID: &str = "2f1d7c60-4b3a-4e58-9d21-6a0c5b8e7f14";
const CLIENT: &str = "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73";
const NOW: i64 = 1_795_166_100;

fn signer() -> &'static KeyPair {
    static KEY: OnceLock<KeyPair> = OnceLock::new();
    KEY.get_or_init(|| KeyPair::generate(KeySize::Rsa2048).expect("key"))
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn published(issuer: &str) -> Key {
    let public = signer().public_key();
    let (n, e) = (public.modulus(), public.exponent());
    let set = json!({ "keys": [{
        "kty": "RSA", "use": "sig", "kid": "k1", "issuer": issuer,
        "n": b64(n.big_endian_without_leading_zero()), "e": b64(e.big_endian_without_leading_zero()),
    }] });
    read_keys(set.to_string().as_bytes()).remove(0)
}

fn any_tenants_key() -> Key {
    published("https://login.microsoftonline.com/{tenantid}/v2.0")
}

fn signed(header: &str, claims: &str) -> IdToken {
    let message = format!("{}.{}", b64(header), b64(claims));
    let mut signature = vec![0; signer().public_modulus_len()];
    signer()
        .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .expect("signature");
    IdToken::new(format!("{message}.{}", b64(signature)))
}

const HEADER: &str = r#"{"typ":"JWT","alg":"RS256","kid":"k1"}"#;

fn claims() -> Value {
    json!({
        "aud": CLIENT, "iss": format!("{LOGIN}/{TID}/v2.0"),
        "iat": 1_795_166_043, "nbf": 1_795_166_043, "exp": 1_795_169_943,
        "name": "Rina Recruiter", "preferred_username": "rina@contoso.example", "email": "rina@contoso.example",
        "oid": "5c0e9b7a-1d42-4f6b-8a93-0e7d2c4b6f81", "tid": TID, "sub": "k3Jx0qPz", "nonce": "n_55a1", "ver": "2.0",
    })
}

fn checked(token: &IdToken, key: &Key, now: i64) -> Result<SignedIn, IdTokenError> {
    key_id(token).map_err(IdTokenError::Untrusted)?;
    let expected = Expected { login: LOGIN, client_id: CLIENT, nonce: "n_55a1" };
    check(token, key, &expected, Timestamp::from_second(now).expect("time"))
}

fn with(changes: &[(&str, Value)]) -> Result<SignedIn, IdTokenError> {
    let mut claims = claims();
    for (name, value) in changes {
        claims[*name] = value.clone();
    }
    checked(&signed(HEADER, &claims.to_string()), &any_tenants_key(), NOW)
}

fn distrust(outcome: Result<SignedIn, IdTokenError>) -> Distrust {
    match outcome.expect_err("must not be believed") {
        IdTokenError::Untrusted(rule) => rule,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sound_token_says_who_signed_in() {
    let signed_in = with(&[]).expect("believed");
    assert_eq!(signed_in.tenant.to_string(), TID);
    assert_eq!(signed_in.object.to_string(), "5c0e9b7a-1d42-4f6b-8a93-0e7d2c4b6f81");
    assert_eq!(signed_in.name.as_deref(), Some("Rina Recruiter"));
    assert_eq!(signed_in.username, "RINA@contoso.example".parse().ok());
    assert_eq!(format!("{:?}", IdToken::new("eyJ0".to_owned())), "IdToken(…)");
}

#[test]
fn addresses_and_names_may_be_missing_or_odd() {
    let signed_in = with(&[
        ("email", json!(null)),
        ("preferred_username", json!("no address")),
        ("name", json!("\u{7}\n\u{202e}\u{2028}")),
    ]);
    let signed_in = signed_in.expect("believed");
    assert_eq!((signed_in.email, signed_in.username, signed_in.name), (None, None, None));
}

#[test]
fn each_claim_is_checked() {
    let other = "11111111-2222-4333-8444-555555555555";
    for (name, value, rule) in [
        ("iss", json!(format!("{LOGIN}/{other}/v2.0")), Distrust::Issuer),
        ("iss", json!(format!("https://evil.example/{TID}/v2.0")), Distrust::Issuer),
        ("iss", json!("https://login.microsoftonline.com/{tenantid}/v2.0"), Distrust::Issuer),
        ("tid", json!(other), Distrust::Issuer),
        ("tid", json!("contoso.com"), Distrust::Issuer),
        ("tid", json!(null), Distrust::Issuer),
        ("aud", json!("another"), Distrust::Audience),
        ("aud", json!([CLIENT, "another"]), Distrust::Audience),
        ("aud", json!(null), Distrust::Audience),
        ("nonce", json!("n_other"), Distrust::Nonce),
        ("nonce", json!(null), Distrust::Nonce),
        ("exp", json!(NOW - 300), Distrust::Time),
        ("exp", json!("1795169943"), Distrust::Time),
        ("exp", json!(null), Distrust::Time),
        ("nbf", json!(NOW + 301), Distrust::Time),
        ("iat", json!(NOW + 301), Distrust::Time),
        ("oid", json!("me"), Distrust::Malformed),
    ] {
        assert_eq!(distrust(with(&[(name, value.clone())])), rule, "{name} {value}");
    }
}

#[test]
fn clocks_may_differ_by_five_minutes() {
    assert!(with(&[("exp", json!(NOW - 299))]).is_ok());
    assert!(with(&[("nbf", json!(NOW + 300)), ("iat", json!(NOW + 300))]).is_ok());
    assert!(with(&[("exp", json!(i64::MAX))]).is_ok());
}

#[test]
fn only_rs256_is_taken_and_nothing_beside_it() {
    let sound = claims().to_string();
    let body = |header: &str| checked(&signed(header, &sound), &any_tenants_key(), NOW);
    for alg in ["none", "None", "HS256", "RS384", "PS256", "ES256", "rs256", ""] {
        assert_eq!(distrust(body(&format!(r#"{{"alg":"{alg}","kid":"k1"}}"#))), Distrust::Algorithm, "{alg}");
    }
    assert_eq!(distrust(body(r#"{"kid":"k1"}"#)), Distrust::Algorithm);
    assert_eq!(distrust(body(r#"{"alg":"RS256","kid":"k1","crit":["exp"]}"#)), Distrust::Algorithm);
    assert_eq!(distrust(body(r#"{"alg":"RS256","alg":"RS256","kid":"k1"}"#)), Distrust::Malformed);
    assert_eq!(distrust(body(r#"{"alg":"RS256"}"#)), Distrust::UnknownKey);
    assert!(
        body(r#"{"alg":"RS256","kid":"k1","jku":"https://evil.example/keys","x5u":"https://evil.example"}"#)
            .is_ok()
    );
}

#[test]
fn the_signature_must_be_that_keys_over_exactly_these_claims() {
    let IdToken(good) = signed(HEADER, &claims().to_string());
    let parts: Vec<&str> = good.split('.').collect();
    let forged = b64(claims().to_string().replace("rina", "eve0"));
    for text in [
        format!("{}.{forged}.{}", parts[0], parts[2]),
        format!("{}.{}.", parts[0], parts[1]),
        format!("{}.{}.{}", parts[0], parts[1], b64([0; 256])),
    ] {
        assert_eq!(
            distrust(checked(&IdToken::new(text.clone()), &any_tenants_key(), NOW)),
            Distrust::Signature,
            "{text}"
        );
    }
}

#[test]
fn a_claim_that_stands_twice_is_refused() {
    for twice in [r#""aud":"x","#, r#""nonce":"n_55a1","#, r#""unheard_of":1,"unheard_of":1,"#] {
        let text = claims().to_string().replacen('{', &format!("{{{twice}"), 1);
        assert_eq!(
            distrust(checked(&signed(HEADER, &text), &any_tenants_key(), NOW)),
            Distrust::Malformed,
            "{twice}"
        );
    }
}

#[test]
fn a_key_signs_for_its_own_issuer_only() {
    let token = signed(HEADER, &claims().to_string());
    let of = |issuer: &str| checked(&token, &published(issuer), NOW);
    assert!(of(&format!("{LOGIN}/{TID}/v2.0")).is_ok());
    assert_eq!(distrust(of(&format!("{LOGIN}/{PERSONAL}/v2.0"))), Distrust::Issuer);
    assert_eq!(distrust(of("https://login.microsoftonline.us/{tenantid}/v2.0")), Distrust::Issuer);
}

#[test]
fn a_personal_account_is_named_as_such() {
    let personal = with(&[("tid", json!(PERSONAL)), ("iss", json!(format!("{LOGIN}/{PERSONAL}/v2.0")))]);
    assert_eq!(personal, Err(IdTokenError::Personal));
}

#[test]
fn what_is_no_token_is_refused_before_any_work() {
    let huge = format!("{}.{}.x", b64(HEADER), "A".repeat(1024 * 1024));
    for text in ["", ".", "..", "a.b", "a.b.c.d", "é.é.é", "bm90IGpzb24.e30.x", "W10.e30.x", huge.as_str()]
    {
        assert_eq!(key_id(&IdToken::new(text.to_owned())), Err(Distrust::Malformed), "{}", text.len());
    }
}

#[test]
fn a_token_may_be_so_big_and_no_bigger() {
    let padded = |size: usize| {
        let header = b64(HEADER);
        let rest = size - header.len() - 2;
        key_id(&IdToken::new(format!("{header}.{}.s", "a".repeat(rest - 1))))
    };
    assert_eq!(padded(16_384).expect("looked at"), "k1");
    assert!(matches!(padded(16_385), Err(Distrust::Malformed)));
}

#[test]
fn a_signature_of_another_kind_is_refused_for_what_it_is() {
    let header = r#"{"typ":"JWT","alg":"PS256","kid":"k1"}"#;
    let token = signed(header, &claims().to_string());
    assert!(matches!(signed_claims(&token, &any_tenants_key()), Err(Distrust::Algorithm)));
}

#[test]
fn what_means_the_same_is_believed_however_it_is_spelled() {
    let capitals = TID.to_uppercase();
    for changes in [
        vec![("aud", json!([CLIENT]))],
        vec![("tid", json!(capitals))],
        vec![("iss", json!(format!("{LOGIN}/{capitals}/v2.0")))],
        vec![("tid", json!(capitals)), ("iss", json!(format!("{LOGIN}/{capitals}/v2.0")))],
        vec![
            ("exp", json!(1_795_169_943.5)),
            ("nbf", json!(1_795_166_043.25)),
            ("iat", json!(1.795_166_043e9)),
        ],
    ] {
        let signed_in = with(&changes).unwrap_or_else(|error| panic!("{changes:?}: {error}"));
        assert_eq!(signed_in.tenant.to_string(), TID, "{changes:?}");
    }
}

#[test]
fn what_could_mean_something_else_is_not_believed_however_it_is_spelled() {
    let other = "7c1f0a52-93de-4c06-8a57-0b6f2e9d4c31";
    for (name, value, rule) in [
        ("aud", json!([CLIENT, CLIENT]), Distrust::Audience),
        ("aud", json!([]), Distrust::Audience),
        ("aud", json!([[CLIENT]]), Distrust::Audience),
        ("aud", json!({ "0": CLIENT }), Distrust::Audience),
        ("aud", json!(CLIENT.to_uppercase()), Distrust::Audience),
        ("tid", json!(other.to_uppercase()), Distrust::Issuer),
        ("iss", json!(format!("{}/{TID}/v2.0", LOGIN.to_uppercase())), Distrust::Issuer),
        ("iss", json!(format!("{LOGIN}/{TID}/V2.0")), Distrust::Issuer),
        ("iss", json!(format!("{LOGIN}/x/{TID}/v2.0")), Distrust::Issuer),
        ("nonce", json!("N_55A1"), Distrust::Nonce),
        ("exp", json!("1795169943"), Distrust::Time),
        ("exp", json!(-1.5), Distrust::Time),
        ("exp", json!(1e300), Distrust::Time),
        ("nbf", json!(1.9e9), Distrust::Time),
    ] {
        assert_eq!(distrust(with(&[(name, value.clone())])), rule, "{name} {value}");
    }
}
