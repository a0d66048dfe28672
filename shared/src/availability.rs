//! Reads calendars: how many calls that takes, how many of them run at a time, and what is left when some fail.
//!
//! What cannot be read is a schedule of its own kind, with the reason; only what makes every call fail alike is an
//! error. Nothing that is read is stored.

use jiff::{SignedDuration, Timestamp};

use crate::access::{Access, Usable};
use crate::concurrent;
use crate::domain::address::Address;
use crate::domain::availability::times::{Interval, Times, instant};
use crate::domain::availability::{Calendar, Kind, Reason, Schedule};
use crate::domain::secret::AccessToken;
use crate::microsoft::{Deadline, Graph, GraphError, MOST_ADDRESSES, MOST_DAYS};
use crate::problem::Problem;
use crate::vault::CustomerKey;

/// Exchange runs four calls at a time in one mailbox; one is left to whoever writes to it meanwhile.
const AT_ONCE: usize = 3;
const DAY: i64 = 86_400;

/// Whose calendars, and when.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// People.
    pub people: &'a [Address],
    /// Rooms.
    pub rooms: &'a [Address],
    /// What lies between two of these need not be read.
    pub times: &'a Times,
}

/// What the calendars are read with.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    /// Knows why a token is not taken.
    pub access: &'a Access,
    /// Asks.
    pub graph: &'a Graph,
    /// The customer's key.
    pub key: &'a CustomerKey,
}

/// One call: a part of the addresses over a part of the time.
struct Part {
    first: usize,
    emails: Vec<Address>,
    time: (Timestamp, Timestamp),
}

/// What one call told of the addresses from `first` on.
type Told = (usize, Vec<Result<Calendar, Reason>>);

/// The deadline by which reading must have ended so that `keep` is left for what comes after it.
pub fn leaving(deadline: Deadline, keep: SignedDuration) -> Deadline {
    Deadline(deadline.0.checked_sub(keep).unwrap_or(deadline.0))
}

/// Reads the schedules of people and rooms, in the order in which they are asked for, in the name of whoever holds
/// the token.
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
    let home =
        usable.connection.value.account.as_ref().map(|account| account.email.domain()).unwrap_or_default();
    let told = call_all(reader.graph, &usable.token, parts(&emails, asked.times), &home, deadline).await;
    let mut read: Vec<Result<Calendar, Reason>> = vec![Ok(Calendar::default()); all.len()];
    let told = match told {
        Ok(told) => told,
        Err(error) => return Err(reader.access.problem_of(usable, &error).await),
    };
    for (first, schedules) in told {
        for (here, told) in read.iter_mut().skip(first).zip(schedules) {
            join(here, told);
        }
    }
    let schedule =
        |((email, kind), read): ((&Address, Kind), _)| Schedule { email: email.clone(), kind, read };
    Ok(all.into_iter().zip(read.into_iter().map(tidy)).map(schedule).collect())
}

/// Makes the calls, a few at a time. An error is one that all of them would end with.
async fn call_all(
    graph: &Graph,
    token: &AccessToken,
    parts: Vec<Part>,
    home: &str,
    deadline: Deadline,
) -> Result<Vec<Told>, GraphError> {
    let call = |part: Part| async move {
        match graph.schedules(token, &part.emails, part.time, home, deadline).await {
            Ok(schedules) => Ok((part.first, schedules)),
            Err(error) => {
                let reason = reason(&error).ok_or(error)?;
                Ok((part.first, vec![Err(reason); part.emails.len()]))
            }
        }
    };
    concurrent::bounded(parts, AT_ONCE, call).await.into_iter().collect()
}

/// What a failed call says of the calendars that it was to read; none if it says something of the caller.
fn reason(error: &GraphError) -> Option<Reason> {
    match error {
        GraphError::Unauthorized(_) | GraphError::Forbidden(_) | GraphError::MailboxUnavailable(_) => None,
        GraphError::Throttled { .. } => Some(Reason::Throttled),
        GraphError::Unavailable(None) | GraphError::Unclear(None) => Some(Reason::TimedOut),
        GraphError::Unavailable(Some(_)) | GraphError::Unclear(Some(_)) => Some(Reason::Unavailable),
        GraphError::NotFound(_) | GraphError::Stale(_) | GraphError::Refused(_) => Some(Reason::Unreadable),
    }
}

/// A calendar of which a part is not known is not known.
fn join(whole: &mut Result<Calendar, Reason>, part: Result<Calendar, Reason>) {
    match (&mut *whole, part) {
        (Err(_), _) => {}
        (Ok(_), Err(reason)) => *whole = Err(reason),
        (Ok(calendar), Ok(part)) => {
            // An item on the border of two spans is told by both calls.
            let (known, new) = (calendar.busy.clone(), part.busy.into_iter());
            calendar.busy.extend(new.filter(|item| !known.contains(item)));
            calendar.hours = calendar.hours.take().or(part.hours);
        }
    }
}

/// In the order of time.
fn tidy(read: Result<Calendar, Reason>) -> Result<Calendar, Reason> {
    let mut calendar = read?;
    calendar.busy.sort_by_key(|item| (item.start, item.end));
    Ok(calendar)
}

/// The calls: addresses by twenties, each over every span of time.
fn parts(emails: &[Address], times: &Times) -> Vec<Part> {
    let spans = spans(times);
    let chunks = emails.chunks(MOST_ADDRESSES).enumerate();
    let part = |(n, emails): (usize, &[Address])| {
        let emails = emails.to_vec();
        spans.iter().map(move |(from, to)| Part {
            first: n * MOST_ADDRESSES,
            emails: emails.clone(),
            time: (instant(*from), instant(*to)),
        })
    };
    chunks.flat_map(part).collect()
}

/// As few spans as cover all times, each short enough for one call. A time that is too long for one is cut.
fn spans(times: &Times) -> Vec<Interval> {
    let longest = MOST_DAYS * DAY;
    let mut spans: Vec<Interval> = Vec::new();
    for (mut from, to) in times.iter() {
        if let Some(last) = spans.last_mut()
            && to - last.0 <= longest
        {
            last.1 = to;
            continue;
        }
        while from < to {
            spans.push((from, to.min(from + longest)));
            from += longest;
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_second_is_read_once_and_no_call_is_too_long(
            times in proptest::collection::vec((0i64..400 * DAY, 0i64..200 * DAY), 0..8),
        ) {
            let times = Times::of(times.into_iter().map(|(from, length)| (from, from + length)).collect());
            let spans = spans(&times);
            prop_assert!(spans.iter().all(|(from, to)| from < to && to - from <= MOST_DAYS * DAY));
            prop_assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0));
            let read = Times::of(spans.clone());
            let covered = |(from, to): Interval| read.iter().any(|(a, b)| a <= from && to <= b);
            prop_assert!(times.iter().all(covered));
        }
    }

    #[test]
    fn windows_that_are_near_are_read_together_and_far_ones_apart() {
        let week = |n: i64| (n * 7 * DAY, n * 7 * DAY + 5 * DAY);
        assert_eq!(spans(&Times::of(vec![week(0), week(1), week(2)])), [(0, 19 * DAY)]);
        assert_eq!(spans(&Times::of(vec![week(0), week(20)])), [week(0), week(20)]);
        assert_eq!(spans(&Times::one(0, 62 * DAY)), [(0, 61 * DAY), (61 * DAY, 62 * DAY)]);
    }

    #[test]
    fn forty_five_addresses_are_three_calls() {
        let emails: Vec<Address> =
            (0..45).map(|n| format!("p{n}@contoso.com").parse().expect("an address")).collect();
        let parts = parts(&emails, &Times::one(0, DAY));
        let sizes: Vec<(usize, usize)> = parts.iter().map(|part| (part.first, part.emails.len())).collect();
        assert_eq!(sizes, [(0, 20), (20, 20), (40, 5)]);
    }
}
