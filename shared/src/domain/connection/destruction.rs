//! The receipt for tokens that were destroyed: when, and what Microsoft had said.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Connection, Status};
use crate::domain::verdict::Refusal;

/// A refusal, and when we saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// On our clock.
    pub at: Timestamp,
    /// Microsoft's own words, ids and time.
    pub refusal: Refusal,
}

/// That the sealed tokens of a connection were removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destruction {
    /// When.
    pub at: Timestamp,
    /// The state that demanded it: `needs_reauth`, `revoked` or `disconnected`.
    pub reason: Status,
    /// The refusal that raised the doubt; none where the user or an administrator ended the connection.
    pub first: Option<Seen>,
    /// The one that confirmed it.
    pub confirmed: Option<Seen>,
}

impl Connection {
    /// Removes the tokens. The receipt is of the first removal: what is gone already is not destroyed again.
    pub(super) fn destroy(&mut self, now: Timestamp) {
        if self.tokens.is_some() {
            let seen = |at, refusal: &Refusal| Seen { at, refusal: refusal.clone() };
            let evidence = self.evidence();
            self.destroyed = Some(Box::new(Destruction {
                at: now,
                reason: self.status(),
                first: evidence.map(|evidence| seen(evidence.first, &evidence.opened_by)),
                confirmed: evidence.map(|evidence| seen(evidence.last, &evidence.refusal)),
            }));
        }
        self.tokens = None;
        self.usable_until = None;
        self.generation += 1;
    }
}
