//! A time zone that has no name but rules, as Exchange keeps it for some mailboxes (Graph resource types
//! `customTimeZone`, `standardTimeZoneOffset`, `daylightTimeZoneOffset`).
//!
//! Exchange counts as Windows does: UTC = local time + bias, so the bias of Madrid is -60; the bias of daylight time
//! is added to it; and a rule's time is what the clock shows just before it is changed.

use jiff::civil::{Date, Weekday};

/// Offset of UTC, in seconds, from an instant on.
pub type Change = (i64, i64);

/// A clock's change, every year or in one year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// 1 to 12.
    pub month: i8,
    /// Day of the week.
    pub weekday: Weekday,
    /// Which of them in the month; 5 is the last one.
    pub occurrence: i8,
    /// Seconds since midnight.
    pub time: i64,
    /// Only in that year; 0 is every year.
    pub year: i16,
}

/// A zone of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CustomZone {
    /// Minutes: UTC = standard time + bias.
    pub bias: i64,
    /// Minutes that are added to the bias in daylight time.
    pub daylight_bias: i64,
    /// To standard time and to daylight time; none where the clock is never changed.
    pub rules: Option<(Rule, Rule)>,
}

impl Rule {
    /// Local seconds of the change in a year.
    fn local(&self, year: i16) -> Option<i64> {
        if self.year != 0 && self.year != year {
            return None;
        }
        let first = Date::new(year, self.month, 1).ok()?;
        let nth = if self.occurrence >= 5 { -1 } else { self.occurrence.max(1) };
        let day = first.nth_weekday_of_month(nth, self.weekday).ok()?;
        let epoch = Date::constant(1970, 1, 1);
        Some(i64::from(epoch.until(day).ok()?.get_days()) * 86_400 + self.time)
    }
}

impl CustomZone {
    /// The changes of the clock in these years, in order.
    fn changes(&self, years: std::ops::RangeInclusive<i16>) -> Vec<Change> {
        let Some((to_standard, to_daylight)) = self.rules else { return Vec::new() };
        let (standard, daylight) = (self.standard(), self.daylight());
        let mut changes: Vec<Change> = years
            .flat_map(|year| {
                let back = to_standard.local(year).map(|local| (local - daylight, standard));
                let on = to_daylight.local(year).map(|local| (local - standard, daylight));
                [back, on].into_iter().flatten()
            })
            .collect();
        changes.sort_unstable();
        changes
    }

    fn standard(&self) -> i64 {
        -self.bias * 60
    }

    fn daylight(&self) -> i64 {
        -(self.bias + self.daylight_bias) * 60
    }

    /// The offset at `from`, and every change until `to`.
    pub fn offsets(&self, from: i64, to: i64) -> Vec<Change> {
        let year = |second: i64| jiff::tz::TimeZone::UTC.to_datetime(super::times::instant(second)).year();
        let changes = self.changes(year(from).saturating_sub(1)..=year(to).saturating_add(1));
        let before =
            changes.iter().rev().find(|(at, _)| *at <= from).map_or(self.standard(), |(_, offset)| *offset);
        let after = changes.into_iter().filter(|(at, _)| *at > from && *at < to);
        std::iter::once((from, before)).chain(after).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::*;

    fn rule(month: i8, occurrence: i8, hour: i64) -> Rule {
        Rule { month, weekday: Weekday::Sunday, occurrence, time: hour * 3600, year: 0 }
    }

    #[test]
    fn rules_give_the_offsets_of_the_zone_that_has_them() {
        let madrid =
            CustomZone { bias: -60, daylight_bias: -60, rules: Some((rule(10, 5, 3), rule(3, 5, 2))) };
        let pacific =
            CustomZone { bias: 480, daylight_bias: -60, rules: Some((rule(11, 1, 2), rule(3, 2, 2))) };
        let lord_howe =
            CustomZone { bias: -630, daylight_bias: -30, rules: Some((rule(4, 1, 2), rule(10, 1, 2))) };
        for (custom, name) in
            [(madrid, "Europe/Madrid"), (pacific, "America/Los_Angeles"), (lord_howe, "Australia/Lord_Howe")]
        {
            let named = TimeZone::get(name).expect("a zone");
            let from = "2026-01-01T00:00:00Z".parse::<Timestamp>().expect("a time").as_second();
            for hour in 0..(2 * 365 * 24) {
                let at = from + hour * 3600;
                let offset = i64::from(named.to_offset(super::super::times::instant(at)).seconds());
                assert_eq!(custom.offsets(at, at + 1), [(at, offset)], "{name} after {hour} hours");
            }
            assert_eq!(custom.offsets(from, from + 365 * 86_400).len(), 3, "{name}: two changes a year");
        }
    }

    #[test]
    fn a_zone_without_rules_never_changes() {
        let nepal = CustomZone { bias: -345, daylight_bias: 0, rules: None };
        assert_eq!(nepal.offsets(0, 400 * 86_400), [(0, 5 * 3600 + 45 * 60)]);
    }
}
