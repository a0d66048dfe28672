//! Makes the event.

use std::time::Duration;

use super::watch::gone;
use super::{Outcome, Scheduling, Stop, Work};
use crate::access::Usable;
use crate::domain::attendees::all_asked;
use crate::domain::claim::Command;
use crate::domain::customer::CalendarChoice;
use crate::domain::ids::ClaimId;
use crate::domain::interview::{
    Details, Errand, Event, Interview, Look, Options, Organizer, RoomState, Status, Trouble,
};
use crate::domain::time::When;
use crate::microsoft::{Deadline, Gone, GraphError, NewEvent};
use crate::problem::Code;

/// A Teams link that is not in the answer is mostly there seconds later: it is looked for after these waits.
const LINK_WAITS: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4)];
/// A calendar that goes while an event is put there is made again so often.
const CALENDARS: usize = 2;
/// Follow-ups look for the room's answer or the link so long after.
pub(super) const FIRST_LOOK: jiff::SignedDuration = jiff::SignedDuration::from_secs(30);

impl Scheduling {
    pub(super) async fn create(&self, work: &Work, deadline: Deadline) -> Result<Outcome, Stop> {
        let Command::Create { details, when, options } = &work.command else {
            return Err(Stop::Final(Code::InternalError.into()));
        };
        self.check_teams(work, options, deadline).await?;
        if options.hold_room && details.room().is_some() {
            return self.hold(work, deadline).await;
        }
        let usable = self.token(work, deadline).await?;
        let (claim, mut details) = (&work.claim.value.id, details.clone());
        if let Some(free) = self.check_slot(&usable, work, deadline).await? {
            details.begin_with(free);
        }
        let new = NewEvent { claim, details: &details, when, options, room_only: false, calendar: None };
        let (usable, (event, calendar)) = match self.found_or_made(&usable, work, new, deadline).await {
            Err(GraphError::Unauthorized(_)) => {
                let usable = self.another_token(usable, work, deadline).await?;
                let made = self.found_or_made(&usable, work, new, deadline).await;
                (usable, made.map_err(refused)?)
            }
            other => (usable, other.map_err(refused)?),
        };
        details.aliases.adopt(&all_asked(details.attendees()), &event);
        let removed = Gone::shown_by(&event);
        let event = if removed.is_some() { event } else { self.with_link(&usable, event, deadline).await };
        details.adopt(&event);
        let mut made = self.made(work, (&details, when, options), (&event, calendar))?;
        if let Some(proof) = removed {
            gone(&mut made.interview, &proof, self.parts.clock.now());
        }
        Ok(made)
    }

    /// How long Graph remembers a `transactionId` is not told: what may have been made already is looked for by
    /// its tag first, in every calendar where it may be.
    pub(super) async fn found_or_made(
        &self,
        usable: &Usable,
        work: &Work,
        new: NewEvent<'_>,
        deadline: Deadline,
    ) -> Result<(Event, CalendarChoice), GraphError> {
        let (graph, token) = (&self.graph, &usable.token);
        let has_room = new.details.room().is_some();
        if work.is_begun() {
            // The customer may have chosen otherwise meanwhile.
            let both = has_room && !new.room_only;
            let found = self.made_before(usable, (new.claim, both), deadline).await;
            // As long as no look has succeeded, nothing is known, and nothing may be final.
            if let Some(found) = found.map_err(GraphError::of_a_look)? {
                return Ok(found);
            }
        }
        if work.calendar == CalendarChoice::Primary || !has_room || new.room_only {
            return Ok((graph.create_event(token, &new, deadline).await?, CalendarChoice::Primary));
        }
        let mut made = Err(GraphError::Unavailable(None));
        for _ in 0..CALENDARS {
            let calendar = graph.made_scheduler_calendar(token, deadline).await?;
            let new = NewEvent { calendar: Some(&calendar), ..new };
            made = graph.create_event(token, &new, deadline).await;
            // Somebody removed the calendar just now: it is made again.
            if !matches!(made, Err(GraphError::NotFound(_))) {
                break;
            }
        }
        Ok((made?, CalendarChoice::Scheduler))
    }

    async fn made_before(
        &self,
        usable: &Usable,
        (claim, both): (&ClaimId, bool),
        deadline: Deadline,
    ) -> Result<Option<(Event, CalendarChoice)>, GraphError> {
        let (graph, token) = (&self.graph, &usable.token);
        if let Some(event) = graph.find_by_claim(token, claim, None, deadline).await? {
            return Ok(Some((event, CalendarChoice::Primary)));
        }
        if both
            && let Some(calendar) = graph.scheduler_calendar(token, deadline).await?
            && let Some(event) = graph.find_by_claim(token, claim, Some(&calendar), deadline).await?
        {
            return Ok(Some((event, CalendarChoice::Scheduler)));
        }
        Ok(None)
    }

    /// The event once its Teams link is there, or as it is when waiting does not help.
    pub(super) async fn with_link(&self, usable: &Usable, mut event: Event, deadline: Deadline) -> Event {
        for wait in LINK_WAITS {
            let pending = event.is_online && event.join_url.is_none();
            if !pending || deadline.left(self.parts.clock.as_ref()) < wait * 2 {
                break;
            }
            self.parts.clock.sleep(wait).await;
            if let Ok(Some(again)) = self.graph.event(&usable.token, &event.id, deadline).await {
                event = again;
            }
        }
        event
    }

    fn made(
        &self,
        work: &Work,
        (details, when, options): (&Details, &When, &Options),
        (event, calendar): (&Event, CalendarChoice),
    ) -> Result<Outcome, Stop> {
        let now = self.parts.clock.now();
        let mut interview = self.draft(work, when, options)?;
        let mut details = details.clone();
        details.join_url.clone_from(&event.join_url);
        details.asking.told = details.room().cloned();
        interview.calendar = calendar;
        interview.saw(&mut details, event, Look::TimesWritten, now);
        interview.status = Status::Scheduled;
        interview.trouble = (options.teams && event.join_url.is_none()).then_some(Trouble::TeamsNotAvailable);
        await_room(&mut interview, &details, now);
        await_link(&mut interview, event, now);
        Ok(Outcome { interview, details })
    }

    /// The interview of a create claim before Microsoft confirmed it.
    pub(super) fn draft(&self, work: &Work, when: &When, options: &Options) -> Result<Interview, Stop> {
        let now = self.parts.clock.now();
        let connection = &work.connection.value;
        let Some(account) = &connection.account else {
            return Err(Stop::Harmless(Code::NotConnected.into()));
        };
        let claim = &work.claim.value;
        let before = work.interview.as_ref().map(|i| &i.value);
        Ok(Interview {
            id: claim.interview.clone(),
            claim: claim.id.clone(),
            customer: claim.key.customer.clone(),
            requested_by: claim.key.user.clone(),
            organizer: Organizer {
                user: connection.user.clone(),
                connection: connection.id.clone(),
                tenant: account.tenant,
                object: account.object,
                email: account.email.clone(),
            },
            when: when.clone(),
            options: options.clone(),
            status: Status::Scheduling,
            calendar: CalendarChoice::Primary,
            room: None,
            holding: false,
            trouble: None,
            difference: None,
            outlook: None,
            version: before.map_or(1, |i| i.version + 1),
            created_at: before.map_or(now, |i| i.created_at),
            updated_at: now,
            errand: None,
            moved_by: None,
            vacated: before.map(|i| i.vacated.clone()).unwrap_or_default(),
            edited_by: None,
            history: before.map(|i| i.history.clone()).unwrap_or_default(),
            generation: before.map_or(0, |i| i.generation),
            sealed: None,
        })
    }
}

/// A room that was asked, or asked again, has yet to answer. Without a room there is nothing to wait for.
pub(super) fn await_room(interview: &mut Interview, details: &Details, now: jiff::Timestamp) {
    if details.room().is_none() {
        interview.room = None;
        interview.status = Status::Scheduled;
        interview.errand = interview.errand.filter(|(errand, ..)| *errand != Errand::Room);
        return;
    }
    if interview.calendar == CalendarChoice::Scheduler {
        // Outlook tallies answers in the default calendar only.
        (interview.room, interview.status) = (Some(RoomState::Unknown), Status::Scheduled);
        return;
    }
    interview.room = Some(RoomState::Pending);
    interview.status = Status::AwaitingRoom;
    interview.errand = Some((Errand::Room, now + FIRST_LOOK, 0));
}

/// A link that is still to come is looked for, unless somebody looks for the room's answer anyhow.
pub(super) fn await_link(interview: &mut Interview, event: &Event, now: jiff::Timestamp) {
    let missing = interview.trouble == Some(Trouble::TeamsNotAvailable) && event.is_online;
    if missing && interview.errand.is_none() {
        interview.errand = Some((Errand::Link, now + FIRST_LOOK, 0));
    }
}

/// A mailbox that does not know where to put an event is none.
pub(super) fn refused(error: GraphError) -> Stop {
    match error {
        GraphError::NotFound(evidence) => GraphError::MailboxUnavailable(evidence).into(),
        other => other.into(),
    }
}
