//! Moves the event: start and end, nothing else, so that text and Teams link stay.

use super::create::{await_link, await_room, seen};
use super::{Outcome, Scheduling, Stop, Work};
use crate::access::Usable;
use crate::domain::ids::ClaimId;
use crate::domain::interview::{Details, Event, EventState, Interview, RoomState, Status, Trouble};
use crate::domain::time::When;
use crate::microsoft::{Deadline, EventChange, GraphError, GraphEvidence};
use crate::problem::{Code, Problem};

impl Scheduling {
    pub(super) async fn reschedule(
        &self,
        work: &Work,
        when: &When,
        deadline: Deadline,
    ) -> Result<Outcome, Stop> {
        let (interview, mut details) = self.changeable(work)?;
        let id = event_id(&interview)?;
        // Everybody is mailed anyhow: so they hear of the room that took the place of another.
        let room = details.is_told_otherwise().then(|| details.room().cloned());
        let change = EventChange {
            when: Some(when),
            room: room.as_ref().map(Option::as_ref),
            ..EventChange::default()
        };
        let usable = self.token(work, deadline).await?;
        self.check_slot(&usable, work, deadline).await?;
        let (usable, event) = match self.moved(&usable, work, (&id, &change), deadline).await {
            Err(GraphError::Unauthorized(_)) => {
                let usable = self.another_token(usable, work, deadline).await?;
                let event = self.moved(&usable, work, (&id, &change), deadline).await.map_err(gone)?;
                (usable, event)
            }
            other => (usable, other.map_err(gone)?),
        };
        let Some(event) = event else { return Err(superseded()) };
        let event = self.with_link(&usable, event, deadline).await;
        let (now, before) = (self.parts.clock.now(), interview.when.clone());
        if let Some(room) = room {
            details.asking.told = room;
        }
        let mut outcome = self.seen_again(interview, details, &event);
        outcome.interview.move_to(when, now);
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

    /// The event at its new time: as it is, if it was moved before; none, if a newer move took the place of this
    /// one, which must not be undone.
    async fn moved(
        &self,
        usable: &Usable,
        work: &Work,
        (id, change): (&str, &EventChange<'_>),
        deadline: Deadline,
    ) -> Result<Option<Event>, GraphError> {
        if work.is_begun() {
            let event = self.graph.event(&usable.token, id, deadline).await?;
            let event = event.ok_or_else(|| GraphError::NotFound(GraphEvidence::default()))?;
            if change.shows_in(&event) {
                return Ok(Some(event));
            }
            let last = work.interview.as_ref().and_then(|found| found.value.moved_by.as_ref());
            if last.is_some_and(|last| *last > work.claim.value.id) {
                return Ok(None);
            }
        }
        self.graph.change_event(&usable.token, id, change, deadline).await.map(Some)
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
            Status::Cancelled | Status::Failed => Err(Stop::Harmless(Code::EventMissing.into())),
        }
    }

    /// The interview after Outlook showed its event again: the join URL is compared with the one it had.
    pub(super) fn seen_again(
        &self,
        mut interview: Interview,
        mut details: Details,
        event: &Event,
    ) -> Outcome {
        let now = self.parts.clock.now();
        interview.outlook = Some(seen(event, now));
        interview.trouble = match (&details.join_url, &event.join_url) {
            (Some(before), Some(after)) if before != after => Some(Trouble::JoinUrlChanged),
            (Some(_), None) => Some(Trouble::TeamsNotAvailable),
            (None, None) if interview.options.teams => Some(Trouble::TeamsNotAvailable),
            _ => None,
        };
        details.join_url.clone_from(&event.join_url);
        details.adopt(event);
        Outcome { interview, details }
    }
}

/// The event's id; an interview that has none has no event.
pub(super) fn event_id(interview: &Interview) -> Result<String, Stop> {
    let present = interview.outlook.as_ref().filter(|outlook| outlook.state == EventState::Present);
    present.map(|outlook| outlook.event_id.clone()).ok_or_else(|| Stop::Harmless(Code::EventMissing.into()))
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

/// An event that is gone does not come back: that answer is final.
pub(super) fn gone(error: GraphError) -> Stop {
    match error {
        GraphError::NotFound(_) => Stop::Final(super::graph_problem(&error)),
        other => other.into(),
    }
}
