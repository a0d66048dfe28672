//! The answer of a search, as the API spells it. Nothing in it says what anybody is busy with.

use serde::Serialize;
use shared::domain::availability::solve::Found;
use shared::domain::availability::times::instant;
use shared::domain::availability::{Calendar, Kind, Policy, Reason, Schedule, Status};
use shared::domain::time::{Instant, rfc3339};

use crate::request::Wanted;

#[derive(Serialize)]
pub(crate) struct Answer<'a> {
    slots: Vec<Slot<'a>>,
    schedules: Vec<Shown<'a>>,
    /// Every calendar was read, and every slot is listed.
    complete: bool,
    as_of: String,
    policy: Policy,
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
    busy: Vec<Busy>,
    working_hours: Option<Hours<'a>>,
}

#[derive(Serialize)]
struct Busy {
    start: String,
    end: String,
    status: Status,
}

#[derive(Serialize)]
struct Hours<'a> {
    days: Vec<&'static str>,
    start: String,
    end: String,
    /// None where Exchange keeps rules in place of a name.
    time_zone: Option<&'a str>,
}

pub(crate) fn of<'a>(
    wanted: &'a Wanted,
    schedules: &'a [Schedule],
    found: &Found,
    as_of: Instant,
) -> Answer<'a> {
    let at = |instant: Instant| rfc3339(instant, &wanted.zone);
    let slots = found.slots.iter().map(|slot| {
        let choice = &found.choices[slot.choice];
        Slot {
            start: at(instant(slot.start)),
            end: at(instant(slot.start + wanted.duration)),
            people: choice.people.iter().map(|n| wanted.people[*n].as_str()).collect(),
            room: choice.room.map(|n| wanted.rooms[n].as_str()),
            confidence: choice.confidence,
        }
    });
    Answer {
        slots: slots.collect(),
        complete: !found.more && schedules.iter().all(|schedule| schedule.read.is_ok()),
        schedules: schedules.iter().map(|schedule| shown(schedule, &at)).collect(),
        as_of: at(as_of),
        policy: wanted.policy,
    }
}

fn shown<'a>(schedule: &'a Schedule, at: &impl Fn(Instant) -> String) -> Shown<'a> {
    let (state, reason, calendar) = match &schedule.read {
        Ok(calendar) => ("ok", None, Some(calendar)),
        Err(reason) => ("unknown", Some(*reason), None),
    };
    Shown {
        email: schedule.email.as_str(),
        kind: schedule.kind,
        state,
        reason,
        busy: calendar.map(|calendar| busy(calendar, at)).unwrap_or_default(),
        working_hours: calendar.and_then(hours),
    }
}

fn busy(calendar: &Calendar, at: &impl Fn(Instant) -> String) -> Vec<Busy> {
    let one = |item: &shared::domain::availability::Busy| Busy {
        start: at(item.start),
        end: at(item.end),
        status: item.status,
    };
    calendar.busy.iter().map(one).collect()
}

fn hours(calendar: &Calendar) -> Option<Hours<'_>> {
    let hours = calendar.hours.as_ref()?;
    let [start, end] = hours.clock_times();
    Some(Hours { days: hours.day_names(), start, end, time_zone: hours.zone_name() })
}
