//! Evidence: what Microsoft refused, how often and for how long, and when that is enough.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Connection;
use crate::domain::verdict::{Refusal, Verdict};

/// A second refusal counts as confirmation only this long after the first.
pub const CONFIRM_AFTER: SignedDuration = SignedDuration::from_mins(2);
/// An unknown number under `invalid_grant` must last this long, over three refusals.
pub const UNKNOWN_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// A blocked connection is given up after this.
pub const BLOCKED_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Why a connection is in doubt or ended, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What Microsoft said last.
    pub refusal: Refusal,
    /// What it said first.
    pub opened_by: Box<Refusal>,
    /// What we made of it.
    pub verdict: Verdict,
    /// First seen.
    pub first: Timestamp,
    /// Last seen.
    pub last: Timestamp,
    /// How often in a row.
    pub times: u32,
}

/// The word under which [`super::Health::Blocked`] says that the token lacks a permission.
pub const SCOPE_MISSING: &str = "scope_missing";

impl Connection {
    /// Since when Entra refuses it in this way, if it refuses now.
    pub fn refused_since(&self, verdict: Verdict, now: Timestamp) -> Timestamp {
        self.evidence().filter(|before| before.verdict == verdict).map_or(now, |before| before.first)
    }

    /// Adds a refusal to the row of equal ones; another kind starts a new row.
    pub(super) fn add(&self, refusal: Refusal, verdict: Verdict, now: Timestamp) -> Evidence {
        let before = self.evidence().filter(|before| before.verdict == verdict);
        Evidence {
            opened_by: before.map_or_else(|| Box::new(refusal.clone()), |before| before.opened_by.clone()),
            refusal,
            verdict,
            first: self.refused_since(verdict, now),
            last: now,
            times: before.map_or(1, |before| before.times + 1),
        }
    }
}

/// Whether a refusal has been repeated long enough for the tokens to be destroyed.
pub(super) fn confirmed(evidence: &Evidence) -> bool {
    let lasted = evidence.last.duration_since(evidence.first);
    match evidence.verdict {
        Verdict::ConsentGone | Verdict::UserMustSignIn => lasted >= CONFIRM_AFTER,
        Verdict::UnknownGrant => evidence.times >= 3 && lasted >= UNKNOWN_AFTER,
        Verdict::Blocked => lasted >= BLOCKED_FOR,
        Verdict::Unknown | Verdict::Keep | Verdict::OurFault => false,
    }
}

/// The evidence for permissions that a token lacks: nobody refused, so the error is our own word.
pub(super) fn lacking(missing: &[&str], before: Option<&Evidence>, now: Timestamp) -> Evidence {
    let first = before.filter(|e| e.refusal.error == SCOPE_MISSING).map_or(now, |e| e.first);
    let times = before.filter(|e| e.refusal.error == SCOPE_MISSING).map_or(1, |e| e.times + 1);
    let refusal = Refusal {
        status: 200,
        error: SCOPE_MISSING.to_owned(),
        suberror: Some(missing.join(" ")),
        ..Refusal::default()
    };
    Evidence {
        opened_by: Box::new(refusal.clone()),
        refusal,
        verdict: Verdict::Blocked,
        first,
        last: now,
        times,
    }
}
