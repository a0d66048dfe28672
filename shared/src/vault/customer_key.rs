//! A customer's key in the clear: in memory only, for minutes, and gone from it when dropped.

use std::fmt;

use aws_lc_rs::hmac;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::derive::{derive, hex};

/// A customer key. It has no `Display`, `Serialize` or `Clone`, and `Debug` shows its version only.
pub struct CustomerKey {
    version: Uuid,
    bytes: Zeroizing<[u8; 32]>,
}

impl CustomerKey {
    /// A key of 32 bytes; `None` for any other length.
    pub fn new(version: Uuid, bytes: &[u8]) -> Option<Self> {
        let bytes = Zeroizing::new(<[u8; 32]>::try_from(bytes).ok()?);
        Some(Self { version, bytes })
    }

    /// The same key for a holder that outlives the borrow: the way to another token, which a token carries with it.
    pub(crate) fn held_longer(&self) -> Self {
        Self { version: self.version, bytes: self.bytes.clone() }
    }

    /// Its version.
    pub fn version(&self) -> Uuid {
        self.version
    }

    /// The key itself: for derivations only.
    pub(super) fn expose(&self) -> &[u8] {
        self.bytes.as_slice()
    }
}

impl fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomerKey({})", self.version)
    }
}

/// Tells a repeated request from another one under the same idempotency key: HMAC-SHA256 (RFC 2104) of path and
/// body as hex, under a key of its own, so that the table does not tell which requests are alike.
///
/// To compare with a stored fingerprint, take the key version that sealed the claim.
pub fn fingerprint(key: &CustomerKey, path: &str, body: &[u8]) -> String {
    let derived = derive(key.expose(), &[], &[b"convene/fingerprint"]);
    let mut mac = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, derived.as_slice()));
    mac.update(&(path.len() as u64).to_be_bytes());
    mac.update(path.as_bytes());
    mac.update(body);
    hex(mac.sign().as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> CustomerKey {
        CustomerKey::new(Uuid::from_u128(7), &[byte; 32]).expect("key")
    }

    #[test]
    fn a_key_does_not_print_itself_and_has_one_length() {
        assert_eq!(format!("{:?}", key(0xAB)), "CustomerKey(00000000-0000-0000-0000-000000000007)");
        assert!(CustomerKey::new(Uuid::nil(), &[0; 31]).is_none());
        assert!(CustomerKey::new(Uuid::nil(), &[]).is_none());
    }

    #[test]
    fn a_fingerprint_depends_on_key_path_and_body() {
        let first = fingerprint(&key(1), "/v1/interviews", b"{}");
        assert_eq!(first.len(), 64);
        assert_eq!(first, fingerprint(&key(1), "/v1/interviews", b"{}"));
        assert_ne!(first, fingerprint(&key(2), "/v1/interviews", b"{}"));
        assert_ne!(first, fingerprint(&key(1), "/v1/interviews", b"{ }"));
        assert_ne!(first, fingerprint(&key(1), "/v1/interviews{", b"}"));
    }
}
