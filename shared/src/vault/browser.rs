//! Secrets that browsers and links carry. We keep their hashes only, and derive what a sign-in needs from the
//! cookie; so nothing that is stored can finish a sign-in.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::derive::{derive, sha256, sha256_hex};
use crate::clock::Entropy;
use crate::domain::secret::{CodeVerifier, CookieSecret};
use crate::domain::sign_in::Hash;

/// A new secret: 256 random bits, base64url.
pub fn mint_secret(entropy: &dyn Entropy) -> String {
    URL_SAFE_NO_PAD.encode(Zeroizing::new(entropy.bytes::<32>()).as_slice())
}

/// How a secret is stored.
pub fn hash(secret: &str) -> Hash {
    Hash(sha256_hex(secret.as_bytes()))
}

/// Whether a secret is the one that was stored; takes the same time whether or not.
pub fn matches(stored: &Hash, secret: &str) -> bool {
    stored.0.as_bytes().ct_eq(hash(secret).0.as_bytes()).into()
}

/// The PKCE verifier of the attempt that this cookie belongs to (RFC 7636 section 4.1: 43 characters).
pub fn verifier(cookie: &CookieSecret) -> CodeVerifier {
    CodeVerifier::new(of_cookie(cookie, b"convene/sign-in/verifier"))
}

/// The `nonce` of the attempt that this cookie belongs to (`OpenID` Connect Core 1.0 section 3.1.2.1).
pub fn nonce(cookie: &CookieSecret) -> String {
    of_cookie(cookie, b"convene/sign-in/nonce")
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
pub fn challenge(verifier: &CodeVerifier) -> String {
    URL_SAFE_NO_PAD.encode(sha256(verifier.expose().as_bytes()))
}

fn of_cookie(cookie: &CookieSecret, label: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(derive(cookie.expose().as_bytes(), &[], &[label]).as_slice())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemEntropy;

    #[test]
    fn the_challenge_is_the_one_of_the_standard() {
        // RFC 7636, appendix B.
        let verifier = CodeVerifier::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned());
        assert_eq!(challenge(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_secret_matches_its_own_hash_only() {
        let secret = mint_secret(&SystemEntropy);
        assert_eq!(secret.len(), 43);
        assert!(matches(&hash(&secret), &secret));
        assert!(!matches(&hash(&secret), &mint_secret(&SystemEntropy)));
        assert!(!matches(&Hash(String::new()), ""));
    }

    #[test]
    fn verifier_and_nonce_are_fixed_by_the_cookie_and_unlike_each_other() {
        let cookie = CookieSecret::new("cookie".to_owned());
        assert_eq!(verifier(&cookie).expose(), verifier(&cookie).expose());
        assert_eq!(verifier(&cookie).expose().len(), 43);
        assert_ne!(verifier(&cookie).expose(), nonce(&cookie));
        assert_ne!(nonce(&cookie), nonce(&CookieSecret::new("other".to_owned())));
    }
}
