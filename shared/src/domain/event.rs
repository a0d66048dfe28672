//! An event as Outlook holds it, as far as we look at it.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::address::Address;

/// How an attendee takes part (Graph `attendeeType`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Required,
    Optional,
    /// A room.
    Resource,
}

impl Role {
    /// Graph's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Resource => "resource",
        }
    }
}

/// One attendee as asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attendee {
    /// Where the invitation goes.
    pub email: Address,
    /// Shown in the invitation.
    pub name: Option<String>,
    pub role: Role,
}

/// An entry of an event's attendees: the JSON as Graph gave it, and what could be read of it.
///
/// There is no entry without its JSON, and a list that is sent takes entries whole ([`super::attendees::Invited`]). So
/// an entry that cannot be read, or has members that nobody knew, goes back as it came instead of getting a
/// cancellation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttendeeEntry {
    raw: Value,
    shown: Option<String>,
    name: Option<String>,
    role: Role,
    answer: Answer,
}

impl AttendeeEntry {
    /// `raw` is what Graph gave; `shown` is the text of its address, whatever kind of text that is.
    pub fn new(raw: Value, shown: Option<String>, name: Option<String>, role: Role, answer: Answer) -> Self {
        Self { raw, shown, name, role, answer }
    }

    /// As Graph gave it, but for what [`Self::with_role`] and [`Self::with_name`] changed.
    pub fn raw(&self) -> &Value {
        &self.raw
    }

    /// The text that stands where an address belongs: SMTP, X.500, a display name, `Name <mail>`, or none.
    pub fn shown(&self) -> Option<&str> {
        self.shown.as_deref()
    }

    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub fn role(&self) -> Role {
        self.role
    }

    pub fn answer(&self) -> Answer {
        self.answer
    }

    /// The SMTP address in the shown text, if there is one: by itself, within `Name <mail>`, or behind a scheme.
    pub fn email(&self) -> Option<Address> {
        let text = self.shown.as_deref()?.trim();
        let inner = text.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap_or(text);
        let scheme = inner
            .split_once(':')
            .filter(|(scheme, _)| ["smtp", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known)));
        scheme.map_or(inner, |(_, rest)| rest).trim().parse().ok()
    }

    /// The same entry with another role; everything else stays as Graph gave it.
    #[must_use]
    pub fn with_role(mut self, role: Role) -> Self {
        if self.role != role {
            self.role = role;
            self.set("type", json!(role.word()));
        }
        self
    }

    /// The same entry under another name.
    #[must_use]
    pub fn with_name(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        if let Some(address) = self.raw.get_mut("emailAddress").and_then(Value::as_object_mut) {
            address.insert("name".to_owned(), json!(name));
        }
        self
    }

    fn set(&mut self, member: &str, value: Value) {
        if let Some(members) = self.raw.as_object_mut() {
            members.insert(member.to_owned(), value);
        }
    }
}

/// The event as Graph shows it, as far as we look at it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Immutable id.
    pub id: String,
    /// `@odata.etag`.
    pub etag: Option<String>,
    /// `iCalUId`.
    pub ical_uid: Option<String>,
    /// `webLink`.
    pub web_link: Option<String>,
    /// `start`, as an instant.
    pub start: Timestamp,
    /// `end`, as an instant.
    pub end: Timestamp,
    /// `isAllDay`.
    pub all_day: bool,
    /// `subject`.
    pub subject: String,
    /// `body.content`.
    pub body_html: String,
    /// `isOnlineMeeting`: false means that no link will ever come.
    pub is_online: bool,
    /// `onlineMeeting.joinUrl`.
    pub join_url: Option<String>,
    /// `isCancelled`.
    pub is_cancelled: bool,
    /// The newest change of ours that says so on the event itself.
    pub changed_by: Option<String>,
    /// `attendees`, every entry of them. An empty list is no proof that nobody is invited: answers without it were
    /// seen.
    pub attendees: Vec<AttendeeEntry>,
}

/// An attendee's `status.response`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// None so far.
    None,
    /// Yes, or yes for now.
    Accepted,
    /// Perhaps (a room with a delegate).
    Tentative,
    /// No.
    Declined,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(shown: &str) -> AttendeeEntry {
        let raw = json!({ "type": "optional", "emailAddress": { "address": shown }, "proposedNewTime": { "x": 1 } });
        AttendeeEntry::new(raw, Some(shown.to_owned()), None, Role::Optional, Answer::None)
    }

    #[test]
    fn an_address_is_read_out_of_what_outlook_shows() {
        for text in
            ["carl@x.example", "Carl <carl@x.example>", "SMTP:carl@x.example", "<mailto:carl@x.example>"]
        {
            assert_eq!(entry(text).email(), "carl@x.example".parse().ok(), "{text}");
        }
        for text in ["/o=ExchangeLabs/ou=x/cn=Recipients/cn=carl", "Carl", "EX:/o=x", "carl@", "<>"] {
            assert_eq!(entry(text).email(), None, "{text}");
        }
    }

    #[test]
    fn another_role_or_name_leaves_every_other_member_as_it_came() {
        let changed = entry("carl@x.example").with_role(Role::Required).with_name("Carl");
        let expected = json!({ "type": "required", "emailAddress": { "address": "carl@x.example", "name": "Carl" }, "proposedNewTime": { "x": 1 } });
        assert_eq!(changed.raw(), &expected);
        let same = entry("carl@x.example").with_role(Role::Optional);
        assert_eq!(same, entry("carl@x.example"));
    }
}
