//! What a run did: one log line, and the answer of a tick.

use serde::Serialize;

/// Counts of one run.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a report, not a state")]
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
    /// Rows that could not be read or opened.
    pub unreadable: u32,
    /// Whether our own credential was refused; then nothing is redeemed but a probe a minute.
    pub breaker_open: bool,
    /// Whether the store failed; the next tick goes on.
    pub store_failed: bool,
    /// Whether the blast guard holds every drop.
    pub guard_tripped: bool,
}
