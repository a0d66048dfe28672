//! Removes the event of an interview that came to nothing, so that its room is free again.

use jiff::SignedDuration;

use super::{Scheduling, graph_problem};
use crate::access::Usable;
use crate::domain::connection::Connection;
use crate::domain::history::What;
use crate::domain::interview::{Errand, EventState, Interview};
use crate::domain::proof_log::Ledger;
use crate::microsoft::{Deadline, GraphError, Target};
use crate::problem::Problem;
use crate::store::{SaveError, Versioned};
use crate::vault::CustomerKey;

/// Minutes until the next try, by how often it was tried; then the last one until the interview would be over.
const WAITS: [i64; 6] = [1, 2, 5, 15, 30, 60];

/// An event of which nobody knows whether it was made is looked for so often, about an hour in all.
const LOOKS_FOR_UNKNOWN: u32 = 4;

impl Scheduling {
    /// Tries once and stores what came of it. True if clients can see a change.
    pub(super) async fn release(
        &self,
        read: &Versioned<Interview>,
        connection: Versioned<Connection>,
        key: &CustomerKey,
        deadline: Deadline,
    ) -> Result<bool, Problem> {
        let mut interview = read.value.clone();
        let tried = interview.errand.map_or(0, |(_, _, times)| times);
        let ledger = Ledger::default();
        let removed = self.remove(&read.value, (connection, &ledger), key, deadline).await;
        let now = self.parts.clock.now();
        if removed.is_ok() {
            interview.errand = None;
            if let Some(outlook) = &mut interview.outlook {
                outlook.state = EventState::Absent;
                outlook.checked_at = now;
                interview.touch(now);
            }
        } else {
            let minutes = WAITS[usize::try_from(tried).unwrap_or(usize::MAX).min(WAITS.len() - 1)];
            let next = (Errand::Release, now + SignedDuration::from_mins(minutes), tried + 1);
            // Once the time is over nobody needs the room any more. An event that may not exist is not looked for that
            // long: a cancellation looks for it too.
            let is_worth_it = interview.outlook.is_some() || tried < LOOKS_FOR_UNKNOWN;
            interview.errand = Some(next).filter(|_| interview.when.end > now && is_worth_it);
        }
        let what = (removed.is_ok() && interview.outlook.is_some()).then_some(What::Release);
        match self.save_looked_at(read, interview, &ledger, what).await {
            Ok(()) => removed.map(|()| true),
            // Whoever saved in between has seen to it, or set the next try.
            Err(SaveError::Stale) => Ok(false),
            Err(SaveError::Store(error)) => Err(crate::access::store_problem(error)),
        }
    }

    async fn remove(
        &self,
        interview: &Interview,
        (connection, ledger): (Versioned<Connection>, &Ledger),
        key: &CustomerKey,
        deadline: Deadline,
    ) -> Result<(), Problem> {
        let usable = self.access.token(connection, key, deadline).await?.recorded_in(ledger);
        let cancel = |usable: Usable| async {
            (self.graph.cancel_event(&usable.token, Target::of(interview), None, deadline).await, usable)
        };
        let done = match cancel(usable).await {
            (Err(GraphError::Unauthorized(_)), usable) => {
                cancel(self.access.renewed(&usable, key, deadline).await?).await.0
            }
            (other, _) => other,
        };
        done.map(drop).map_err(|error| graph_problem(&error))
    }
}
