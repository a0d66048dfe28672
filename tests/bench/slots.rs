//! How long the search for slots takes: fifty people, ten rooms, 62 days, a start every quarter of an hour. The goal is
//! below 5 ms. `cargo bench -p acceptance`.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use shared::domain::availability::hours::{Clock, WorkingHours};
use shared::domain::availability::member::Member;
use shared::domain::availability::solve::{Search, solve};
use shared::domain::availability::times::{Times, instant};
use shared::domain::availability::{Busy, Calendar, Kind, Policy, Schedule, Status};

const DAYS: i64 = 62;
const DAY: i64 = 86_400;
/// 1 March 2027: the clock of Paris is put on within the window.
const BEGIN: i64 = 1_803_859_200;
const ZONES: [&str; 3] = ["Europe/Paris", "America/New_York", "Asia/Kathmandu"];

/// Six meetings a day at odd times, the same in every run.
fn schedule(person: i64, kind: Kind) -> Schedule {
    let busy = (0..DAYS * 6).map(|n| {
        let start = BEGIN + n / 6 * DAY + 7 * 3600 + (n % 6 * 5400 + (person * 37 + n * 53) % 4200) / 60 * 60;
        let status = if (n + person) % 9 == 0 { Status::Tentative } else { Status::Busy };
        Busy { start: instant(start), end: instant(start + 1800 + (n % 3) * 900), status }
    });
    let days = [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];
    let zone = ZONES[usize::try_from(person % 3).expect("a place")];
    let hours = WorkingHours {
        days: days.to_vec(),
        start: Time::constant(8, 0, 0, 0),
        end: Time::constant(17, 30, 0, 0),
        clock: Clock::Named(TimeZone::get(zone).expect("a zone")),
    };
    let email = format!("p{person}@contoso.com").parse().expect("an address");
    let hours = (kind == Kind::Person).then_some(hours);
    Schedule { email, kind, read: Ok(Calendar { busy: busy.collect(), hours, merged: false }) }
}

fn slots(criterion: &mut Criterion) {
    let range = (BEGIN, BEGIN + DAYS * DAY);
    let windows = Times::one(range.0, range.1);
    let all: Vec<Schedule> =
        (0..50).map(|n| schedule(n, Kind::Person)).chain((50..60).map(|n| schedule(n, Kind::Room))).collect();
    let members = || -> Vec<Member> {
        all.iter().map(|schedule| Member::of(schedule, &Policy::default(), &[], range)).collect()
    };
    let read = members();
    let search = |members: &[Member]| {
        let (people, rooms) = members.split_at(50);
        let (duration, step, buffers) = (45 * 60, 15 * 60, (600, 600));
        let most = usize::MAX;
        solve(&Search { windows: &windows, duration, step, buffers, need: 4, people, rooms, most })
    };
    assert!(!search(&read).slots.is_empty(), "there is something to find");
    criterion.bench_function("slots: 50 people, 10 rooms, 62 days", |bench| {
        bench.iter(|| search(black_box(&read)));
    });
    criterion.bench_function("the same, calendars and working hours included", |bench| {
        bench.iter(|| search(&black_box(members())));
    });
}

criterion_group!(benches, slots);
criterion_main!(benches);
