//! The permission proof log: what was asked of Microsoft Graph, in whose name, and what came back. No content.
//!
//! An access token carries the record of what it was used for. Whoever sends a call notes it in the token's
//! [`Ledger`], each attempt and also one whose answer was lost; whoever ends the operation stores the ledger as one
//! [`Entry`], in the write that settles the operation wherever there is such a write. What never left us is no call.
//!
//! The name of an entry is that of its first call. So storing it again, after an answer of the store's was lost,
//! stores the same row, and nothing is logged twice.
//!
//! What a crash loses: whoever dies between a call and that write takes the record of his calls along. Follow-ups
//! then finish the operation, and their look-ups and writes are recorded: an event that was made just before the
//! crash stands in the log as found, not as made.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::features::Feature;
use super::ids::{CustomerId, InterviewId, UserId};

/// One request to Graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphCall {
    /// When it was sent.
    pub at: Timestamp,
    /// HTTP method.
    pub method: String,
    /// Version and template of the path: no id and no query.
    pub path: String,
    /// The feature it was made for.
    pub feature: Feature,
    /// Ours, sent as `client-request-id`: Microsoft's support finds the call by it.
    pub request_id: String,
    /// Microsoft's, if an answer came.
    pub microsoft_request_id: Option<String>,
    /// HTTP status; none if no answer came.
    pub status: Option<u16>,
}

/// In whose name an operation asks.
#[derive(Debug, Clone, Copy)]
pub struct Whose<'a> {
    /// The customer.
    pub customer: &'a CustomerId,
    /// Whose token it is: the user in whose mailbox the operation acts.
    pub user: &'a UserId,
    /// The interview it is about, where there is one.
    pub interview: Option<&'a InterviewId>,
}

/// The calls of one operation: a row of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The customer.
    pub customer: CustomerId,
    /// Whose token was used.
    pub user: UserId,
    /// The interview it was about.
    pub interview: Option<InterviewId>,
    /// In the order in which they ended; at least one.
    pub calls: Vec<GraphCall>,
    /// The end of its retention.
    pub kept_until: Timestamp,
}

/// Collects the calls of an operation. Clones are the same ledger.
#[derive(Clone, Default)]
pub struct Ledger(Arc<Mutex<Vec<GraphCall>>>);

impl Ledger {
    /// Adds a call.
    pub fn note(&self, call: GraphCall) {
        self.lock().push(call);
    }

    /// What is yet to be stored; none if there is nothing.
    pub fn entry(&self, whose: Whose<'_>, keep_for: SignedDuration) -> Option<Entry> {
        let calls = self.lock().clone();
        let last = calls.iter().map(|call| call.at).max()?;
        Some(Entry {
            customer: whose.customer.clone(),
            user: whose.user.clone(),
            interview: whose.interview.cloned(),
            calls,
            kept_until: last.saturating_add(keep_for).unwrap_or(Timestamp::MAX),
        })
    }

    /// These calls are stored; what was noted since is not.
    pub fn stored(&self, entry: Option<&Entry>) {
        let count = entry.map_or(0, |entry| entry.calls.len());
        let mut calls = self.lock();
        let count = count.min(calls.len());
        calls.drain(..count);
    }

    fn lock(&self) -> MutexGuard<'_, Vec<GraphCall>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ledger({})", self.lock().len())
    }
}

impl Entry {
    /// Its first call, by which it is named.
    pub fn first(&self) -> Option<&GraphCall> {
        self.calls.first()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, second: i64) -> GraphCall {
        GraphCall {
            at: Timestamp::from_second(second).expect("a time"),
            method: "GET".to_owned(),
            path: "/v1.0/me/calendar".to_owned(),
            feature: Feature::Calendar,
            request_id: id.to_owned(),
            microsoft_request_id: None,
            status: None,
        }
    }

    #[test]
    fn what_was_stored_is_not_stored_again_and_what_came_since_is() {
        let (customer, user) = ("acme".parse().expect("id"), "u-ana".parse().expect("id"));
        let whose = Whose { customer: &customer, user: &user, interview: None };
        let (ledger, day) = (Ledger::default(), SignedDuration::from_hours(24));
        assert_eq!(ledger.entry(whose, day), None);
        let same = ledger.clone();
        same.note(call("a", 7));
        same.note(call("b", 9));
        let entry = ledger.entry(whose, day).expect("two calls");
        assert_eq!((entry.calls.len(), entry.kept_until.as_second()), (2, 9 + 86_400));
        assert_eq!(entry.first().map(|first| first.request_id.as_str()), Some("a"));
        assert_eq!(ledger.entry(whose, day), Some(entry.clone()), "a write that failed is tried again");
        same.note(call("c", 11));
        ledger.stored(Some(&entry));
        ledger.stored(None);
        let rest = ledger.entry(whose, day).expect("one call");
        assert_eq!(rest.calls, [call("c", 11)]);
        ledger.stored(Some(&entry));
        assert_eq!(ledger.entry(whose, day), None);
    }
}
