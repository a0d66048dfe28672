//! Every zone of the database, across every change of its clock.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::tz::Offset;
use proptest::prelude::*;

use super::*;

/// 1970 to 2037.
const YEARS: std::ops::Range<i64> = 0..2_114_380_800;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("time")
}

/// What the clock does with a local time, without the library's own answer: every offset of these days is tried.
fn instants(local: DateTime, zone: &TimeZone, near: Timestamp) -> BTreeSet<Timestamp> {
    let offsets: BTreeSet<i32> = (-3..=3)
        .map(|days| zone.to_offset(near + SignedDuration::from_hours(days * 24)).seconds())
        .chain([zone.to_offset(near - SignedDuration::from_secs(1)).seconds()])
        .collect();
    let read = offsets.into_iter().filter_map(|s| Offset::from_seconds(s).ok()?.to_timestamp(local).ok());
    read.filter(|instant| zone.to_datetime(*instant) == local).collect()
}

fn check(local: DateTime, zone: &TimeZone, near: Timestamp, name: &str) {
    let meant = instants(local, zone, near);
    match resolve(local, zone) {
        Ok(instant) => assert_eq!(meant, BTreeSet::from([instant]), "{name} {local}"),
        Err(twice) => {
            assert_ne!(meant.len(), 1, "{name} {local} is one instant");
            assert_eq!(twice.doubled, meant.len() == 2, "{name} {local}");
            let read = twice.candidates.each_ref().map(|text| text.parse::<Timestamp>().expect("RFC 3339"));
            assert!(read[0] < read[1], "{name} {local}: the earlier first");
            if twice.doubled {
                assert_eq!(meant, BTreeSet::from(read), "{name} {local}");
            } else {
                // A skipped time lies between its readings: what the clock shows then is before and after it.
                let shown = read.map(|instant| zone.to_datetime(instant));
                assert!(shown[0] < local && local < shown[1], "{name} {local}: {shown:?}");
            }
        }
    }
}

#[test]
fn around_every_change_of_every_clock_a_local_time_is_exact_or_refused_with_both_readings() {
    let (mut zones, mut changes) = (0, 0);
    for name in jiff::tz::db().available() {
        let zone = TimeZone::get(name.as_str()).expect("a zone of the list");
        zones += 1;
        for change in zone.following(at(YEARS.start)).take_while(|change| change.timestamp() < at(YEARS.end))
        {
            let moment = change.timestamp();
            let before = zone.to_offset(moment - SignedDuration::from_secs(1)).to_datetime(moment);
            let after = change.offset().to_datetime(moment);
            let (low, high) = (before.min(after), before.max(after));
            if low == high {
                continue;
            }
            changes += 1;
            let second = SignedDuration::from_secs(1);
            let middle = low + SignedDuration::from_secs(high.duration_since(low).as_secs() / 2);
            for local in [low - second, low, middle, high - second, high] {
                check(local, &zone, moment, name.as_str());
            }
        }
    }
    assert!(zones > 400 && changes > 20_000, "{zones} zones, {changes} changes");
}

proptest! {
    #[test]
    fn what_a_clock_shows_is_read_back(index in any::<prop::sample::Index>(), second in YEARS) {
        let names: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
        let zone = TimeZone::get(&names[index.index(names.len())]).expect("a zone of the list");
        let instant = at(second);
        match resolve(zone.to_datetime(instant), &zone) {
            Ok(read) => prop_assert_eq!(read, instant),
            Err(twice) => {
                let read = twice.candidates.map(|text| text.parse::<Timestamp>().expect("RFC 3339"));
                prop_assert!(twice.doubled && read.contains(&instant));
            }
        }
    }
}
