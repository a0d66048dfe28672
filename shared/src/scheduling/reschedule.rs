//! Moves the event: start and end, so that text and Teams link stay. A comment is put on top of the text, for Graph has
//! none on a change: then the event is read first, and what is written back is its own text with that paragraph.

use super::create::{await_link, await_room};
use super::watch::gone;
use super::{Outcome, Scheduling, Stop, Work};
use crate::access::Usable;
use crate::domain::claim::Command;
use crate::domain::html::with_note;
use crate::domain::ids::ClaimId;
use crate::domain::interview::{Details, Event, EventState, Interview, Look, RoomState, Status, Trouble};
use crate::domain::time::When;
use crate::microsoft::{Deadline, EventChange, Gone, GraphError, GraphEvidence, Located, Target};
use crate::problem::{Code, Problem};

/// An event may be changed, or found under another id, so often before it is left to follow-ups.
const TRIES: usize = 3;

/// What a move came to.
enum Moved {
    /// The event at its new time: as it is, if it was moved before.
    To(Box<Event>),
    /// A newer move took the place of this one, which must not be undone.
    Superseded,
    Gone(Gone),
}

impl Scheduling {
    pub(super) async fn reschedule(
        &self,
        work: &Work,
        (when, comment): (&When, Option<&str>),
        deadline: Deadline,
    ) -> Result<Outcome, Stop> {
        let (mut interview, mut details) = self.changeable(work)?;
        event_id(&interview)?;
        // Everybody is mailed anyhow: so they hear of the room that took the place of another.
        let room = details.is_told_otherwise().then(|| details.room().cloned());
        let change = EventChange {
            when: Some(when),
            room: room.as_ref().map(Option::as_ref),
            ..EventChange::default()
        };
        let usable = self.token(work, deadline).await?;
        self.check_slot(&usable, work, deadline).await?;
        let (usable, moved) = match self.moved(&usable, work, (&interview, change, comment), deadline).await {
            Err(GraphError::Unauthorized(_)) => {
                let usable = self.another_token(usable, work, deadline).await?;
                let moved = self.moved(&usable, work, (&interview, change, comment), deadline).await?;
                (usable, moved)
            }
            other => (usable, other?),
        };
        let event = match moved {
            Moved::To(event) => *event,
            Moved::Superseded => return Err(superseded()),
            Moved::Gone(proof) => return Err(self.vanished(interview, details, &proof)),
        };
        let event = self.with_link(&usable, event, deadline).await;
        let (now, before) = (self.parts.clock.now(), interview.when.clone());
        if let Some(room) = room {
            details.asking.told = room;
        }
        interview.move_to(when, now);
        let mut outcome = self.seen_again(interview, details, &event, Look::TimesWritten);
        outcome.interview.moved_by = Some(newest(outcome.interview.moved_by, &work.claim.value.id));
        // A room that kept its time keeps its answer.
        if before != *when {
            outcome.details.begin_round();
        }
        if before != *when || outcome.interview.room == Some(RoomState::Pending) {
            await_room(&mut outcome.interview, &outcome.details, now);
        }
        await_link(&mut outcome.interview, &event, now);
        Ok(outcome)
    }

    async fn moved(
        &self,
        usable: &Usable,
        work: &Work,
        (interview, change, comment): (&Interview, EventChange<'_>, Option<&str>),
        deadline: Deadline,
    ) -> Result<Moved, GraphError> {
        let (claim, mut known) = (&work.claim.value.id, None);
        let change = EventChange { claim: comment.map(|_| claim), ..change };
        if work.is_begun() || comment.is_some() {
            match self.located(usable, work, Target::of(interview), deadline).await? {
                Located::Gone(proof) => return Ok(Moved::Gone(proof)),
                Located::Present(event) => known = Some(event),
            }
        }
        if let Some(event) = known.as_ref().filter(|_| work.is_begun()) {
            if change.shows_in(event) {
                return Ok(Moved::To(event.clone()));
            }
            if interview.moved_by.as_ref().is_some_and(|last| last > claim) {
                return Ok(Moved::Superseded);
            }
        }
        let mut id = known.as_ref().map_or_else(|| stored_id(interview), |event| event.id.clone());
        for _ in 0..TRIES {
            let body = known.as_ref().zip(comment).map(|(event, note)| with_note(&event.body_html, note));
            // What was read is written back, so it must not have changed in between.
            let if_match = known.as_ref().filter(|_| body.is_some()).and_then(|event| event.etag.as_deref());
            let change = EventChange { body_html: body.as_deref(), if_match, ..change };
            let doubt = match self.graph.change_event(&usable.token, &id, &change, deadline).await {
                Ok(event) => return Ok(Moved::To(Box::new(event))),
                Err(GraphError::NotFound(evidence)) => Some(evidence),
                Err(GraphError::Stale(_)) if body.is_some() => None,
                Err(error) => return Err(error),
            };
            let target = Target { id: Some(&id), ..Target::of(interview) };
            match self.doubted(usable, work, (target, doubt), deadline).await? {
                Located::Gone(proof) => return Ok(Moved::Gone(proof)),
                Located::Present(event) => {
                    id.clone_from(&event.id);
                    known = Some(event);
                }
            }
        }
        Err(GraphError::Unclear(None))
    }

    /// The event of a change. Where an earlier holder of the claim may have written, a look that fails leaves that open.
    pub(super) async fn located(
        &self,
        usable: &Usable,
        work: &Work,
        target: Target<'_>,
        deadline: Deadline,
    ) -> Result<Located, GraphError> {
        self.doubted(usable, work, (target, None), deadline).await
    }

    /// The same after a call that did not find the event.
    pub(super) async fn doubted(
        &self,
        usable: &Usable,
        work: &Work,
        (target, doubt): (Target<'_>, Option<GraphEvidence>),
        deadline: Deadline,
    ) -> Result<Located, GraphError> {
        let found = self.graph.locate(&usable.token, target, doubt, deadline).await;
        if work.is_begun() { found.map_err(GraphError::of_a_look) } else { found }
    }

    /// The end of an interview whose event is proven to be gone: that is stored along with the answer, so that a read
    /// says the same.
    pub(super) fn vanished(&self, mut interview: Interview, details: Details, proof: &Gone) -> Stop {
        gone(&mut interview, proof, self.parts.clock.now());
        let problem = Problem::from(Code::EventMissing);
        let problem = proof.evidence().map_or(problem.clone(), |said| problem.said_by(said.into()));
        Stop::Failed(Box::new(Outcome { interview, details }), Box::new(problem))
    }

    /// The interview of a change, open, if it can be changed.
    pub(super) fn changeable(&self, work: &Work) -> Result<(Interview, Details), Stop> {
        let stored = work.interview.as_ref().ok_or_else(|| Stop::Harmless(Code::NotFound.into()))?;
        let details = self.open(&work.key, &stored.value).map_err(Stop::Harmless)?;
        match stored.value.status {
            Status::AwaitingRoom if stored.value.holding => {
                let why = "The room that is held has not answered: cancel the interview, or wait.";
                Err(Stop::Harmless(Problem::from(Code::IdempotencyKeyInProgress).because(why)))
            }
            Status::Scheduled | Status::AwaitingRoom => Ok((stored.value.clone(), details)),
            Status::Scheduling => Err(Stop::Harmless(Code::IdempotencyKeyInProgress.into())),
            Status::Cancelled | Status::Failed => Err(Stop::Harmless(Code::InterviewNotActive.into())),
        }
    }

    /// The interview after Outlook showed its event again: the join URL is compared with the one it had.
    pub(super) fn seen_again(
        &self,
        mut interview: Interview,
        mut details: Details,
        event: &Event,
        look: Look,
    ) -> Outcome {
        interview.trouble = match (&details.join_url, &event.join_url) {
            (Some(before), Some(after)) if before != after => Some(Trouble::JoinUrlChanged),
            (Some(_), None) => Some(Trouble::TeamsNotAvailable),
            (None, None) if interview.options.teams => Some(Trouble::TeamsNotAvailable),
            _ => None,
        };
        details.join_url.clone_from(&event.join_url);
        details.adopt(event);
        interview.saw(&mut details, event, look, self.parts.clock.now());
        Outcome { interview, details }
    }
}

/// Refuses to change what is cancelled or came to nothing, whatever the connection is like.
pub fn check_active(command: &Command, interview: Option<&Interview>) -> Result<(), Problem> {
    let changes = matches!(command, Command::Reschedule { .. } | Command::Patch(_));
    let is_over = interview.is_some_and(|found| matches!(found.status, Status::Cancelled | Status::Failed));
    if changes && is_over { Err(Code::InterviewNotActive.into()) } else { Ok(()) }
}

/// The event's id; an interview that has none has no event.
pub(super) fn event_id(interview: &Interview) -> Result<String, Stop> {
    let present = interview.outlook.as_ref().filter(|outlook| outlook.state == EventState::Present);
    present
        .map(|outlook| outlook.event_id.clone())
        .ok_or_else(|| Stop::Harmless(Code::InterviewNotActive.into()))
}

fn stored_id(interview: &Interview) -> String {
    interview.outlook.as_ref().map(|outlook| outlook.event_id.clone()).unwrap_or_default()
}

/// The later one of two changes; ids are in the order of time.
pub(super) fn newest(last: Option<ClaimId>, this: &ClaimId) -> ClaimId {
    last.filter(|last| last > this).unwrap_or_else(|| this.clone())
}

/// A change that was left open, and then overtaken.
pub(super) fn superseded() -> Stop {
    let problem = Problem::from(Code::VersionMismatch);
    Stop::Final(problem.because("A later change of the interview took the place of this one."))
}
