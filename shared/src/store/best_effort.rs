//! Writes that the caller can do without, because something else repairs what is missing. Their failure is counted and
//! logged: a store that fails for long must be seen, wherever it fails.

use tracing::warn;

use super::{SaveError, StoreError};
use crate::metrics::{self, Metric};

/// A result of the store that does not decide what the caller answers.
pub trait BestEffort {
    /// Whether it happened. A failure of the store is counted under [`Metric::StoreWritesLost`]; a newer version in its
    /// place is none.
    fn best_effort(self, what: &'static str) -> bool;
}

impl<T> BestEffort for Result<T, StoreError> {
    fn best_effort(self, what: &'static str) -> bool {
        match self {
            Ok(_) => true,
            Err(error) => {
                lost(what, error);
                false
            }
        }
    }
}

impl<T> BestEffort for Result<T, SaveError> {
    fn best_effort(self, what: &'static str) -> bool {
        match self {
            Ok(_) => true,
            Err(SaveError::Stale) => false,
            Err(SaveError::Store(error)) => {
                lost(what, error);
                false
            }
        }
    }
}

fn lost(what: &'static str, error: StoreError) {
    metrics::count(Metric::StoreWritesLost, 1);
    warn!(what, %error, "The store did not {what}: {error}");
}
