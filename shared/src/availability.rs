//! Reads calendars: how many calls that takes, how many of them run at a time, and what is left when some fail.
//!
//! What cannot be read is a schedule of its own kind, with the reason; only what makes every call fail alike is an
//! error. Nothing that is read is stored.

mod calls;
mod parts;
mod recent;

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};

use crate::access::{Access, Usable, store_problem};
use crate::domain::address::Address;
use crate::domain::availability::times::Times;
use crate::domain::availability::{Busy, Calendar, Kind, Reason, Schedule};
use crate::domain::ids::InterviewId;
use crate::microsoft::catalog::Call;
use crate::microsoft::{Deadline, Graph, GraphEvidence, own_request_refused};
use crate::problem::{Code, Owner, Problem};
use crate::store::Store;
use crate::vault::CustomerKey;
use calls::{Answer, Caller, Stop};
use parts::parts;

/// Whose calendars, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// People.
    pub people: &'a [Address],
    /// Rooms.
    pub rooms: &'a [Address],
    /// What lies between two of these need not be read.
    pub times: &'a Times,
    /// The interview that is being made or moved: it is not laid over what Exchange says.
    pub moving: Option<&'a InterviewId>,
    /// The time.
    pub now: Timestamp,
}

/// What the calendars are read with.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Knows why a token is not taken.
    pub access: &'a Access,
    /// Asks.
    pub graph: &'a Graph,
    /// Our own interviews.
    pub store: &'a Store,
    /// The customer's key.
    pub key: &'a CustomerKey,
}

/// The deadline by which reading must have ended so that `keep` is left for what comes after it.
pub fn leaving(deadline: Deadline, keep: SignedDuration) -> Deadline {
    Deadline(deadline.0.checked_sub(keep).unwrap_or(deadline.0))
}

/// Who can do something about a calendar that is not known.
pub const fn owner(reason: Reason) -> Owner {
    match reason {
        Reason::MailboxNotFound
        | Reason::OutsideOrganization
        | Reason::NoAccess
        | Reason::NoCalendar
        | Reason::ListTooLarge
        | Reason::AddressRefused
        | Reason::NotAsked
        | Reason::StatusUnknown => Owner::Recruiter,
        Reason::WindowTooLong | Reason::TooManyEvents => Owner::Ats,
        Reason::OnPremises | Reason::MailboxNotOpened => Owner::ItAdmin,
        Reason::Throttled | Reason::TimedOut | Reason::Unavailable => Owner::MicrosoftOrWait,
        Reason::Unreadable | Reason::InternalError => Owner::Vendor,
    }
}

/// Reads the schedules of people and rooms, in the order in which they are asked for, in the name of the token's user,
/// and lays the customer's own interviews of the last minutes over them.
pub async fn read(
    reader: Reader<'_>,
    usable: &Usable,
    asked: &Asked<'_>,
    deadline: Deadline,
) -> Result<Vec<Schedule>, Problem> {
    let people = asked.people.iter().map(|email| (email, Kind::Person));
    let all: Vec<(&Address, Kind)> =
        people.chain(asked.rooms.iter().map(|email| (email, Kind::Room))).collect();
    let emails: Vec<Address> = all.iter().map(|(email, _)| (*email).clone()).collect();
    let customer = &usable.connection.value.customer;
    let (answers, laid) = futures::join!(
        answers(reader, usable, &emails, asked.times, deadline),
        recent::recent(reader.store, customer, reader.key, asked.moving, asked.now),
    );
    let answers = answers?;
    let laid = laid.map_err(store_problem)?;
    let mut read: Vec<Option<Result<Calendar, Reason>>> = vec![None; all.len()];
    for (place, told) in answers {
        match read.get_mut(place) {
            Some(Some(here)) => join(here, told),
            Some(here) => *here = Some(told),
            None => {}
        }
    }
    let schedule = |((email, kind), read): ((&Address, Kind), Option<_>)| Schedule {
        email: email.clone(),
        kind,
        read: read.unwrap_or(Err(Reason::Unreadable)),
    };
    let mut schedules: Vec<Schedule> = all.into_iter().zip(read).map(schedule).collect();
    let refused = schedules.iter().filter(|one| one.read == Err(Reason::InternalError)).count();
    if refused > 0 {
        let evidence = GraphEvidence { status: 200, ..GraphEvidence::default() };
        own_request_refused(Call::ReadSchedules, &evidence);
        if refused == schedules.len() {
            return Err(own_fault(&evidence));
        }
    }
    recent::lay_over(&mut schedules, &laid);
    for schedule in &mut schedules {
        tidy(schedule);
    }
    Ok(schedules)
}

/// What Graph answers.
async fn answers(
    reader: Reader<'_>,
    usable: &Usable,
    emails: &[Address],
    times: &Times,
    deadline: Deadline,
) -> Result<Vec<Answer>, Problem> {
    let own = usable.connection.value.account.as_ref().map(|account| &account.email);
    let caller = Caller { graph: reader.graph, token: &usable.token, own, emails, deadline };
    match caller.ask(parts(emails.len(), times)).await {
        Ok(answers) => Ok(answers),
        Err(Stop::Graph(error)) => Err(reader.access.problem_of(usable, &error).await),
        Err(Stop::OwnFault(evidence)) => {
            own_request_refused(Call::ReadSchedules, &evidence);
            Err(own_fault(&evidence))
        }
    }
}

/// The problem of a request of ours that Exchange refuses.
fn own_fault(evidence: &GraphEvidence) -> Problem {
    let why =
        "Exchange refused the request for free/busy times that this service built; the operator is alarmed.";
    Problem::from(Code::InternalError).because(why).said_by(evidence.into())
}

/// A calendar of which a part is not known is not known.
fn join(whole: &mut Result<Calendar, Reason>, part: Result<Calendar, Reason>) {
    match (&mut *whole, part) {
        (Err(_), _) => {}
        (Ok(_), Err(reason)) => *whole = Err(reason),
        (Ok(calendar), Ok(part)) => {
            // An item on the border of two spans is in both answers.
            let known: HashSet<Busy> = calendar.busy.iter().copied().collect();
            calendar.busy.extend(part.busy.into_iter().filter(|item| !known.contains(item)));
            calendar.hours = calendar.hours.take().or(part.hours);
            calendar.merged |= part.merged;
        }
    }
}

/// In the order of time.
fn tidy(schedule: &mut Schedule) {
    if let Ok(calendar) = &mut schedule.read {
        calendar.busy.sort_by_key(|item| (item.start, item.end));
    }
}
