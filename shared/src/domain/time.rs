//! Local times as people write them, instants as machines need them, and zones under both their names.
//!
//! A clock that is put forward skips local times, one that is put back doubles them. Neither is guessed at:
//! both candidates go back to whoever asked.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ZonedDateTime};
use serde::{Deserialize, Serialize};

pub use super::zones::windows_name;

/// An instant, for crates that do not name the time library.
pub type Instant = Timestamp;

/// A length of time, for crates that do not name the time library.
pub type Span = jiff::SignedDuration;

/// A time zone, for crates that do not name the time library.
pub type Zone = TimeZone;

/// The zone of an IANA name; UTC if there is none.
pub fn zone(name: Option<&str>) -> Zone {
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// So many minutes.
pub const fn minutes(minutes: i64) -> Span {
    Span::from_mins(minutes)
}

/// So many seconds.
pub const fn seconds(seconds: i64) -> Span {
    Span::from_secs(seconds)
}

/// The day of an instant in UTC: `2026-11-24`.
pub fn day(instant: Timestamp) -> String {
    TimeZone::UTC.to_datetime(instant).date().to_string()
}

/// So many minutes after an instant.
pub fn later(instant: Timestamp, minutes: i64) -> Timestamp {
    instant.saturating_add(jiff::SignedDuration::from_mins(minutes)).unwrap_or(Timestamp::MAX)
}

/// A time span of an interview: instants, and the zone in which people think of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct When {
    /// Begin.
    pub start: Timestamp,
    /// End, after `start`.
    pub end: Timestamp,
    /// IANA name of the zone.
    pub zone: String,
}

/// A local time that does not name one instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotOneInstant {
    /// Whether the clock shows it twice (else never).
    pub doubled: bool,
    /// Both readings, RFC 3339 with offset, the earlier first.
    pub candidates: [String; 2],
}

/// The instant of a local time in a zone.
pub fn resolve(local: DateTime, zone: &TimeZone) -> Result<Timestamp, NotOneInstant> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let (doubled, before, after) = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => {
            return offset.to_timestamp(local).or(Ok(Timestamp::MAX));
        }
        AmbiguousOffset::Gap { before, after } => (false, before, after),
        AmbiguousOffset::Fold { before, after } => (true, before, after),
    };
    let mut readings = [before, after].map(|offset| offset.to_timestamp(local).unwrap_or(Timestamp::MAX));
    readings.sort_unstable();
    Err(NotOneInstant { doubled, candidates: readings.map(|instant| rfc3339(instant, zone)) })
}

/// RFC 3339 with the zone's offset at that instant, to the second.
pub fn rfc3339(instant: Timestamp, zone: &TimeZone) -> String {
    ZonedDateTime::new(instant, zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// RFC 3339 in UTC, to the millisecond.
pub fn to_millisecond(instant: Timestamp) -> String {
    instant.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

impl When {
    /// The zone; UTC should the name have gone from the data.
    pub fn time_zone(&self) -> TimeZone {
        TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC)
    }

    /// A Graph `dateTime`: the local clock time without offset.
    pub fn local(&self, instant: Timestamp) -> String {
        self.time_zone().to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> TimeZone {
        TimeZone::get("Europe/Paris").expect("zone")
    }

    #[test]
    fn an_ordinary_time_is_one_instant() {
        let instant = resolve("2026-12-01T10:00:00".parse().expect("time"), &paris()).expect("one");
        assert_eq!(instant.to_string(), "2026-12-01T09:00:00Z");
        assert_eq!(rfc3339(instant, &paris()), "2026-12-01T10:00:00+01:00");
    }

    #[test]
    fn a_doubled_hour_is_refused_with_both_readings() {
        let fold = resolve("2026-10-25T02:30:00".parse().expect("time"), &paris()).expect_err("doubled");
        assert!(fold.doubled);
        assert_eq!(fold.candidates, ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]);
    }

    #[test]
    fn a_skipped_hour_is_refused_with_both_readings() {
        let gap = resolve("2026-03-29T02:30:00".parse().expect("time"), &paris()).expect_err("skipped");
        assert!(!gap.doubled);
        assert_eq!(gap.candidates, ["2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"]);
    }

    #[test]
    fn graph_gets_the_local_time_of_the_zone() {
        let when = When {
            start: "2026-12-01T09:00:00Z".parse().expect("time"),
            end: "2026-12-01T10:00:00Z".parse().expect("time"),
            zone: "Asia/Kathmandu".to_owned(),
        };
        assert_eq!(when.local(when.start), "2026-12-01T14:45:00");
    }
}

#[cfg(test)]
#[path = "time_properties.rs"]
mod properties;
