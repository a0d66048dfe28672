//! The window of a `getSchedule` call and the interval of its view. Every call takes both from here, because Exchange
//! judges them against each other: 5 <= interval <= 1440 minutes, the interval at most the window, and the window
//! shorter than 62 days (microsoft-graph-docs#6450, PlaceOS/office365#29, calendar-getschedule). An interval of `null`
//! is answered with 500 (microsoft-graph-docs#4494), so it is always sent.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::graph_wire::in_utc;
use crate::domain::availability::times::{ceil, floor, instant};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;
/// Windows up to so many seconds, and the interval of their view in minutes. Short intervals make a merged view exact,
/// long ones keep it short: 61 days are 2,928 digits.
const INTERVALS: [(i64, i64); 3] = [(2 * DAY, 5), (14 * DAY, 15), (i64::MAX, 30)];

/// A window that Exchange accepts with its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Window {
    /// Seconds since the epoch; a multiple of the interval.
    from: i64,
    /// Seconds since the epoch; a whole number of intervals after `from`, at least one.
    to: i64,
    /// In seconds.
    interval: i64,
}

impl Window {
    /// The smallest window that holds the time from `from` to `to`. It may begin and end up to an interval outside of
    /// it: what is read there is cut off again.
    pub(super) fn covering(from: Timestamp, to: Timestamp) -> Self {
        let (from, to) = (floor(from), ceil(to));
        let fits = |(longest, _): &&(i64, i64)| to - from <= *longest;
        let interval = INTERVALS.iter().find(fits).map_or(30, |(_, minutes)| *minutes) * MINUTE;
        let from = from.div_euclid(interval) * interval;
        // At least one whole interval, also for a time of no length.
        let count = (to - from + interval - 1).div_euclid(interval).max(1);
        Self { from, to: from + count * interval, interval }
    }

    /// The members of the request's body that say when.
    pub(super) fn members(&self) -> Map<String, Value> {
        let members = json!({
            "startTime": in_utc(instant(self.from)),
            "endTime": in_utc(instant(self.to)),
            "availabilityViewInterval": self.interval / MINUTE,
        });
        members.as_object().cloned().unwrap_or_default()
    }

    /// The bounds, in seconds since the epoch.
    pub(super) fn bounds(&self) -> (i64, i64) {
        (self.from, self.to)
    }

    /// The seconds that one digit of a view of this length stands for; none if the view is not one of this window.
    /// Old servers may keep to the documented default of 30 minutes.
    pub(super) fn seconds_per_digit(&self, digits: usize) -> Option<i64> {
        let digits = i64::try_from(digits).ok()?;
        let whole = |step: i64| (self.to - self.from + step - 1).div_euclid(step);
        [self.interval, 30 * MINUTE].into_iter().find(|step| digits == whole(*step))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn minutes(from: &str, to: &str) -> (i64, i64) {
        let window = Window::covering(at(from), at(to));
        ((window.to - window.from) / MINUTE, window.interval / MINUTE)
    }

    #[test]
    fn the_interval_fits_every_window() {
        for (case, from, to, wanted) in [
            ("a day", "2026-12-01T08:00:00Z", "2026-12-01T17:00:00Z", (540, 5)),
            ("45 minutes", "2026-12-01T09:00:00Z", "2026-12-01T09:45:00Z", (45, 5)),
            ("47 minutes", "2026-12-01T09:00:00Z", "2026-12-01T09:47:00Z", (50, 5)),
            ("3 minutes", "2026-12-01T09:01:00Z", "2026-12-01T09:04:00Z", (5, 5)),
            ("3 minutes over a border", "2026-12-01T09:04:00Z", "2026-12-01T09:07:00Z", (10, 5)),
            ("a second", "2026-12-01T09:00:00Z", "2026-12-01T09:00:01Z", (5, 5)),
            ("nothing", "2026-12-01T09:00:00Z", "2026-12-01T09:00:00Z", (5, 5)),
            ("a day of 23 hours", "2027-03-27T23:00:00Z", "2027-03-28T22:00:00Z", (1380, 5)),
            ("61 days", "2026-12-01T00:00:00Z", "2027-01-31T00:00:00Z", (61 * 1440, 30)),
        ] {
            assert_eq!(minutes(from, to), wanted, "{case}");
        }
    }

    #[test]
    fn a_view_is_one_of_the_asked_interval_or_of_the_default() {
        let window = Window::covering(at("2026-12-01T08:00:00Z"), at("2026-12-01T17:00:00Z"));
        assert_eq!(window.seconds_per_digit(108), Some(5 * MINUTE));
        assert_eq!(window.seconds_per_digit(18), Some(30 * MINUTE));
        for odd in [0, 1, 17, 19, 54, 107, 109] {
            assert_eq!(window.seconds_per_digit(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn exchange_accepts_every_window(from in -3_000_000_000i64..6_000_000_000, length in 0i64..=61 * DAY) {
            let (from, to) = (instant(from), instant(from + length));
            let Window { from: begin, to: end, interval } = Window::covering(from, to);
            prop_assert!(begin <= floor(from) && ceil(to) <= end);
            prop_assert!((5 * MINUTE..=30 * MINUTE).contains(&interval) && interval <= end - begin);
            prop_assert!(end - begin < 62 * DAY && (end - begin) % interval == 0);
        }
    }
}
