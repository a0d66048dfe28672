//! API Gateway's JWT authorizer, and an issuer whose tokens it takes.
//!
//! As the real one: RS256, issuer, audience and times are checked, then whether one scope of the route is held;
//! claims reach the function as texts, arrays as `[a b]`.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value, json};

/// What the tokens are for.
pub const AUDIENCE: &str = "convene-local";
/// A token lives this long, in seconds.
const LIFE: i64 = 12 * 3600;

/// There is one key, so its name never changes.
const KEY_ID: &str = "local";

struct Keys {
    sign: KeyPair,
    check: DecodingKey,
    public: Value,
}

/// One pair per process: making one takes a while, and tests start many stacks.
fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let sign = KeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made");
        let (n, e) = (sign.public_key().modulus(), sign.public_key().exponent());
        let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
        let text = |number: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(number);
        let public =
            json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": text(n), "e": text(e) });
        Keys { check: DecodingKey::from_rsa_raw_components(n, e), sign, public }
    })
}

/// The public half, as an issuer shows it (RFC 7517).
pub fn jwks() -> Value {
    json!({ "keys": [keys().public] })
}

/// Why API Gateway answers by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
}

/// A token with these claims (RFC 7515, compact form); issuer, audience and times are added unless given.
///
/// # Panics
/// Never in practice: an RSA key signs any message.
pub fn issue(issuer: &str, claims: Map<String, Value>, now: Timestamp) -> String {
    let mut all = Map::new();
    all.insert("iss".to_owned(), issuer.into());
    all.insert("aud".to_owned(), AUDIENCE.into());
    all.insert("iat".to_owned(), now.as_second().into());
    all.insert("nbf".to_owned(), now.as_second().into());
    all.insert("exp".to_owned(), (now.as_second() + LIFE).into());
    all.extend(claims);
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!(
        "{}.{}",
        part(&json!({ "alg": "RS256", "typ": "JWT", "kid": KEY_ID })),
        part(&Value::Object(all))
    );
    let pair = &keys().sign;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .expect("an RSA key signs any message");
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

/// The claims of the `Authorization` header's token, if it may use a route that wants one of `scopes`.
pub fn check(
    header: Option<&str>,
    issuer: &str,
    scopes: &[&str],
    now: Timestamp,
) -> Result<Map<String, Value>, Refused> {
    let token = header.and_then(|h| h.strip_prefix("Bearer ")).ok_or(Refused::Unauthorized)?;
    let claims = decode(token, issuer, now).ok_or(Refused::Unauthorized)?;
    let held = claims.get("scope").or_else(|| claims.get("scp")).map(as_text).unwrap_or_default();
    let held = held.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(&held);
    let allowed = held.split_whitespace().any(|scope| scopes.contains(&scope));
    if allowed { Ok(claims) } else { Err(Refused::Forbidden) }
}

fn decode(token: &str, issuer: &str, now: Timestamp) -> Option<Map<String, Value>> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.set_issuer(&[issuer]);
    rules.set_audience(&[AUDIENCE]);
    // Times are checked against the stack's own clock below.
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.set_required_spec_claims(&["iss", "aud", "exp"]);
    let claims = jsonwebtoken::decode::<Map<String, Value>>(token, &keys().check, &rules).ok()?.claims;
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    let in_time = time("exp")? > now.as_second() && time("nbf").is_none_or(|nbf| nbf <= now.as_second());
    in_time.then_some(claims)
}

/// A claim as API Gateway hands it to a function.
pub fn as_text(claim: &Value) -> String {
    match claim {
        Value::String(text) => text.clone(),
        Value::Array(items) => format!("[{}]", items.iter().map(as_text).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}
