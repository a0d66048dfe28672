//! A recruiter's connection to one Outlook mailbox, and what redemptions do to it.
//!
//! The two-step drop: a permanent-looking refusal makes a connection *suspect*, at once unserved. Only a second
//! one of the same kind, some minutes later, destroys the tokens. A live grant is never dropped for an outage,
//! throttling, or a fault of our own.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::address::Address;
use super::features::{Feature, ScopeSet};
use super::ids::{ConnectionId, CustomerId, ObjectId, TenantId, UserId};
use super::sign_in::{LastAttempt, OutcomeStatus};
use super::verdict::{Refusal, Verdict};

mod begin;
mod destruction;
mod doubt;
mod teams;

pub use destruction::{Destruction, Seen};
pub use doubt::{BLOCKED_FOR, CONFIRM_AFTER, Evidence, SCOPE_MISSING, UNKNOWN_AFTER};
use doubt::{confirmed, lacking};
pub use teams::Teams;

/// A sealed value: format, key version, generation, salt, commitment, ciphertext. See `vault::envelope`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

/// Follow-ups ask again this long after a refusal.
pub const CONFIRM_BY: SignedDuration = SignedDuration::from_mins(6);
/// After consent, Entra may still answer 65001 or leave scopes out.
pub const CONSENT_GRACE: SignedDuration = SignedDuration::from_mins(10);
/// Its use is noted once a day at most, so the last note may be a day older than the last use.
pub const USE_NOTED_EVERY: SignedDuration = SignedDuration::from_hours(24);
/// A connection whose use was noted within this time is *hot*: its fresh tokens are stored at every verification.
/// That is a day of use, and a day by which the note may be late.
pub const HOT_FOR: SignedDuration = SignedDuration::from_hours(48);

/// Whose mailbox it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// `tid`.
    pub tenant: TenantId,
    /// `oid`.
    pub object: ObjectId,
    /// The calendar owner's address.
    pub email: Address,
    /// The display name, if Microsoft gave one.
    pub name: Option<String>,
}

/// The state, with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Health {
    /// Served.
    Live,
    /// Refused once; not served until a redemption succeeds or the refusal is confirmed.
    Suspect(Evidence),
    /// The tenant's policy stands in the way; tokens kept.
    Blocked(Evidence),
    /// Tokens destroyed; the recruiter must sign in.
    NeedsReauth(Evidence),
    /// Tokens destroyed; consent or the application is gone.
    Revoked(Evidence),
    /// The user or an administrator ended it.
    Disconnected {
        /// When.
        at: Timestamp,
    },
    /// Waits for an administrator; never had tokens.
    PendingApproval {
        /// Since.
        since: Timestamp,
    },
}

/// What the API shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    NotConnected,
    PendingApproval,
    Connected,
    Checking,
    Blocked,
    NeedsReauth,
    Revoked,
    Disconnected,
}

/// Why follow-ups should look at a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Errand {
    /// A minute after connecting: shard, canary, time zone.
    FirstLook,
    /// Ask Entra again about a suspect.
    Confirm,
    /// The customer's canary: every five minutes.
    Canary,
    /// It was the canary and is gone: elect another.
    HandOver,
}

/// A stored connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// Its id.
    pub id: ConnectionId,
    /// The customer.
    pub customer: CustomerId,
    /// The user of the ATS.
    pub user: UserId,
    /// The Microsoft account; none while approval is pending.
    pub account: Option<Account>,
    /// What it was connected for.
    pub features: BTreeSet<Feature>,
    /// What the last token could do.
    pub granted: ScopeSet,
    /// Whether the calendar allows Teams meetings, as far as it said.
    pub teams: Teams,
    /// IANA name.
    pub time_zone: Option<String>,
    /// The last sign-in.
    pub connected_at: Timestamp,
    /// State and evidence.
    pub health: Health,
    /// The last successful redemption that was stored.
    pub verified_at: Option<Timestamp>,
    /// The last use by an API call, to within a day.
    pub last_used: Option<Timestamp>,
    /// End of use of the stored access token.
    pub usable_until: Option<Timestamp>,
    /// Counts the seals of the tokens; part of their binding.
    pub generation: u64,
    /// Whether it is its customer's canary.
    pub canary: bool,
    /// The receipt, once tokens were destroyed; until the next sign-in.
    #[serde(default)]
    pub destroyed: Option<Box<Destruction>>,
    /// What follow-ups should do, and when.
    pub errand: Option<(Errand, Timestamp)>,
    /// Access and refresh token, sealed. Kept in an attribute of its own.
    #[serde(skip)]
    pub tokens: Option<Sealed>,
    /// The last attempt to connect. Kept in an attribute of its own, which no save but that of an attempt writes.
    #[serde(skip)]
    pub last_attempt: Option<Box<LastAttempt>>,
}

impl Connection {
    /// What the API shows.
    pub fn status(&self) -> Status {
        match self.health {
            Health::Live => Status::Connected,
            Health::Suspect(_) => Status::Checking,
            Health::Blocked(_) => Status::Blocked,
            Health::NeedsReauth(_) => Status::NeedsReauth,
            Health::Revoked(_) => Status::Revoked,
            Health::Disconnected { .. } => Status::Disconnected,
            Health::PendingApproval { since } if self.has_ended_otherwise(since) => Status::NotConnected,
            Health::PendingApproval { .. } => Status::PendingApproval,
        }
    }

    /// Whether an attempt has come to another end since an approval was waited for.
    fn has_ended_otherwise(&self, since: Timestamp) -> bool {
        self.last_attempt
            .as_ref()
            .is_some_and(|last| last.at > since && last.outcome.status != OutcomeStatus::PendingApproval)
    }

    /// The evidence of a state that has some.
    pub fn evidence(&self) -> Option<&Evidence> {
        match &self.health {
            Health::Suspect(e) | Health::Blocked(e) | Health::NeedsReauth(e) | Health::Revoked(e) => Some(e),
            Health::Live | Health::Disconnected { .. } | Health::PendingApproval { .. } => None,
        }
    }

    /// Whether the sweep should redeem it: whatever still has tokens.
    pub fn is_verifiable(&self) -> bool {
        self.tokens.is_some() && matches!(self.health, Health::Live | Health::Suspect(_) | Health::Blocked(_))
    }

    /// When Entra last gave a token for it, as far as it is stored.
    pub fn proven_at(&self) -> Timestamp {
        self.verified_at.map_or(self.connected_at, |at| at.max(self.connected_at))
    }

    /// Whether an API call used it lately.
    pub fn is_hot(&self, now: Timestamp) -> bool {
        self.last_used.is_some_and(|used| now.duration_since(used) < HOT_FOR)
    }

    /// The grace in which a missing consent may be stale.
    pub fn in_grace(&self, now: Timestamp) -> bool {
        now.duration_since(self.connected_at) < CONSENT_GRACE
    }

    /// A redemption succeeded: whatever was in doubt is not any more. Tokens and their generation are the
    /// caller's to set.
    #[must_use]
    pub fn verified(mut self, granted: ScopeSet, now: Timestamp) -> Self {
        let missing = granted.missing(&self.features);
        self.health = if missing.is_empty() || self.in_grace(now) {
            Health::Live
        } else {
            Health::Blocked(lacking(&missing, self.evidence(), now))
        };
        self.granted = granted;
        self.verified_at = Some(now);
        self.schedule(now);
        self
    }

    /// A redemption was refused. With `held` (the blast guard is tripped) nothing is destroyed.
    #[must_use]
    pub fn refused(mut self, refusal: Refusal, now: Timestamp, held: bool) -> Self {
        let verdict = refusal.verdict();
        if self.forgives(&refusal, now)
            || matches!(verdict, Verdict::Keep | Verdict::OurFault)
            || !self.is_verifiable()
        {
            self.schedule(now);
            return self;
        }
        let evidence = self.add(refusal, verdict, now);
        self.health = match verdict {
            Verdict::Blocked if now.duration_since(evidence.first) < BLOCKED_FOR => Health::Blocked(evidence),
            _ if held || !confirmed(&evidence) => Health::Suspect(evidence),
            Verdict::ConsentGone => Health::Revoked(evidence),
            _ => Health::NeedsReauth(evidence),
        };
        if matches!(self.health, Health::Revoked(_) | Health::NeedsReauth(_)) {
            self.destroy(now);
        }
        self.schedule(now);
        if held && matches!(self.health, Health::Suspect(_)) {
            self.errand = Some((Errand::Confirm, now + HELD_BY));
        }
        self
    }

    /// Whether the refusal says nothing yet: right after consent, 65001 may be stale.
    pub fn forgives(&self, refusal: &Refusal, now: Timestamp) -> bool {
        refusal.may_be_stale_after_consent() && self.in_grace(now)
    }

    /// The user or an administrator ends it.
    #[must_use]
    pub fn disconnected(mut self, now: Timestamp) -> Self {
        self.health = Health::Disconnected { at: now };
        self.destroy(now);
        self.schedule(now);
        self
    }

    /// When follow-ups should look next.
    fn schedule(&mut self, now: Timestamp) {
        let wait = match (&self.health, self.errand) {
            _ if self.tokens.is_none() => self.canary.then_some((Errand::HandOver, SignedDuration::ZERO)),
            (Health::Suspect(_), _) => Some((Errand::Confirm, CONFIRM_BY)),
            // Whoever takes the first look ends this errand; a doubt may have displaced it, and it can be repeated.
            (Health::Live | Health::Blocked(_), Some((Errand::FirstLook, _))) => return,
            (Health::Live | Health::Blocked(_), Some((Errand::Confirm, _))) => {
                Some((Errand::FirstLook, SignedDuration::ZERO))
            }
            (Health::Live | Health::Blocked(_), _) if self.canary => Some((Errand::Canary, CANARY_EVERY)),
            _ => None,
        };
        self.errand = wait.map(|(errand, wait)| (errand, now + wait));
    }

    /// Makes it its customer's canary, or not any more.
    pub fn set_canary(&mut self, canary: bool, now: Timestamp) {
        self.canary = canary;
        self.schedule(now);
    }

    /// The first look is over; it told whether this is its customer's canary.
    pub fn looked_at(&mut self, canary: bool, now: Timestamp) {
        self.errand = None;
        self.set_canary(canary, now);
    }
}

/// While the blast guard holds drops a suspect is asked about this often: when our registration is repaired, everybody
/// is served again within five minutes.
pub const HELD_BY: SignedDuration = SignedDuration::from_mins(4);

/// A canary is verified this often.
pub const CANARY_EVERY: SignedDuration = SignedDuration::from_mins(5);

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
