//! The steps of an interview: from an accepted claim to an event in Outlook and a stored answer.
//!
//! Both the API and follow-ups take these steps; whoever takes over a claim repeats them. That is safe: the
//! claim's id is the event's `transactionId` and tag, and every other step sets a state instead of changing it.

mod answer;
mod cancel;
mod create;
mod hold;
mod organizer;
mod patch;
mod release;
mod reschedule;
mod settle;
mod slot;
mod teams;
pub mod timeline;
mod trouble;
pub mod view;
mod watch;

use std::sync::Arc;

use jiff::SignedDuration;

use crate::access::{Access, AccessError, Parts, Usable, organizer_changed};
use crate::domain::claim::{Claim, Command, StoredAnswer};
use crate::domain::connection::Connection;
use crate::domain::customer::CalendarChoice;
use crate::domain::ids::InterviewId;
use crate::domain::interview::{Details, Interview};
use crate::domain::proof_log::{Ledger, Whose};
use crate::microsoft::{Deadline, Graph, GraphError};
use crate::problem::{Code, Problem};
use crate::store::Versioned;
use crate::vault::{Binding, CustomerKey, open_json};

pub use answer::{StoredForm, problem_answer};
pub use hold::check_hold;
pub use organizer::unserved_organizer;
pub use reschedule::check_active;
pub use trouble::graph_problem;

/// Others may change an interview under our hands so often.
const TRIES: usize = 3;

/// What the steps are taken with.
pub struct Scheduling {
    parts: Parts,
    access: Arc<Access>,
    graph: Arc<Graph>,
    public_url: String,
    keep_for: SignedDuration,
}

/// A claim to carry out, and all that is known about it.
pub struct Work {
    /// Held by whoever calls.
    pub claim: Versioned<Claim>,
    /// What it asks for.
    pub command: Command,
    /// The customer's key.
    pub key: Arc<CustomerKey>,
    /// The organiser's connection.
    pub connection: Versioned<Connection>,
    /// The interview, if it is stored already.
    pub interview: Option<Versioned<Interview>>,
    /// Where the customer wants interviews with a room.
    pub calendar: CalendarChoice,
    /// What Graph is asked on the way; empty at the beginning.
    pub ledger: Ledger,
}

impl Work {
    /// In whose name Graph is asked for this.
    fn whose<'a>(&'a self, interview: Option<&'a InterviewId>) -> Whose<'a> {
        Whose { customer: &self.claim.value.key.customer, user: &self.connection.value.user, interview }
    }

    /// The interview that is stored.
    fn known(&self) -> Option<&InterviewId> {
        self.interview.as_ref().map(|read| &read.value.id)
    }

    /// Whether somebody may have written for this claim before. Then Outlook is asked before it is written to.
    fn is_begun(&self) -> bool {
        self.claim.value.attempts > 1
    }

    /// Whether the event stands with a room alone.
    fn is_holding(&self) -> bool {
        self.interview.as_ref().is_some_and(|read| read.value.holding)
    }

    /// There is no token: what that means to the acting user.
    fn refused(&self, error: AccessError) -> Stop {
        let interview = self.interview.as_ref().map(|read| &read.value);
        let organize_as = organizer::organize_as(&self.command, interview);
        Stop::Harmless(match error {
            AccessError::Unserved(connection) => {
                unserved_organizer(&connection, &self.claim.value.key.user, organize_as, interview)
            }
            other => other.into(),
        })
    }
}

/// How it ended for now.
pub enum Done {
    /// For good: the answer is stored.
    Answered(StoredAnswer),
    /// Nobody knows yet; follow-ups go on. The answer is a 202 and is not stored.
    Later(StoredAnswer),
}

/// Why a step did not come to its end.
enum Stop {
    /// Nothing was written to Outlook.
    Harmless(Problem),
    /// It may have been; follow-ups find out.
    Unclear,
    /// Microsoft refused for good, and nothing was written for this claim.
    Final(Problem),
    /// A room is held and has not answered: the claim stays open.
    Held(Box<Outcome>),
    /// It came to nothing, and that is stored with the interview: an event that still stands must go, or is proven to
    /// be gone.
    Failed(Box<Outcome>, Box<Problem>),
}

/// How settling went.
enum Settled {
    /// The claim has ended, or is left.
    Done(Done),
    /// Somebody else changed the interview meanwhile: this is the ground on which to take the steps again.
    OnNewGround(Option<Box<Versioned<Interview>>>),
}

/// An interview with its details open, as it is to be stored.
#[derive(Clone)]
struct Outcome {
    interview: Interview,
    details: Details,
}

impl Scheduling {
    /// `public_url` makes the links in answers; settled interviews are kept for `retention_days` after their end.
    pub fn new(
        parts: Parts,
        access: Arc<Access>,
        graph: Arc<Graph>,
        public_url: String,
        retention_days: u16,
    ) -> Self {
        let keep_for = SignedDuration::from_hours(24 * i64::from(retention_days));
        Self { parts, access, graph, public_url, keep_for }
    }

    /// Carries a claim out, as far as the deadline allows.
    ///
    /// An error means that nothing was written; the claim is gone then and its key may be used again.
    pub async fn carry_out(&self, work: Work, deadline: Deadline) -> Result<Done, Problem> {
        let (ledger, key) = (work.ledger.clone(), work.claim.value.key.clone());
        let (user, known) = (work.connection.value.user.clone(), work.known().cloned());
        let promised = work.claim.value.interview.clone();
        let done = Box::pin(self.take_steps(work, deadline)).await;
        // A claim that is left open names the interview in its answer, whether it is stored or not.
        let interview = if matches!(done, Ok(Done::Later(_))) { Some(&promised) } else { known.as_ref() };
        self.access.record(&ledger, Whose { customer: &key.customer, user: &user, interview }).await;
        done
    }

    async fn take_steps(&self, mut work: Work, deadline: Deadline) -> Result<Done, Problem> {
        for _ in 0..TRIES {
            let end = match &work.command {
                Command::Create { .. } => Box::pin(self.create(&work, deadline)).await,
                Command::Reschedule { when, comment, .. } => {
                    self.reschedule(&work, (when, comment.as_deref()), deadline).await
                }
                Command::Cancel { comment } => self.cancel(&work, comment.as_deref(), deadline).await,
                Command::Patch(patch) => self.patch(&work, patch, deadline).await,
            };
            let settled = match end {
                Ok(outcome) => self.settle(&work, outcome).await,
                Err(Stop::Final(problem)) => return self.settle_refused(work, problem, true).await,
                Err(Stop::Held(end)) => return Ok(self.hold_on(&work, *end).await),
                Err(Stop::Failed(end, problem)) => self.fail(&work, *end, &problem, deadline).await,
                Err(Stop::Unclear) => return Ok(self.leave(&work).await),
                Err(Stop::Harmless(problem)) => {
                    let problem = self.explained(&work, problem).await;
                    return self.stop(work, problem).await;
                }
            };
            match settled {
                Settled::Done(done) => return Ok(done),
                Settled::OnNewGround(interview) => {
                    work.interview = interview.map(|found| *found);
                    // What we wrote stands in Outlook: it is looked for, not written again.
                    work.claim.value.attempts += 1;
                }
            }
        }
        Ok(self.leave(&work).await)
    }

    /// The details of an interview.
    pub fn open(&self, key: &CustomerKey, interview: &Interview) -> Result<Details, Problem> {
        let sealed = interview.sealed.as_ref().ok_or(Code::InternalError)?;
        open_json(key, &Binding::details(interview), sealed).map_err(|_| Code::InternalError.into())
    }

    /// A token for the organiser's mailbox. A change goes to the mailbox that holds the event, or nowhere.
    async fn token(&self, work: &Work, deadline: Deadline) -> Result<Usable, Stop> {
        let account = work.connection.value.account.as_ref();
        if let Some(interview) = &work.interview {
            let organizer = &interview.value.organizer;
            let same = account.is_none_or(|a| a.tenant == organizer.tenant && a.object == organizer.object);
            if !same {
                let now = account.map(|account| (account.tenant, &account.email));
                return Err(Stop::Harmless(organizer_changed((organizer.tenant, &organizer.email), now)));
            }
        }
        let usable = self.access.token(work.connection.clone(), &work.key, deadline).await;
        usable.map(|usable| usable.recorded_in(&work.ledger)).map_err(|error| work.refused(error))
    }

    /// A new token where Graph did not take the stored one.
    async fn another_token(&self, usable: Usable, work: &Work, deadline: Deadline) -> Result<Usable, Stop> {
        let usable = self.access.renewed(&usable, &work.key, deadline).await;
        usable.map_err(|error| work.refused(error))
    }
}

impl From<GraphError> for Stop {
    fn from(error: GraphError) -> Self {
        match &error {
            // A 404 by itself proves nothing: follow-ups look.
            GraphError::Unclear(_) | GraphError::Stale(_) | GraphError::NotFound(_) => Self::Unclear,
            GraphError::Refused(_) => Self::Final(graph_problem(&error)),
            _ => Self::Harmless(graph_problem(&error)),
        }
    }
}
