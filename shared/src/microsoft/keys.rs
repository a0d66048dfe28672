//! Entra's signing keys, kept for a day (RFC 7517; Microsoft's page on signing key rollover).

use futures::lock::Mutex;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use serde_json::Value;

use super::wire::{LONGEST_CALL, Told};
use super::{Deadline, IdTokenError, Wire};

/// Entra replaces its keys every few weeks, and at once in an emergency.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);
/// An unknown `kid` costs at most one fetch in this time: anybody can invent one.
const FETCH_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// Entra publishes about ten.
const MOST_KEYS: usize = 100;
const PATH: &str = "/organizations/discovery/v2.0/keys";

/// A published key.
#[derive(Clone)]
pub(super) struct Key {
    pub(super) kid: String,
    pub(super) verifies: DecodingKey,
    /// Whose tokens it may sign; usually a template with `{tenantid}`.
    pub(super) issuer: Option<String>,
}

#[derive(Default)]
struct Kept {
    keys: Vec<Key>,
    fetched_at: Option<Timestamp>,
}

/// The keys as last fetched.
#[derive(Default)]
pub(super) struct KeyCache(Mutex<Kept>);

impl KeyCache {
    /// The key of that id, fetched if need be; none if Entra publishes no such key. Whoever comes while another
    /// one fetches waits for that answer.
    pub(super) async fn find(
        &self,
        wire: &Wire,
        login: &str,
        kid: &str,
        deadline: Deadline,
    ) -> Result<Option<Key>, IdTokenError> {
        let now = wire.clock.now();
        let mut kept = self.0.lock().await;
        if kept.suffices(kid, now) {
            return Ok(kept.named(kid));
        }
        // A fetch that failed is no answer: the next one asks again.
        kept.keys = fetch(wire, login, deadline).await.ok_or(IdTokenError::KeysUnreachable)?;
        kept.fetched_at = Some(now);
        Ok(kept.named(kid))
    }
}

impl Kept {
    fn named(&self, kid: &str) -> Option<Key> {
        self.keys.iter().find(|key| key.kid == kid).cloned()
    }

    /// Whether what is kept answers for this key, be it that there is none.
    fn suffices(&self, kid: &str, now: Timestamp) -> bool {
        let within = |then: Option<Timestamp>, span| then.is_some_and(|then| now.duration_since(then) < span);
        let (fresh, just_asked) = (within(self.fetched_at, KEPT_FOR), within(self.fetched_at, FETCH_EVERY));
        fresh && (just_asked || self.named(kid).is_some())
    }
}

async fn fetch(wire: &Wire, login: &str, deadline: Deadline) -> Option<Vec<Key>> {
    let request = wire.http.get(format!("{login}{PATH}")).build().ok()?;
    let reply = wire
        .exchange(request, Told { host: "login", path: PATH, attempt: 1, longest: LONGEST_CALL }, deadline)
        .await
        .ok()?;
    (reply.status == 200).then(|| read_keys(&reply.body)).filter(|keys| !keys.is_empty())
}

/// The RSA signing keys of a JWK set; entries of other kinds are passed over.
pub(super) fn read_keys(body: &[u8]) -> Vec<Key> {
    let set: Value = serde_json::from_slice(body).unwrap_or_default();
    let entries = set.get("keys").and_then(Value::as_array).into_iter().flatten();
    entries.take(MOST_KEYS).filter_map(read_key).collect()
}

fn read_key(entry: &Value) -> Option<Key> {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let signs = text("kty") == Some("RSA") && text("use").is_none_or(|used| used == "sig");
    Some(Key {
        kid: text("kid").filter(|_| signs)?.to_owned(),
        verifies: DecodingKey::from_rsa_components(text("n")?, text("e")?).ok()?,
        issuer: text("issuer").map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("time")
    }

    fn kept(fetched_at: i64) -> Kept {
        let body =
            br#"{"keys":[{"kty":"RSA","use":"sig","kid":"k1","x5t":"k1","n":"AQAB","e":"AQAB","x5c":["MII"],
            "issuer":"https://login.microsoftonline.com/{tenantid}/v2.0"},
            {"kty":"RSA","use":"enc","kid":"k2","n":"AQAB","e":"AQAB"},{"kty":"EC","kid":"k3"},7]}"#;
        Kept { keys: read_keys(body), fetched_at: Some(at(fetched_at)) }
    }

    #[test]
    fn only_signing_keys_are_taken() {
        let named = |kid| kept(0).named(kid).is_some();
        assert!(named("k1") && !named("k2") && !named("k3"));
        assert!(read_keys(b"<html>").is_empty());
    }

    #[test]
    fn keys_are_fetched_again_after_a_day() {
        assert!(kept(0).suffices("k1", at(86_399)));
        assert!(!kept(0).suffices("k1", at(86_400)));
    }

    #[test]
    fn an_unknown_key_costs_one_fetch_a_minute() {
        assert!(kept(0).suffices("new", at(59)));
        assert!(!kept(0).suffices("new", at(60)));
    }
}
