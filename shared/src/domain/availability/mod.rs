//! Who is free when: what calendars show, what that means under a policy, and the slots that follow. Pure.
//!
//! A calendar is free, busy or *unknown*, and unknown is never taken for free: it excludes a person, or, where the
//! policy lets it in, lowers the confidence of every slot that the person is chosen for.
//!
//! Times are instants. Working hours are what a clock on the wall shows, so they are turned into instants offset by
//! offset ([`hours`]); in a week in which the clock is put on or back they are right to the minute.

pub mod capped;
pub mod custom_zone;
pub mod hours;
pub mod member;
mod reason;
pub mod schedule_error;
pub mod solve;
pub mod times;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::address::Address;
use hours::WorkingHours;
pub use reason::Reason;

/// How an item in a calendar shows. `free` items are dropped where they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not sure yet.
    Tentative,
    /// Busy.
    Busy,
    /// Away. Always counts as busy.
    OutOfOffice,
    /// At work, in another place.
    WorkingElsewhere,
    /// Outlook does not say.
    Unknown,
}

impl Status {
    /// The word for people.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Tentative => "tentatively booked",
            Self::Busy => "busy",
            Self::OutOfOffice => "out of office",
            Self::WorkingElsewhere => "working elsewhere",
            Self::Unknown => "not known to be free",
        }
    }
}

/// An item in a calendar, without what it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Busy {
    /// Begin.
    pub start: Timestamp,
    /// End.
    pub end: Timestamp,
    /// How it shows.
    pub status: Status,
}

/// What is asked for: somebody, or a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person.
    Person,
    /// A room.
    Room,
}

/// What a calendar shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Calendar {
    /// In any order; may overlap.
    pub busy: Vec<Busy>,
    /// None where there are none, as for rooms.
    pub hours: Option<WorkingHours>,
    /// Read from the merged view alone, which shows working elsewhere as free (microsoft-graph-docs-contrib#399).
    pub merged: bool,
}

/// One address and what is known of its calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The address as it was asked for.
    pub email: Address,
    /// Whose it is.
    pub kind: Kind,
    /// What it shows, or why that is not known.
    pub read: Result<Calendar, Reason>,
}

/// What something that is neither free nor busy counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counts {
    /// As busy.
    Busy,
    /// As free; a tentative item lowers the confidence.
    Free,
}

/// Whether something may be in a slot at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Admit {
    /// It may not.
    Exclude,
    /// It may, and lowers the confidence.
    Include,
}

/// How calendars are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Tentative items.
    pub tentative: Counts,
    /// Work in another place.
    pub working_elsewhere: Counts,
    /// Times outside of the person's working hours. Rooms have none.
    pub outside_working_hours: Admit,
    /// Calendars and items that are not known.
    pub unknown: Admit,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            tentative: Counts::Busy,
            working_elsewhere: Counts::Free,
            outside_working_hours: Admit::Exclude,
            unknown: Admit::Exclude,
        }
    }
}

/// Whether somebody is free at a time: see [`Schedule::at`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Nothing is in the way.
    Free,
    /// Something is.
    Taken(Status),
    /// Nobody can say.
    Unknown(Reason),
}

impl Schedule {
    /// Whether it is free from `start` to `end`, under the usual policy and whatever the working hours. `own` are
    /// times of the interview itself, which is no conflict with itself: one item with exactly these times each.
    pub fn at(&self, start: Timestamp, end: Timestamp, own: &[(Timestamp, Timestamp)]) -> Answer {
        let calendar = match &self.read {
            Ok(calendar) => calendar,
            Err(reason) => return Answer::Unknown(*reason),
        };
        let mut answer = Answer::Free;
        for item in member::without(&calendar.busy, own, (start, end)) {
            if item.end <= start || item.start >= end {
                continue;
            }
            match item.status {
                Status::WorkingElsewhere => {}
                Status::Unknown => answer = Answer::Unknown(Reason::StatusUnknown),
                taken @ (Status::Tentative | Status::Busy | Status::OutOfOffice) => {
                    return Answer::Taken(taken);
                }
            }
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-12-01T{text}:00Z").parse().expect("a time")
    }

    fn schedule(read: Result<Vec<(&str, &str, Status)>, Reason>) -> Schedule {
        let busy = |items: Vec<(&str, &str, Status)>| Calendar {
            busy: items
                .iter()
                .map(|(s, e, status)| Busy { start: at(s), end: at(e), status: *status })
                .collect(),
            ..Calendar::default()
        };
        let email = "carl@contoso.com".parse().expect("an address");
        Schedule { email, kind: Kind::Person, read: read.map(busy) }
    }

    #[test]
    fn what_is_not_known_is_never_free() {
        let unknown = schedule(Err(Reason::NoAccess));
        assert_eq!(unknown.at(at("10:00"), at("11:00"), &[]), Answer::Unknown(Reason::NoAccess));
        let item = schedule(Ok(vec![("10:30", "10:40", Status::Unknown)]));
        assert_eq!(item.at(at("10:00"), at("11:00"), &[]), Answer::Unknown(Reason::StatusUnknown));
        assert_eq!(item.at(at("10:40"), at("11:00"), &[]), Answer::Free);
    }

    #[test]
    fn the_interview_is_no_conflict_with_itself_but_another_one_at_its_time_is() {
        let own = [(at("10:00"), at("11:00"))];
        let once = schedule(Ok(vec![("10:00", "11:00", Status::Tentative)]));
        assert_eq!(once.at(at("10:30"), at("11:30"), &own), Answer::Free);
        assert_eq!(once.at(at("10:30"), at("11:30"), &[]), Answer::Taken(Status::Tentative));
        let cut = schedule(Ok(vec![("10:30", "11:00", Status::Tentative)]));
        assert_eq!(cut.at(at("10:30"), at("11:30"), &own), Answer::Free);
        assert_eq!(cut.at(at("10:15"), at("11:30"), &own), Answer::Taken(Status::Tentative), "another one");
        let twice =
            schedule(Ok(vec![("10:00", "11:00", Status::Tentative), ("10:00", "11:00", Status::Busy)]));
        assert_eq!(twice.at(at("10:30"), at("11:30"), &own), Answer::Taken(Status::Busy));
    }
}
