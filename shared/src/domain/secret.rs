//! Texts that must never be seen: no `Display`, `Serialize`, `Deref` or `Clone`; gone from memory when dropped.
//!
//! `expose()` is the one word to search for.

use std::fmt;

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

/// What Graph takes as `Authorization: Bearer`. Opaque (Microsoft: never parse a token for Graph). It carries the
/// record of what it was used for.
pub struct AccessToken {
    secret: Wiped<String>,
    ledger: Ledger,
}

impl AccessToken {
    /// Takes a text into keeping, with a ledger of its own.
    pub fn new(text: String) -> Self {
        Self { secret: Wiped::new(text), ledger: Ledger::default() }
    }

    /// The same token, whose use is recorded in this ledger from now on.
    #[must_use]
    pub fn recorded_in(self, ledger: &Ledger) -> Self {
        Self { ledger: ledger.clone(), ..self }
    }

    /// Where its use is recorded.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
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
