//! What Entra hands out, and whom it says signed in.

use std::time::Duration;

use jiff::Timestamp;

use super::address::Address;
use super::features::ScopeSet;
use super::ids::{ObjectId, TenantId};
use super::secret::{AccessToken, RefreshToken};

/// Taken off a token's life, so that it is never used up to its last second.
const LEAST_MARGIN: Duration = Duration::from_mins(5);

/// A pair of tokens as redeemed (RFC 6749 section 5.1).
#[derive(Debug)]
pub struct Grant {
    /// For Graph.
    pub access: AccessToken,
    /// For the next redemption. In theory missing in a refresh answer; then the old one stays in use.
    pub refresh: Option<RefreshToken>,
    /// Until when the access token may be used: see [`usable_until`].
    pub usable_until: Timestamp,
    /// What the token may do.
    pub scopes: ScopeSet,
}

/// The end of use for a token that arrived at `arrived` and lives `lifetime`: five minutes or a tenth early,
/// whichever is more, so that a clock that is off does no harm.
pub fn usable_until(arrived: Timestamp, lifetime: Duration) -> Timestamp {
    let margin = LEAST_MARGIN.max(lifetime / 10);
    arrived.saturating_add(lifetime.saturating_sub(margin)).unwrap_or(arrived)
}

/// The claims of a checked `id_token` (`OpenID` Connect Core 1.0 section 2; Entra's id token claims reference).
///
/// `tenant` and `object` are the key of the user. The addresses are mutable and may be unverified: they are
/// compared only after the tenant was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// `tid`.
    pub tenant: TenantId,
    /// `oid`.
    pub object: ObjectId,
    /// `name`.
    pub name: Option<String>,
    /// `preferred_username`.
    pub username: Option<Address>,
    /// `email`.
    pub email: Option<Address>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_given_up_before_it_ends() {
        let now = Timestamp::from_second(1_000_000).expect("time");
        let after = |s| usable_until(now, Duration::from_secs(s)).duration_since(now).as_secs();
        assert_eq!(after(3600), 3240);
        assert_eq!(after(600), 300);
        assert_eq!(after(10), 0);
    }
}
