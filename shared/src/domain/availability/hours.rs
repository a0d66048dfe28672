//! Working hours: what the clock on a person's wall shows, as instants.
//!
//! A zone is a row of offsets. Within each, the wall clock runs evenly, so the hours of a day are cut out of it by
//! plain arithmetic: an hour that the clock shows twice is worked twice, one that it skips not at all.

use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;

use super::custom_zone::{Change, CustomZone};
use super::times::{Interval, Times, instant};

const DAY: i64 = 86_400;

/// The clock by which somebody works.
#[derive(Debug, Clone, PartialEq)]
pub enum Clock {
    /// A zone of the time zone database.
    Named(TimeZone),
    /// A zone that has rules and no name.
    Custom(CustomZone),
    /// Exchange names a zone that nobody knows. Then nobody knows these hours either.
    Unknown,
}

/// When somebody works.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkingHours {
    /// On these days, by the day on which the work begins.
    pub days: Vec<Weekday>,
    /// From.
    pub start: Time,
    /// To; on the next day if that is not after `start`.
    pub end: Time,
    /// Whose clock.
    pub clock: Clock,
}

impl WorkingHours {
    /// When the person works between `from` and `to`; none if the clock is not known.
    pub fn times(&self, from: i64, to: i64) -> Option<Times> {
        let offsets = match &self.clock {
            Clock::Named(zone) => offsets(zone, from, to),
            Clock::Custom(zone) => zone.offsets(from, to),
            Clock::Unknown => return None,
        };
        let ends = offsets.iter().skip(1).map(|(at, _)| *at).chain([to]);
        let mut worked = Vec::new();
        for ((start, offset), end) in offsets.iter().zip(ends) {
            self.within((*start, end), *offset, &mut worked);
        }
        Some(Times::of(worked))
    }

    /// The hours of all days that touch an interval in which the offset stays the same.
    fn within(&self, (from, to): Interval, offset: i64, into: &mut Vec<Interval>) {
        let seconds = |time: Time| {
            i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second())
        };
        let (start, end) = (seconds(self.start), seconds(self.end));
        let end = if end <= start { end + DAY } else { end };
        // One day more on the left: its hours may reach over midnight.
        let first = (from + offset).div_euclid(DAY) - 1;
        let last = (to + offset).div_euclid(DAY);
        for day in (first..=last).filter(|day| self.days.contains(&weekday(*day))) {
            let midnight = day * DAY - offset;
            into.push(((midnight + start).max(from), (midnight + end).min(to)));
        }
    }

    /// Whether it is known when these hours are.
    pub fn is_known(&self) -> bool {
        self.clock != Clock::Unknown
    }

    /// Names of the days, in the order in which they are told.
    pub fn day_names(&self) -> Vec<&'static str> {
        const NAMES: [&str; 7] =
            ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
        let name = |day: &Weekday| NAMES.get(usize::try_from(day.to_monday_zero_offset()).ok()?).copied();
        self.days.iter().filter_map(name).collect()
    }

    /// Begin and end as `08:30`.
    pub fn clock_times(&self) -> [String; 2] {
        [self.start, self.end].map(|time| time.strftime("%H:%M").to_string())
    }

    /// The zone's IANA name, if it has one.
    pub fn zone_name(&self) -> Option<&str> {
        match &self.clock {
            Clock::Named(zone) => zone.iana_name(),
            Clock::Custom(_) | Clock::Unknown => None,
        }
    }
}

/// The weekday of a day since the epoch, which was a Thursday.
fn weekday(day: i64) -> Weekday {
    let number = i8::try_from((day + 3).rem_euclid(7)).unwrap_or_default();
    Weekday::from_monday_zero_offset(number).unwrap_or(Weekday::Monday)
}

/// The offset at `from`, and every change until `to`.
fn offsets(zone: &TimeZone, from: i64, to: i64) -> Vec<Change> {
    let begin = instant(from);
    let changes = zone
        .following(begin)
        .map(|change| (change.timestamp().as_second(), i64::from(change.offset().seconds())))
        .take_while(|(at, _)| *at < to);
    std::iter::once((from, i64::from(zone.to_offset(begin).seconds()))).chain(changes).collect()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::custom_zone::Rule;
    use super::*;

    const WEEK: [Weekday; 5] =
        [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

    fn hours(days: &[Weekday], start: &str, end: &str, clock: Clock) -> WorkingHours {
        let time = |text: &str| text.parse().expect("a time");
        WorkingHours { days: days.to_vec(), start: time(start), end: time(end), clock }
    }

    fn named(name: &str) -> Clock {
        Clock::Named(TimeZone::get(name).expect("a zone"))
    }

    /// Every minute from `from` on, for so many days, is worked if and only if the wall clock says so.
    fn agrees_with_the_wall(hours: &WorkingHours, wall: &TimeZone, from: &str, days: i64) {
        let from = from.parse::<Timestamp>().expect("a time").as_second();
        let to = from + days * DAY;
        let worked = hours.times(from, to).expect("a known clock");
        let over = hours.end <= hours.start;
        for minute in (from..to).step_by(60) {
            let local = wall.to_datetime(instant(minute));
            let today = hours.days.contains(&local.date().weekday());
            let yesterday = hours.days.contains(&local.date().weekday().previous());
            let wanted = if over {
                today && local.time() >= hours.start || yesterday && local.time() < hours.end
            } else {
                today && hours.start <= local.time() && local.time() < hours.end
            };
            let got = worked.iter().any(|(start, end)| start <= minute && minute < end);
            assert_eq!(got, wanted, "{local} in {wall:?}");
        }
    }

    #[test]
    fn the_week_in_which_the_clock_changes_is_right_to_the_minute() {
        for (zone, from) in [
            ("Europe/Paris", "2026-03-26T00:00:00Z"),
            ("Europe/Paris", "2026-10-22T00:00:00Z"),
            ("America/New_York", "2026-03-05T00:00:00Z"),
            ("America/New_York", "2026-10-29T00:00:00Z"),
            ("America/Sao_Paulo", "2018-11-01T00:00:00Z"),
            ("America/Sao_Paulo", "2026-11-01T00:00:00Z"),
            ("Australia/Lord_Howe", "2026-04-02T00:00:00Z"),
            ("Australia/Lord_Howe", "2026-10-01T00:00:00Z"),
            ("Asia/Kathmandu", "2026-03-26T00:00:00Z"),
        ] {
            let wall = TimeZone::get(zone).expect("a zone");
            let all = [WEEK.as_slice(), &[Weekday::Saturday, Weekday::Sunday]].concat();
            agrees_with_the_wall(&hours(&WEEK, "08:30", "17:00", named(zone)), &wall, from, 7);
            // A night shift, and one that ends within the hour that is skipped or doubled.
            agrees_with_the_wall(&hours(&all, "22:00", "06:00", named(zone)), &wall, from, 7);
            agrees_with_the_wall(&hours(&all, "00:15", "02:15", named(zone)), &wall, from, 7);
        }
    }

    #[test]
    fn a_zone_of_rules_is_read_as_the_named_one_that_has_them() {
        let rule =
            |month, occurrence, time| Rule { month, weekday: Weekday::Sunday, occurrence, time, year: 0 };
        let rules = Some((rule(4, 1, 7200), rule(10, 1, 7200)));
        let lord_howe = Clock::Custom(CustomZone { bias: -630, daylight_bias: -30, rules });
        let wall = TimeZone::get("Australia/Lord_Howe").expect("a zone");
        for from in ["2026-04-02T00:00:00Z", "2026-10-01T00:00:00Z"] {
            agrees_with_the_wall(&hours(&WEEK, "09:00", "17:30", lord_howe.clone()), &wall, from, 7);
        }
    }

    #[test]
    fn hours_around_the_clock_leave_no_gap_and_no_day_none() {
        let all = [WEEK.as_slice(), &[Weekday::Saturday, Weekday::Sunday]].concat();
        let always = hours(&all, "00:00", "00:00", named("Europe/Paris"));
        assert_eq!(always.times(0, 30 * DAY), Some(Times::one(0, 30 * DAY)));
        assert_eq!(hours(&[], "08:00", "17:00", named("UTC")).times(0, 30 * DAY), Some(Times::default()));
        assert_eq!(hours(&WEEK, "08:00", "17:00", Clock::Unknown).times(0, 30 * DAY), None);
    }
}
