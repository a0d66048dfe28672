//! One mailbox: its events, the memory of transaction ids, and attendees' copies of other people's meetings.

use super::calendars::Secondary;
use super::event::Event;
use super::graph_error::{GraphError, error, not_found};
use super::tenant::{State, UserId};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write;

/// A mailbox's calendars and all their events.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Calendar {
    pub(crate) events: BTreeMap<String, Event>,
    /// Those beside the default one.
    #[serde(default)]
    pub(crate) others: Vec<Secondary>,
    /// Deleted Items: an immutable id still finds what lies there (concepts/outlook-immutable-id.md).
    #[serde(default)]
    pub(crate) trash: BTreeMap<String, Event>,
    /// Transaction id to event id and the content it was first used with. Survives the event.
    pub(crate) transactions: HashMap<String, (String, String)>,
}

impl Calendar {
    pub(crate) fn by_uid(&mut self, ical_uid: &str) -> Option<&mut Event> {
        self.events.values_mut().find(|event| event.ical_uid == ical_uid)
    }
}

impl State {
    /// The event of this id, immutable or not, in this mailbox.
    pub(crate) fn event_id(&self, user: UserId, given: &str) -> Result<String, GraphError> {
        if given.len() < 16 || !given.starts_with("AA") {
            return Err(error(400, "ErrorInvalidIdMalformed", "Id is malformed."));
        }
        let id = given.replacen("AAMk", "AAkA", 1);
        if self.users[user].calendar.events.contains_key(&id) { Ok(id) } else { Err(not_found()) }
    }

    /// An event that lies in Deleted Items; only its immutable id leads there.
    pub(crate) fn in_trash(&self, user: UserId, given: &str) -> Option<&Event> {
        self.users[user].calendar.trash.get(given)
    }

    /// The mailbox is moved to another server or archive: every event gets another id, and the former ones are not
    /// found (concepts/outlook-immutable-id.md: not stable across a mailbox migration).
    pub(crate) fn renew_ids(&mut self, user: UserId) {
        let events = std::mem::take(&mut self.users[user].calendar.events);
        for (_, mut event) in events {
            event.id = self.new_event_id();
            self.users[user].calendar.events.insert(event.id.clone(), event);
        }
    }

    pub(crate) fn event(&mut self, user: UserId, id: &str) -> Result<&mut Event, GraphError> {
        self.users[user].calendar.events.get_mut(id).ok_or_else(not_found)
    }

    /// Notes that an event has changed: new etag, new time of change.
    pub(crate) fn touch(&mut self, user: UserId, id: &str, now: Timestamp) {
        let change = self.next();
        if let Ok(event) = self.event(user, id) {
            event.change = change;
            event.modified = now;
        }
    }

    pub(crate) fn new_event_id(&mut self) -> String {
        let random = [self.random.block(), self.random.block()].concat();
        format!("AAkALgAAAAAAHYQDEapmEc2byACqAC-EWg0A{}", URL_SAFE.encode(&random[..40]))
    }

    pub(crate) fn new_ical_uid(&mut self) -> String {
        let head =
            "040000008200E00074C5B7101A82E008000000000000000000000000000000000000000010000000".to_owned();
        self.random.bytes16().iter().fold(head, |mut uid, byte| {
            let _ = write!(uid, "{byte:02X}");
            uid
        })
    }

    pub(crate) fn new_join_url(&mut self, user: UserId) -> String {
        let thread = URL_SAFE.encode(&self.random.block()[..30]);
        let (tenant, oid) = (&self.tenant_of(user).id, &self.users[user].oid);
        format!(
            "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{thread}%40thread.v2/0?context=%7b%22Tid%22%3a%22{tenant}%22%2c%22Oid%22%3a%22{oid}%22%7d"
        )
    }

    /// Writes an attendee's copy of a meeting: own id, same `iCalUId`, no tags, no answers of others.
    pub(crate) fn write_copy(
        &mut self,
        attendee: UserId,
        meeting: &Event,
        show_as: Option<&str>,
        now: Timestamp,
    ) {
        let change = self.next();
        let known = self.users[attendee].calendar.by_uid(&meeting.ical_uid).map(|copy| {
            (copy.id.clone(), copy.created, copy.response.clone(), copy.answered, copy.start == meeting.start)
        });
        let fresh = ("notResponded".to_owned(), None);
        let (id, created, (response, answered)) = match known {
            Some((id, created, response, answered, true)) => (id, created, (response, answered)),
            Some((id, created, ..)) => (id, created, fresh),
            None => (self.new_event_id(), now, fresh),
        };
        let mut copy = Event {
            id: id.clone(),
            own: false,
            created,
            modified: now,
            change,
            transaction: None,
            calendar: None,
            response,
            answered,
            properties: Vec::new(),
            settled: true,
            ..meeting.clone()
        };
        for other in &mut copy.attendees {
            "none".clone_into(&mut other.response);
            other.answered = None;
        }
        // What nobody has answered yet shows as tentative.
        let unanswered = copy.response == "notResponded" && copy.show_as() == "busy";
        if let Some(show_as) = show_as.or(unanswered.then_some("tentative")) {
            copy.plain.insert("showAs".to_owned(), show_as.into());
        }
        self.users[attendee].calendar.events.insert(id, copy);
    }

    /// In attendees' calendars a meeting that is off stays, marked, until it is removed by hand.
    pub(crate) fn cancel_copy(&mut self, attendee: UserId, ical_uid: &str, now: Timestamp) {
        let change = self.next();
        if let Some(copy) = self.users[attendee].calendar.by_uid(ical_uid) {
            copy.cancelled = true;
            copy.plain.insert("showAs".to_owned(), "free".into());
            copy.change = change;
            copy.modified = now;
        }
    }

    /// An attendee answers in Outlook: the organizer's event shows it, the attendee's own copy too.
    pub(crate) fn respond(
        &mut self,
        organizer: UserId,
        id: &str,
        address: &str,
        response: &str,
        now: Timestamp,
    ) -> Result<(), String> {
        let address = &self.options.primary(address);
        if !["accepted", "declined", "tentativelyAccepted"].contains(&response) {
            return Err(format!("there is no response {response}"));
        }
        let event = self.event(organizer, id).map_err(|refused| refused.message)?;
        let invited =
            event.attendees.iter_mut().find(|attendee| attendee.address.eq_ignore_ascii_case(address));
        let attendee = invited.ok_or_else(|| format!("{address} is not invited"))?;
        // Only the default calendar tallies answers.
        if event.calendar.is_none() {
            response.clone_into(&mut attendee.response);
            attendee.answered = Some(now);
        }
        let ical_uid = event.ical_uid.clone();
        self.touch(organizer, id, now);
        let Some(user) = self.user(address) else { return Ok(()) };
        if response == "declined" {
            self.forget_copy(user, &ical_uid);
        } else if let Some(copy) = self.users[user].calendar.by_uid(&ical_uid) {
            let show_as = if response == "accepted" { "busy" } else { "tentative" };
            response.clone_into(&mut copy.response);
            copy.plain.insert("showAs".to_owned(), show_as.into());
            copy.answered = Some(now);
        }
        Ok(())
    }
}
