//! Reads availability immediately before a write, where the request asks for it.
//!
//! Two requests may still race: both look, both write. Then the room decides, and the loser is told by its answer.

use jiff::{SignedDuration, Timestamp};

use super::{Scheduling, Stop, Work};
use crate::access::Usable;
use crate::availability::{Asked, Reader, leaving, read};
use crate::domain::address::Address;
use crate::domain::availability::times::{Times, ceil, floor};
use crate::domain::availability::{Answer, Kind, Schedule};
use crate::domain::claim::Command;
use crate::domain::customer::CalendarChoice;
use crate::domain::interview::{Details, EventState};
use crate::domain::time::When;
use crate::microsoft::{Deadline, GraphError};
use crate::problem::{Code, Fault, Problem};

/// Time kept for the write itself.
const KEEP: SignedDuration = SignedDuration::from_secs(8);

/// What must be free.
struct Wanted<'a> {
    when: &'a When,
    /// Who is needed, with the place in the request.
    people: Vec<(Address, String)>,
    /// One of these is needed.
    rooms: Vec<(Address, String)>,
    /// Times of the interview itself, as Outlook shows them.
    own: Vec<(Timestamp, Timestamp)>,
}

impl Scheduling {
    /// The place of the first room that is free, where that was asked for and there is one; refuses if somebody who
    /// is needed is not free, or not known to be.
    pub(super) async fn check_slot(
        &self,
        usable: &Usable,
        work: &Work,
        deadline: Deadline,
    ) -> Result<Option<usize>, Stop> {
        let Some(mut wanted) = self.wanted(usable, work)? else { return Ok(None) };
        if work.is_begun() && self.is_written(usable, work, wanted.when, deadline).await? {
            return Ok(None);
        }
        let addresses =
            |all: &[(Address, String)]| all.iter().map(|(email, _)| email.clone()).collect::<Vec<_>>();
        let (people, rooms) = (addresses(&wanted.people), addresses(&wanted.rooms));
        let times = Times::one(floor(wanted.when.start), ceil(wanted.when.end));
        let (moving, now) = (Some(&work.claim.value.interview), self.parts.clock.now());
        let asked = Asked { people: &people, rooms: &rooms, times: &times, moving, now };
        let (access, graph, store) = (&*self.access, &*self.graph, &self.parts.store);
        let reader = Reader { access, graph, store, key: &work.key };
        let until = leaving(deadline, KEEP);
        let (schedules, own) =
            futures::join!(read(reader, usable, &asked, until), self.own_times(usable, work, until));
        wanted.own = own?;
        let schedules = schedules.map_err(Stop::Harmless)?;
        judge(&wanted, &schedules).map_err(|problem| {
            // What was begun and cannot be done any more has failed; what is not known is tried again.
            let for_good = work.is_begun() && problem.code == Code::SlotTaken;
            if for_good { Stop::Final(problem) } else { Stop::Harmless(problem) }
        })
    }

    /// What this command wants to be free; none if it does not ask.
    fn wanted<'a>(&self, usable: &Usable, work: &'a Work) -> Result<Option<Wanted<'a>>, Stop> {
        let stored = work.interview.as_ref().map(|read| &read.value);
        let organizer = usable.connection.value.account.as_ref().map(|account| account.email.clone());
        Ok(match (&work.command, stored) {
            (command, _) if !command.requires_free() => None,
            (Command::Create { details, when, .. }, _) => {
                let room = |(n, room): (usize, &Address)| (room.clone(), format!("/rooms/{n}"));
                let rooms = details.rooms.iter().enumerate().map(room).collect();
                Some(Wanted { when, people: needed(organizer, details), rooms, own: Vec::new() })
            }
            (Command::Reschedule { when, .. }, Some(interview)) => {
                let details = self.open(&work.key, interview).map_err(Stop::Harmless)?;
                let nowhere = |(email, _)| (email, String::new());
                let people = needed(organizer, &details).into_iter().map(nowhere).collect();
                let rooms = details.room().cloned().map(|room| (room, String::new())).into_iter().collect();
                Some(Wanted { when, people, rooms, own: Vec::new() })
            }
            _ => None,
        })
    }

    /// The times of the interview that is moved, as Outlook shows them now: where it was stored another person may have
    /// an appointment by now.
    async fn own_times(
        &self,
        usable: &Usable,
        work: &Work,
        deadline: Deadline,
    ) -> Result<Vec<(Timestamp, Timestamp)>, Stop> {
        let outlook = work.interview.as_ref().and_then(|read| read.value.outlook.as_ref());
        let Some(outlook) = outlook.filter(|outlook| outlook.state == EventState::Present) else {
            return Ok(Vec::new());
        };
        let event = match self.graph.event(&usable.token, &outlook.event_id, deadline).await {
            Err(GraphError::Unauthorized(_)) => {
                let again = self.access.renewed(usable, &work.key, deadline).await;
                let again = again.map_err(|error| work.refused(error))?;
                self.graph.event(&again.token, &outlook.event_id, deadline).await
            }
            other => other,
        };
        let shown = event.map_err(|error| Stop::Harmless(super::graph_problem(&error)))?;
        Ok(shown
            .filter(|event| !event.is_cancelled)
            .map(|event| (event.start, event.end))
            .into_iter()
            .collect())
    }

    /// Whether whoever held the claim before has written already: then the time is taken by the interview itself.
    async fn is_written(
        &self,
        usable: &Usable,
        work: &Work,
        when: &When,
        deadline: Deadline,
    ) -> Result<bool, Stop> {
        let (graph, token, claim) = (&self.graph, &usable.token, &work.claim.value.id);
        let outlook = work.interview.as_ref().and_then(|read| read.value.outlook.as_ref());
        if let Some(outlook) = outlook.filter(|outlook| outlook.state == EventState::Present) {
            let event =
                graph.event(token, &outlook.event_id, deadline).await.map_err(GraphError::of_a_look)?;
            return Ok(event.is_none_or(|event| event.start == when.start && event.end == when.end));
        }
        let primary = graph.find_by_claim(token, claim, None, deadline).await;
        if primary.map_err(GraphError::of_a_look)?.is_some() {
            return Ok(true);
        }
        if work.calendar == CalendarChoice::Primary {
            return Ok(false);
        }
        let calendar = graph.scheduler_calendar(token, deadline).await.map_err(GraphError::of_a_look)?;
        let Some(calendar) = calendar else { return Ok(false) };
        let other = graph.find_by_claim(token, claim, Some(&calendar), deadline).await;
        Ok(other.map_err(GraphError::of_a_look)?.is_some())
    }
}

/// Who must be free: the organiser, whoever he organises for, and the interviewers who must come. Candidates are
/// strangers to the organisation: their calendars are not asked for.
fn needed(organizer: Option<Address>, details: &Details) -> Vec<(Address, String)> {
    let panel = details.interviewers.iter().enumerate().filter(|(_, person)| !person.optional);
    let panel = panel.map(|(n, person)| (person.email.clone(), format!("/interviewers/{n}")));
    let recruiter = details.recruiter.iter().map(|person| person.email.clone());
    let own = organizer.into_iter().chain(recruiter).map(|email| (email, String::new()));
    let mut all: Vec<(Address, String)> = Vec::new();
    for person in panel.chain(own) {
        if !all.iter().any(|(email, _)| *email == person.0) {
            all.push(person);
        }
    }
    all
}

/// The place of the first free room, or who is in the way and why. Rooms stand for each other: only if none of them is
/// free are they in the way.
fn judge(wanted: &Wanted<'_>, schedules: &[Schedule]) -> Result<Option<usize>, Problem> {
    let When { start, end, .. } = wanted.when;
    let at = |schedule: &Schedule| schedule.at(*start, *end, &wanted.own);
    let rooms = || schedules.iter().filter(|schedule| schedule.kind == Kind::Room);
    let free_room = rooms().position(|room| at(room) == Answer::Free);
    let some_room_unknown = rooms().any(|room| matches!(at(room), Answer::Unknown(_)));
    let places = wanted.people.iter().chain(&wanted.rooms).map(|(_, place)| place);
    let (mut faults, mut taken) = (Vec::new(), false);
    for (schedule, place) in schedules.iter().zip(places) {
        let is_room = schedule.kind == Kind::Room;
        let email = schedule.email.as_str();
        let message = match at(schedule) {
            Answer::Free => continue,
            _ if is_room && free_room.is_some() => continue,
            Answer::Taken(status) => {
                taken |= !is_room || !some_room_unknown;
                format!("{email} is {}", status.words())
            }
            Answer::Unknown(reason) => {
                format!("{email} is not known to be free: {}. {}", reason.words(), reason.step())
            }
        };
        faults.push(Fault::at(place.clone(), message));
    }
    match (faults.len(), taken) {
        (0, _) => Ok(free_room),
        (n, true) => Err(refusal(Code::SlotTaken, n, faults)),
        (n, false) => Err(refusal(Code::AvailabilityUnknown, n, faults)),
    }
}

fn refusal(code: Code, count: usize, faults: Vec<Fault>) -> Problem {
    let who = if count == 1 {
        "One of those who are needed is".to_owned()
    } else {
        format!("{count} of those who are needed are")
    };
    Problem::invalid(code, faults)
        .because(format!("{who} not free at that time, or not known to be: see errors."))
}
