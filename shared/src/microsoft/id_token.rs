//! The `id_token`: who signed in. Pure; the rules are those of Microsoft's "Validate tokens" page and RFC 8725.

use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Validation};
use serde_json::Value;

use super::keys::Key;
use super::unique::UniqueMap;
use super::{Distrust, IdTokenError};
use crate::domain::address::one_line;
use crate::domain::grant::SignedIn;
use crate::domain::ids::TenantId;
use crate::domain::wiped::Wiped;

/// Microsoft's tokens are 1–3 KB; what is bigger than this is not looked at.
const BIGGEST: usize = 16 * 1024;
/// Clocks may differ by so many seconds.
const SKEW: i64 = 300;
/// The tenant of all personal accounts.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// An `id_token` as it came: nothing in it is believed yet.
pub struct IdToken(Wiped<String>);

impl IdToken {
    /// Takes a token into keeping.
    pub fn new(text: String) -> Self {
        Self(Wiped::new(text))
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdToken(…)")
    }
}

/// What a token must say to be ours.
pub(super) struct Expected<'a> {
    pub(super) login: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
}

/// The `kid` of a token that is signed the one way we take. Whatever else its header says (`jku`, `x5u`, `jwk`)
/// is not looked at: keys come from Entra's own list only.
pub(super) fn key_id(token: &IdToken) -> Result<String, Distrust> {
    let sound = token.0.len() <= BIGGEST && token.0.split('.').count() == 3;
    let header = token.0.split('.').next().filter(|_| sound).ok_or(Distrust::Malformed)?;
    let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| Distrust::Malformed)?;
    let header: UniqueMap = serde_json::from_slice(&header).map_err(|_| Distrust::Malformed)?;
    if header.text("alg") != Some("RS256") || header.0.contains_key("crit") {
        return Err(Distrust::Algorithm);
    }
    header.text("kid").map(str::to_owned).ok_or(Distrust::UnknownKey)
}

/// Checks signature and claims.
pub(super) fn check(
    token: &IdToken,
    key: &Key,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<SignedIn, IdTokenError> {
    let claims = signed_claims(token, key).map_err(IdTokenError::Untrusted)?;
    read(&claims, key, expected, now)
}

/// The claims, once the signature holds. The crate looks at nothing but that: it has a clock of its own.
fn signed_claims(token: &IdToken, key: &Key) -> Result<UniqueMap, Distrust> {
    let mut rules = Validation::new(Algorithm::RS256);
    rules.required_spec_claims.clear();
    rules.validate_exp = false;
    rules.validate_nbf = false;
    rules.validate_aud = false;
    let decoded = jsonwebtoken::decode::<UniqueMap>(token.0.as_bytes(), &key.verifies, &rules);
    decoded.map(|data| data.claims).map_err(|error| match error.kind() {
        ErrorKind::InvalidAlgorithm => Distrust::Algorithm,
        ErrorKind::InvalidSignature => Distrust::Signature,
        _ => Distrust::Malformed,
    })
}

fn read(
    claims: &UniqueMap,
    key: &Key,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<SignedIn, IdTokenError> {
    let tid = claims.text("tid").unwrap_or_default();
    let tenant: TenantId = tid.parse().map_err(|_| IdTokenError::Untrusted(Distrust::Issuer))?;
    let issued_by = |issuer: &str| issuer_of(expected.login, issuer) == Some(tenant);
    let keys_issuer = key.issuer.as_ref().map(|template| template.replace("{tenantid}", tid));
    let holds = |rule: bool, broken: Distrust| rule.then_some(()).ok_or(IdTokenError::Untrusted(broken));
    holds(
        claims.text("iss").is_some_and(issued_by) && keys_issuer.as_deref().is_none_or(issued_by),
        Distrust::Issuer,
    )?;
    holds(audience(claims) == Some(expected.client_id), Distrust::Audience)?;
    holds(is_in_force(claims, now), Distrust::Time)?;
    holds(!expected.nonce.is_empty() && claims.text("nonce") == Some(expected.nonce), Distrust::Nonce)?;
    if tid.eq_ignore_ascii_case(PERSONAL) {
        return Err(IdTokenError::Personal);
    }
    let object = claims.text("oid").and_then(|oid| oid.parse().ok());
    Ok(SignedIn {
        tenant,
        object: object.ok_or(IdTokenError::Untrusted(Distrust::Malformed))?,
        name: claims.text("name").and_then(one_line),
        username: claims.text("preferred_username").and_then(|text| text.parse().ok()),
        email: claims.text("email").and_then(|text| text.parse().ok()),
    })
}

/// The tenant that an issuer issues for. A GUID is the same in either case; all else is compared to the letter.
fn issuer_of(login: &str, issuer: &str) -> Option<TenantId> {
    issuer.strip_prefix(login)?.strip_prefix('/')?.strip_suffix("/v2.0")?.parse().ok()
}

/// For whom it is, if it is for one alone: a list of one says the same as its member (RFC 7519 section 4.1.3).
fn audience(claims: &UniqueMap) -> Option<&str> {
    match claims.0.get("aud")? {
        Value::String(one) => Some(one),
        Value::Array(all) if all.len() == 1 => all[0].as_str(),
        _ => None,
    }
}

/// A time in seconds; a fraction of one is allowed (RFC 7519 section 2, `NumericDate`) and cut off.
fn second(told: &Value) -> Option<i64> {
    let whole =
        |float| Duration::try_from_secs_f64(float).ok().and_then(|time| i64::try_from(time.as_secs()).ok());
    told.as_i64().or_else(|| told.as_f64().and_then(whole))
}

/// `exp` must be there and ahead, `nbf` and `iat` not ahead, each within the skew.
fn is_in_force(claims: &UniqueMap, now: Timestamp) -> bool {
    let now = now.as_second();
    let second = |name: &str| claims.0.get(name).map(second);
    let ended = !matches!(second("exp"), Some(Some(end)) if now < end.saturating_add(SKEW));
    let begun = |name| match second(name) {
        None => true,
        Some(begin) => begin.is_some_and(|begin| begin <= now.saturating_add(SKEW)),
    };
    !ended && begun("nbf") && begun("iat")
}

#[cfg(test)]
#[path = "id_token_tests.rs"]
mod tests;
