//! The answer of a search, as the API spells it. Nothing in it says what anybody is busy with.

use serde::Serialize;
use shared::availability::owner;
use shared::domain::availability::capped::{MOST_BUSY, Shown as Capped, capped};
use shared::domain::availability::hours::WorkingHours;
use shared::domain::availability::solve::Found;
use shared::domain::availability::times::instant;
use shared::domain::availability::{Calendar, Kind, Policy, Reason, Schedule, Status};
use shared::domain::time::{Instant, rfc3339};
use shared::problem::Owner;

use crate::moving::Moving;
use crate::request::Wanted;

/// Bytes that slots may take: Lambda refuses answers over 6 MB, and each slot names everybody who takes part.
const MOST_SLOT_BYTES: usize = 2_000_000;
/// A slot beside the addresses in it.
const SLOT_BYTES: usize = 160;

/// What is said beside slots and calendars.
pub(crate) struct Seen {
    pub(crate) as_of: Instant,
    pub(crate) moving: Moving,
}

#[derive(Serialize)]
pub(crate) struct Answer<'a> {
    slots: Vec<Slot<'a>>,
    schedules: Vec<Shown<'a>>,
    /// Nothing is missing.
    complete: bool,
    /// What is missing.
    incomplete: Vec<Missing>,
    rescheduling: Option<Rescheduling>,
    as_of: String,
    policy: Policy,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Missing {
    CalendarUnknown,
    WorkingHoursUnknown,
    ReschedulingUnknown,
    SlotsTruncated,
    BusyTruncated,
}

#[derive(Serialize)]
struct Slot<'a> {
    start: String,
    end: String,
    people: Vec<&'a str>,
    room: Option<&'a str>,
    confidence: u32,
}

#[derive(Serialize)]
struct Shown<'a> {
    email: &'a str,
    kind: Kind,
    state: &'static str,
    reason: Option<Reason>,
    detail: Option<&'static str>,
    fix: Option<Fix>,
    busy: Vec<Busy>,
    busy_truncated_at: Option<String>,
    working_hours: Option<Hours<'a>>,
}

#[derive(Serialize)]
struct Fix {
    owner: Owner,
    steps: [&'static str; 1],
}

#[derive(Serialize)]
struct Busy {
    start: String,
    end: String,
    status: Status,
}

#[derive(Serialize)]
struct Hours<'a> {
    /// Unknown: Exchange's words could not be read.
    state: &'static str,
    days: Vec<&'static str>,
    start: Option<String>,
    end: Option<String>,
    /// None where Exchange keeps rules in place of a name, or where it is not known.
    time_zone: Option<&'a str>,
}

#[derive(Serialize)]
struct Rescheduling {
    state: &'static str,
    start: Option<String>,
    end: Option<String>,
}

pub(crate) fn of<'a>(
    wanted: &'a Wanted,
    schedules: &'a [Schedule],
    found: &Found,
    seen: &Seen,
) -> Answer<'a> {
    let at = |instant: Instant| rfc3339(instant, &wanted.zone);
    let slots = slots(wanted, found, &at);
    let items =
        |schedule: &'a Schedule| schedule.read.as_ref().map_or(&[][..], |calendar| &calendar.busy[..]);
    let items: Vec<&[shared::domain::availability::Busy]> = schedules.iter().map(items).collect();
    let capped = capped(&items, MOST_BUSY);
    let calendars = || schedules.iter().filter_map(|schedule| schedule.read.as_ref().ok());
    let unclear = |hours: &WorkingHours| !hours.is_known();
    let missing = [
        (Missing::CalendarUnknown, schedules.iter().any(|schedule| schedule.read.is_err())),
        (
            Missing::WorkingHoursUnknown,
            calendars().any(|calendar| calendar.hours.as_ref().is_some_and(unclear)),
        ),
        (Missing::ReschedulingUnknown, seen.moving == Moving::Unknown),
        (Missing::SlotsTruncated, found.more || slots.len() < found.slots.len()),
        (Missing::BusyTruncated, capped.iter().any(|shown| shown.truncated_at.is_some())),
    ];
    let incomplete: Vec<Missing> = missing.into_iter().filter(|(_, is)| *is).map(|(what, _)| what).collect();
    let shown = |(schedule, capped)| shown(schedule, &capped, &at);
    Answer {
        slots,
        complete: incomplete.is_empty(),
        incomplete,
        schedules: schedules.iter().zip(capped).map(shown).collect(),
        rescheduling: rescheduling(seen.moving, &at),
        as_of: at(seen.as_of),
        policy: wanted.policy,
    }
}

/// As many as there is room for.
fn slots<'a>(wanted: &'a Wanted, found: &Found, at: &impl Fn(Instant) -> String) -> Vec<Slot<'a>> {
    let mut bytes = 0;
    let mut slots = Vec::with_capacity(found.slots.len());
    for slot in &found.slots {
        let choice = &found.choices[slot.choice];
        let people: Vec<&str> = choice.people.iter().map(|n| wanted.people[*n].as_str()).collect();
        bytes += SLOT_BYTES + people.iter().map(|email| email.len() + 5).sum::<usize>();
        if bytes > MOST_SLOT_BYTES {
            break;
        }
        slots.push(Slot {
            start: at(instant(slot.start)),
            end: at(instant(slot.start + wanted.duration)),
            people,
            room: choice.room.map(|n| wanted.rooms[n].as_str()),
            confidence: choice.confidence,
        });
    }
    slots
}

fn rescheduling(moving: Moving, at: &impl Fn(Instant) -> String) -> Option<Rescheduling> {
    let (state, times) = match moving {
        Moving::Nothing => return None,
        Moving::At(start, end) => ("present", Some((start, end))),
        Moving::Nowhere => ("absent", None),
        Moving::Unknown => ("unknown", None),
    };
    let (start, end) = times.map(|(start, end)| (at(start), at(end))).unzip();
    Some(Rescheduling { state, start, end })
}

fn shown<'a>(schedule: &'a Schedule, capped: &Capped<'_>, at: &impl Fn(Instant) -> String) -> Shown<'a> {
    let (state, reason, calendar) = match &schedule.read {
        Ok(calendar) => ("ok", None, Some(calendar)),
        Err(reason) => ("unknown", Some(*reason), None),
    };
    let one = |item: &shared::domain::availability::Busy| Busy {
        start: at(item.start),
        end: at(item.end),
        status: item.status,
    };
    Shown {
        email: schedule.email.as_str(),
        kind: schedule.kind,
        state,
        reason,
        detail: reason.map(Reason::words),
        fix: reason.map(|reason| Fix { owner: owner(reason), steps: [reason.step()] }),
        busy: capped.busy.iter().map(one).collect(),
        busy_truncated_at: capped.truncated_at.map(at),
        working_hours: calendar.and_then(hours),
    }
}

fn hours(calendar: &Calendar) -> Option<Hours<'_>> {
    let hours = calendar.hours.as_ref()?;
    let state = if hours.is_known() { "known" } else { "unknown" };
    // Hours of which not even the days can be read have no times, either.
    let times = (hours.is_known() || !hours.days.is_empty()).then(|| hours.clock_times());
    let (start, end) = times.map(|[start, end]| (start, end)).unzip();
    Some(Hours { state, days: hours.day_names(), start, end, time_zone: hours.zone_name() })
}
