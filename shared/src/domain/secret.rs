//! Texts that must never be seen: no `Display`, `Serialize`, `Deref` or `Clone`; gone from memory when dropped.
//!
//! `expose()` is the one word to search for.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use jiff::Timestamp;

use super::features::ScopeSet;
use super::proof_log::Ledger;
use super::wiped::Wiped;

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub struct $name(Wiped<String>);

        impl $name {
            /// Takes a text into keeping.
            pub fn new(text: String) -> Self {
                Self(Wiped::new(text))
            }

            /// The secret itself: for the one call that needs it.
            pub fn expose(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}

secrets! {
    /// What Entra takes for the next pair of tokens.
    RefreshToken;
    /// The authorization code of RFC 6749 section 4.1.2.
    AuthorizationCode;
    /// Our own client secret.
    ClientSecret;
    /// A JWT that proves to one endpoint who we are (RFC 7523 section 2.2); good for minutes.
    ClientAssertion;
    /// The `code_verifier` of RFC 7636.
    CodeVerifier;
    /// The 256 random bits in the browser's cookie, base64url.
    CookieSecret;
    /// The 256 random bits in a link, base64url.
    LinkKey;
}

/// Gets another access token in place of one that Graph does not take.
pub trait Renews: Send + Sync {
    /// Redeems for another token, with the claims that Graph asked for, if it did. None if there is none to be had:
    /// whatever Entra said of it is stored with the connection by then.
    fn renew(&self, claims: Option<String>, until: Timestamp) -> BoxFuture<'_, Option<AccessToken>>;
}

/// What Graph takes as `Authorization: Bearer`. Opaque (Microsoft: never parse a token for Graph). It carries the
/// record of what it was used for, what it may do, and the way to another one where Graph does not take it.
pub struct AccessToken {
    secret: Wiped<String>,
    ledger: Ledger,
    granted: Option<ScopeSet>,
    renews: Option<Arc<dyn Renews>>,
    /// The token that took its place.
    newer: Mutex<Option<Arc<AccessToken>>>,
}

impl AccessToken {
    /// Takes a text into keeping, with a ledger of its own.
    pub fn new(text: String) -> Self {
        Self {
            secret: Wiped::new(text),
            ledger: Ledger::default(),
            granted: None,
            renews: None,
            newer: Mutex::new(None),
        }
    }

    /// The same token, whose use is recorded in this ledger from now on.
    #[must_use]
    pub fn recorded_in(self, ledger: &Ledger) -> Self {
        Self { ledger: ledger.clone(), ..self }
    }

    /// The same token, of which Entra said that it may do this.
    #[must_use]
    pub fn granted(self, scopes: &ScopeSet) -> Self {
        Self { granted: Some(scopes.clone()), ..self }
    }

    /// The same token, in place of which another one can be had.
    #[must_use]
    pub fn renewed_by(self, renews: Arc<dyn Renews>) -> Self {
        Self { renews: Some(renews), ..self }
    }

    /// Where its use is recorded.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Whether it has one of these permissions, if Entra said what it may do.
    pub fn may_any(&self, scopes: &[&str]) -> Option<bool> {
        self.granted.as_ref().map(|granted| scopes.iter().any(|scope| granted.contains(scope)))
    }

    /// The way to another token, if there is one.
    pub fn renews(&self) -> Option<&dyn Renews> {
        self.renews.as_deref()
    }

    /// The token that took its place, if one did.
    pub fn newer(&self) -> Option<Arc<Self>> {
        self.newer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Another token takes its place.
    pub fn give_way_to(&self, newer: Self) -> Arc<Self> {
        let newer = Arc::new(newer);
        *self.newer.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&newer));
        newer
    }

    /// The secret itself: for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AccessToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print_itself() {
        let token = RefreshToken::new("1.AXkA".to_owned());
        assert_eq!(format!("{token:?}"), "RefreshToken(…)");
        assert_eq!(token.expose(), "1.AXkA");
        assert_eq!(format!("{:?}", AccessToken::new("eyJ0".to_owned())), "AccessToken(…)");
    }
}
