//! Our own interviews of the last minutes, laid over what Exchange says: its free/busy times are up to minutes old.
//!
//! What we have just made or moved is there, whether Exchange shows it yet or not. Where an interview stood until now
//! Exchange may still show it, or may show something else at the same time: then it is not known whether that is free.

use jiff::Timestamp;

use crate::domain::address::Address;
use crate::domain::availability::{Busy, Kind, Schedule, Status};
use crate::domain::ids::{CustomerId, InterviewId};
use crate::domain::interview::{Details, FREE_BUSY_LAG, Interview, RoomState, Status as State};
use crate::store::{Store, StoreError};
use crate::vault::{Binding, CustomerKey, open_json};

/// A time that an interview takes, or has left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Laid {
    start: Timestamp,
    end: Timestamp,
    /// How it shows for whom.
    who: Vec<(Address, Status)>,
    /// It is not known for whom: the interview could not be opened.
    everybody: bool,
    left: bool,
}

/// Reads the interviews that were written to lately, but for the one that is being moved.
pub(super) async fn recent(
    store: &Store,
    customer: &CustomerId,
    key: &CustomerKey,
    moving: Option<&InterviewId>,
    now: Timestamp,
) -> Result<Vec<Laid>, StoreError> {
    let since = now.checked_sub(FREE_BUSY_LAG).unwrap_or(now);
    let mut ids = store.proof_log.interviews_since(customer, since).await?;
    if let Some(moving) = moving {
        ids.remove(moving);
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let interviews = store.interviews.several(customer, &ids).await?;
    Ok(interviews.iter().flat_map(|interview| laid(interview, key, since)).collect())
}

fn laid(interview: &Interview, key: &CustomerKey, since: Timestamp) -> Vec<Laid> {
    let unsettled = interview.status == State::Scheduling;
    if interview.updated_at < since && !unsettled {
        return Vec::new();
    }
    let opened = interview.sealed.as_ref().map(|sealed| open_json(key, &Binding::details(interview), sealed));
    let details: Option<Details> = opened.and_then(Result::ok);
    let stands = matches!(interview.status, State::Scheduled | State::AwaitingRoom) || unsettled;
    let one = |start, end, left| {
        let who = details.as_ref().map(|details| who(interview, details));
        Laid { start, end, everybody: who.is_none(), who: who.unwrap_or_default(), left }
    };
    let vacated = interview.vacated.iter().filter(|left| left.at >= since);
    let mut all: Vec<Laid> = vacated.map(|left| one(left.start, left.end, true)).collect();
    // What was never made has left nothing.
    if stands || interview.outlook.is_some() {
        all.push(one(interview.when.start, interview.when.end, !stands));
    }
    all
}

/// For whom the event takes time, as Outlook is going to show it: as tentative until the person has answered.
fn who(interview: &Interview, details: &Details) -> Vec<(Address, Status)> {
    // Of an interview whose outcome is not known it is not known whether it is there.
    let known = |status| if interview.status == State::Scheduling { Status::Unknown } else { status };
    let mut all = vec![(interview.organizer.email.clone(), known(Status::Busy))];
    if !interview.holding {
        all.extend(details.attendees().into_iter().map(|one| (one.email, known(Status::Tentative))));
    }
    let room = match interview.room {
        Some(RoomState::Declined) => None,
        Some(RoomState::Accepted) => Some(Status::Busy),
        Some(RoomState::Pending | RoomState::Unknown) | None => Some(Status::Tentative),
    };
    all.retain(|(email, _)| details.room() != Some(email));
    all.extend(details.room().cloned().zip(room.map(known)));
    all
}

/// Lays them over: first what was left, then what stands, so that an interview at the place of another one counts.
pub(super) fn lay_over(schedules: &mut [Schedule], laid: &[Laid]) {
    for Schedule { email, kind, read } in schedules {
        let Ok(calendar) = read else { continue };
        let status = |laid: &Laid| {
            let named = laid.who.iter().find(|(who, _)| who == email).map(|(_, status)| *status);
            named.or((laid.everybody && *kind == Kind::Person).then_some(Status::Unknown))
        };
        for left in laid.iter().filter(|laid| laid.left && status(laid).is_some()) {
            let shown = calendar.busy.iter_mut().find(|item| {
                (item.start, item.end) == (left.start, left.end) && item.status != Status::Unknown
            });
            if let Some(item) = shown {
                item.status = Status::Unknown;
            }
        }
        for stands in laid.iter().filter(|laid| !laid.left) {
            let Some(status) = status(stands) else { continue };
            let shown = calendar.busy.iter().any(|item| {
                (item.start, item.end) == (stands.start, stands.end) && item.status != Status::Unknown
            });
            if !shown {
                calendar.busy.push(Busy { start: stands.start, end: stands.end, status });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::availability::{Calendar, Reason};

    fn at(text: &str) -> Timestamp {
        format!("2026-12-01T{text}:00Z").parse().expect("a time")
    }

    fn laid(start: &str, end: &str, left: bool) -> Laid {
        let who = vec![("carl@contoso.com".parse().expect("an address"), Status::Tentative)];
        Laid { start: at(start), end: at(end), who, everybody: false, left }
    }

    /// What Carl's calendar shows once these are laid over.
    fn over(shown: &[(&str, &str, Status)], laid: &[Laid]) -> Vec<(Timestamp, Status)> {
        let busy = shown.iter().map(|(s, e, status)| Busy { start: at(s), end: at(e), status: *status });
        let read = Ok(Calendar { busy: busy.collect(), ..Calendar::default() });
        let email = "Carl@contoso.com".parse().expect("an address");
        let mut all = [Schedule { email, kind: Kind::Person, read }];
        lay_over(&mut all, laid);
        let calendar = all[0].read.as_ref().expect("known");
        calendar.busy.iter().map(|item| (item.start, item.status)).collect()
    }

    #[test]
    fn what_was_just_made_is_there_once_whether_exchange_shows_it_or_not() {
        let made = [laid("10:00", "10:45", false)];
        assert_eq!(over(&[], &made), [(at("10:00"), Status::Tentative)]);
        let shown = [("10:00", "10:45", Status::Busy)];
        assert_eq!(over(&shown, &made), [(at("10:00"), Status::Busy)]);
        let other = [("10:00", "11:00", Status::Busy)];
        assert_eq!(over(&other, &made).len(), 2, "another appointment says nothing of it");
    }

    #[test]
    fn where_an_interview_stood_nothing_is_known_if_something_is_shown() {
        let left = [laid("10:00", "10:45", true)];
        assert_eq!(over(&[], &left), [], "Exchange shows it as free: it is");
        assert_eq!(over(&[("10:00", "10:45", Status::Busy)], &left), [(at("10:00"), Status::Unknown)]);
        let twice = [("10:00", "10:45", Status::Busy), ("10:00", "10:45", Status::Busy)];
        let both = [(at("10:00"), Status::Unknown), (at("10:00"), Status::Busy)];
        assert_eq!(over(&twice, &left), both, "one of the two is not ours");
        assert_eq!(over(&[("10:00", "11:00", Status::Busy)], &left), [(at("10:00"), Status::Busy)]);
        // A new interview at the place of the one that was cancelled.
        let again = [laid("10:00", "10:45", true), laid("10:00", "10:45", false)];
        assert!(
            over(&[("10:00", "10:45", Status::Busy)], &again).contains(&(at("10:00"), Status::Tentative))
        );
    }

    #[test]
    fn an_interview_that_cannot_be_opened_is_not_known_for_every_person() {
        let mut closed = laid("10:00", "10:45", false);
        (closed.everybody, closed.who) = (true, Vec::new());
        assert_eq!(over(&[], &[closed.clone()]), [(at("10:00"), Status::Unknown)]);
        let email = "carl@contoso.com".parse().expect("an address");
        let mut unknown = [Schedule { email, kind: Kind::Person, read: Err(Reason::NoAccess) }];
        lay_over(&mut unknown, &[closed]);
        assert_eq!(unknown[0].read, Err(Reason::NoAccess));
    }
}
