//! Makes the calls of a question, a few at a time, and more of them only where an answer was odd.
//!
//! Exchange refuses a call as a whole for one address that it does not take. Then the call is cut in halves until the
//! culprit stands alone, and the others are read. A refusal that is not about an address is the fault of this service:
//! what proves it is the same question about the signed-in user alone, which Exchange refuses too.

use std::collections::{BTreeMap, BTreeSet};
use std::mem;

use jiff::Timestamp;

use super::parts::Part;
use crate::concurrent;
use crate::domain::address::Address;
use crate::domain::availability::schedule_error::{refused_address, refuses_request};
use crate::domain::availability::{Calendar, Reason};
use crate::domain::secret::AccessToken;
use crate::microsoft::{Deadline, Graph, GraphError, GraphEvidence};

/// Exchange runs four calls at a time in one mailbox; one is left to other requests that write to it meanwhile.
const AT_ONCE: usize = 3;
/// Calls that are made beyond the planned ones at most, all odd answers of a question together.
const MOST_MORE: usize = 60;

/// With what the calls are made.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) graph: &'a Graph,
    pub(super) token: &'a AccessToken,
    /// Address of the signed-in user.
    pub(super) own: Option<&'a Address>,
    pub(super) emails: &'a [Address],
    pub(super) deadline: Deadline,
}

/// Why nothing can be said of any address.
pub(super) enum Stop {
    /// All calls would end with it.
    Graph(GraphError),
    /// Exchange refuses what this service asks, about any address.
    OwnFault(GraphEvidence),
}

/// What one answer says of one address; the place is the one in the whole question.
pub(super) type Answer = (usize, Result<Calendar, Reason>);

/// What is known on the way.
#[derive(Default)]
struct State {
    answers: Vec<Answer>,
    /// To be asked next.
    next: Vec<Part>,
    /// To be asked once the culprits of the same addresses are known from another span of time.
    later: Vec<Part>,
    /// The span in which the culprits of a chunk are looked for.
    splitting: BTreeMap<usize, (Timestamp, Timestamp)>,
    /// Spans that Exchange has answered for: a refusal there is about an address.
    answered: BTreeSet<(Timestamp, Timestamp)>,
    more: usize,
}

impl Caller<'_> {
    /// Makes the calls.
    pub(super) async fn ask(&self, parts: Vec<Part>) -> Result<Vec<Answer>, Stop> {
        let mut state = State { next: parts, ..State::default() };
        loop {
            let now = mem::take(&mut state.next);
            if now.is_empty() {
                if state.later.is_empty() {
                    return Ok(state.answers);
                }
                state.take_up_later();
                continue;
            }
            let call = |part: Part| async move {
                let emails = part.emails(self.emails);
                let told =
                    self.graph.schedules(self.token, &emails, part.time, &self.home(), self.deadline).await;
                (part, told)
            };
            let mut told = concurrent::bounded(now, AT_ONCE, call).await;
            told.sort_by(|(one, _), (other, _)| one.cmp(other));
            state.answered.extend(told.iter().filter(|(_, told)| told.is_ok()).map(|(part, _)| part.time));
            for (part, told) in told {
                match told {
                    Ok(schedules) => state.answered(&part, schedules),
                    Err(error) => self.failed(&mut state, part, error).await?,
                }
            }
        }
    }

    fn home(&self) -> String {
        self.own.map(Address::domain).unwrap_or_default()
    }

    async fn failed(&self, state: &mut State, part: Part, error: GraphError) -> Result<(), Stop> {
        let code = error.evidence().and_then(|evidence| evidence.code.clone());
        let named = refused_address(code.as_deref(), true).filter(|reason| is_of_the_address(*reason));
        // What a call says of the caller says nothing of an address: a mailbox that is missing is the caller's own.
        let named = named.filter(|_| reason(&error).is_some());
        let is_refusal = match &error {
            GraphError::Refused(_) | GraphError::NotFound(_) | GraphError::MailboxUnavailable(_) => true,
            _ => named.is_some(),
        };
        if !is_refusal {
            let reason = reason(&error).ok_or(Stop::Graph(error))?;
            state.settle(&part, reason);
            return Ok(());
        }
        if let GraphError::Refused(evidence) = &error
            && refuses_request(code.as_deref())
        {
            return Err(Stop::OwnFault(evidence.clone()));
        }
        let answered = state.answered.contains(&part.time);
        if named.is_none() && !answered {
            self.prove(state, &part, error).await?;
        }
        match part.places.as_slice() {
            [place] => {
                let at_home = self.emails.get(*place).is_some_and(|email| email.domain() == self.home());
                let reason = refused_address(code.as_deref(), at_home).unwrap_or(Reason::AddressRefused);
                state.settle(&part, reason);
            }
            _ => state.split(part),
        }
        Ok(())
    }

    /// Asks the same about the signed-in user alone. If Exchange answers, the refusal was about an address.
    async fn prove(&self, state: &mut State, part: &Part, error: GraphError) -> Result<(), Stop> {
        let fault = |error: GraphError| match error {
            GraphError::Refused(evidence) | GraphError::NotFound(evidence) => Stop::OwnFault(evidence),
            error => Stop::Graph(error),
        };
        let Some(own) = self.own else { return Err(fault(error)) };
        if part.emails(self.emails) == [own.clone()] {
            return Err(fault(error));
        }
        let own = std::slice::from_ref(own);
        state.more += 1;
        match self.graph.schedules(self.token, own, part.time, &self.home(), self.deadline).await {
            Ok(_) => {
                state.answered.insert(part.time);
                Ok(())
            }
            // What every call would end with.
            Err(again) if reason(&again).is_none() => Err(fault(again)),
            Err(GraphError::Refused(_) | GraphError::NotFound(_)) => Err(fault(error)),
            // Nothing is proven: the refusal is looked into, address by address.
            Err(_) => Ok(()),
        }
    }
}

impl State {
    fn settle(&mut self, part: &Part, reason: Reason) {
        self.answers.extend(part.places.iter().map(|place| (*place, Err(reason))));
    }

    /// An address that the answer does not name is asked about alone.
    fn answered(&mut self, part: &Part, schedules: Vec<Option<Result<Calendar, Reason>>>) {
        for (place, told) in part.places.iter().zip(schedules) {
            match told {
                Some(read) => self.answers.push((*place, read)),
                None if part.places.len() > 1 && self.may_ask(1) => self.next.push(part.of(vec![*place])),
                None => self.answers.push((*place, Err(Reason::Unreadable))),
            }
        }
    }

    fn split(&mut self, part: Part) {
        let span = *self.splitting.entry(part.chunk).or_insert(part.time);
        if span != part.time {
            self.later.push(part);
        } else if self.may_ask(2) {
            self.next.extend(part.halves());
        } else {
            self.settle(&part, Reason::NotAsked);
        }
    }

    /// What is known of one span is known of all: a calendar of which a part is not known is not known.
    fn take_up_later(&mut self) {
        let known: BTreeSet<usize> =
            self.answers.iter().filter(|(_, read)| read.is_err()).map(|(place, _)| *place).collect();
        self.splitting.clear();
        for mut part in mem::take(&mut self.later) {
            part.places.retain(|place| !known.contains(place));
            if part.places.is_empty() {
                continue;
            }
            if self.may_ask(1) { self.next.push(part) } else { self.settle(&part, Reason::NotAsked) }
        }
    }

    fn may_ask(&mut self, more: usize) -> bool {
        let may = self.more + more <= MOST_MORE;
        if may {
            self.more += more;
        }
        may
    }
}

/// Whether a reason is one of the address and not of the moment.
fn is_of_the_address(reason: Reason) -> bool {
    !matches!(reason, Reason::Throttled | Reason::TimedOut | Reason::Unavailable)
}

/// What a failed call says of the calendars that it was to read; none if it says something of the caller.
fn reason(error: &GraphError) -> Option<Reason> {
    match error {
        GraphError::Unauthorized(_) | GraphError::Forbidden(_) | GraphError::MailboxUnavailable(_) => None,
        GraphError::Throttled { .. } => Some(Reason::Throttled),
        GraphError::Unavailable(None) | GraphError::Unclear(None) => Some(Reason::TimedOut),
        GraphError::Unavailable(Some(_)) | GraphError::Unclear(Some(_)) => Some(Reason::Unavailable),
        GraphError::NotFound(_) | GraphError::Stale(_) | GraphError::Refused(_) => Some(Reason::Unreadable),
    }
}
