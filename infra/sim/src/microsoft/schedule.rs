//! Free/busy: `getSchedule` (microsoft.md F1).
//!
//! The interval is judged against the window (recorded: microsoft-graph-docs#6450, PlaceOS/office365#29), `null` in its
//! place is a 500 (recorded: microsoft-graph-docs#4494), and working elsewhere is a 0 in the view (recorded:
//! microsoft-graph-docs-contrib#399).

use super::event::{Event, View};
use super::event_input::when;
use super::graph_error::{GraphError, error};
use super::options::LargeLists;
use super::tenant::{State, UserId, seconds};
use super::zones::{local, zone};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

const MOST_ADDRESSES: usize = 20;
const LONGEST_WINDOW_DAYS: i64 = 62;
/// Of one mailbox.
const MOST_ENTRIES: usize = 1000;
const USUAL_INTERVAL: i64 = 30;
const DAY: i64 = 86_400;

/// What was asked, checked.
struct Question {
    start: Timestamp,
    end: Timestamp,
    interval_minutes: i64,
    zone: TimeZone,
    zone_name: String,
    now: Timestamp,
}

/// A time in a calendar; the event, if it is one.
struct Taken<'a> {
    start: Timestamp,
    end: Timestamp,
    status: &'a str,
    event: Option<&'a Event>,
}

pub(crate) fn get_schedule(
    state: &State,
    user: UserId,
    body: &Value,
    view: &View,
    now: Timestamp,
) -> Result<Value, GraphError> {
    // The metadata spells the parameters of this action with a capital, and so does Microsoft's SDK; its examples
    // do not.
    let given = |name: &str| {
        let capital = format!("{}{}", name[..1].to_ascii_uppercase(), &name[1..]);
        body.get(name).or_else(|| body.get(capital))
    };
    let field = |name: &str| given(name).unwrap_or(&Value::Null);
    let addresses: Vec<&str> = field("schedules")
        .as_array()
        .map(|list| list.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let mailboxes: usize = addresses.iter().map(|address| state.mailboxes_of(address)).sum();
    if addresses.is_empty() {
        return Err(error(
            400,
            "ErrorMailboxDataArrayEmpty",
            "There are no target users in the EmailAddress array.",
        ));
    }
    if mailboxes > MOST_ADDRESSES {
        // The code is recorded (microsoft-graph-docs#7046), the limit is the documented one.
        let text = format!(
            "There are too many target users in the EmailAddress array. The allowed size = {MOST_ADDRESSES}; the actual \
             size = {mailboxes}."
        );
        return Err(error(400, "ErrorMailboxDataArrayTooBig", text));
    }
    let (start, end) = (when(field("startTime"))?.at, when(field("endTime"))?.at);
    if end <= start || end >= start + seconds(LONGEST_WINDOW_DAYS * DAY) {
        let text = "The time duration specified for FreeBusyViewOptions.TimeWindow is invalid.";
        return Err(error(400, "ErrorInvalidTimeInterval", text));
    }
    let interval_minutes = interval(given("availabilityViewInterval"), end.duration_since(start).as_mins())?;
    refuse(state, &addresses)?;
    let question = Question {
        start,
        end,
        interval_minutes,
        zone: zone(&view.zone).unwrap_or(TimeZone::UTC),
        zone_name: view.zone.clone(),
        now,
    };
    let answered = |address: &&&str| !state.options.schedule_omitted.contains(&address.to_ascii_lowercase());
    let value: Vec<Value> =
        addresses.iter().filter(answered).map(|address| one(state, user, address, &question)).collect();
    Ok(json!({
        "@odata.context": format!("{}/v1.0/$metadata#Collection(microsoft.graph.scheduleInformation)", state.config.graph_url()),
        "value": value
    }))
}

/// The interval in minutes, judged against a window of so many minutes: equal passes.
fn interval(given: Option<&Value>, window: i64) -> Result<i64, GraphError> {
    let minutes = match given {
        None => USUAL_INTERVAL,
        Some(Value::Null) => {
            let text = "An internal server error occurred. The operation failed.";
            return Err(error(500, "ErrorInternalServerError", text));
        }
        Some(value) => value.as_i64().ok_or_else(|| {
            error(400, "RequestBodyRead", "Cannot convert the literal to the type Edm.Int32.")
        })?,
    };
    if (5..=1440).contains(&minutes) && minutes <= window {
        return Ok(minutes);
    }
    let text = "The specified merged free/busy interval is not valid. Specify an interval that is less than the \
                free/busy time window and  between 5 and 1440 minutes.";
    Err(error(400, "ErrorInvalidMergedFreeBusyInterval", text))
}

/// An address may make Exchange refuse the call as a whole.
fn refuse(state: &State, addresses: &[&str]) -> Result<(), GraphError> {
    let refusals = &state.options.schedule_refusals;
    let refused = addresses.iter().find_map(|address| refusals.get(&address.to_ascii_lowercase()));
    match refused {
        Some((status, code, message)) => {
            let mut refused = error(*status, "", message.as_str());
            refused.extra.insert("code".to_owned(), code.as_str().into());
            Err(refused)
        }
        None => Ok(()),
    }
}

/// An address that cannot be read is an error of that item, the answer stays a 200.
fn one(state: &State, viewer: UserId, asked: &str, question: &Question) -> Value {
    let options = &state.options;
    let key = asked.to_ascii_lowercase();
    // An alias is answered under the primary address.
    let address = options.schedule_aliases.get(&key).map_or(asked, String::as_str);
    if let Some((code, message)) = options.schedule_errors.get(&key) {
        return failed(address, code, message);
    }
    if let Some(members) = options.distribution_lists.get(&key) {
        return list(state, address, members, question);
    }
    let known = state.user(address).filter(|other| {
        let other = &state.users[*other];
        other.tenant == state.users[viewer].tenant && other.mailbox && other.deleted.is_none()
    });
    let Some(user) = known else {
        let text = format!("Unable to resolve e-mail address {address} to an Active Directory object.");
        return failed(address, "5009", &text);
    };
    let items = state.taken(user, question);
    if items.len() > MOST_ENTRIES {
        return failed(address, "5006", "The result set contains too many calendar entries.");
    }
    let own = user == viewer;
    let mut schedule = json!({ "scheduleId": address, "availabilityView": digits(&items, question, options.elsewhere_is_four) });
    if options.merged_only.contains(&key) {
        return schedule;
    }
    schedule["scheduleItems"] = if options.without_items.contains(&key) {
        json!([])
    } else {
        items.iter().map(|taken| item(taken, own, question)).collect()
    };
    if !state.is_room(user) {
        schedule["workingHours"] = json!({
            "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
            "startTime": "08:00:00.0000000", "endTime": options.working_day_end,
            "timeZone": working_zone(state.users[user].zone.as_deref())
        });
    }
    schedule
}

/// A distribution list has a merged view of its members and no items.
fn list(state: &State, address: &str, members: &[String], question: &Question) -> Value {
    if members.len() > MOST_ADDRESSES {
        return failed(address, "5043", "The distribution list has too many members.");
    }
    let items: Vec<Taken<'_>> = members
        .iter()
        .filter_map(|member| state.user(member))
        .flat_map(|member| state.taken(member, question))
        .collect();
    let view = digits(&items, question, state.options.elsewhere_is_four);
    json!({ "scheduleId": address, "availabilityView": view })
}

impl State {
    /// Members of a list count, too (documented), unless Exchange answers for large lists one by one.
    fn mailboxes_of(&self, address: &str) -> usize {
        let members = self.options.distribution_lists.get(&address.to_ascii_lowercase()).map_or(1, Vec::len);
        if self.options.large_lists == LargeLists::Reported && members > MOST_ADDRESSES { 1 } else { members }
    }

    /// What free/busy shows of a mailbox: as it is now, or as it was some minutes ago.
    fn taken<'a>(&'a self, user: UserId, question: &Question) -> Vec<Taken<'a>> {
        let events: Vec<&Event> = match self.shown_late(question.now) {
            Some(shown) => shown.iter().filter(|(owner, _)| *owner == user).map(|(_, event)| event).collect(),
            None => self.users[user].calendar.events.values().collect(),
        };
        let visible = |event: &&Event| {
            event.calendar.is_none()
                && !event.cancelled
                && event.show_as() != "free"
                && event.overlaps(question.start, question.end)
        };
        let mut taken: Vec<Taken<'_>> = events
            .into_iter()
            .filter(visible)
            .map(|event| Taken {
                start: event.start.at,
                end: event.end.at,
                status: event.show_as(),
                event: Some(event),
            })
            .collect();
        taken.extend(self.crowd(question));
        if self.options.items_cut_off {
            for one in &mut taken {
                (one.start, one.end) = (one.start.max(question.start), one.end.min(question.end));
            }
        }
        taken.sort_by_key(|taken| taken.start);
        taken
    }

    /// Appointments that fill a calendar, for tests of size: so many a day, half an hour each, from midnight on.
    fn crowd(&self, question: &Question) -> Vec<Taken<'static>> {
        let Some(a_day) = self.options.crowded_calendars else { return Vec::new() };
        let day = |second: i64| second.div_euclid(DAY);
        let days = day(question.start.as_second())..=day(question.end.as_second());
        let starts = days.flat_map(|day| (0..a_day).map(move |n| day * DAY + i64::from(n) * 3600));
        let taken = |start: i64| {
            let start = Timestamp::from_second(start).ok()?;
            Some(Taken { start, end: start + seconds(1800), status: "busy", event: None })
        };
        let within = |taken: &Taken<'_>| taken.start < question.end && question.start < taken.end;
        starts.filter_map(taken).filter(within).collect()
    }

    /// What free/busy showed before the lag; none without one.
    fn shown_late(&self, now: Timestamp) -> Option<&[(UserId, Event)]> {
        let lag = self.options.free_busy_lag_minutes;
        let seen = now - seconds(lag * 60);
        let before = self.published.iter().rev().find(|(at, _)| *at <= seen).or(self.published.first());
        before.filter(|_| lag > 0).map(|(_, events)| events.as_slice())
    }

    /// Notes what free/busy is going to show of all calendars, if it has a lag.
    pub(crate) fn publish_free_busy(&mut self, now: Timestamp) {
        if self.options.free_busy_lag_minutes == 0 {
            self.published.clear();
            return;
        }
        let all = || {
            self.users
                .iter()
                .enumerate()
                .flat_map(|(user, of)| of.calendar.events.values().map(move |event| (user, event)))
        };
        let same = self.published.last().is_some_and(|(_, last)| {
            let last = last.iter().map(|(user, event)| (*user, &event.id, event.change));
            all().map(|(user, event)| (user, &event.id, event.change)).eq(last)
        });
        if !same {
            let events = all().map(|(user, event)| (user, event.clone())).collect();
            self.published.push((now, events));
        }
    }
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

fn item(taken: &Taken<'_>, own: bool, question: &Question) -> Value {
    let time = |at| json!({"dateTime": local(at, &question.zone), "timeZone": question.zone_name});
    let private = taken
        .event
        .is_some_and(|event| event.plain.get("sensitivity").and_then(Value::as_str) == Some("private"));
    let mut item = json!({"isPrivate": private, "status": taken.status,
        "start": time(taken.start), "end": time(taken.end)});
    // Subject and place only where the viewer has rights.
    if let Some(event) = taken.event.filter(|_| own && !private) {
        item["subject"] = event.subject.clone().into();
        item["location"] = event.locations.first().map_or("".into(), |place| place["displayName"].clone());
    }
    item
}

/// One digit per interval, the strongest status wins.
fn digits(items: &[Taken<'_>], question: &Question, elsewhere_is_four: bool) -> String {
    let step = question.interval_minutes * 60;
    let (from, to) = (question.start.as_second(), question.end.as_second());
    let count = usize::try_from((to - from + step - 1) / step).unwrap_or_default();
    let mut digits = vec![(0, b'0'); count];
    for taken in items {
        let digit = match taken.status {
            "tentative" => (2, b'1'),
            "oof" => (4, b'3'),
            "workingElsewhere" if elsewhere_is_four => (1, b'4'),
            "workingElsewhere" => (0, b'0'),
            _ => (3, b'2'),
        };
        let place = |second: i64| usize::try_from((second - from).max(0) / step).unwrap_or_default();
        let (first, last) = (place(taken.start.as_second()), place(taken.end.as_second() - 1));
        for here in digits.iter_mut().take(last + 1).skip(first) {
            *here = digit.max(*here);
        }
    }
    digits.into_iter().map(|(_, digit)| char::from(digit)).collect()
}
