//! Holds a room before anybody hears of the interview.
//!
//! The event is made with the room alone, and the claim stays open until the room has answered. Follow-ups look
//! again and again, and so does a repeat by the client. Each look decides from what Outlook shows: no event, make it;
//! the room is silent, wait; it said no, put the next one in; it said yes, invite the people by a change of the
//! attendees alone; the people are in, settle. So it does not matter who died where.

use jiff::{SignedDuration, Timestamp};
use tracing::warn;

use super::create::{FIRST_LOOK, await_link, refused};
use super::watch::{gone, take_answer};
use super::{Done, Outcome, Scheduling, Settled, Stop, Work, graph_problem};
use crate::access::Usable;
use crate::domain::attendees::{Said, all_asked};
use crate::domain::claim::{Claim, Command};
use crate::domain::customer::CalendarChoice;
use crate::domain::ids::ClaimId;
use crate::domain::interview::{
    Answer, Details, Errand, Event, Interview, Look, Role, RoomState, Status, Trouble,
};
use crate::microsoft::{Deadline, EventChange, Gone, GraphError, Located, NewEvent, Target};
use crate::problem::{Code, Fault, Problem};
use crate::store::BestEffort;
use crate::vault::{Binding, seal_json};

/// Minutes until the next look while the room is silent, by how often it was looked; then the last one for ever.
const WAITS: [i64; 5] = [1, 1, 2, 5, 15];
/// One look takes no more changes than this: a room, the people, and somebody in between each time.
const STEPS: usize = 6;

/// What a look leads to.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    /// The people are invited.
    Done,
    /// The room has yet to answer.
    Wait,
    /// The room said yes.
    Invite,
    /// The room said no: the one at this place is next.
    Ask(usize),
    /// No room said yes.
    GiveUp,
}

fn step(details: &Details, event: &Event, claim: &ClaimId, is_over: bool) -> Step {
    let everybody = details.attendees();
    // They are put in together, by a change that says so on the event. One is enough: Outlook may show somebody under
    // another address.
    let mut people = everybody.iter().filter(|attendee| attendee.role != Role::Resource);
    let is_marked = event.changed_by.as_deref() == Some(claim.as_str());
    if is_marked || people.any(|attendee| details.aliases.find(event, &attendee.email).is_some()) {
        return Step::Done;
    }
    match details.room_says(event) {
        _ if is_over => Step::GiveUp,
        Said::Answered(Answer::Accepted) => Step::Invite,
        // A room that is not shown has not said no.
        Said::Absent | Said::Answered(Answer::None | Answer::Tentative) => Step::Wait,
        Said::Answered(Answer::Declined) => details.next_room().map_or(Step::GiveUp, Step::Ask),
    }
}

/// Refuses to hold a room in a calendar where Outlook tallies no answers: whether it said yes would never be known.
pub fn check_hold(command: &Command, calendar: CalendarChoice) -> Result<(), Problem> {
    let holds = matches!(command, Command::Create { options, .. } if options.hold_room);
    if !holds || calendar == CalendarChoice::Primary {
        return Ok(());
    }
    let why = "is not possible while the company puts interviews into the scheduler calendar, where Outlook shows no \
               answer of a room";
    Err(Problem::invalid(Code::InvalidRequest, vec![Fault::at("/hold_room", why)]))
}

impl Scheduling {
    pub(super) async fn hold(&self, work: &Work, deadline: Deadline) -> Result<Outcome, Stop> {
        let mut end = self.begun_hold(work)?;
        if !matches!(end.interview.status, Status::Scheduling | Status::AwaitingRoom) {
            // Called off while it was held: that is the answer.
            return Ok(end);
        }
        let usable = self.token(work, deadline).await?;
        if end.interview.outlook.is_none()
            && let Some(free) = self.check_slot(&usable, work, deadline).await?
        {
            end.details.begin_with(free);
        }
        let (usable, found) = match self.held_event(&usable, work, &end, deadline).await {
            Err(GraphError::Unauthorized(_)) => {
                let usable = self.another_token(usable, work, deadline).await?;
                let found = self.held_event(&usable, work, &end, deadline).await;
                (usable, found.map_err(refused)?)
            }
            other => (usable, other.map_err(refused)?),
        };
        let mut event = match found {
            Located::Present(event) => *event,
            Located::Gone(proof) => return Ok(self.removed(end, &proof)),
        };
        if end.interview.outlook.is_none() {
            end.details.aliases.adopt(&all_asked(end.details.room_only()), &event);
        }
        let claim = &work.claim.value.id;
        for _ in 0..STEPS {
            let now = self.parts.clock.now();
            note(&mut end, &event, now);
            let next = step(&end.details, &event, claim, end.interview.when.start <= now);
            let (attendees, room) = match next {
                Step::Done => return Ok(self.invited(&usable, end, event, deadline).await),
                Step::Wait => return Err(Stop::Held(Box::new(waiting(end)))),
                Step::GiveUp => {
                    return Err(failed(end, Trouble::RoomDeclined, Code::RoomDeclined.into(), now));
                }
                Step::Invite => (end.details.with_people(&event), None),
                Step::Ask(at) => (end.details.with_room(&event, at), end.details.rooms.get(at)),
            };
            let change = EventChange {
                attendees: Some(&attendees),
                room: room.map(Some),
                if_match: event.etag.as_deref(),
                claim: (next == Step::Invite).then_some(claim),
                ..EventChange::default()
            };
            let doubt = match self.graph.change_event(&usable.token, &event.id, &change, deadline).await {
                Ok(changed) => {
                    end.details.aliases.adopt(&attendees, &changed);
                    if next == Step::Invite {
                        return Ok(self.invited(&usable, end, changed, deadline).await);
                    }
                    event = changed;
                    continue;
                }
                Err(GraphError::Stale(_)) => None,
                Err(GraphError::NotFound(evidence)) => Some(evidence),
                Err(error @ GraphError::Refused(_)) => {
                    return Err(failed(end, Trouble::Refused, graph_problem(&error), now));
                }
                Err(error) => return Err(error.into()),
            };
            match self.graph.locate(&usable.token, Target::of(&end.interview), doubt, deadline).await? {
                Located::Present(again) => event = *again,
                Located::Gone(proof) => return Ok(self.removed(end, &proof)),
            }
        }
        Err(Stop::Unclear)
    }

    /// The interview as far as it was stored, or as it was asked for.
    fn begun_hold(&self, work: &Work) -> Result<Outcome, Stop> {
        let Command::Create { details, when, options } = &work.command else {
            return Err(Stop::Final(Code::InternalError.into()));
        };
        match &work.interview {
            Some(stored) => {
                let details = self.open(&work.key, &stored.value).map_err(Stop::Harmless)?;
                Ok(Outcome { interview: stored.value.clone(), details })
            }
            None => Ok(Outcome { interview: self.draft(work, when, options)?, details: details.clone() }),
        }
    }

    /// The event that holds the room, made if it was not.
    async fn held_event(
        &self,
        usable: &Usable,
        work: &Work,
        end: &Outcome,
        deadline: Deadline,
    ) -> Result<Located, GraphError> {
        if end.interview.outlook.is_some() {
            return self.graph.locate(&usable.token, Target::of(&end.interview), None, deadline).await;
        }
        let Interview { when, options, .. } = &end.interview;
        let (claim, details) = (&work.claim.value.id, &end.details);
        let new = NewEvent { claim, details, when, options, room_only: true, calendar: None };
        let event = self.found_or_made(usable, work, new, deadline).await?.0;
        Ok(Gone::shown_by(&event).map_or_else(|| Located::Present(Box::new(event)), Located::Gone))
    }

    async fn invited(&self, usable: &Usable, mut end: Outcome, event: Event, deadline: Deadline) -> Outcome {
        let event = self.with_link(usable, event, deadline).await;
        let now = self.parts.clock.now();
        let interview = &mut end.interview;
        let stored = interview.generation > 0;
        interview.saw(&mut end.details, &event, Look::Other, now);
        (interview.holding, interview.errand) = (false, None);
        (interview.status, interview.room) = (Status::AwaitingRoom, Some(RoomState::Pending));
        take_answer(interview, &end.details, &event, now);
        if interview.room == Some(RoomState::Pending) {
            interview.errand = Some((Errand::Room, now + FIRST_LOOK, 0));
        }
        end.details.join_url.clone_from(&event.join_url);
        let no_link = interview.options.teams && event.join_url.is_none();
        interview.trouble = no_link.then_some(Trouble::TeamsNotAvailable);
        await_link(interview, &event, now);
        if stored {
            interview.touch(now);
        }
        end
    }

    /// The event was taken out of the calendar.
    fn removed(&self, mut end: Outcome, proof: &Gone) -> Outcome {
        let now = self.parts.clock.now();
        gone(&mut end.interview, proof, now);
        end.interview.touch(now);
        end
    }

    /// Stores how far it has come. The claim stays open, and is free again when it is time for the next look.
    pub(super) async fn hold_on(&self, work: &Work, mut end: Outcome) -> Done {
        let (now, claim) = (self.parts.clock.now(), &work.claim.value);
        let before = work.interview.as_ref();
        let room = |i: &Interview| self.open(&work.key, i).ok().and_then(|d| d.room().cloned());
        let is_new =
            before.is_none_or(|read| !read.value.holding || room(&read.value).as_ref() != end.details.room());
        let proof = self.access.entry(&work.ledger, work.whose(Some(&end.interview.id)));
        if is_new {
            if before.is_some() {
                end.interview.touch(now);
            }
            self.note(work, &mut end.interview, (202, None), proof.as_ref());
            end.interview.generation += 1;
            let binding = Binding::details(&end.interview);
            let sealed = seal_json(&work.key, &binding, &end.details, self.parts.entropy.as_ref());
            end.interview.sealed = Some(sealed);
            let interviews = &self.parts.store.interviews;
            let saved = match before {
                None => interviews.put_new(&end.interview, self.keep_for).await,
                Some(read) => interviews.save_if_unchanged(read, &end.interview, self.keep_for, None).await,
            };
            if !saved.best_effort("show an interview that waits for its room") {
                // The claim is free again after its time, and the event tells how far it came.
                return Done::Later(Self::not_yet(work));
            }
        }
        let looks = usize::try_from(claim.attempts).unwrap_or(usize::MAX).min(WAITS.len()).max(1);
        let wait = if is_new { FIRST_LOOK } else { SignedDuration::from_mins(WAITS[looks - 1]) };
        let free = Claim { busy_until: now + wait, ..claim.clone() };
        // Should this fail, it is free a little earlier or later.
        let freed = self.parts.store.claims.change(&work.claim, &free, proof.as_ref()).await;
        if freed.best_effort("free a claim that waits for its room") {
            work.ledger.stored(proof.as_ref());
        }
        let mut answer = Self::not_yet(work);
        answer.body = super::view::answer(202, &end.interview, &end.details, &self.public_url).body;
        Done::Later(answer)
    }

    /// Stores that it came to nothing, then removes the event, so that the room is free again. Follow-ups do
    /// that should it not succeed now.
    pub(super) async fn fail(
        &self,
        work: &Work,
        end: Outcome,
        problem: &Problem,
        deadline: Deadline,
    ) -> Settled {
        let settled = self.settle_as(work, end, Some(problem)).await;
        if let (Settled::Done(Done::Answered(_)), Ok(Some(read))) = (&settled, self.stored(work).await)
            && read.value.errand.is_some_and(|(errand, ..)| errand == Errand::Release)
        {
            let removed = self.release(&read, work.connection.clone(), &work.key, deadline).await;
            if let Err(problem) = removed {
                let code = problem.code.entry().code;
                warn!(code, "The event of {} stays for follow-ups to remove: {code}", read.value.id);
            }
        }
        settled
    }
}

fn note(end: &mut Outcome, event: &Event, now: Timestamp) {
    end.details.adopt(event);
    let look = if end.interview.outlook.is_none() { Look::TimesWritten } else { Look::Other };
    end.interview.saw(&mut end.details, event, look, now);
    // The location is changed along with the room.
    end.details.asking.told = end.details.room().cloned();
}

fn waiting(mut end: Outcome) -> Outcome {
    end.interview.status = Status::AwaitingRoom;
    end.interview.room = Some(RoomState::Pending);
    end.interview.holding = true;
    end
}

fn failed(mut end: Outcome, trouble: Trouble, problem: Problem, now: Timestamp) -> Stop {
    let interview = &mut end.interview;
    if interview.generation > 0 {
        interview.touch(now);
    }
    interview.room = Some(RoomState::Declined).filter(|_| trouble == Trouble::RoomDeclined);
    interview.fail(trouble, now + FIRST_LOOK, false);
    Stop::Failed(Box::new(end), Box::new(problem))
}

#[cfg(test)]
#[path = "hold_tests.rs"]
mod tests;
