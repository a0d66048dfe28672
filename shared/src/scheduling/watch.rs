//! Asks Outlook for what was still open when the interview was settled: the room's answer, the Teams link.

use jiff::{SignedDuration, Timestamp};

use super::{Outcome, Scheduling};
use crate::access::Usable;
use crate::domain::attendees::{Invited, Said};
use crate::domain::connection::Connection;
use crate::domain::history::What;
use crate::domain::interview::{
    Answer, Details, Errand, Event, EventState, Interview, Look, Outlook, RoomState, Status, Trouble,
};
use crate::domain::proof_log::{Ledger, Whose};
use crate::microsoft::{Deadline, EventChange, Gone, GraphError, Located, Target};
use crate::problem::Problem;
use crate::scheduling::graph_problem;
use crate::store::{SaveError, Versioned};
use crate::vault::{Binding, CustomerKey, seal_json};

/// Minutes until the next look, by how often it was looked; then the last one for ever.
const WAITS: [i64; 7] = [1, 1, 2, 5, 15, 30, 60];
/// A link that is not there by then does not come.
const LINK_TRIES: u32 = 6;
/// A list of attendees without any room is believed after so many looks in a row.
const LOOKS_WITHOUT_ROOM: u32 = 3;

impl Scheduling {
    /// Looks once and stores what was seen. True if clients can see a change.
    pub async fn watch(
        &self,
        read: &Versioned<Interview>,
        connection: Versioned<Connection>,
        key: &CustomerKey,
        deadline: Deadline,
    ) -> Result<bool, Problem> {
        if read.value.errand.is_some_and(|(errand, ..)| errand == Errand::Release) {
            return self.release(read, connection, key, deadline).await;
        }
        let details = self.open(key, &read.value)?;
        let now = self.parts.clock.now();
        let room = details.room().cloned();
        let mut end = Outcome { interview: read.value.clone(), details };
        let ledger = Ledger::default();
        let seen = self.look(&end, (connection, &ledger), key, deadline).await;
        match &seen {
            Ok((Located::Present(event), sent)) => {
                end.details.aliases.adopt(sent, event);
                apply(&mut end, event, now);
            }
            Ok((Located::Gone(proof), _)) => gone(&mut end.interview, proof, now),
            // The mailbox cannot be asked now: that says nothing, so only the next look is set.
            Err(_) => later(&mut end.interview, true, now),
        }
        let changed = visible(&end.interview) != visible(&read.value)
            || end.details.room() != room.as_ref()
            || end.details.join_url.is_some() && {
                read.value.trouble == Some(Trouble::TeamsNotAvailable) && end.interview.trouble.is_none()
            };
        if changed {
            end.interview.touch(now);
        }
        end.interview.generation += 1;
        let binding = Binding::details(&end.interview);
        end.interview.sealed = Some(seal_json(key, &binding, &end.details, self.parts.entropy.as_ref()));
        let what = changed.then_some(What::Look);
        match self.save_looked_at(read, end.interview, &ledger, what).await {
            Ok(()) => seen.map(|_| changed),
            // Whoever saved in between has set the next look himself.
            Err(SaveError::Stale) => Ok(false),
            Err(SaveError::Store(error)) => Err(crate::access::store_problem(error)),
        }
    }

    /// Saves what a look found, together with what Graph was asked; that stays on record, whoever was faster. `what`
    /// is a step of the interview's history, if clients can see that it happened.
    pub(super) async fn save_looked_at(
        &self,
        read: &Versioned<Interview>,
        mut next: Interview,
        ledger: &Ledger,
        what: Option<What>,
    ) -> Result<(), SaveError> {
        let Interview { customer, organizer, id, .. } = &read.value;
        let whose = Whose { customer, user: &organizer.user, interview: Some(id) };
        let (interviews, proof) = (&self.parts.store.interviews, self.access.entry(ledger, whose));
        if let Some(what) = what {
            next.took(what, None, proof.as_ref(), self.parts.clock.now());
        }
        let saved = interviews.save_if_unchanged(read, &next, self.keep_for, proof.as_ref()).await;
        match saved {
            Ok(_) => ledger.stored(proof.as_ref()),
            Err(_) => self.access.record(ledger, whose).await,
        }
        saved.map(drop)
    }

    async fn look(
        &self,
        end: &Outcome,
        (connection, ledger): (Versioned<Connection>, &Ledger),
        key: &CustomerKey,
        deadline: Deadline,
    ) -> Result<(Located, Vec<Invited>), Problem> {
        let usable = self.access.token(connection, key, deadline).await?.recorded_in(ledger);
        let target = Target::of(&end.interview);
        let asked = |usable: Usable| async {
            (self.graph.locate(&usable.token, target, None, deadline).await, usable)
        };
        let (found, usable) = match asked(usable).await {
            (Err(GraphError::Unauthorized(_)), usable) => {
                asked(self.access.renewed(&usable, key, deadline).await?).await
            }
            other => other,
        };
        match found.map_err(|error| graph_problem(&error))? {
            Located::Present(event) => {
                let (event, sent) = self.next_room(&usable, end, *event, deadline).await?;
                Ok((Located::Present(Box::new(event)), sent))
            }
            gone @ Located::Gone(_) => Ok((gone, Vec::new())),
        }
    }

    /// The event, and the list that was sent to put the next room in if the present one said no. Attendees alone are changed, for then only
    /// the rooms are mailed: a new location would go to everybody.
    async fn next_room(
        &self,
        usable: &Usable,
        end: &Outcome,
        event: Event,
        deadline: Deadline,
    ) -> Result<(Event, Vec<Invited>), Problem> {
        let mut details = end.details.clone();
        details.adopt(&event);
        let awaited = end.interview.room == Some(RoomState::Pending)
            && end.interview.when.start > self.parts.clock.now()
            && details.room_says(&event) == Said::Answered(Answer::Declined);
        let Some(next) = details.next_room().filter(|_| awaited) else { return Ok((event, Vec::new())) };
        let attendees = details.with_room(&event, next);
        let if_match = event.etag.as_deref();
        let change = EventChange { attendees: Some(&attendees), if_match, ..EventChange::default() };
        let changed = self.graph.change_event(&usable.token, &event.id, &change, deadline).await;
        changed.map(|event| (event, attendees)).map_err(|error| graph_problem(&error))
    }
}

/// What clients can see of it, as far as a look can change it.
fn visible(interview: &Interview) -> impl PartialEq + use<> {
    let outlook = interview.outlook.as_ref();
    let seen = outlook
        .map(|Outlook { event_id, start, end, all_day, .. }| (event_id.clone(), *start, *end, *all_day));
    (interview.status, interview.room, interview.trouble, interview.difference, seen)
}

fn apply(end: &mut Outcome, event: &Event, now: Timestamp) {
    let Outcome { interview, details } = end;
    take_link(interview, details, event);
    let asked = details.asking.at;
    details.adopt(event);
    interview.saw(details, event, Look::Other, now);
    if details.asking.at != asked {
        interview.errand = Some((Errand::Room, now, 0));
    }
    details.asking.missing = if details.shows_no_room(event) { details.asking.missing + 1 } else { 0 };
    if interview.room == Some(RoomState::Pending) {
        take_answer(interview, details, event, now);
    }
    later(interview, event.is_online, now);
}

fn take_link(interview: &mut Interview, details: &mut Details, event: &Event) {
    if details.join_url.is_none() && event.join_url.is_some() {
        details.join_url.clone_from(&event.join_url);
        interview.trouble = interview.trouble.filter(|trouble| *trouble != Trouble::TeamsNotAvailable);
    }
}

/// What the room says, and the state that follows from it.
pub(super) fn take_answer(interview: &mut Interview, details: &Details, event: &Event, now: Timestamp) {
    let is_over = interview.when.start <= now;
    interview.room = Some(match details.room_says(event) {
        Said::Answered(Answer::Accepted) => RoomState::Accepted,
        Said::Answered(Answer::Declined) => RoomState::Declined,
        // The interview has begun without an answer.
        _ if is_over => RoomState::Unknown,
        // The room was taken out by hand.
        Said::Absent if details.asking.missing >= LOOKS_WITHOUT_ROOM => RoomState::Unknown,
        // An answer that does not show the room is no answer of the room.
        Said::Absent | Said::Answered(Answer::None | Answer::Tentative) => RoomState::Pending,
    });
    if interview.room != Some(RoomState::Pending) {
        interview.status = Status::Scheduled;
    }
}

/// Sets the next look for what is still open, or none.
fn later(interview: &mut Interview, may_come: bool, now: Timestamp) {
    let looked = interview.errand.map_or(0, |(_, _, times)| times);
    let minutes = WAITS[usize::try_from(looked).unwrap_or(usize::MAX).min(WAITS.len() - 1)];
    let next = |errand| Some((errand, now + SignedDuration::from_mins(minutes), looked + 1));
    let wants_link = interview.trouble == Some(Trouble::TeamsNotAvailable) && looked < LINK_TRIES;
    interview.errand = if interview.room == Some(RoomState::Pending) {
        next(Errand::Room)
    } else if wants_link && may_come {
        next(Errand::Link)
    } else {
        None
    };
}

/// The event was removed in Outlook, and Outlook has told the people.
pub(super) fn gone(interview: &mut Interview, _proof: &Gone, now: Timestamp) {
    if let Some(outlook) = &mut interview.outlook {
        outlook.state = EventState::Absent;
        outlook.checked_at = now;
    }
    interview.status = Status::Cancelled;
    (interview.errand, interview.holding) = (None, false);
}
