//! `getSchedule` both ways. Pure.
//!
//! Each schedule of an answer is read by itself: what cannot be read of one is *unknown* for that one, and never
//! free. Of an item only status, begin and end are read.

use jiff::Timestamp;
use jiff::civil::{Time, Weekday};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::graph_wire::{in_utc, instant_in};
use crate::domain::address::Address;
use crate::domain::availability::custom_zone::{CustomZone, Rule};
use crate::domain::availability::hours::{Clock, WorkingHours};
use crate::domain::availability::{Busy, Calendar, Reason, Status};
use crate::domain::zones;

/// The digits per interval are not read: the longest interval makes them few.
const INTERVAL_MINUTES: u32 = 1440;

/// The body of a call.
pub(super) fn question(emails: &[Address], from: Timestamp, to: Timestamp) -> Value {
    json!({
        "schedules": emails.iter().map(Address::as_str).collect::<Vec<_>>(),
        "startTime": in_utc(from),
        "endTime": in_utc(to),
        "availabilityViewInterval": INTERVAL_MINUTES,
    })
}

#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    schedule_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScheduleTold {
    error: Option<ErrorTold>,
    schedule_items: Option<Vec<ItemTold>>,
    working_hours: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorTold {
    response_code: Option<Value>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct ItemTold {
    status: Option<String>,
    start: TimeTold,
    end: TimeTold,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TimeTold {
    date_time: String,
    time_zone: Option<String>,
}

/// Reads an answer, in the order of `emails`; none if it is no list of schedules.
pub(super) fn read(body: &[u8], emails: &[Address], home: &str) -> Option<Vec<Result<Calendar, Reason>>> {
    let told: Told<'_> = serde_json::from_slice(body).ok()?;
    let named: Vec<(Address, &RawValue)> = told
        .value
        .iter()
        .filter_map(|raw| {
            let Named { schedule_id } = serde_json::from_str(raw.get()).ok()?;
            Some((schedule_id.parse().ok()?, *raw))
        })
        .collect();
    let one = |email: &Address| {
        // Twice in one answer would be a contradiction: then nothing is known.
        let mut of = named.iter().filter(|(name, _)| name == email);
        match (of.next(), of.next()) {
            (Some((_, raw)), None) => schedule(raw.get(), email, home),
            _ => Err(Reason::Unreadable),
        }
    };
    Some(emails.iter().map(one).collect())
}

fn schedule(raw: &str, email: &Address, home: &str) -> Result<Calendar, Reason> {
    let told: ScheduleTold = serde_json::from_str(raw).map_err(|_| Reason::Unreadable)?;
    if let Some(error) = told.error {
        return Err(reason(&error, email.domain() == home));
    }
    let items = told.schedule_items.ok_or(Reason::Unreadable)?;
    let mut busy = Vec::with_capacity(items.len());
    for item in items {
        let Some(status) = status(item.status.as_deref()) else { continue };
        let at = |time: &TimeTold| instant_in(&time.date_time, time.time_zone.as_deref());
        match (at(&item.start), at(&item.end)) {
            (Some(start), Some(end)) if start <= end => busy.push(Busy { start, end, status }),
            _ => return Err(Reason::Unreadable),
        }
    }
    Ok(Calendar { busy, hours: told.working_hours.as_ref().and_then(working_hours) })
}

/// `freeBusyStatus`; a free item is none. A word that we do not know may mean anything.
fn status(word: Option<&str>) -> Option<Status> {
    match word {
        Some("free") => None,
        Some("tentative") => Some(Status::Tentative),
        Some("busy") => Some(Status::Busy),
        Some("oof") => Some(Status::OutOfOffice),
        Some("workingElsewhere") => Some(Status::WorkingElsewhere),
        Some(_) | None => Some(Status::Unknown),
    }
}

/// Codes of Exchange's `ResponseCodeType`, as numbers or names. Exchange does not tell a guest or a stranger from a
/// misspelt colleague, nor a server of the organisation's own from a foreign one: the domain decides.
fn reason(error: &ErrorTold, at_home: bool) -> Reason {
    let code = match &error.response_code {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let proxy = error.message.as_ref().is_some_and(|text| text.starts_with("Proxy web request failed"));
    match code.as_str() {
        "5009" | "ErrorMailRecipientNotFound" if at_home => Reason::MailboxNotFound,
        "5009" | "ErrorMailRecipientNotFound" => Reason::OutsideOrganization,
        "ErrorNoFreeBusyAccess" | "ErrorAccessDenied" => Reason::NoAccess,
        "5006" | "ErrorResultSetTooBig" => Reason::TooManyEvents,
        "ErrorServerBusy" | "ErrorExceededConnectionCount" => Reason::Throttled,
        "ErrorTimeoutExpired" => Reason::TimedOut,
        "ErrorMailboxStoreUnavailable" | "ErrorInternalServerError" => Reason::Unavailable,
        code if proxy || code.starts_with("ErrorProxy") => {
            if at_home {
                Reason::OnPremises
            } else {
                Reason::OutsideOrganization
            }
        }
        _ => Reason::Unreadable,
    }
}

/// `workingHours`; none where they say nothing.
fn working_hours(told: &Value) -> Option<WorkingHours> {
    let days = told["daysOfWeek"].as_array()?.iter().map(weekday).collect::<Option<Vec<_>>>()?;
    let start = told["startTime"].as_str()?.parse().ok()?;
    let end = told["endTime"].as_str()?.parse().ok()?;
    Some(WorkingHours { days, start, end, clock: clock(&told["timeZone"]) })
}

fn clock(zone: &Value) -> Clock {
    let name = zone["name"].as_str().unwrap_or_default();
    let iana = zones::iana_name(name).unwrap_or_else(|| name.to_owned());
    match TimeZone::get(&iana) {
        Ok(known) => Clock::Named(known),
        Err(_) => custom(zone).map_or(Clock::Unknown, Clock::Custom),
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

#[cfg(test)]
#[path = "schedule_wire_tests.rs"]
mod tests;
