//! The blast guard and the breaker: two brakes for the day on which *our* registration is at fault and Entra
//! tells every tenant's tokens that they are dead.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::ids::TenantId;

/// So many tenants in doubt at once are more likely our fault than theirs.
pub const TENANTS_AT_ONCE: usize = 4;
/// Tenants in doubt that are noted at most while drops are held: more of them say nothing new, and all lie in one row
/// of the store, which has 400 KiB at most.
pub const MOST_NOTED: usize = 500;
/// What counts as "at once".
pub const AT_ONCE: SignedDuration = SignedDuration::from_mins(15);
/// While the breaker is open, one redemption is tried this often.
pub const PROBE_EVERY: SignedDuration = SignedDuration::from_mins(1);

/// Set while our own credential is refused: nothing is redeemed but one probe a minute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// Since when.
    pub open_since: Timestamp,
    /// The next probe.
    pub probe_at: Timestamp,
}

/// What all workers know together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guard {
    /// Tenants of which a connection turned suspect, and when that began.
    pub suspects: BTreeMap<TenantId, Timestamp>,
    /// The last redemption that succeeded, in any tenant, to within a minute.
    pub last_success: Option<Timestamp>,
    /// When an operator last confirmed that the refusals are real.
    pub confirmed_at: Option<Timestamp>,
    /// Open while our own credential is refused.
    pub breaker: Option<Breaker>,
}

impl Guard {
    /// Whether drops are held: enough tenants turned suspect within a quarter of an hour, and no redemption
    /// succeeded since the first of them. It stays so until one succeeds or an operator confirms.
    pub fn is_tripped(&self) -> bool {
        let proof = self.last_success.max(self.confirmed_at);
        let mut times: Vec<Timestamp> = self.suspects.values().copied().collect();
        times.retain(|time| Some(*time) > proof);
        times.sort_unstable();
        times
            .windows(TENANTS_AT_ONCE)
            .any(|window| window[TENANTS_AT_ONCE - 1].duration_since(window[0]) <= AT_ONCE)
    }

    /// Whether a tenant in which a connection has been in doubt `since` is to be noted: it is not yet, or what was
    /// noted says nothing any more. A doubt that began before the last proof of health is the tenant's own affair,
    /// however often it is repeated. While the guard is tripped nothing is moved, so that it stays tripped.
    pub fn should_note(&self, tenant: TenantId, since: Timestamp) -> bool {
        let proof = self.last_success.max(self.confirmed_at);
        let full = self.suspects.len() >= MOST_NOTED && self.is_tripped();
        if Some(since) <= proof {
            return false;
        }
        let Some(noted) = self.suspects.get(&tenant).copied() else { return !full };
        Some(noted) <= proof || (since.duration_since(noted) > AT_ONCE && !self.is_tripped())
    }

    /// Tenants whose doubt is older than the last proof of health, and says nothing any more.
    pub fn settled(&self) -> Vec<TenantId> {
        let proof = self.last_success.max(self.confirmed_at);
        self.suspects.iter().filter(|(_, time)| Some(**time) <= proof).map(|(tenant, _)| *tenant).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + minutes * 60).expect("time")
    }

    fn suspects(minutes: &[i64]) -> Guard {
        let tenant = |n: usize| format!("00000000-0000-0000-0000-00000000000{n}").parse().expect("tenant");
        let suspects = minutes.iter().enumerate().map(|(n, m)| (tenant(n), at(*m))).collect();
        Guard { suspects, ..Guard::default() }
    }

    #[test]
    fn three_tenants_or_four_far_apart_are_their_own_affair() {
        assert!(!suspects(&[0, 1, 2]).is_tripped());
        assert!(!suspects(&[0, 6, 11, 16]).is_tripped());
        assert!(suspects(&[0, 6, 11, 15]).is_tripped());
        assert!(suspects(&[-60, 0, 6, 11, 15]).is_tripped());
    }

    #[test]
    fn one_success_proves_that_our_registration_is_sound() {
        let mut guard = suspects(&[0, 1, 2, 3]);
        guard.last_success = Some(at(-1));
        assert!(guard.is_tripped());
        guard.last_success = Some(at(0));
        assert!(!guard.is_tripped());
        assert_eq!(guard.settled().len(), 1);
    }

    #[test]
    fn a_doubt_older_than_the_last_success_is_not_noted_again() {
        let mut guard = suspects(&[]);
        let tenant: TenantId = "00000000-0000-0000-0000-000000000000".parse().expect("tenant");
        assert!(guard.should_note(tenant, at(0)));
        guard.last_success = Some(at(5));
        assert!(!guard.should_note(tenant, at(0)) && !guard.should_note(tenant, at(5)));
        assert!(guard.should_note(tenant, at(6)));
    }

    #[test]
    fn a_tenant_in_doubt_for_long_counts_anew_unless_the_guard_is_tripped() {
        let tenant: TenantId = "00000000-0000-0000-0000-000000000000".parse().expect("tenant");
        assert!(!suspects(&[0]).should_note(tenant, at(15)));
        assert!(suspects(&[0]).should_note(tenant, at(16)));
        assert!(!suspects(&[0, 1, 2, 3]).should_note(tenant, at(16)));
    }

    #[test]
    fn while_drops_are_held_no_more_tenants_are_noted_than_one_row_can_hold() {
        let tenant = |n: usize| format!("00000000-0000-0000-0000-{n:012}").parse().expect("tenant");
        let noted = |count: usize| Guard {
            suspects: (0..count).map(|n| (tenant(n), at(0))).collect(),
            ..Guard::default()
        };
        assert!(noted(MOST_NOTED - 1).should_note(tenant(9999), at(1)));
        let full = noted(MOST_NOTED);
        assert!(full.is_tripped() && !full.should_note(tenant(9999), at(1)));
        let healthy = Guard { last_success: Some(at(0)), ..full };
        assert!(healthy.should_note(tenant(9999), at(1)), "what was noted before a success makes room");
    }

    #[test]
    fn an_operator_can_confirm() {
        let mut guard = suspects(&[0, 1, 2, 3]);
        guard.confirmed_at = Some(at(4));
        assert!(!guard.is_tripped());
        assert_eq!(guard.settled().len(), 4);
    }
}
