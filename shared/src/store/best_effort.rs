//! Writes that the caller can do without, because something else repairs what is missing. Their failure is counted and
//! logged: a store that fails for long must be seen, wherever it fails.

use tracing::warn;

use super::{SaveError, StoreError};
use crate::metrics::{self, Metric};

/// A result of the store that does not decide what the caller answers.
pub trait BestEffort: Sized {
    /// What came of it where it succeeded.
    type Value;

    /// The value, if there is one. A failure of the store is counted under [`Metric::StoreWritesLost`]; a newer version
    /// in the place of a write is none.
    fn or_counted(self, what: &'static str) -> Option<Self::Value>;

    /// Whether it happened.
    fn best_effort(self, what: &'static str) -> bool {
        self.or_counted(what).is_some()
    }
}

impl<T> BestEffort for Result<T, StoreError> {
    type Value = T;

    fn or_counted(self, what: &'static str) -> Option<T> {
        self.map_err(|error| lost(what, error)).ok()
    }
}

impl<T> BestEffort for Result<T, SaveError> {
    type Value = T;

    fn or_counted(self, what: &'static str) -> Option<T> {
        match self {
            Ok(value) => Some(value),
            Err(SaveError::Stale) => None,
            Err(SaveError::Store(error)) => {
                lost(what, error);
                None
            }
        }
    }
}

fn lost(what: &'static str, error: StoreError) {
    metrics::count(Metric::StoreWritesLost, 1);
    warn!(what, %error, "The store did not {what}: {error}");
}
