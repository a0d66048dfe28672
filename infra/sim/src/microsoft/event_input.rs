//! Reads the body of a POST or PATCH on events, as strictly as Graph does (microsoft.md E1, E2, E5).

use super::event::{Attendee, Property, Shown, When, plain_defaults};
use super::graph_error::{GraphError, error, invalid_property, unknown_zone};
use super::zones::{instant, zone};
use serde_json::{Map, Value};

/// Exchange takes this many attendees.
const MOST_ATTENDEES: usize = 500;
/// Length of a subject and of a transaction id.
const LONGEST: usize = 255;

/// Fields that look writable but are ignored on write.
const IGNORED: [&str; 22] = [
    "@odata.type",
    "@odata.etag",
    "@odata.context",
    "id",
    "organizer",
    "isOrganizer",
    "iCalUId",
    "webLink",
    "onlineMeeting",
    "onlineMeetingUrl",
    "createdDateTime",
    "lastModifiedDateTime",
    "changeKey",
    "bodyPreview",
    "hasAttachments",
    "isCancelled",
    "isDraft",
    "responseStatus",
    "seriesMasterId",
    "type",
    "originalStartTimeZone",
    "originalEndTimeZone",
];

/// What a request wants to set; `None` = not named.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) subject: Option<String>,
    /// Content and whether it is plain text.
    pub(crate) body: Option<(String, bool)>,
    pub(crate) start: Option<When>,
    pub(crate) end: Option<When>,
    pub(crate) all_day: Option<bool>,
    pub(crate) attendees: Option<Vec<Attendee>>,
    pub(crate) locations: Option<Vec<Map<String, Value>>>,
    pub(crate) online: Option<bool>,
    pub(crate) transaction: Option<String>,
    pub(crate) plain: Map<String, Value>,
    pub(crate) properties: Option<Vec<Property>>,
}

pub(crate) fn read(body: &Value) -> Result<Changes, GraphError> {
    let fields =
        body.as_object().ok_or_else(|| error(400, "BadRequest", "Unable to read JSON request payload."))?;
    let mut changes = Changes::default();
    for (name, value) in fields {
        changes.set(name, value)?;
    }
    if let Some(place) = fields.get("location") {
        // `location` overwrites `locations`, unless both are given.
        if changes.locations.is_none() {
            changes.locations = Some(if place.is_null() { Vec::new() } else { vec![location(place)?] });
        }
    }
    Ok(changes)
}

impl Changes {
    fn set(&mut self, name: &str, value: &Value) -> Result<(), GraphError> {
        match name {
            "subject" => self.subject = Some(short(value)?),
            "body" => {
                let content = value["content"].as_str().unwrap_or_default().to_owned();
                let text =
                    value["contentType"].as_str().is_some_and(|kind| kind.eq_ignore_ascii_case("text"));
                self.body = Some((content, text));
            }
            "start" => self.start = Some(when(value)?),
            "end" => self.end = Some(when(value)?),
            "isAllDay" => self.all_day = Some(flag(value)?),
            "attendees" => self.attendees = Some(attendees(value)?),
            "location" => {}
            "locations" => {
                let list = value.as_array().ok_or_else(invalid_property)?;
                self.locations = Some(list.iter().map(location).collect::<Result<_, _>>()?);
            }
            "isOnlineMeeting" => self.online = Some(flag(value)?),
            "onlineMeetingProvider" => {
                let known = ["unknown", "teamsforbusiness", "skypeforbusiness", "skypeforconsumer"];
                let provider = value.as_str().map(str::to_ascii_lowercase).unwrap_or_default();
                if !known.contains(&provider.as_str()) {
                    return Err(invalid_property());
                }
            }
            "transactionId" => self.transaction = Some(short(value)?),
            "singleValueExtendedProperties" => self.properties = Some(properties(value)?),
            _ if IGNORED.contains(&name) => {}
            _ => self.set_plain(name, value)?,
        }
        Ok(())
    }

    fn set_plain(&mut self, name: &str, value: &Value) -> Result<(), GraphError> {
        let Some(default) = plain_defaults().remove(name) else {
            let text = format!(
                "The property '{name}' does not exist on type 'microsoft.graph.event'. Make sure to only use property \
                 names that are defined by the type."
            );
            return Err(error(400, "RequestBodyRead", text));
        };
        let words: &[&str] = match name {
            "showAs" => &["free", "tentative", "busy", "oof", "workingElsewhere", "unknown"],
            "sensitivity" => &["normal", "personal", "private", "confidential"],
            "importance" => &["low", "normal", "high"],
            _ => &[],
        };
        let value = if words.is_empty() {
            let same = std::mem::discriminant(&default) == std::mem::discriminant(value);
            same.then(|| value.clone()).ok_or_else(invalid_property)?
        } else {
            // Enum values are taken in any case and come back in camelCase.
            let given = value.as_str().ok_or_else(invalid_property)?;
            let word =
                words.iter().find(|word| word.eq_ignore_ascii_case(given)).ok_or_else(invalid_property)?;
            Value::from(*word)
        };
        self.plain.insert(name.to_owned(), value);
        Ok(())
    }

    /// Whether people are told of a change of one of these fields. Sending an unchanged one may mail them as well.
    pub(crate) fn matters(&self) -> bool {
        self.subject.is_some()
            || self.body.is_some()
            || self.start.is_some()
            || self.end.is_some()
            || self.all_day.is_some()
            || self.locations.is_some()
    }
}

fn flag(value: &Value) -> Result<bool, GraphError> {
    value.as_bool().ok_or_else(invalid_property)
}

fn short(value: &Value) -> Result<String, GraphError> {
    let text = value.as_str().ok_or_else(invalid_property)?;
    if text.chars().count() > LONGEST { Err(invalid_property()) } else { Ok(text.to_owned()) }
}

/// A `dateTimeTimeZone`: local time without offset, and a zone by name.
pub(crate) fn when(value: &Value) -> Result<When, GraphError> {
    let name = value["timeZone"].as_str().unwrap_or("UTC");
    let zone = zone(name).ok_or_else(|| unknown_zone(name))?;
    let at = value["dateTime"].as_str().and_then(|text| instant(text, &zone)).ok_or_else(invalid_property)?;
    Ok(When { at, zone: name.to_owned() })
}

fn attendees(value: &Value) -> Result<Vec<Attendee>, GraphError> {
    if value.is_null() {
        return Err(error(400, "UnableToDeserializePostBody", "were unable to deserialize "));
    }
    let list = value.as_array().ok_or_else(invalid_property)?;
    if list.len() > MOST_ATTENDEES {
        return Err(invalid_property());
    }
    list.iter().map(attendee).collect()
}

/// Whom an address names, and how the entry is shown. What names nobody by itself may still be an entry that was read
/// before and is sent back: the caller, which knows the event, decides.
fn addressed(text: &str) -> (String, Shown) {
    let smtp = |text: &str| {
        let parts = text.split_once('@');
        let sound = parts.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
        (sound && !text.contains(char::is_whitespace) && !text.contains('<')).then(|| text.to_owned())
    };
    let inner = || text.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
    match (smtp(text), inner().and_then(smtp)) {
        (Some(plain), _) => (plain, Shown::Address),
        (None, Some(inner)) => (inner, Shown::As(text.to_owned())),
        (None, None) if text.is_empty() => (String::new(), Shown::Nothing),
        (None, None) => (String::new(), Shown::As(text.to_owned())),
    }
}

fn attendee(value: &Value) -> Result<Attendee, GraphError> {
    let text = |name: &str| value["emailAddress"][name].as_str().unwrap_or_default();
    let (address, shown) = addressed(text("address"));
    let name = Some(text("name")).filter(|name| !name.is_empty()).unwrap_or(&address).to_owned();
    let mut more = value.as_object().cloned().unwrap_or_default();
    more.retain(|name, _| !["type", "status", "emailAddress"].contains(&name.as_str()));
    let given = value["type"].as_str().unwrap_or("required");
    let kinds = ["required", "optional", "resource"];
    let kind = kinds.iter().find(|kind| kind.eq_ignore_ascii_case(given)).ok_or_else(invalid_property)?;
    Ok(Attendee {
        kind: (*kind).to_owned(),
        address,
        name,
        response: "none".to_owned(),
        answered: None,
        shown,
        more,
    })
}

/// What the API makes of a place: `locationType` comes back as `default`.
pub(crate) fn location(value: &Value) -> Result<Map<String, Value>, GraphError> {
    let mut place = value.as_object().cloned().ok_or_else(invalid_property)?;
    let name = place.get("displayName").and_then(Value::as_str).unwrap_or_default().to_owned();
    place.insert("displayName".to_owned(), name.clone().into());
    place.insert("locationType".to_owned(), "default".into());
    place.insert("uniqueId".to_owned(), name.into());
    place.insert("uniqueIdType".to_owned(), "private".into());
    Ok(place)
}

fn properties(value: &Value) -> Result<Vec<Property>, GraphError> {
    let list = value.as_array().ok_or_else(invalid_property)?;
    list.iter()
        .map(|one| match (one["id"].as_str(), one["value"].as_str()) {
            // `String {guid} Name Text` or `String {guid} Id 0x8000`
            (Some(id), Some(value)) if id.starts_with("String {") => {
                Ok(Property { id: id.to_owned(), value: value.to_owned() })
            }
            _ => Err(invalid_property()),
        })
        .collect()
}

/// One spelling of a body, whatever the order of its keys.
pub(crate) fn fingerprint(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut parts: Vec<String> =
                fields.iter().map(|(name, value)| format!("{name:?}:{}", fingerprint(value))).collect();
            parts.sort_unstable();
            format!("{{{}}}", parts.join(","))
        }
        Value::Array(list) => format!("[{}]", list.iter().map(fingerprint).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}
