//! Working hours of a schedule, as `getSchedule` writes them. Pure.

use jiff::Unit;
use jiff::civil::{Time, Weekday};
use serde_json::Value;

use super::graph_wire::zone_named;
use crate::domain::availability::custom_zone::{CustomZone, Rule};
use crate::domain::availability::hours::{Clock, WorkingHours};

/// The working hours that an answer has; hours that cannot be read are there, and not known.
pub(super) fn working_hours(told: &Value) -> WorkingHours {
    let unknown = || WorkingHours {
        days: Vec::new(),
        start: Time::midnight(),
        end: Time::midnight(),
        clock: Clock::Unknown,
    };
    read(told).unwrap_or_else(unknown)
}

fn read(told: &Value) -> Option<WorkingHours> {
    let days = told["daysOfWeek"].as_array()?.iter().map(weekday).collect::<Option<Vec<_>>>()?;
    let time = |name: &str| Some(whole_second(told[name].as_str()?.parse().ok()?));
    Some(WorkingHours {
        days,
        start: time("startTime")?,
        end: time("endTime")?,
        clock: clock(&told["timeZone"]),
    })
}

/// Exchange writes the end of a day as 23:59:59.9999999.
fn whole_second(time: Time) -> Time {
    // Rounding wraps around midnight.
    time.round(Unit::Second).unwrap_or(time)
}

fn clock(zone: &Value) -> Clock {
    match zone["name"].as_str().and_then(zone_named) {
        Some(known) => Clock::Named(known),
        None => custom(zone).map_or(Clock::Unknown, Clock::Custom),
    }
}

/// `customTimeZone`: rules in place of a name.
fn custom(zone: &Value) -> Option<CustomZone> {
    let bias = zone["bias"].as_i64()?;
    let (standard, daylight) = (&zone["standardOffset"], &zone["daylightOffset"]);
    let rules = match (rule(standard), rule(daylight)) {
        (Some(standard), Some(daylight)) => Some((standard, daylight)),
        // Month 0, or nothing at all: the clock is never changed.
        _ => None,
    };
    Some(CustomZone { bias, daylight_bias: daylight["daylightBias"].as_i64().unwrap_or(0), rules })
}

fn rule(told: &Value) -> Option<Rule> {
    let small = |name: &str| told[name].as_i64().and_then(|number| i8::try_from(number).ok());
    let time: Time = told["time"].as_str()?.parse().ok()?;
    let month = small("month").filter(|month| (1..=12).contains(month))?;
    Some(Rule {
        month,
        weekday: weekday(&told["dayOfWeek"])?,
        occurrence: small("dayOccurrence")?,
        time: i64::from(time.hour()) * 3600 + i64::from(time.minute()) * 60 + i64::from(time.second()),
        year: told["year"].as_i64().and_then(|year| i16::try_from(year).ok()).unwrap_or(0),
    })
}

fn weekday(told: &Value) -> Option<Weekday> {
    Some(match told.as_str()? {
        "monday" => Weekday::Monday,
        "tuesday" => Weekday::Tuesday,
        "wednesday" => Weekday::Wednesday,
        "thursday" => Weekday::Thursday,
        "friday" => Weekday::Friday,
        "saturday" => Weekday::Saturday,
        "sunday" => Weekday::Sunday,
        _ => return None,
    })
}
