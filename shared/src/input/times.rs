//! Times in a body: local times in a zone, or RFC 3339 with offset. Fractions of a second are cut.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Object;
use crate::domain::time::{When, resolve, rfc3339, windows_name};
use crate::problem::{Code, Fault};

/// Outlook keeps times of these years for certain; others are typing errors.
const YEARS: std::ops::RangeInclusive<i16> = 2000..=2100;

impl Object<'_> {
    /// `start`, `end` and `time_zone`: local times in an IANA zone, or RFC 3339 with offset.
    pub fn when(&self) -> Option<When> {
        let zone = self.outlook_zone();
        let start = self.instant("start", zone.as_deref(), true);
        let end = self.instant("end", zone.as_deref(), true);
        // Both are looked at before either ends it: every fault is told.
        let (start, end) = (self.need("start", start), self.need("end", end));
        let (start, end) = (start?, end?);
        if end <= start {
            self.fault("end", "must be after start");
            return None;
        }
        if end.duration_since(start) > jiff::SignedDuration::from_hours(24) {
            self.fault("end", "must be within 24 hours of start");
            return None;
        }
        Some(When { start, end, zone: zone.unwrap_or_else(|| "UTC".to_owned()) })
    }

    /// `start` and `end`, local times in that zone or RFC 3339 with offset; the zone is that of an outer object, in
    /// which people are shown the result, so an offset may be another zone's.
    pub fn span(&self, zone: Option<&str>) -> Option<(Timestamp, Timestamp)> {
        let (start, end) = (self.instant("start", zone, false), self.instant("end", zone, false));
        let (start, end) = (self.need("start", start), self.need("end", end));
        let (start, end) = (start?, end?);
        if end <= start {
            self.fault("end", "must be after start");
            return None;
        }
        Some((start, end))
    }

    /// `time_zone`: an IANA name.
    pub fn zone(&self) -> Option<String> {
        let name = self.value("time_zone")?.as_str().unwrap_or_default();
        // `tz` accepts any case; Outlook is asked by the name as the database writes it.
        let Some(zone) = TimeZone::get(name).ok().and_then(|tz| tz.iana_name().map(str::to_owned)) else {
            self.fault("time_zone", "must be an IANA name such as Europe/Paris");
            return None;
        };
        Some(zone)
    }

    /// `time_zone`, for an event: Outlook must have a counterpart.
    fn outlook_zone(&self) -> Option<String> {
        let zone = self.zone()?;
        if windows_name(&zone).is_none() {
            let fault = Fault::at(self.at("time_zone"), "has no counterpart in Outlook");
            self.faults.add(Code::UnmappedTimeZone, fault);
        }
        Some(zone)
    }

    fn instant(&self, name: &'static str, zone: Option<&str>, agreeing: bool) -> Option<Timestamp> {
        let text = self.value(name)?.as_str().unwrap_or_default().trim();
        let instant = match shape(text) {
            Shape::Offset(sign) => self.with_offset(name, text, zone.filter(|_| agreeing && sign)),
            Shape::Local => self.local(name, text, zone),
            Shape::Date => {
                self.fault(name, "is a date without a time: send a time such as 2026-12-01T10:00:00 too");
                None
            }
            Shape::Unknown => {
                self.fault(name, "must be a local time such as 2026-12-01T10:00:00, or RFC 3339 with offset");
                None
            }
        }?;
        let year = TimeZone::UTC.to_datetime(instant).year();
        if !YEARS.contains(&year) {
            self.fault(name, format!("must lie in the years {} to {}", YEARS.start(), YEARS.end()));
            return None;
        }
        Timestamp::from_second(instant.as_second()).ok()
    }

    /// An instant by its offset, which must be the one that `zone` has then.
    fn with_offset(&self, name: &'static str, text: &str, zone: Option<&str>) -> Option<Timestamp> {
        let Ok(instant) = text.parse::<Timestamp>() else {
            self.fault(name, "does not exist: no calendar or clock has this date and time");
            return None;
        };
        if let Some(zone) = zone.and_then(|zone| TimeZone::get(zone).ok()) {
            let there = rfc3339(instant, &zone);
            let (given, wanted) = (&text[text.len() - 6..], &there[there.len() - 6..]);
            if given != wanted {
                let zone = zone.iana_name().unwrap_or_default();
                self.fault(
                    name,
                    format!("has the offset {given}, but {zone} has {wanted} then: send one of the two"),
                );
                return None;
            }
        }
        Some(instant)
    }

    fn local(&self, name: &'static str, text: &str, zone: Option<&str>) -> Option<Timestamp> {
        let Ok(local) = text.parse::<DateTime>() else {
            self.fault(name, "does not exist: no calendar or clock has this date and time");
            return None;
        };
        let Some(zone) = zone else {
            if self.value("time_zone").is_none() {
                self.fault(name, "is a local time and needs time_zone");
            }
            return None;
        };
        let zone = TimeZone::get(zone).ok()?;
        match resolve(local, &zone) {
            Ok(instant) => Some(instant),
            Err(twice) => {
                let how =
                    if twice.doubled { "is shown twice by the clock" } else { "is skipped by the clock" };
                let mut fault = Fault::at(self.at(name), how);
                fault.candidates = twice.candidates.to_vec();
                self.faults.add(Code::AmbiguousLocalTime, fault);
                None
            }
        }
    }
}

/// What a text is by its form, whether or not there is such a time.
#[derive(Debug, PartialEq, Eq)]
enum Shape {
    /// RFC 3339; true: with an offset that names a place, which `Z` and `-00:00` do not.
    Offset(bool),
    Local,
    Date,
    Unknown,
}

fn shape(text: &str) -> Shape {
    // Digits become 0, so that forms can be compared.
    let form: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let Some(rest) = form.strip_prefix("0000-00-00") else { return Shape::Unknown };
    if rest.is_empty() {
        return Shape::Date;
    }
    let Some(rest) = rest.strip_prefix(['T', 't', ' ']).and_then(|rest| rest.strip_prefix("00:00")) else {
        return Shape::Unknown;
    };
    let rest = rest.strip_prefix(":00").map_or(rest, |rest| match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with('0') => fraction.trim_start_matches('0'),
        _ => rest,
    });
    match rest {
        "" => Shape::Local,
        "Z" | "z" => Shape::Offset(false),
        "+00:00" | "-00:00" => Shape::Offset(!text.ends_with("-00:00")),
        _ => Shape::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_from_a_date_and_from_what_is_neither() {
        for (text, expected) in [
            ("2026-12-01T10:00:00", Shape::Local),
            ("2026-02-31T10:00", Shape::Local),
            ("2026-12-01 10:00:00.5", Shape::Local),
            ("2026-12-01T10:00:00Z", Shape::Offset(false)),
            ("2026-12-01T10:00:00-00:00", Shape::Offset(false)),
            ("2026-12-01t10:00:00.123456789+05:45", Shape::Offset(true)),
            ("2026-12-01", Shape::Date),
            ("2026-12-01T10", Shape::Unknown),
            ("2026-12-01T10:00:00+01", Shape::Unknown),
            ("2026-12-01T10:00:00.", Shape::Unknown),
            ("2026-12-01T10:00:00+01:00[Europe/Paris]", Shape::Unknown),
            ("tomorrow", Shape::Unknown),
            ("20261201T100000", Shape::Unknown),
            ("", Shape::Unknown),
        ] {
            assert_eq!(shape(text), expected, "{text}");
        }
    }
}
