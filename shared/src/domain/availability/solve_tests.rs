//! The solver against a model that looks at every minute, on random calendars.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::super::custom_zone::{CustomZone, Rule};
use super::super::hours::{Clock, WorkingHours};
use super::super::member::Member;
use super::super::times::{Times, instant};
use super::super::{Admit, Busy, Calendar, Counts, Kind, Policy, Reason, Schedule, Status};
use super::{Choice, NOT_KNOWN, RATHER_NOT, SURE, Search, solve};

/// Weeks in which some clock is changed, and plain ones: where the grid of minutes begins.
const BEGINS: [&str; 6] = [
    "2026-03-28T00:00:00Z",
    "2026-10-24T00:00:00Z",
    "2026-11-01T00:00:00Z",
    "2026-04-04T00:00:00Z",
    "2026-10-03T00:00:00Z",
    "2026-12-01T00:00:00Z",
];
const ZONES: [&str; 5] =
    ["Europe/Paris", "America/New_York", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"];
/// Two days.
const MINUTES: i64 = 2 * 24 * 60;

/// A case, in minutes since its begin.
#[derive(Debug, Clone)]
struct Case {
    begin: i64,
    windows: Vec<(i64, i64)>,
    duration: i64,
    step: i64,
    buffers: (i64, i64),
    need: usize,
    policy: Policy,
    own: Option<(i64, i64)>,
    people: Vec<Schedule>,
    rooms: Vec<Schedule>,
}

fn minute(begin: i64, minute: i64) -> Timestamp {
    instant(begin + minute * 60)
}

fn status() -> impl Strategy<Value = Status> {
    prop::sample::select(vec![
        Status::Tentative,
        Status::Busy,
        Status::OutOfOffice,
        Status::WorkingElsewhere,
        Status::Unknown,
    ])
}

/// Items begin on quarters mostly, so that edges meet.
fn items(begin: i64) -> impl Strategy<Value = Vec<Busy>> {
    let item =
        (0..MINUTES / 15, 1..20_i64, 0..3_i64, status()).prop_map(move |(start, length, odd, status)| Busy {
            start: minute(begin, start * 15),
            end: minute(begin, start * 15 + length * 15 - odd * 7),
            status,
        });
    prop::collection::vec(item, 0..12)
}

fn clock() -> impl Strategy<Value = Clock> {
    let rule = |month, occurrence, time| Rule { month, weekday: Weekday::Sunday, occurrence, time, year: 0 };
    let rules = Some((rule(10, 5, 3 * 3600), rule(3, 5, 2 * 3600)));
    prop_oneof![
        8 => prop::sample::select(ZONES.to_vec())
            .prop_map(|zone| Clock::Named(TimeZone::get(zone).expect("a zone"))),
        1 => Just(Clock::Custom(CustomZone { bias: -60, daylight_bias: -60, rules })),
        1 => Just(Clock::Unknown),
    ]
}

fn hours() -> impl Strategy<Value = Option<WorkingHours>> {
    let days = prop::sample::subsequence((0..7).collect::<Vec<i8>>(), 3..7);
    let hours = (days, 0..24_i8, 0..24_i8, clock()).prop_map(|(days, start, end, clock)| WorkingHours {
        days: days.into_iter().map(|n| Weekday::from_monday_zero_offset(n).expect("a day")).collect(),
        start: Time::constant(start, 30, 0, 0),
        end: Time::constant(end, 15, 0, 0),
        clock,
    });
    prop::option::of(hours)
}

fn schedule(begin: i64, kind: Kind) -> impl Strategy<Value = Schedule> {
    let known = (items(begin), hours()).prop_map(|(busy, hours)| Ok(Calendar { busy, hours, merged: false }));
    let read = prop_oneof![9 => known, 1 => Just(Err(Reason::NoAccess))];
    read.prop_map(move |read| Schedule { email: "a@b.example".parse().expect("an address"), kind, read })
}

fn policy() -> impl Strategy<Value = Policy> {
    let counts = || prop::sample::select(vec![Counts::Busy, Counts::Free]);
    let admit = || prop::sample::select(vec![Admit::Exclude, Admit::Include]);
    (counts(), counts(), admit(), admit()).prop_map(
        |(tentative, working_elsewhere, outside_working_hours, unknown)| Policy {
            tentative,
            working_elsewhere,
            outside_working_hours,
            unknown,
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    let begin = prop::sample::select(BEGINS.to_vec())
        .prop_map(|text| text.parse::<Timestamp>().expect("a time").as_second());
    begin.prop_flat_map(|begin| {
        let windows = prop::collection::vec((0..MINUTES, 0..MINUTES), 1..4);
        let people = prop::collection::vec(schedule(begin, Kind::Person), 0..5);
        let rooms = prop::collection::vec(schedule(begin, Kind::Room), 0..3);
        let lengths = (1..120_i64, 1..60_i64, (0..20_i64, 0..20_i64), 0..5_usize);
        (windows, people, rooms, lengths, policy(), prop::bool::ANY).prop_map(
            move |(windows, people, rooms, (duration, step, buffers, need), policy, moves)| {
                let own = people.first().and_then(|p| p.read.as_ref().ok()?.busy.first().copied());
                let own = own
                    .filter(|_| moves)
                    .map(|item| ((item.start.as_second() - begin) / 60, (item.end.as_second() - begin) / 60));
                let need = need.min(people.len());
                Case { begin, windows, duration, step, buffers, need, policy, own, people, rooms }
            },
        )
    })
}

/// How sure this member is for the minutes `from..to`, with `wide` around them; none if he cannot.
fn look(
    case: &Case,
    schedule: &Schedule,
    (from, to): (i64, i64),
    (wide_from, wide_to): (i64, i64),
) -> Option<u32> {
    let exclude = |admit: Admit| admit == Admit::Exclude;
    let Ok(calendar) = &schedule.read else {
        return (!exclude(case.policy.unknown)).then_some(NOT_KNOWN);
    };
    let mut sure = SURE;
    let mut own_left = case.own;
    for item in &calendar.busy {
        let (start, end) =
            ((item.start.as_second() - case.begin) / 60, (item.end.as_second() - case.begin) / 60);
        if own_left == Some((start, end)) {
            own_left = None;
            continue;
        }
        if !(wide_from..wide_to).any(|minute| start <= minute && minute < end) {
            continue;
        }
        match item.status {
            Status::Busy | Status::OutOfOffice => return None,
            Status::Tentative if case.policy.tentative == Counts::Busy => return None,
            Status::Tentative => sure = sure.min(RATHER_NOT),
            Status::WorkingElsewhere if case.policy.working_elsewhere == Counts::Busy => return None,
            Status::WorkingElsewhere => {}
            Status::Unknown if exclude(case.policy.unknown) => return None,
            Status::Unknown => sure = sure.min(NOT_KNOWN),
        }
    }
    if schedule.kind == Kind::Person
        && let Some(hours) = &calendar.hours
    {
        match (from..to).all(|m| works(hours, minute(case.begin, m)).unwrap_or(false)) {
            true => {}
            false if exclude(case.policy.outside_working_hours) && hours.clock != Clock::Unknown => {
                return None;
            }
            false => sure = sure.min(RATHER_NOT),
        }
    }
    Some(sure)
}

/// Whether the wall clock shows a working hour.
fn works(hours: &WorkingHours, at: Timestamp) -> Option<bool> {
    let wall = match &hours.clock {
        Clock::Named(zone) => zone.clone(),
        // The rules of this one are those of Madrid.
        Clock::Custom(_) => TimeZone::get("Europe/Madrid").expect("a zone"),
        Clock::Unknown => return None,
    };
    let local = wall.to_datetime(at);
    let day = |weekday: Weekday| hours.days.contains(&weekday);
    let (today, yesterday) = (day(local.date().weekday()), day(local.date().weekday().previous()));
    let (time, over) = (local.time(), hours.end <= hours.start);
    Some(if over {
        today && time >= hours.start || yesterday && time < hours.end
    } else {
        today && hours.start <= time && time < hours.end
    })
}

fn model(case: &Case) -> Vec<(i64, Choice)> {
    // Windows that overlap or touch are one.
    let inside: Vec<bool> =
        (0..MINUTES).map(|m| case.windows.iter().any(|(from, to)| *from <= m && m < *to)).collect();
    let mut slots = Vec::new();
    let mut begin = None;
    for minute in 0..MINUTES {
        let within = |m: i64| usize::try_from(m).is_ok_and(|m| inside.get(m) == Some(&true));
        if !within(minute) {
            begin = None;
            continue;
        }
        let begin = *begin.get_or_insert(minute);
        let (slot, wide) = (
            (minute, minute + case.duration),
            (minute - case.buffers.0, minute + case.duration + case.buffers.1),
        );
        if (minute - begin) % case.step != 0 || !(slot.0..slot.1).all(within) {
            continue;
        }
        let mut people: Vec<(usize, u32)> = case
            .people
            .iter()
            .enumerate()
            .filter_map(|(n, person)| Some((n, look(case, person, slot, wide)?)))
            .collect();
        people.sort_by_key(|(n, sure)| (std::cmp::Reverse(*sure), *n));
        let mut rooms: Vec<(usize, u32)> = case
            .rooms
            .iter()
            .enumerate()
            .filter_map(|(n, room)| Some((n, look(case, room, slot, wide)?)))
            .collect();
        rooms.sort_by_key(|(n, sure)| (std::cmp::Reverse(*sure), *n));
        if people.len() < case.need || (rooms.is_empty() && !case.rooms.is_empty()) {
            continue;
        }
        let (chosen, room) = (&people[..case.need], rooms.first());
        let sure: Vec<u32> = chosen.iter().chain(room).map(|(_, sure)| *sure).collect();
        let count = u32::try_from(sure.len()).expect("a count");
        let confidence = sure.iter().sum::<u32>().checked_div(count).unwrap_or(SURE);
        let mut people: Vec<usize> = chosen.iter().map(|(n, _)| *n).collect();
        people.sort_unstable();
        slots.push((minute, Choice { people, room: room.map(|(n, _)| *n), confidence }));
    }
    slots
}

fn solved(case: &Case) -> Vec<(i64, Choice)> {
    let second = |minute: &i64| case.begin + minute * 60;
    let windows = Times::of(case.windows.iter().map(|(from, to)| (second(from), second(to))).collect());
    let own: Vec<_> =
        case.own.iter().map(|(s, e)| (minute(case.begin, *s), minute(case.begin, *e))).collect();
    let range = (second(&-60), second(&(MINUTES + 60)));
    let member = |schedule: &Schedule| Member::of(schedule, &case.policy, &own, range);
    let (people, rooms): (Vec<_>, Vec<_>) =
        (case.people.iter().map(member).collect(), case.rooms.iter().map(member).collect());
    let found = solve(&Search {
        windows: &windows,
        duration: case.duration * 60,
        step: case.step * 60,
        buffers: (case.buffers.0 * 60, case.buffers.1 * 60),
        need: case.need,
        people: &people,
        rooms: &rooms,
        most: usize::MAX,
    });
    found
        .slots
        .iter()
        .map(|slot| ((slot.start - case.begin) / 60, found.choices[slot.choice].clone()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_sweep_finds_what_looking_at_every_minute_finds(case in case()) {
        prop_assert_eq!(solved(&case), model(&case));
    }
}

#[test]
fn it_stops_after_so_many_and_says_so() {
    let windows = Times::one(0, 3600);
    let search = Search {
        windows: &windows,
        duration: 900,
        step: 900,
        buffers: (0, 0),
        need: 0,
        people: &[],
        rooms: &[],
        most: 3,
    };
    let found = solve(&search);
    assert_eq!((found.slots.len(), found.more, found.choices.len()), (3, true, 1));
    let found = solve(&Search { most: 4, ..search });
    assert_eq!((found.slots.len(), found.more), (4, false));
    assert_eq!(solve(&Search { duration: 3601, ..search }).slots, []);
}
