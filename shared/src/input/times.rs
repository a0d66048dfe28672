//! Times in a body: local times in a zone, or RFC 3339 with offset.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Object;
use crate::domain::time::{When, resolve, windows_name};
use crate::problem::{Code, Fault};

impl Object<'_> {
    /// `start`, `end` and `time_zone`: local times in an IANA zone, or RFC 3339 with offset.
    pub fn when(&self) -> Option<When> {
        let zone = self.outlook_zone();
        let start = self.instant("start", zone.as_deref());
        let end = self.instant("end", zone.as_deref());
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

    /// `start` and `end`, local times in that zone or RFC 3339 with offset; the zone is that of an outer object.
    pub fn span(&self, zone: Option<&str>) -> Option<(Timestamp, Timestamp)> {
        let (start, end) = (self.instant("start", zone), self.instant("end", zone));
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
        let Some(zone) = jiff::tz::TimeZone::get(name).ok().and_then(|tz| tz.iana_name().map(str::to_owned))
        else {
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

    fn instant(&self, name: &'static str, zone: Option<&str>) -> Option<jiff::Timestamp> {
        let text = self.value(name)?.as_str().unwrap_or_default();
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            return Some(instant);
        }
        let Ok(local) = text.parse::<DateTime>() else {
            self.fault(name, "must be a local time such as 2026-12-01T10:00:00, or RFC 3339 with offset");
            return None;
        };
        let Some(zone) = zone else {
            if self.value("time_zone").is_none() {
                self.fault(name, "is a local time and needs time_zone");
            }
            return None;
        };
        let zone = jiff::tz::TimeZone::get(zone).ok()?;
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
