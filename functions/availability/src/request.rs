//! The body of a search, parsed; every fault is told at once.

use shared::domain::address::Address;
use shared::domain::availability::times::{Times, ceil, floor};
use shared::domain::availability::{Admit, Counts, Policy};
use shared::domain::ids::InterviewId;
use shared::domain::time::{Zone, zone};
use shared::input::{Faults, Object};
use shared::problem::{Code, Problem};

/// Twenty of them are one call to Microsoft.
const MOST_ADDRESSES: usize = 100;
const MOST_WINDOWS: usize = 50;
/// From the first window's begin to the last one's end.
const LONGEST_DAYS: i64 = 366;
const USUAL_STEP: u64 = 15;
const MINUTE: i64 = 60;

const COUNTS: [(&str, Counts); 2] = [("busy", Counts::Busy), ("free", Counts::Free)];
const ADMIT: [(&str, Admit); 2] = [("exclude", Admit::Exclude), ("include", Admit::Include)];

/// What is looked for, in which windows. Lengths in seconds; buffers lie before and after the interview.
pub struct Wanted {
    pub people: Vec<Address>,
    pub rooms: Vec<Address>,
    pub duration: i64,
    pub step: i64,
    pub windows: Times,
    pub zone: Zone,
    pub need: usize,
    pub needs_room: bool,
    pub buffers: (i64, i64),
    pub rescheduling: Option<InterviewId>,
    pub policy: Policy,
}

pub fn parse(body: &[u8]) -> Result<Wanted, Problem> {
    let faults = Faults::default();
    let input = Object::parse(body, &faults)?;
    let (people, rooms) = addresses(&input);
    let duration = minutes(&input, "duration_minutes");
    let duration = input.need("duration_minutes", duration);
    let name = input.zone();
    let windows = windows(&input, name.as_deref());
    let (need, needs_room) = need(&input, people.len(), rooms.len());
    let wanted = Wanted {
        duration: duration.unwrap_or(MINUTE),
        step: minutes(&input, "step_minutes").unwrap_or(USUAL_STEP.cast_signed() * MINUTE),
        windows,
        zone: zone(name.as_deref()),
        need,
        needs_room,
        buffers: input.object("buffers", |buffers| Some(around(buffers))).unwrap_or_default(),
        rescheduling: rescheduling(&input),
        policy: input.object("policy", |policy| Some(read_policy(policy))).unwrap_or_default(),
        people,
        rooms,
    };
    input.finish();
    faults.into_result()?;
    if wanted.windows.is_empty() { Err(Code::InvalidRequest.into()) } else { Ok(wanted) }
}

fn addresses(input: &Object<'_>) -> (Vec<Address>, Vec<Address>) {
    let people = input.addresses("people", MOST_ADDRESSES).unwrap_or_default();
    let rooms = input.addresses("rooms", MOST_ADDRESSES).unwrap_or_default();
    let nobody = people.is_empty() && rooms.is_empty();
    if nobody && input.value("people").is_none_or(|list| list.as_array().is_some()) {
        input.fault("people", "must name somebody, or rooms must");
    }
    for (name, own, other) in [("people", &people, None), ("rooms", &rooms, Some(&people))] {
        for (n, email) in own.iter().enumerate() {
            if own[..n].contains(email) || other.is_some_and(|other| other.contains(email)) {
                input.fault(&format!("{name}/{n}"), "is named twice");
            }
        }
    }
    (people, rooms)
}

fn minutes(input: &Object<'_>, name: &'static str) -> Option<i64> {
    input.number(name, 5..=1440).map(|minutes| minutes.cast_signed() * MINUTE)
}

fn windows(input: &Object<'_>, zone: Option<&str>) -> Times {
    let read = input.objects("windows", MOST_WINDOWS, |window| window.span(zone));
    let Some(read) = input.need("windows", read) else { return Times::default() };
    if input.value("windows").is_some_and(|list| list.as_array().is_some_and(Vec::is_empty)) {
        input.fault("windows", "must hold at least one");
    }
    let windows = Times::of(read.into_iter().map(|(start, end)| (floor(start), ceil(end))).collect());
    if windows.bounds().is_some_and(|(from, to)| to - from > LONGEST_DAYS * 24 * 60 * MINUTE) {
        input.fault("windows", format!("must lie within {LONGEST_DAYS} days"));
    }
    windows
}

/// How many people, and whether a room; all people, and a room if any is named, unless it is said.
fn need(input: &Object<'_>, people: usize, rooms: usize) -> (usize, bool) {
    let usual = (people, rooms > 0);
    let read = input.object("need", |need| {
        let of_people = need.number("people", 0..=people as u64);
        let of_rooms = need.number("rooms", 0..=rooms.min(1) as u64);
        let count = of_people.and_then(|count| usize::try_from(count).ok()).unwrap_or(usual.0);
        Some((count, of_rooms.map_or(usual.1, |count| count == 1)))
    });
    read.unwrap_or(usual)
}

fn around(buffers: &Object<'_>) -> (i64, i64) {
    let of = |name| buffers.number(name, 0..=240).unwrap_or(0).cast_signed() * MINUTE;
    (of("before_minutes"), of("after_minutes"))
}

fn rescheduling(input: &Object<'_>) -> Option<InterviewId> {
    let id = input.value("rescheduling")?.as_str().and_then(|text| text.parse().ok());
    if id.is_none() {
        input.fault("rescheduling", "must be the id of an interview");
    }
    id
}

fn read_policy(policy: &Object<'_>) -> Policy {
    let usual = Policy::default();
    let admit = |name, usual| policy.word(name, &ADMIT).unwrap_or(usual);
    let counts = |name, usual| policy.word(name, &COUNTS).unwrap_or(usual);
    Policy {
        tentative: counts("tentative", usual.tentative),
        working_elsewhere: counts("working_elsewhere", usual.working_elsewhere),
        outside_working_hours: admit("outside_working_hours", usual.outside_working_hours),
        unknown: admit("unknown", usual.unknown),
    }
}
