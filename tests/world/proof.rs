//! The proof log of a whole story, held against what the simulated Microsoft saw.

use std::collections::BTreeMap;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use sim::{Call, Journal};

use super::{Rows, World};

/// Method, path and status of a call.
pub(super) type Made = (String, Option<u16>);

impl World {
    /// A customer is deleted: rows of its log go.
    pub(crate) fn forgets(&self) {
        self.forgotten.store(true, Ordering::Relaxed);
    }

    /// Graph is asked at another Microsoft, which keeps this journal.
    pub(crate) fn asks_at(&self, journal: &Journal) {
        *self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner) = Some(journal.clone());
    }

    fn calls_to_graph(&self) -> Vec<Call> {
        let elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        elsewhere.as_ref().unwrap_or(self.journal()).graph()
    }

    /// Every call in the proof log was made, and stands there once. And every call that was made stands there, unless
    /// the story lost some on purpose: by a fault or a crash, after which nobody is left to store it, or by the
    /// deletion of a customer, whose log goes too.
    pub(super) fn check_proof_log(&self) {
        let mut logged = self.logged_calls();
        logged.retain(|id, _| !self.inherited.contains(id));
        let disturbed = self.journal().was_disturbed();
        let lossless = !disturbed && !self.forgotten.load(Ordering::Relaxed);
        for call in self.calls_to_graph() {
            let id = call.request_id.clone().unwrap_or_default();
            match logged.remove(&id) {
                Some((operation, status)) => {
                    assert_eq!(operation, call.operation, "{id}");
                    let same = status.unwrap_or(0) == call.status;
                    assert!(same || disturbed, "{id}: {status:?} in the log, and really {}", call.status);
                }
                None => assert!(!lossless, "not in the proof log: {call:?}"),
            }
        }
        assert!(logged.is_empty(), "logged, and never made: {logged:?}");
    }

    /// The calls of the log by our own request ids, which are there once each.
    pub(super) fn logged_calls(&self) -> BTreeMap<String, Made> {
        let mut logged: BTreeMap<String, Made> = BTreeMap::new();
        let rows = Rows::of(self).under("CALL#").documents();
        for call in rows.iter().flat_map(|row| row["calls"].as_array().cloned().unwrap_or_default()) {
            let text = |name: &str| call[name].as_str().unwrap_or_default().to_owned();
            let path = text("path").trim_start_matches("/v1.0").trim_start_matches("/beta").to_owned();
            let status = call["status"].as_u64().and_then(|status| u16::try_from(status).ok());
            let made = (format!("{} {path}", text("method")), status);
            let twice = logged.insert(text("request_id"), made);
            assert!(twice.is_none(), "logged twice: {call}");
        }
        logged
    }
}
