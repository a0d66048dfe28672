//! One event as a mailbox holds it, and how Graph writes it (microsoft.md E1, E2).

use super::zones::{local, zone};
use crate::random::sha256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// "Never answered".
const NEVER: &str = "0001-01-01T00:00:00Z";

/// An instant with the name of the zone it was given in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct When {
    pub(crate) at: Timestamp,
    pub(crate) zone: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Attendee {
    /// `required`, `optional` or `resource`.
    pub(crate) kind: String,
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) response: String,
    pub(crate) answered: Option<Timestamp>,
    /// What the entry shows in place of the address; none: the address itself.
    #[serde(default)]
    pub(crate) shown: Shown,
    /// Members of the entry without a meaning of their own here; kept only as long as they are sent back.
    #[serde(default)]
    pub(crate) more: Map<String, Value>,
}

/// What Outlook shows as an attendee's address (docs#13898, contrib#825, docs#4477): not always an SMTP address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Shown {
    /// The address that mails go to.
    #[default]
    Address,
    /// An X.500 address, a display name, `Name <mail>`, or another address of the same mailbox.
    As(String),
    /// `emailAddress` carries a name alone.
    Nothing,
}

impl Attendee {
    /// The text of `emailAddress.address`.
    pub(crate) fn shown_address(&self) -> Option<&str> {
        match &self.shown {
            Shown::Address => Some(self.address.as_str()).filter(|address| !address.is_empty()),
            Shown::As(text) => Some(text),
            Shown::Nothing => None,
        }
    }

    /// Whether both entries are shown alike, so that one sent back means the one that was read.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        match (self.shown_address(), other.shown_address()) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (None, None) => self.name == other.name,
            _ => false,
        }
    }

    /// Whether both are the same mailbox.
    pub(crate) fn is(&self, other: &Self) -> bool {
        if self.address.is_empty() || other.address.is_empty() {
            return self.address.is_empty() && other.address.is_empty() && self.looks_like(other);
        }
        self.address.eq_ignore_ascii_case(&other.address)
    }
}

/// A named property (MAPI), our tag for one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Property {
    pub(crate) id: String,
    pub(crate) value: String,
}

#[expect(clippy::struct_excessive_bools, reason = "Graph's event has these flags")]
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) ical_uid: String,
    pub(crate) organizer: (String, String),
    pub(crate) own: bool,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// Moves with every change, also by answers of attendees.
    pub(crate) change: u64,
    pub(crate) transaction: Option<String>,
    /// Id of the calendar, if it is not the default one.
    #[serde(default)]
    pub(crate) calendar: Option<String>,
    pub(crate) subject: String,
    /// The whole document, rewrapped, with the Teams block in it if there is a link.
    pub(crate) body: String,
    pub(crate) start: When,
    pub(crate) end: When,
    pub(crate) all_day: bool,
    pub(crate) attendees: Vec<Attendee>,
    pub(crate) locations: Vec<Map<String, Value>>,
    pub(crate) online: bool,
    pub(crate) join_url: Option<String>,
    /// `conferenceId` and `tollNumber` are shown: gone since 2022 (microsoft-graph-docs#15861).
    #[serde(default)]
    pub(crate) dial_in: bool,
    /// Reads that still see no link (microsoft.md E3).
    pub(crate) reads_without_link: u32,
    /// `showAs`, `importance` and other fields without a meaning of their own here.
    pub(crate) plain: Map<String, Value>,
    pub(crate) cancelled: bool,
    /// The mailbox owner's own answer in an attendee's copy.
    pub(crate) response: String,
    pub(crate) answered: Option<Timestamp>,
    pub(crate) properties: Vec<Property>,
    /// Its change key was renewed after it was made.
    #[serde(default)]
    pub(crate) settled: bool,
}

/// How an answer is to be written.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Name from `Prefer: outlook.timezone`, else UTC.
    pub(crate) zone: String,
    pub(crate) immutable: bool,
    /// Property ids to expand.
    pub(crate) expand: Vec<String>,
    pub(crate) select: Option<Vec<String>>,
}

impl Default for View {
    fn default() -> Self {
        Self { zone: "UTC".to_owned(), immutable: true, expand: Vec::new(), select: None }
    }
}

/// Fields without a meaning of their own, with their defaults.
pub(crate) fn plain_defaults() -> Map<String, Value> {
    let defaults = json!({"showAs": "busy", "sensitivity": "normal", "importance": "normal", "isReminderOn": true,
        "reminderMinutesBeforeStart": 15, "allowNewTimeProposals": true, "hideAttendees": false,
        "responseRequested": true, "categories": []});
    defaults.as_object().cloned().unwrap_or_default()
}

/// Ids without `Prefer: IdType="ImmutableId"` are other ones.
pub(crate) fn mutable_id(id: &str) -> String {
    id.replacen("AAkA", "AAMk", 1)
}

impl Event {
    pub(crate) fn change_key(&self) -> String {
        let hash = sha256(&[self.id.as_bytes(), &self.change.to_be_bytes()]);
        STANDARD.encode(&hash[..16])
    }

    pub(crate) fn etag(&self) -> String {
        format!("W/\"{}\"", self.change_key())
    }

    pub(crate) fn show_as(&self) -> &str {
        self.plain.get("showAs").and_then(Value::as_str).unwrap_or("busy")
    }

    pub(crate) fn overlaps(&self, start: Timestamp, end: Timestamp) -> bool {
        self.start.at < end && start < self.end.at
    }

    pub(crate) fn to_json(&self, view: &View) -> Value {
        let id = if view.immutable { self.id.clone() } else { mutable_id(&self.id) };
        let mut all = self.plain.clone();
        let mut put = |name: &str, value: Value| {
            all.insert(name.to_owned(), value);
        };
        put("@odata.etag", self.etag().into());
        put(
            "webLink",
            format!("https://outlook.office365.com/owa/?itemid={id}&exvsurl=1&path=/calendar/item").into(),
        );
        put("id", id.into());
        put("createdDateTime", self.created.to_string().into());
        put("lastModifiedDateTime", self.modified.to_string().into());
        put("changeKey", self.change_key().into());
        put("transactionId", json!(self.transaction));
        put("originalStartTimeZone", self.start.zone.clone().into());
        put("originalEndTimeZone", self.end.zone.clone().into());
        put("iCalUId", self.ical_uid.clone().into());
        put("hasAttachments", false.into());
        put("subject", self.subject.clone().into());
        put("bodyPreview", super::html::preview(&self.body).into());
        put("body", json!({"contentType": "html", "content": self.body}));
        put("isAllDay", self.all_day.into());
        put("isCancelled", self.cancelled.into());
        put("isDraft", false.into());
        put("isOrganizer", self.own.into());
        put("seriesMasterId", Value::Null);
        put("recurrence", Value::Null);
        put("type", "singleInstance".into());
        put("start", self.time(&self.start, view));
        put("end", self.time(&self.end, view));
        put("responseStatus", status(&self.response, self.answered));
        put("attendees", self.attendees.iter().map(attendee).collect());
        let nowhere = json!({"displayName": "", "locationType": "default", "uniqueIdType": "unknown"});
        put("location", self.locations.first().map_or(nowhere, |place| place.clone().into()));
        put("locations", self.locations.iter().cloned().map(Value::from).collect());
        let (name, address) = &self.organizer;
        put("organizer", json!({"emailAddress": {"name": name, "address": address}}));
        put("onlineMeetingUrl", Value::Null);
        put("isOnlineMeeting", self.online.into());
        put("onlineMeetingProvider", if self.online { "teamsForBusiness" } else { "unknown" }.into());
        put(
            "onlineMeeting",
            self.join_url.as_ref().map_or(Value::Null, |url| {
                let mut meeting = json!({ "joinUrl": url });
                if self.dial_in {
                    meeting["conferenceId"] = conference(url).into();
                    meeting["tollNumber"] = "+34 91 000 0000".into();
                }
                meeting
            }),
        );
        let expanded: Vec<Value> = self.expanded(&view.expand);
        if !expanded.is_empty() {
            put("singleValueExtendedProperties", expanded.into());
        }
        select(all, view.select.as_deref())
    }

    fn time(&self, when: &When, view: &View) -> Value {
        let zone = if self.all_day { zone(&when.zone) } else { zone(&view.zone) };
        let name = if self.all_day { &when.zone } else { &view.zone };
        json!({"dateTime": local(when.at, &zone.unwrap_or(jiff::tz::TimeZone::UTC)), "timeZone": name})
    }

    fn expanded(&self, ids: &[String]) -> Vec<Value> {
        let wanted = self.properties.iter().filter(|property| ids.contains(&property.id));
        wanted.map(|property| json!({"id": property.id, "value": property.value})).collect()
    }
}

fn conference(url: &str) -> String {
    sha256(&[url.as_bytes()])[..9].iter().map(|byte| char::from(b'0' + byte % 10)).collect()
}

fn status(response: &str, answered: Option<Timestamp>) -> Value {
    json!({"response": response, "time": answered.map_or_else(|| NEVER.to_owned(), |at| at.to_string())})
}

fn attendee(attendee: &Attendee) -> Value {
    let mut address = json!({ "name": attendee.name });
    if let Some(text) = attendee.shown_address() {
        address["address"] = text.into();
    }
    let mut entry = attendee.more.clone();
    entry.insert("type".to_owned(), attendee.kind.as_str().into());
    entry.insert("status".to_owned(), status(&attendee.response, attendee.answered));
    entry.insert("emailAddress".to_owned(), address);
    entry.into()
}

/// `$select`; Outlook items always carry their etag and id.
pub(crate) fn select(mut all: Map<String, Value>, wanted: Option<&[String]>) -> Value {
    if let Some(wanted) = wanted {
        all.retain(|name, _| {
            name.starts_with('@')
                || name == "id"
                || name == "singleValueExtendedProperties"
                || wanted.contains(name)
        });
    }
    Value::Object(all)
}
