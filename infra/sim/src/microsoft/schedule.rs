//! Free/busy: `getSchedule` (microsoft.md F1).

use super::event::{Event, View};
use super::event_input::when;
use super::graph_error::{GraphError, error};
use super::tenant::{State, UserId, seconds};
use super::zones::{local, zone};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

const MOST_ADDRESSES: usize = 20;
const LONGEST_WINDOW_DAYS: i64 = 62;
/// Of one mailbox.
const MOST_ENTRIES: usize = 1000;

/// What was asked, checked.
struct Question {
    start: Timestamp,
    end: Timestamp,
    interval_minutes: i64,
    zone: TimeZone,
    zone_name: String,
}

pub(crate) fn get_schedule(
    state: &State,
    user: UserId,
    body: &Value,
    view: &View,
) -> Result<Value, GraphError> {
    // The metadata spells the parameters of this action with a capital, and so does Microsoft's SDK; its examples
    // do not.
    let field = |name: &str| {
        let capital = format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]);
        body.get(name).or_else(|| body.get(capital)).unwrap_or(&Value::Null)
    };
    let addresses: Vec<&str> = field("schedules")
        .as_array()
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    if addresses.is_empty() || addresses.len() > MOST_ADDRESSES {
        let text = "The number of mailboxes asked for is outside of 1 to 20.";
        return Err(error(400, "ErrorInvalidParameter", text));
    }
    let (start, end) = (when(field("startTime"))?.at, when(field("endTime"))?.at);
    if end <= start || end >= start + seconds(LONGEST_WINDOW_DAYS * 86_400) {
        let text = "The time duration specified for FreeBusyViewOptions.TimeWindow is invalid.";
        return Err(error(400, "ErrorInvalidTimeInterval", text));
    }
    let interval_minutes = field("availabilityViewInterval").as_i64().unwrap_or(30);
    if !(5..=1440).contains(&interval_minutes) {
        return Err(error(
            400,
            "ErrorInvalidMergedFreeBusyInterval",
            "The interval is outside of 5 to 1440 minutes.",
        ));
    }
    let question = Question {
        start,
        end,
        interval_minutes,
        zone: zone(&view.zone).unwrap_or(TimeZone::UTC),
        zone_name: view.zone.clone(),
    };
    let value: Vec<Value> = addresses.iter().map(|address| one(state, user, address, &question)).collect();
    Ok(json!({
        "@odata.context": format!("{}/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)", state.config.graph_url()),
        "value": value
    }))
}

/// An address that cannot be read is an error of that item, the answer stays a 200.
fn one(state: &State, viewer: UserId, address: &str, question: &Question) -> Value {
    let known = state.user(address).filter(|other| {
        let other = &state.users[*other];
        other.tenant == state.users[viewer].tenant && other.mailbox && other.deleted.is_none()
    });
    if let Some((code, message)) = state.options.schedule_errors.get(&address.to_ascii_lowercase()) {
        return failed(address, code, message);
    }
    let Some(user) = known else {
        let text = format!("Unable to resolve e-mail address {address} to an Active Directory object.");
        return failed(address, "5009", &text);
    };
    let mut items: Vec<&Event> = state.users[user]
        .calendar
        .events
        .values()
        .filter(|event| {
            event.calendar.is_none()
                && !event.cancelled
                && event.show_as() != "free"
                && event.overlaps(question.start, question.end)
        })
        .collect();
    items.sort_by_key(|event| event.start.at);
    if items.len() > MOST_ENTRIES {
        return failed(address, "5006", "The result set contains too many calendar entries.");
    }
    let own = user == viewer;
    let mut schedule = json!({
        "scheduleId": address,
        "availabilityView": digits(&items, question),
        "scheduleItems": items.iter().map(|event| item(event, own, question)).collect::<Vec<_>>(),
    });
    if !state.is_room(user) {
        schedule["workingHours"] = json!({
            "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000",
            "timeZone": working_zone(state.users[user].zone.as_deref())
        });
    }
    schedule
}

fn failed(address: &str, code: &str, message: &str) -> Value {
    json!({"scheduleId": address, "error": {"message": message, "responseCode": code}})
}

/// A Windows name, or the custom zone that has only offsets (here: that of Madrid).
fn working_zone(name: Option<&str>) -> Value {
    match name {
        Some(name) => json!({"name": name}),
        None => {
            json!({"@odata.type": "#microsoft.graph.customTimeZone", "bias": -60, "name": "Customized Time Zone",
            "standardOffset": {"time": "03:00:00.0000000", "dayOccurrence": 5, "dayOfWeek": "sunday", "month": 10, "year": 0},
            "daylightOffset": {"daylightBias": -60, "time": "02:00:00.0000000", "dayOccurrence": 5, "dayOfWeek": "sunday", "month": 3, "year": 0}})
        }
    }
}

fn item(event: &Event, own: bool, question: &Question) -> Value {
    let time = |at| json!({"dateTime": local(at, &question.zone), "timeZone": question.zone_name});
    let private = event.plain.get("sensitivity").and_then(Value::as_str) == Some("private");
    let mut item = json!({"isPrivate": private, "status": event.show_as(),
        "start": time(event.start.at), "end": time(event.end.at)});
    // Subject and place only where the viewer has rights.
    if own && !private {
        item["subject"] = event.subject.clone().into();
        item["location"] = event.locations.first().map_or("".into(), |place| place["displayName"].clone());
    }
    item
}

/// One digit per interval, the strongest status wins.
fn digits(items: &[&Event], question: &Question) -> String {
    let step = seconds(question.interval_minutes * 60);
    let mut from = question.start;
    let mut digits = String::new();
    while from < question.end {
        let to = from + step;
        let here = items.iter().filter(|event| event.overlaps(from, to)).map(|event| match event.show_as() {
            "tentative" => (2, '1'),
            "oof" => (4, '3'),
            "workingElsewhere" => (1, '4'),
            _ => (3, '2'),
        });
        digits.push(here.max().map_or('0', |(_, digit)| digit));
        from = to;
    }
    digits
}
