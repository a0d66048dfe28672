//! The text of a client assertion (RFC 7523 section 3; Microsoft's page on certificate credentials). Who signs it is
//! not known here.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::Identity;
use crate::domain::ids::{percent_encode, uuid_v7};
use crate::domain::secret::{ClientAssertion, ClientSecret};

/// What goes with a token request to prove who we are.
#[derive(Debug)]
pub enum ClientProof {
    /// A shared secret.
    Secret(ClientSecret),
    /// Signed, for the token endpoint of one authority.
    Assertion(ClientAssertion),
}

/// `client_assertion_type` of a JWT (RFC 7523 section 2.2).
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion begins so long before it is made: Entra's clock may be behind ours.
const BACK: SignedDuration = SignedDuration::from_mins(1);
/// And ends so long after it is made: ten minutes in all.
const AHEAD: SignedDuration = SignedDuration::from_mins(9);
/// It is used for so long; the minute that is left is for a clock of Entra's that is ahead of ours.
const USED: SignedDuration = SignedDuration::from_mins(8);

/// An assertion that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// Header and claims of the JWT: what is signed with PS256 (RSASSA-PSS, SHA-256, RFC 7518 section 3.5).
    pub text: String,
    /// Not to be used from then on, although Entra would still take it.
    pub use_until: Timestamp,
}

impl Unsigned {
    /// The complete JWT.
    pub fn signed(self, signature: &[u8]) -> ClientProof {
        let token = format!("{}.{}", self.text, BASE64_URL_SAFE_NO_PAD.encode(signature));
        ClientProof::Assertion(ClientAssertion::new(token))
    }
}

impl Identity {
    /// The token endpoint of an authority: `organizations`, or the GUID of a tenant.
    pub(super) fn token_endpoint(&self, authority: &str) -> String {
        format!("{}/{}/oauth2/v2.0/token", self.login, percent_encode(authority))
    }

    /// A new assertion for the token endpoint of `authority`, made now; `thumbprint` is the certificate's `x5t#S256`.
    pub fn assertion(&self, authority: &str, thumbprint: &str) -> Unsigned {
        let now = self.wire.clock.now();
        let client_id = &self.registration.client_id;
        let header = json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint });
        let claims = json!({
            "aud": self.token_endpoint(authority),
            "iss": client_id,
            "sub": client_id,
            "jti": uuid_v7(now, self.wire.entropy.as_ref()).hyphenated().to_string(),
            "iat": now.as_second(),
            "nbf": (now - BACK).as_second(),
            "exp": (now + AHEAD).as_second(),
        });
        let part = |json: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(json.to_string());
        Unsigned { text: format!("{}.{}", part(header), part(claims)), use_until: now + USED }
    }
}
