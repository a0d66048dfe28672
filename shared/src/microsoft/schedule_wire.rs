//! `getSchedule` both ways. Pure.
//!
//! Each schedule of an answer is read by itself: what cannot be read of one is *unknown* for that one, and never
//! free. Of an item only status, begin and end are read.

use std::borrow::Cow;

use jiff::{Timestamp, TimestampRound, Unit};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::graph_wire::instant_in;
use super::schedule_window::Window;
use super::{schedule_hours, schedule_view};
use crate::domain::address::Address;
use crate::domain::availability::{Busy, Calendar, Reason, Status, schedule_error};

/// What a call is about: whose schedules, and when.
pub(super) struct Question<'a> {
    /// At most 20, in the order of the answer.
    pub(super) emails: &'a [Address],
    /// What is asked for; the window may be wider.
    pub(super) time: (Timestamp, Timestamp),
    /// Domain of the signed-in user.
    pub(super) home: &'a str,
}

impl Question<'_> {
    fn window(&self) -> Window {
        Window::covering(self.time.0, self.time.1)
    }

    /// The body of the call.
    pub(super) fn body(&self) -> Value {
        let mut body = self.window().members();
        body.insert(
            "schedules".to_owned(),
            json!(self.emails.iter().map(Address::as_str).collect::<Vec<_>>()),
        );
        Value::Object(body)
    }
}

#[derive(Deserialize)]
struct Told<'a> {
    #[serde(borrow)]
    value: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    schedule_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScheduleTold<'a> {
    error: Option<ErrorTold>,
    /// Not copied: it may be thousands of digits.
    #[serde(borrow, default)]
    availability_view: Option<&'a RawValue>,
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

/// What an answer says of each address, in the order in which they were asked for; none of one that it does not name.
pub(super) type Schedules = Vec<Option<Result<Calendar, Reason>>>;

/// Reads an answer; none if it is no list of schedules.
pub(super) fn read(body: &[u8], question: &Question<'_>) -> Option<Schedules> {
    let told: Told<'_> = serde_json::from_slice(body).ok()?;
    let window = question.window();
    let named: Vec<Option<Address>> = told.value.iter().map(|raw| name(raw)).collect();
    let read = |place: usize, email: &Address| {
        told.value.get(place).map(|raw| schedule(raw, email, question, &window))
    };
    let by_name = |email: &Address| {
        let mut of = (0..named.len()).filter(|place| named[*place].as_ref() == Some(email));
        // Twice in one answer would be a contradiction: then nothing is known.
        of.next().filter(|_| of.next().is_none())
    };
    let mut places: Vec<Option<usize>> = question.emails.iter().map(by_name).collect();
    // An answer under another name belongs to the one address that has none, such as the primary address of an alias.
    // Of two such answers it is not known which is whose.
    let mut nameless = (0..named.len()).filter(|place| !places.contains(&Some(*place)));
    let mut without = (0..places.len()).filter(|n| places[*n].is_none());
    if let (Some(place), None, Some(n), None, true) =
        (nameless.next(), nameless.next(), without.next(), without.next(), named.len() == places.len())
    {
        places[n] = Some(place);
    }
    Some(places.iter().zip(question.emails).map(|(place, email)| read((*place)?, email)).collect())
}

fn name(raw: &RawValue) -> Option<Address> {
    let Named { schedule_id } = serde_json::from_str(raw.get()).ok()?;
    schedule_id?.parse().ok()
}

fn schedule(
    raw: &RawValue,
    email: &Address,
    question: &Question<'_>,
    window: &Window,
) -> Result<Calendar, Reason> {
    let told: ScheduleTold<'_> = serde_json::from_str(raw.get()).map_err(|_| Reason::Unreadable)?;
    if let Some(error) = told.error {
        return Err(reason(&error, email.domain() == question.home));
    }
    let view = told.availability_view.and_then(digits);
    let view = view.as_deref();
    let (mut busy, merged) = match (told.schedule_items, view) {
        (Some(items), view) => {
            let mut busy = items.iter().filter_map(item).collect::<Result<Vec<_>, _>>()?;
            if let Some(view) = view {
                let rest = schedule_view::beside(view, window, &busy);
                busy.extend(rest);
            }
            (busy, false)
        }
        (None, Some(view)) => (schedule_view::alone(view, window).ok_or(Reason::Unreadable)?, true),
        (None, None) => return Err(Reason::Unreadable),
    };
    let (from, to) = question.time;
    // The window may be wider than what was asked for.
    busy.retain(|item| item.start < to && from < item.end);
    let hours =
        told.working_hours.as_ref().filter(|hours| !hours.is_null()).map(schedule_hours::working_hours);
    Ok(Calendar { busy, hours, merged })
}

/// The digits of a view; none of what is no text.
fn digits(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw.get()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// None of a free one.
fn item(told: &ItemTold) -> Option<Result<Busy, Reason>> {
    let status = status(told.status.as_deref())?;
    let at = |time: &TimeTold| instant_in(&time.date_time, time.time_zone.as_deref()).map(whole_second);
    Some(match (at(&told.start), at(&told.end)) {
        (Some(start), Some(end)) if start <= end => Ok(Busy { start, end, status }),
        _ => Err(Reason::Unreadable),
    })
}

/// Exchange writes the end of a day as 23:59:59.9999999.
fn whole_second(instant: Timestamp) -> Timestamp {
    instant.round(TimestampRound::new().smallest(Unit::Second)).unwrap_or(instant)
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

fn reason(error: &ErrorTold, at_home: bool) -> Reason {
    let code = match &error.response_code {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    schedule_error::reason(&code, error.message.as_deref().unwrap_or_default(), at_home)
}

#[cfg(test)]
#[path = "schedule_wire_tests.rs"]
mod tests;
