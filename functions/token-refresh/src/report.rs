//! What a run did: one log line, and the answer of a tick.

use serde::Serialize;
use shared::access::{AccessError, Verified};
use shared::domain::connection::Status;
use shared::metrics::{self, Metric};

/// Counts of one run.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct SweepReport {
    /// Shards whose pass ended in this run.
    pub shards: u32,
    /// Connections that Microsoft answered for.
    pub verified: u32,
    /// Connections that were written.
    pub stored: u32,
    /// Connections that turned or stayed suspect.
    pub suspect: u32,
    /// Connections whose tokens were destroyed.
    pub dropped: u32,
    /// Connections that a policy blocks.
    pub blocked: u32,
    /// Connections left to the next pass: throttled, no answer, or a fault of ours.
    pub postponed: u32,
    /// Connections whose tokens do not open, and customers without a key.
    pub unopened: u32,
    /// Rows that could not be read.
    pub unreadable: u32,
    /// Whether our own credential was refused; then nothing is redeemed but a probe a minute.
    pub breaker_open: bool,
    /// Whether the store failed; the next tick goes on.
    pub store_failed: bool,
    /// Whether the blast guard holds every drop.
    pub guard_tripped: bool,
    /// Seconds since the shard was verified that waits longest; none without connections.
    pub oldest_shard_seconds: Option<i64>,
    /// Whole days until the certificate of the signing key ends; none where the settings do not say.
    pub certificate_days_left: Option<i64>,
}

impl SweepReport {
    /// How many were not verified although they are shown to be served.
    pub(crate) fn left_out(&self) -> u32 {
        self.postponed + self.unopened
    }

    /// Adds what another shard's pass did.
    pub(crate) fn add(&mut self, other: &Self) {
        self.shards += other.shards;
        self.verified += other.verified;
        self.stored += other.stored;
        self.suspect += other.suspect;
        self.dropped += other.dropped;
        self.blocked += other.blocked;
        self.postponed += other.postponed;
        self.unopened += other.unopened;
        self.unreadable += other.unreadable;
        self.breaker_open |= other.breaker_open;
    }

    /// What of it is a metric. A drop is one where it happens, for it also happens elsewhere.
    pub(crate) fn measure(&self) {
        metrics::count(Metric::Sweeps, u32::from(!self.store_failed));
        metrics::count(Metric::Verified, self.verified);
        metrics::count(Metric::Stored, self.stored);
        metrics::count(Metric::Suspect, self.suspect);
        metrics::count(Metric::Postponed, self.left_out());
        metrics::count(Metric::GuardTripped, u32::from(self.guard_tripped));
        let gauges = [
            (Metric::OldestShard, self.oldest_shard_seconds),
            (Metric::CertificateDaysLeft, self.certificate_days_left),
        ];
        for (metric, value) in gauges {
            if let Some(value) = value {
                metrics::note(metric, value);
            }
        }
    }

    pub(crate) fn count(&mut self, result: &Result<Verified, AccessError>) {
        match result {
            Ok(verified) => {
                self.verified += 1;
                self.stored += u32::from(verified.stored);
                match verified.connection.value.status() {
                    Status::Checking => self.suspect += 1,
                    Status::NeedsReauth | Status::Revoked => self.dropped += 1,
                    Status::Blocked => self.blocked += 1,
                    Status::NotConnected
                    | Status::PendingApproval
                    | Status::Connected
                    | Status::Disconnected => {}
                }
            }
            Err(AccessError::OurCredential) => {
                self.postponed += 1;
                self.breaker_open = true;
            }
            Err(AccessError::Sealed(_)) => self.unopened += 1,
            Err(
                AccessError::Unserved(_)
                | AccessError::Throttled(_)
                | AccessError::Unreachable
                | AccessError::OurFault(_)
                | AccessError::Store(_)
                | AccessError::Vault(_),
            ) => self.postponed += 1,
        }
    }
}
