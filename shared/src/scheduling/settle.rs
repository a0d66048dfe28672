//! The ends of a claim: answered and stored, left to follow-ups, or given up.

use std::time::Duration;

use jiff::SignedDuration;
use tracing::error;

use super::create::FIRST_LOOK;
use super::view::answer;
use super::{Done, Outcome, Scheduling, Settled, Work, problem_answer};
use crate::access::store_problem;
use crate::domain::claim::{Claim, Command, StoredAnswer};
use crate::domain::connection::{Status as Connection, USE_NOTED_EVERY};
use crate::domain::history::Asked;
use crate::domain::interview::{Details, Interview, Status, Trouble};
use crate::domain::proof_log::Entry;
use crate::metrics::{self, Metric};
use crate::problem::{Code, Problem};
use crate::store::{BestEffort, SaveError, Settlement, Versioned};
use crate::vault::{Binding, open_json, seal_json};

/// An outcome that is unknown for longer is an alarm.
const ALARM_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// What could not be found out in so long will not be.
const GIVE_UP_AFTER: SignedDuration = SignedDuration::from_hours(24);
/// When to ask again after a 202.
const ASK_AGAIN: Duration = Duration::from_secs(30);

/// Whose a claim is.
enum Held {
    /// Ours.
    Yes,
    /// Somebody took it over, or it is gone.
    No,
    /// It has ended.
    Settled(StoredAnswer),
}

impl Scheduling {
    /// Stores the interview and the answer together.
    pub(super) async fn settle(&self, work: &Work, end: Outcome) -> Settled {
        self.settle_as(work, end, None).await
    }

    /// The same; the answer is the problem, if there is one.
    pub(super) async fn settle_as(
        &self,
        work: &Work,
        mut end: Outcome,
        problem: Option<&Problem>,
    ) -> Settled {
        let answer = self.seal(work, &mut end);
        let id = work.claim.value.id.as_str();
        let answer = problem.map_or(answer, |problem| problem_answer(problem, &self.public_url, id));
        let sealed =
            seal_json(&work.key, &Binding::answer(&work.claim.value), &answer, self.parts.entropy.as_ref());
        let proof = self.access.entry(&work.ledger, work.whose(Some(&end.interview.id)));
        self.note(work, &mut end.interview, (answer.status, problem), proof.as_ref());
        let settlement = Settlement {
            claim: &work.claim,
            answer: sealed,
            interview: &end.interview,
            read: work.interview.as_ref().map(|i| i.version),
            keep_for: self.keep_for,
            used: self.use_to_note(work),
            proof: proof.as_ref(),
        };
        match self.parts.store.claims.settle(settlement).await {
            Ok(()) => {
                work.ledger.stored(proof.as_ref());
                return Settled::Done(Done::Answered(answer));
            }
            Err(SaveError::Store(_)) => return Settled::Done(self.leave(work).await),
            Err(SaveError::Stale) => {}
        }
        // Somebody took our claim, or changed the interview: the one ends it for us, the other is new ground.
        match self.held(work).await {
            Ok(Held::Yes) => match self.stored(work).await {
                Ok(interview) => Settled::OnNewGround(interview.map(Box::new)),
                Err(_) => Settled::Done(self.leave(work).await),
            },
            Ok(Held::Settled(answer)) => Settled::Done(Done::Answered(answer)),
            Ok(Held::No) | Err(_) => Settled::Done(Done::Later(Self::not_yet(work))),
        }
    }

    /// Notes the step in the interview's history, with what is answered to whoever asked for it.
    pub(super) fn note(
        &self,
        work: &Work,
        interview: &mut Interview,
        (answer, problem): (u16, Option<&Problem>),
        proof: Option<&Entry>,
    ) {
        let claim = &work.claim.value;
        let problem = problem.map(|problem| problem.code.entry().code.to_owned());
        let asked = Asked { by: claim.key.user.clone(), at: claim.accepted_at, answer, problem };
        interview.took(work.command.what(), Some(asked), proof, self.parts.clock.now());
    }

    /// Counts the change if there is one, seals the details anew, and gives the answer.
    fn seal(&self, work: &Work, end: &mut Outcome) -> StoredAnswer {
        let new = matches!(work.command, Command::Create { .. });
        if !new && self.differs(work, end) {
            end.interview.touch(self.parts.clock.now());
        }
        let interview = &mut end.interview;
        interview.generation += 1;
        let binding = Binding::details(interview);
        let sealed = seal_json(&work.key, &binding, &end.details, self.parts.entropy.as_ref());
        interview.sealed = Some(sealed);
        answer(if new { 201 } else { 200 }, interview, &end.details, &self.public_url)
    }

    /// Whether clients can see that anything changed but the time at which Outlook was asked.
    fn differs(&self, work: &Work, end: &Outcome) -> bool {
        let Some(before) = work.interview.as_ref().map(|read| &read.value) else { return true };
        let now = self.parts.clock.now();
        let shown = |interview: &Interview, details: &Details| {
            let mut interview = interview.clone();
            interview.outlook.iter_mut().for_each(|outlook| outlook.checked_at = now);
            answer(200, &interview, details, &self.public_url)
        };
        let details = self.open(&work.key, before);
        details.map_or(true, |details| shown(before, &details) != shown(&end.interview, &end.details))
    }

    fn use_to_note<'a>(&self, work: &'a Work) -> Option<(&'a crate::domain::ids::UserId, jiff::Timestamp)> {
        let (now, connection) = (self.parts.clock.now(), &work.connection.value);
        let noted = connection.last_used.is_some_and(|used| now.duration_since(used) < USE_NOTED_EVERY);
        (!noted).then_some((&connection.user, now))
    }

    /// Whether we still hold the claim.
    async fn held(&self, work: &Work) -> Result<Held, Problem> {
        let found = self.parts.store.claims.get(&work.claim.value.key).await.map_err(store_problem)?;
        let Some(claim) = found.filter(|claim| claim.value.id == work.claim.value.id) else {
            return Ok(Held::No);
        };
        if claim.value.settled {
            return Ok(Held::Settled(self.stored_answer(&work.key, &claim.value)?));
        }
        Ok(if claim.version == work.claim.version { Held::Yes } else { Held::No })
    }

    /// The answer that a settled claim holds.
    pub fn stored_answer(
        &self,
        key: &crate::vault::CustomerKey,
        claim: &Claim,
    ) -> Result<StoredAnswer, Problem> {
        let sealed = claim.sealed.as_ref().ok_or(Code::InternalError)?;
        open_json(key, &Binding::answer(claim), sealed).map_err(|_| Code::InternalError.into())
    }

    pub(super) async fn stored(&self, work: &Work) -> Result<Option<Versioned<Interview>>, Problem> {
        let claim = &work.claim.value;
        self.parts.store.interviews.get(&claim.key.customer, &claim.interview).await.map_err(store_problem)
    }

    /// The end without success: the answer is stored; an interview that was promised has failed. Where it is not proven
    /// that nothing was made, its event is looked for later, and removed.
    pub(super) async fn settle_refused(
        &self,
        mut work: Work,
        problem: Problem,
        nothing_made: bool,
    ) -> Result<Done, Problem> {
        let answer = problem_answer(&problem, &self.public_url, work.claim.value.id.as_str());
        let sealed =
            seal_json(&work.key, &Binding::answer(&work.claim.value), &answer, self.parts.entropy.as_ref());
        let proof = self.access.entry(&work.ledger, work.whose(work.known()));
        let (ledger, proof) = (work.ledger.clone(), proof.as_ref());
        let is_open = |i: &Interview| i.holding || i.status == Status::Scheduling;
        let promised = work.interview.take().filter(|read| is_open(&read.value));
        let saved = match promised {
            None => self.parts.store.claims.settle_claim(&work.claim, sealed, proof).await.map(drop),
            Some(read) => {
                let mut interview = read.value;
                let now = self.parts.clock.now();
                interview.fail(Trouble::Refused, now + FIRST_LOOK, nothing_made);
                interview.touch(now);
                self.note(&work, &mut interview, (answer.status, Some(&problem)), proof);
                let settlement = Settlement {
                    claim: &work.claim,
                    answer: sealed,
                    interview: &interview,
                    read: Some(read.version),
                    keep_for: self.keep_for,
                    used: None,
                    proof,
                };
                self.parts.store.claims.settle(settlement).await
            }
        };
        match saved {
            Ok(()) => {
                ledger.stored(proof);
                Ok(Done::Answered(answer))
            }
            Err(_) => match self.held(&work).await? {
                Held::Settled(answer) => Ok(Done::Answered(answer)),
                Held::Yes | Held::No => Ok(Done::Later(Self::not_yet(&work))),
            },
        }
    }

    /// Nobody knows whether it was done. The interview can be read from now on; follow-ups finish it.
    pub(super) async fn leave(&self, work: &Work) -> Done {
        let (claim, mut answer) = (&work.claim.value, Self::not_yet(work));
        let is_late = self.parts.clock.now().duration_since(claim.accepted_at) > ALARM_AFTER;
        if is_late && !work.is_holding() {
            metrics::count(Metric::UnsettledClaims, 1);
            error!(alarm = "unsettled-claim", claim.id = %claim.id, "The outcome of {} is still unknown", claim.id);
        }
        if let (Command::Create { details, when, options }, None) = (&work.command, &work.interview)
            && let Ok(mut interview) = self.draft(work, when, options)
        {
            interview.generation += 1;
            // The calls that were made are stored by whoever called us, under the same name.
            let proof = self.access.entry(&work.ledger, work.whose(Some(&interview.id)));
            self.note(work, &mut interview, (answer.status, None), proof.as_ref());
            let binding = Binding::details(&interview);
            interview.sealed = Some(seal_json(&work.key, &binding, details, self.parts.entropy.as_ref()));
            // A failure here costs only the early view: the claim holds all that follow-ups need.
            let put = self.parts.store.interviews.put_new(&interview, self.keep_for).await;
            put.best_effort("show an interview that is not settled");
            answer.body = super::view::answer(202, &interview, details, &self.public_url).body;
        } else if let Some(interview) = &work.interview
            && let Ok(details) = self.open(&work.key, &interview.value)
        {
            answer.body = super::view::answer(202, &interview.value, &details, &self.public_url).body;
        }
        Done::Later(answer)
    }

    pub(super) fn not_yet(work: &Work) -> StoredAnswer {
        let id = &work.claim.value.interview;
        StoredAnswer {
            status: 202,
            body: format!("{{\"id\":\"{id}\",\"status\":\"scheduling\"}}"),
            content_type: "application/json".to_owned(),
            etag: None,
        }
    }

    /// Nothing was written this time. If nobody may have written before either, the claim is given up; if it can
    /// never be done, it has failed; else follow-ups go on.
    pub(super) async fn stop(&self, work: Work, problem: Problem) -> Result<Done, Problem> {
        if !work.is_begun() {
            let proof = self.access.entry(&work.ledger, work.whose(work.known()));
            return match self.parts.store.claims.release(&work.claim, proof.as_ref()).await {
                Ok(()) => {
                    work.ledger.stored(proof.as_ref());
                    Err(problem)
                }
                Err(SaveError::Store(_)) => Err(problem),
                Err(SaveError::Stale) => match self.held(&work).await? {
                    Held::Settled(answer) => Ok(Done::Answered(answer)),
                    Held::Yes | Held::No => Err(problem),
                },
            };
        }
        let ended = matches!(
            work.connection.value.status(),
            Connection::NeedsReauth | Connection::Revoked | Connection::Disconnected
        );
        let for_good = matches!(
            problem.code,
            Code::NotFound
                | Code::InterviewNotActive
                | Code::TeamsBlockNotFound
                | Code::OrganizerChanged
                | Code::InvalidRequest
        );
        let now = self.parts.clock.now();
        let is_over = match &work.interview {
            // A room may be silent for days.
            Some(read) if read.value.holding => read.value.when.start <= now,
            _ => now.duration_since(work.claim.value.accepted_at) > GIVE_UP_AFTER,
        };
        if ended || for_good || is_over {
            self.settle_refused(work, problem, false).await
        } else {
            Ok(self.leave(&work).await)
        }
    }
}

impl Done {
    /// The answer to send, and the time to wait before asking again.
    pub fn into_parts(self) -> (StoredAnswer, Option<Duration>) {
        match self {
            Self::Answered(answer) => (answer, None),
            Self::Later(answer) => (answer, Some(ASK_AGAIN)),
        }
    }
}
