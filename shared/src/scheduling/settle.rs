//! The ends of a claim: answered and stored, left to follow-ups, or given up.

use std::time::Duration;

use super::view::answer;
use super::{Done, Outcome, Scheduling, Work, problem_answer};
use crate::access::store_problem;
use crate::domain::claim::{Claim, Command, StoredAnswer};
use crate::domain::connection::{Status as Connection, USE_NOTED_EVERY};
use crate::domain::interview::{Interview, Status, Trouble};
use crate::problem::{Code, Problem};
use crate::store::{SaveError, Settlement, Versioned};
use crate::vault::{Binding, open_json, seal_json};

/// A stale interview is read again so often.
const TRIES: usize = 3;
/// When to ask again after a 202.
const ASK_AGAIN: Duration = Duration::from_secs(30);

impl Scheduling {
    /// Stores the interview and the answer together.
    pub(super) async fn settle(&self, mut work: Work, mut end: Outcome) -> Result<Done, Problem> {
        for _ in 0..TRIES {
            let answer = self.seal(&work, &mut end);
            let settlement = Settlement {
                claim: &work.claim,
                answer: seal_json(
                    &work.key,
                    &Binding::answer(&work.claim.value),
                    &answer,
                    self.parts.entropy.as_ref(),
                ),
                interview: &end.interview,
                read: work.interview.as_ref().map(|i| i.version),
                keep_for: self.keep_for,
                used: self.use_to_note(&work),
            };
            match self.parts.store.claims.settle(settlement).await {
                Ok(()) => return Ok(Done::Answered(answer)),
                Err(SaveError::Store(_)) => return self.leave(work).await,
                Err(SaveError::Stale) => {}
            }
            // Somebody settled this claim, or changed the interview: the one is our answer, the other our ground.
            if let Some(done) = self.settled_by_another(&work).await? {
                return Ok(done);
            }
            work.interview = self.stored(&work).await?;
            if let Some(current) = &work.interview {
                end.interview.version = current.value.version;
                end.interview.generation = current.value.generation;
            }
        }
        self.leave(work).await
    }

    /// Counts the change, seals the details anew, and gives the answer.
    fn seal(&self, work: &Work, end: &mut Outcome) -> StoredAnswer {
        let interview = &mut end.interview;
        if work.interview.is_some() && !matches!(work.command, Command::Create { .. }) {
            interview.touch(self.parts.clock.now());
        }
        interview.generation += 1;
        let binding = Binding::details(interview);
        let sealed = seal_json(&work.key, &binding, &end.details, self.parts.entropy.as_ref());
        interview.sealed = Some(sealed);
        let status = if matches!(work.command, Command::Create { .. }) { 201 } else { 200 };
        answer(status, interview, &end.details, &self.public_url)
    }

    fn use_to_note<'a>(&self, work: &'a Work) -> Option<(&'a crate::domain::ids::UserId, jiff::Timestamp)> {
        let (now, connection) = (self.parts.clock.now(), &work.connection.value);
        let noted = connection.last_used.is_some_and(|used| now.duration_since(used) < USE_NOTED_EVERY);
        (!noted).then_some((&connection.user, now))
    }

    async fn settled_by_another(&self, work: &Work) -> Result<Option<Done>, Problem> {
        let found = self.parts.store.claims.get(&work.claim.value.key).await.map_err(store_problem)?;
        let Some(claim) = found.filter(|claim| claim.value.settled && claim.value.id == work.claim.value.id)
        else {
            return Ok(None);
        };
        Ok(Some(Done::Answered(self.stored_answer(&work.key, &claim.value)?)))
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

    async fn stored(&self, work: &Work) -> Result<Option<Versioned<Interview>>, Problem> {
        let claim = &work.claim.value;
        self.parts.store.interviews.get(&claim.key.customer, &claim.interview).await.map_err(store_problem)
    }

    /// Microsoft refused for good: the answer is stored; an interview that was promised has failed.
    pub(super) async fn settle_refused(&self, mut work: Work, problem: Problem) -> Result<Done, Problem> {
        let answer = problem_answer(&problem, &self.public_url, work.claim.value.id.as_str());
        let sealed =
            seal_json(&work.key, &Binding::answer(&work.claim.value), &answer, self.parts.entropy.as_ref());
        let promised = work.interview.take().filter(|i| i.value.status == Status::Scheduling);
        let saved = match promised {
            None => self.parts.store.claims.settle_claim(&work.claim, sealed).await.map(drop),
            Some(read) => {
                let mut interview = read.value;
                interview.status = Status::Failed;
                interview.trouble = Some(Trouble::Refused);
                interview.touch(self.parts.clock.now());
                let settlement = Settlement {
                    claim: &work.claim,
                    answer: sealed,
                    interview: &interview,
                    read: Some(read.version),
                    keep_for: self.keep_for,
                    used: None,
                };
                self.parts.store.claims.settle(settlement).await
            }
        };
        match saved {
            Ok(()) => Ok(Done::Answered(answer)),
            Err(_) => match self.settled_by_another(&work).await? {
                Some(done) => Ok(done),
                None => Ok(Done::Later(self.not_yet(&work))),
            },
        }
    }

    /// Nobody knows whether it was done. The interview can be read from now on; follow-ups finish it.
    pub(super) async fn leave(&self, work: Work) -> Result<Done, Problem> {
        let mut answer = self.not_yet(&work);
        if let (Command::Create { details, when, options }, None) = (&work.command, &work.interview)
            && let Ok(mut interview) = self.draft(&work, when, options)
        {
            interview.generation += 1;
            let binding = Binding::details(&interview);
            interview.sealed = Some(seal_json(&work.key, &binding, details, self.parts.entropy.as_ref()));
            // A failure here costs only the early view: the claim holds all that follow-ups need.
            let _ = self.parts.store.interviews.put_new(&interview, self.keep_for).await;
            answer.body = super::view::answer(202, &interview, details, &self.public_url).body;
        } else if let Some(interview) = &work.interview
            && let Ok(details) = self.open(&work.key, &interview.value)
        {
            answer.body = super::view::answer(202, &interview.value, &details, &self.public_url).body;
        }
        Ok(Done::Later(answer))
    }

    fn not_yet(&self, work: &Work) -> StoredAnswer {
        let id = &work.claim.value.interview;
        StoredAnswer {
            status: 202,
            body: format!("{{\"id\":\"{id}\",\"status\":\"scheduling\"}}"),
            content_type: "application/json".to_owned(),
            etag: None,
        }
    }

    /// Nothing was written this time. If nobody may have written before either, the claim is given up; if the
    /// organiser's access is gone for good, it has failed; else follow-ups go on.
    pub(super) async fn stop(&self, work: Work, problem: Problem) -> Result<Done, Problem> {
        if !work.taken_over() {
            return match self.parts.store.claims.release(&work.claim).await {
                Ok(()) => Err(problem),
                Err(SaveError::Stale) => self.settled_by_another(&work).await?.ok_or(problem),
                Err(SaveError::Store(_)) => Err(problem),
            };
        }
        let ended = matches!(
            work.connection.value.status(),
            Connection::NeedsReauth | Connection::Revoked | Connection::Disconnected
        );
        let for_good = matches!(problem.code, Code::NotFound | Code::EventMissing | Code::TeamsBlockNotFound);
        if ended || for_good { self.settle_refused(work, problem).await } else { self.leave(work).await }
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
