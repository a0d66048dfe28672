//! Connect sessions and the attempts made through them.
//!
//! A session is a link for one user. Each visit is an attempt of its own, tied to the browser by a cookie. The
//! rows hold hashes of state, cookie and key only: who reads the table cannot finish a sign-in.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::features::Feature;
use super::grant::SignedIn;
use super::ids::{AttemptId, CustomerId, SessionId, TenantId, UserId};
use super::symptoms::ERRORS;
use super::verdict::Refusal;

mod settling;

pub use settling::{ASK_AGAIN_IN, CONSENT_SETTLES};

/// Life of a link.
pub const SESSION_LIFE: SignedDuration = SignedDuration::from_mins(60);
/// Life of an attempt: the person may have to look for a second factor.
pub const ATTEMPT_LIFE: SignedDuration = SignedDuration::from_mins(30);
/// While a first callback may still run, a repeat is asked to wait.
pub const CALLBACK_MAY_RUN: SignedDuration = SignedDuration::from_secs(30);

/// Follow-ups look at a new connection so long after.
pub const FIRST_LOOK_AFTER: SignedDuration = SignedDuration::from_mins(1);

/// SHA-256 as hex: how secrets of browsers and links are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hash(pub String);

/// A connect session. It carries copies of what a visit needs, so that connecting starts with one read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Hash of the key in the link.
    pub key: Hash,
    /// The customer.
    pub customer: CustomerId,
    /// For whom.
    pub user: UserId,
    /// The user's address, as the ATS knows it.
    pub email: Address,
    /// Where the browser goes afterwards; its origin was checked when the session was made.
    pub return_url: String,
    /// What to connect for.
    pub features: BTreeSet<Feature>,
    /// The pinned tenant, if there is one.
    pub tenant: Option<TenantId>,
    /// IANA name, from the browser.
    pub time_zone: Option<String>,
    /// BCP 47 tag, for Microsoft's pages.
    pub locale: Option<String>,
    /// End of life.
    pub expires_at: Timestamp,
}

/// One visit to a connect link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its id: part of the cookie's name.
    pub id: AttemptId,
    /// Hash of `state`: what it is stored under.
    pub state: Hash,
    /// Hash of the cookie.
    pub cookie: Hash,
    /// The session, copied.
    pub session: Session,
    /// The `{tenant}` of the authorize URL: the code must be redeemed there.
    pub authority: String,
    /// End of life.
    pub expires_at: Timestamp,
    /// When a callback took it.
    pub consumed_at: Option<Timestamp>,
    /// Since when Microsoft is asked again and again, for it does not know a fresh consent everywhere.
    #[serde(default)]
    pub held_since: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// How an attempt ended: `status` in the redirect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The state.
    pub status: OutcomeStatus,
    /// A problem code, where it failed; beside `connected`, what the connection cannot do.
    pub reason: Option<String>,
    /// What Microsoft said, where it refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub microsoft: Option<Box<Said>>,
}

/// What Microsoft said, without its prose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// `error` of OAuth, or `error.code` of Graph.
    pub error: Option<String>,
    /// `AADSTS…`.
    pub code: Option<String>,
    /// Entra's trace id, or Graph's request id.
    pub trace_id: Option<String>,
    /// Entra's correlation id, or our `client-request-id`.
    pub correlation_id: Option<String>,
    /// Microsoft's own time.
    pub at: Option<String>,
}

impl From<&Refusal> for Said {
    fn from(refusal: &Refusal) -> Self {
        Self {
            // Anybody can write a redirect, and so a word of their own: only those of the protocols are kept.
            error: ERRORS.iter().find(|known| **known == refusal.error).map(|known| (*known).to_owned()),
            code: refusal.code(),
            trace_id: refusal.trace_id.clone(),
            correlation_id: refusal.correlation_id.clone(),
            at: refusal.at.clone(),
        }
    }
}

/// The last attempt of a user that came to an end, kept with the connection or, where there is none, by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAttempt {
    /// When it ended.
    pub at: Timestamp,
    /// How.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// An attempt that led to no connection is kept so long.
pub const ATTEMPT_KEPT_FOR: SignedDuration = SignedDuration::from_hours(24 * 30);

/// `status` of the return URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutcomeStatus {
    /// Tokens are stored.
    Connected,
    /// An administrator must approve first.
    PendingApproval,
    /// The person went back.
    Cancelled,
    /// The person said no.
    Denied,
    /// Another account signed in.
    WrongAccount,
    /// Another tenant signed in.
    WrongTenant,
    /// Anything else; see `reason`.
    Failed,
}

impl OutcomeStatus {
    /// The word in the return URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Connected => "connected",
            Self::PendingApproval => "pending_approval",
            Self::Cancelled => "cancelled",
            Self::Denied => "denied",
            Self::WrongAccount => "wrong_account",
            Self::WrongTenant => "wrong_tenant",
            Self::Failed => "failed",
        }
    }
}

impl Outcome {
    /// An outcome that needs no reason.
    pub const fn plain(status: OutcomeStatus) -> Self {
        Self { status, reason: None, microsoft: None }
    }

    /// A failure and the problem code that explains it.
    pub fn failed(reason: &str) -> Self {
        Self { status: OutcomeStatus::Failed, reason: Some(reason.to_owned()), microsoft: None }
    }

    /// Adds what Microsoft said.
    #[must_use]
    pub fn with_microsoft(mut self, said: Said) -> Self {
        self.microsoft = Some(Box::new(said));
        self
    }
}

/// Numbers that always mean: an administrator must approve.
const APPROVAL_NEEDED: [u32; 5] = [90093, 90094, 90095, 900_941, 900_981];

/// What an error redirect from Entra means (RFC 6749 section 4.1.2.1).
///
/// A cancelled sign-in and a sent approval request look alike; so while no grant was ever proven for the customer
/// both are taken for pending approval. `None`: a failure whose verdict is read from the refusal.
pub fn redirect_outcome(refusal: &Refusal, grant_was_proven: bool) -> Option<OutcomeStatus> {
    if refusal.codes.iter().any(|code| APPROVAL_NEEDED.contains(code)) {
        return Some(OutcomeStatus::PendingApproval);
    }
    let declined = matches!(refusal.error.as_str(), "access_denied" | "consent_required")
        && (refusal.codes.is_empty() || refusal.codes.contains(&65004));
    if !declined {
        return None;
    }
    Some(match (grant_was_proven, refusal.codes.contains(&65004)) {
        (false, _) => OutcomeStatus::PendingApproval,
        (true, true) => OutcomeStatus::Denied,
        (true, false) => OutcomeStatus::Cancelled,
    })
}

impl Attempt {
    /// Whether the account's tenant is the one that this customer's users come from: the one that is `pinned` by
    /// now, else the one that was when the link was made, else the one that Entra names for the domain of the
    /// user's address.
    pub fn is_from(
        &self,
        signed_in: &SignedIn,
        pinned: Option<TenantId>,
        of_domain: Option<TenantId>,
    ) -> bool {
        pinned.or(self.session.tenant).or(of_domain) == Some(signed_in.tenant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came_back(error: &str, codes: &[u32]) -> Refusal {
        Refusal { status: 302, error: error.to_owned(), codes: codes.to_vec(), ..Refusal::default() }
    }

    #[test]
    fn going_back_is_pending_until_a_grant_was_proven() {
        let back = came_back("access_denied", &[]);
        assert_eq!(redirect_outcome(&back, false), Some(OutcomeStatus::PendingApproval));
        assert_eq!(redirect_outcome(&back, true), Some(OutcomeStatus::Cancelled));
    }

    #[test]
    fn a_decline_and_a_sent_request_look_alike() {
        for error in ["access_denied", "consent_required"] {
            let declined = came_back(error, &[65004]);
            assert_eq!(redirect_outcome(&declined, false), Some(OutcomeStatus::PendingApproval));
            assert_eq!(redirect_outcome(&declined, true), Some(OutcomeStatus::Denied));
        }
    }

    #[test]
    fn need_admin_approval_is_pending_whatever_was_proven() {
        for code in APPROVAL_NEEDED {
            let outcome = redirect_outcome(&came_back("access_denied", &[code]), true);
            assert_eq!(outcome, Some(OutcomeStatus::PendingApproval), "{code}");
        }
    }

    #[test]
    fn any_other_error_is_a_failure() {
        assert_eq!(redirect_outcome(&came_back("server_error", &[90033]), false), None);
        assert_eq!(redirect_outcome(&came_back("access_denied", &[50105]), false), None);
    }

    #[test]
    fn a_word_of_the_return_url_is_the_stored_one() {
        use OutcomeStatus::{
            Cancelled, Connected, Denied, Failed, PendingApproval, WrongAccount, WrongTenant,
        };
        for status in [Connected, PendingApproval, Cancelled, Denied, WrongAccount, WrongTenant, Failed] {
            assert_eq!(serde_json::to_value(status).expect("json"), status.word());
        }
    }

    fn tenant(n: u8) -> TenantId {
        format!("{n:08}-0000-4000-8000-000000000000").parse().expect("a GUID")
    }

    pub(super) fn attempt(pinned: Option<TenantId>) -> Attempt {
        let now: Timestamp = "2026-11-24T08:00:00Z".parse().expect("a time");
        Attempt {
            id: AttemptId::mint(now, &crate::clock::SystemEntropy),
            state: Hash(String::new()),
            cookie: Hash(String::new()),
            session: Session {
                id: SessionId::mint(now, &crate::clock::SystemEntropy),
                key: Hash(String::new()),
                customer: "acme".parse().expect("an id"),
                user: "u-1".parse().expect("an id"),
                email: "ana@contoso.com".parse().expect("an address"),
                return_url: String::new(),
                features: BTreeSet::new(),
                tenant: pinned,
                time_zone: None,
                locale: None,
                expires_at: now,
            },
            authority: String::new(),
            expires_at: now,
            consumed_at: None,
            held_since: None,
            outcome: None,
        }
    }

    #[test]
    fn what_is_pinned_now_decides_then_what_was_then_the_domain() {
        let signed_in = |n| SignedIn {
            tenant: tenant(n),
            object: "00000000-0000-4000-8000-000000000001".parse().expect("a GUID"),
            username: None,
            email: None,
            name: None,
        };
        let (unpinned, pinned) = (attempt(None), attempt(Some(tenant(2))));
        assert!(pinned.is_from(&signed_in(1), Some(tenant(1)), Some(tenant(3))));
        assert!(pinned.is_from(&signed_in(2), None, Some(tenant(3))));
        assert!(!pinned.is_from(&signed_in(3), None, Some(tenant(3))));
        assert!(unpinned.is_from(&signed_in(3), None, Some(tenant(3))));
        assert!(!unpinned.is_from(&signed_in(3), None, None), "an unknown tenant is nobody's");
    }
}
