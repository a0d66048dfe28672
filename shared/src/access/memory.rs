//! What this worker knows of the world beyond one connection: who is in doubt, whether our own credential is
//! refused, and which tenant asked to wait. Kept in memory; what must be shared lies in the guard's row.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::domain::guard::{Breaker, Guard, PROBE_EVERY};
use crate::domain::ids::TenantId;

/// A success is recorded this often, and only while somebody is in doubt.
const PROOF_EVERY: SignedDuration = SignedDuration::from_mins(1);
/// A tenant that was throttled without a word on how long is left alone for this time.
const WAIT_IF_UNSAID: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Default)]
pub(super) struct Memory(Mutex<Known>);

#[derive(Default)]
struct Known {
    guard: Guard,
    proved_at: Option<Timestamp>,
    waits: HashMap<TenantId, Timestamp>,
}

impl Memory {
    /// What the guard's row says.
    pub(super) fn learn(&self, guard: &Guard) {
        self.lock().guard = guard.clone();
    }

    /// The guard as known, if a success now should be recorded; notes that it is.
    pub(super) fn proof_due(&self, now: Timestamp) -> Option<Guard> {
        let mut known = self.lock();
        let in_doubt = known.guard.suspects.len() > known.guard.settled().len();
        let due = in_doubt && known.proved_at.is_none_or(|last| now.duration_since(last) >= PROOF_EVERY);
        due.then(|| {
            known.proved_at = Some(now);
            known.guard.clone()
        })
    }

    /// The success was not recorded: the next one is to be.
    pub(super) fn proof_failed(&self) {
        self.lock().proved_at = None;
    }

    pub(super) fn breaker_is_open(&self) -> bool {
        self.lock().guard.breaker.is_some()
    }

    pub(super) fn breaker_opened(&self, now: Timestamp) {
        let breaker = Breaker { open_since: now, probe_at: now + PROBE_EVERY };
        self.lock().guard.breaker.get_or_insert(breaker);
    }

    pub(super) fn breaker_closed(&self) {
        self.lock().guard.breaker = None;
    }

    /// A tenant asked to wait.
    pub(super) fn throttled(&self, tenant: TenantId, wait: Option<Duration>, now: Timestamp) {
        let until = now.saturating_add(wait.unwrap_or(WAIT_IF_UNSAID)).unwrap_or(now);
        let mut known = self.lock();
        known.waits.retain(|_, until| *until > now);
        known.waits.insert(tenant, until);
    }

    /// How long a tenant still wants to be left alone.
    pub(super) fn wait_for(&self, tenant: TenantId, now: Timestamp) -> Option<Duration> {
        let until = *self.lock().waits.get(&tenant)?;
        Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("time")
    }

    fn tenant() -> TenantId {
        "0f1e2d3c-0000-4000-8000-000000000001".parse().expect("tenant")
    }

    #[test]
    fn a_tenant_is_left_alone_for_as_long_as_it_asked() {
        let memory = Memory::default();
        assert_eq!(memory.wait_for(tenant(), at(0)), None);
        memory.throttled(tenant(), Some(Duration::from_secs(30)), at(0));
        assert_eq!(memory.wait_for(tenant(), at(10)), Some(Duration::from_secs(20)));
        assert_eq!(memory.wait_for(tenant(), at(30)), None);
        memory.throttled(tenant(), None, at(60));
        assert_eq!(memory.wait_for(tenant(), at(60)), Some(WAIT_IF_UNSAID));
    }

    #[test]
    fn a_success_is_recorded_once_a_minute_and_only_while_somebody_is_in_doubt() {
        let memory = Memory::default();
        assert!(memory.proof_due(at(0)).is_none());
        memory.learn(&Guard { suspects: [(tenant(), at(0))].into(), ..Guard::default() });
        assert!(memory.proof_due(at(1)).is_some());
        assert!(memory.proof_due(at(59)).is_none());
        assert!(memory.proof_due(at(61)).is_some());
        memory.proof_failed();
        assert!(memory.proof_due(at(62)).is_some(), "what was not recorded is tried again at once");
    }
}
