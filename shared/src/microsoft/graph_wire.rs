//! Graph's JSON, both ways. Pure. Reading is tolerant: of an event only id, start and end must be there; whatever
//! else is missing, null or of an odd type is taken for absent.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::{CalendarProbe, EventChange, NewEvent};
use crate::domain::address::Address;
use crate::domain::attendees::Invited;
use crate::domain::connection::Teams;
use crate::domain::event::AttendeeEntry;
use crate::domain::interview::{Answer, Attendee, Event, Role};
use crate::domain::time::When;
use crate::domain::zones;

/// Our tag on an event: a named property in a set of our own (resource type `singleValueLegacyExtendedProperty`).
pub(super) const CLAIM_TAG: &str = "String {c2f0b1a4-7d3e-4c59-9e8a-5b6d1f20a713} Name ConveneClaim";

/// Our mark on an event: the change that last wrote what cannot be compared.
pub(super) const CHANGE_TAG: &str = "String {c2f0b1a4-7d3e-4c59-9e8a-5b6d1f20a713} Name ConveneChange";

/// The body of a create. Without a text of our own the body is left to Outlook, which puts the Teams block there.
pub(super) fn new_event(new: &NewEvent<'_>) -> Value {
    let mut event = Map::new();
    event.insert("subject".to_owned(), json!(new.details.title));
    if let Some(html) = &new.details.body_html {
        event.insert("body".to_owned(), html_body(html));
    }
    put_times(&mut event, new.when);
    let invited = if new.room_only { new.details.room_only() } else { new.details.attendees() };
    event.insert("attendees".to_owned(), invited.iter().map(attendee).collect());
    if let Some(room) = new.details.room() {
        event.insert("location".to_owned(), location(Some(room)));
    }
    if new.options.teams {
        event.insert("isOnlineMeeting".to_owned(), json!(true));
        event.insert("onlineMeetingProvider".to_owned(), json!("teamsForBusiness"));
    }
    event.insert("hideAttendees".to_owned(), json!(new.options.hide_attendees));
    event.insert("allowNewTimeProposals".to_owned(), json!(false));
    event.insert("transactionId".to_owned(), json!(new.claim.as_str()));
    let tag = json!([{ "id": CLAIM_TAG, "value": new.claim.as_str() }]);
    event.insert("singleValueExtendedProperties".to_owned(), tag);
    Value::Object(event)
}

/// The body of a change: what is not named is not sent.
pub(super) fn change(change: &EventChange<'_>) -> Value {
    let mut event = Map::new();
    if let Some(when) = change.when {
        put_times(&mut event, when);
        // An event that was made to last all day takes midnights only.
        event.insert("isAllDay".to_owned(), json!(false));
    }
    if let Some(subject) = change.subject {
        event.insert("subject".to_owned(), json!(subject));
    }
    if let Some(html) = change.body_html {
        event.insert("body".to_owned(), html_body(html));
    }
    if let Some(attendees) = change.attendees {
        event.insert("attendees".to_owned(), attendees.iter().filter_map(invited).collect());
    }
    if let Some(room) = change.room {
        event.insert("location".to_owned(), location(room));
    }
    if let Some(claim) = change.mark() {
        let mark = json!([{ "id": CHANGE_TAG, "value": claim.as_str() }]);
        event.insert("singleValueExtendedProperties".to_owned(), mark);
    }
    Value::Object(event)
}

fn html_body(html: &str) -> Value {
    json!({ "contentType": "html", "content": html })
}

/// Outlook's own entries go back as it gave them, unread members and all.
fn invited(one: &Invited) -> Option<Value> {
    match one {
        Invited::Shown(entry) => Some(entry.raw().clone()),
        Invited::Asked(asked) => Some(attendee(asked)),
        Invited::Removed(_) => None,
    }
}

fn attendee(attendee: &Attendee) -> Value {
    let mut address = json!({ "address": attendee.email.as_str() });
    if let Some(name) = &attendee.name {
        address["name"] = json!(name);
    }
    json!({ "type": attendee.role.word(), "emailAddress": address })
}

/// A room books nothing as a location; it is shown there, and invited as an attendee.
fn location(room: Option<&Address>) -> Value {
    match room {
        Some(room) => json!({
            "displayName": room.as_str(),
            "locationType": "conferenceRoom",
            "locationEmailAddress": room.as_str(),
        }),
        None => json!({ "displayName": "" }),
    }
}

/// Times in the interview's zone, under its Windows name: people see them so, and a later change of the clock's
/// rules moves them along. In UTC if the zone has no name that older servers know, or if the local time would not be
/// one instant.
fn put_times(event: &mut Map<String, Value>, when: &When) {
    let zone = when.time_zone();
    let one_instant = |instant| !zone.to_ambiguous_timestamp(zone.to_datetime(instant)).is_ambiguous();
    let name = zones::name_to_send(&when.zone).filter(|_| one_instant(when.start) && one_instant(when.end));
    let written = |instant| match name {
        Some(name) => json!({ "dateTime": when.local(instant), "timeZone": name }),
        None => in_utc(instant),
    };
    event.insert("start".to_owned(), written(when.start));
    event.insert("end".to_owned(), written(when.end));
}

/// The same instants in UTC, for a server that does not know the zone's name.
pub(super) fn put_in_utc(event: &mut Value, when: &When) {
    event["start"] = in_utc(when.start);
    event["end"] = in_utc(when.end);
}

pub(super) fn in_utc(instant: Timestamp) -> Value {
    let local = TimeZone::UTC.to_datetime(instant).strftime("%Y-%m-%dT%H:%M:%S").to_string();
    json!({ "dateTime": local, "timeZone": "UTC" })
}

/// A page of events.
pub(super) struct Page {
    pub(super) events: Vec<Event>,
    pub(super) next: Option<String>,
}

/// Reads a list; none if an entry cannot be read, for then it is not known what is there.
pub(super) fn read_page(body: &[u8]) -> Option<Page> {
    let list: Value = serde_json::from_slice(body).ok()?;
    let events = list.get("value")?.as_array()?.iter().map(event).collect::<Option<_>>()?;
    Some(Page { events, next: text(&list, "@odata.nextLink") })
}

/// A page of calendars: ids and names.
pub(super) struct Calendars {
    pub(super) calendars: Vec<(String, String)>,
    pub(super) next: Option<String>,
}

/// Reads a list of calendars; none if an entry has no id.
pub(super) fn read_calendars(body: &[u8]) -> Option<Calendars> {
    let list: Value = serde_json::from_slice(body).ok()?;
    let one = |calendar: &Value| Some((text(calendar, "id")?, text(calendar, "name").unwrap_or_default()));
    let calendars = list.get("value")?.as_array()?.iter().map(one).collect::<Option<_>>()?;
    Some(Calendars { calendars, next: text(&list, "@odata.nextLink") })
}

/// Reads the id of a calendar.
pub(super) fn read_calendar(body: &[u8]) -> Option<String> {
    text(&serde_json::from_slice(body).ok()?, "id")
}

/// Reads an event.
pub(super) fn read_event(body: &[u8]) -> Option<Event> {
    event(&serde_json::from_slice(body).ok()?)
}

/// Reads a calendar: the answer must be an object with an id.
pub(super) fn read_probe(body: &[u8]) -> Option<CalendarProbe> {
    let calendar: Value = serde_json::from_slice(body).ok()?;
    text(&calendar, "id")?;
    let owner = calendar.get("owner").unwrap_or(&Value::Null);
    Some(CalendarProbe {
        owner: text(owner, "address").and_then(|address| address.parse().ok()),
        owner_name: text(owner, "name"),
        teams: teams(&calendar),
        can_edit: flag(&calendar, "canEdit"),
    })
}

/// Exchange lists the providers of meetings some hours after a licence was given: nothing, `unknown` alone and null are
/// what it says meanwhile (microsoft-graph-docs#22355), and for accounts that never had one.
fn teams(calendar: &Value) -> Teams {
    let listed = calendar.get("allowedOnlineMeetingProviders").and_then(Value::as_array);
    let mut named = listed.into_iter().flatten().filter_map(Value::as_str);
    let others = named.clone().any(|provider| !provider.is_empty() && provider != "unknown");
    if named.any(|provider| provider.eq_ignore_ascii_case("teamsForBusiness")) {
        Teams::Yes
    } else if others {
        Teams::No
    } else {
        Teams::Unknown
    }
}

/// The zone of a schedule, if it tells a known one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OwnZone(pub(super) Option<String>);

/// Reads the zone of the first schedule; none if it is no list of schedules.
pub(super) fn read_own_zone(body: &[u8]) -> Option<OwnZone> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    let schedule = answer.get("value")?.as_array()?.first();
    let name = schedule.and_then(|s| text(s.get("workingHours")?.get("timeZone")?, "name"));
    let known = name.as_deref().and_then(zone_named);
    Some(OwnZone(known.and_then(|zone| zone.iana_name().map(str::to_owned))))
}

fn event(event: &Value) -> Option<Event> {
    let people = event.get("attendees").and_then(Value::as_array);
    Some(Event {
        id: text(event, "id")?,
        etag: text(event, "@odata.etag"),
        ical_uid: text(event, "iCalUId"),
        web_link: text(event, "webLink"),
        start: instant(event.get("start")?)?,
        end: instant(event.get("end")?)?,
        all_day: flag(event, "isAllDay"),
        subject: text(event, "subject").unwrap_or_default(),
        body_html: event.get("body").and_then(|body| text(body, "content")).unwrap_or_default(),
        is_online: flag(event, "isOnlineMeeting"),
        join_url: event.get("onlineMeeting").and_then(|meeting| text(meeting, "joinUrl")),
        is_cancelled: flag(event, "isCancelled"),
        changed_by: mark(event),
        attendees: people.into_iter().flatten().map(entry).collect(),
    })
}

/// Names of properties come back in any case.
fn mark(event: &Value) -> Option<String> {
    let all = event.get("singleValueExtendedProperties").and_then(Value::as_array)?;
    let ours = |tag: &&Value| text(tag, "id").is_some_and(|id| id.eq_ignore_ascii_case(CHANGE_TAG));
    all.iter().find(ours).and_then(|tag| text(tag, "value"))
}

/// Every entry is kept, whatever can be read of it.
fn entry(raw: &Value) -> AttendeeEntry {
    let address = raw.get("emailAddress").unwrap_or(&Value::Null);
    let word = text(raw, "type").unwrap_or_default();
    let roles = [Role::Required, Role::Optional, Role::Resource];
    let role = roles.into_iter().find(|role| role.word().eq_ignore_ascii_case(&word));
    let answer = match raw.get("status").and_then(|status| text(status, "response")).as_deref() {
        Some("accepted" | "organizer") => Answer::Accepted,
        Some("tentativelyAccepted") => Answer::Tentative,
        Some("declined") => Answer::Declined,
        _ => Answer::None,
    };
    let (shown, name) = (text(address, "address"), text(address, "name"));
    AttendeeEntry::new(raw.clone(), shown, name, role.unwrap_or(Role::Required), answer)
}

/// A `dateTimeTimeZone`. We ask for no zone, so it is UTC; another one is understood all the same.
fn instant(value: &Value) -> Option<Timestamp> {
    instant_in(&text(value, "dateTime")?, text(value, "timeZone").as_deref())
}

/// The instant of a local time in a zone of either kind of name.
pub(super) fn instant_in(local: &str, zone: Option<&str>) -> Option<Timestamp> {
    if let Ok(instant) = local.parse::<Timestamp>() {
        return Some(instant);
    }
    let zone = zone.filter(|name| !name.is_empty()).map_or(Some(TimeZone::UTC), zone_named)?;
    zone.to_timestamp(local.parse::<DateTime>().ok()?).ok()
}

/// The zone of a name of either kind.
pub(super) fn zone_named(name: &str) -> Option<TimeZone> {
    match name {
        "UTC" | "tzone://Microsoft/Utc" => Some(TimeZone::UTC),
        _ => TimeZone::get(&zones::iana_name(name).unwrap_or_else(|| name.to_owned())).ok(),
    }
}

/// A text that says something.
fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn flag(value: &Value, name: &str) -> bool {
    value.get(name).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
#[path = "graph_wire_tests.rs"]
mod tests;
