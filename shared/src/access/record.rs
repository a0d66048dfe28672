//! What an operation asked of Graph, as it is to be stored.

use tracing::error;

use super::{Access, Usable};
use crate::domain::proof_log::{Entry, Ledger, Whose};
use crate::metrics::{self, Metric};
use crate::store::BestEffort;

impl Access {
    /// The row for what is in the ledger; none if nothing is.
    pub fn entry(&self, ledger: &Ledger, whose: Whose<'_>) -> Option<Entry> {
        ledger.entry(whose, self.keep_for)
    }

    /// Stores by itself what no other write has stored, where there was no such write or it failed.
    ///
    /// Microsoft has been asked by then, so a failure does not undo the operation and takes no answer from anybody:
    /// it is a gap in the log, and an alarm.
    pub async fn record(&self, ledger: &Ledger, whose: Whose<'_>) {
        let Some(entry) = self.entry(ledger, whose) else { return };
        if self.parts.store.proof_log.put(&entry).await.best_effort("record calls to Graph") {
            return ledger.stored(Some(&entry));
        }
        let calls = entry.calls.len();
        metrics::count(Metric::ProofLogGaps, u32::try_from(calls).unwrap_or(u32::MAX));
        error!(alarm = "proof-log-gap", calls, "{calls} calls to Graph are missing in the proof log");
    }

    /// The same for reads on behalf of the token's own user.
    pub async fn record_use(&self, usable: &Usable) {
        let connection = &usable.connection.value;
        let whose = Whose { customer: &connection.customer, user: &connection.user, interview: None };
        self.record(usable.token.ledger(), whose).await;
    }
}
