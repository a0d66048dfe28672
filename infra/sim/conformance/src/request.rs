//! Requests, with every placeholder filled. `Err` names a value that is not there.

use crate::clean;
use crate::fill::Values;
use crate::http::Request;
use crate::line::Ask;
use crate::place::{IMMUTABLE, Place, fresh_id};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// What the usual person has granted.
pub(crate) const SCOPES: &str = "openid profile email offline_access User.Read Calendars.ReadWrite";
/// A PKCE verifier and its S256 challenge (RFC 7636): nothing secret hangs on them here.
pub(crate) const VERIFIER: &str = "verifier-verifier-verifier-verifier-verifier-1";
const CHALLENGE: &str = "EqEGs5pIMuljbpLTjRMiwvPGs2tOQNVxme9rjGjCFD0";

/// The address of a page for a person.
pub(crate) fn page(place: &Place, ask: &Ask, path: &str, values: &Values) -> Result<String, String> {
    let usual: &[(&str, &str)] = if path.ends_with("/adminconsent") {
        &[
            ("client_id", "{client}"),
            ("scope", "https://graph.microsoft.com/Calendars.ReadWrite"),
            ("redirect_uri", "{callback}"),
            ("state", "ac_91d0"),
        ]
    } else {
        &[
            ("client_id", "{client}"),
            ("response_type", "code"),
            ("redirect_uri", "{callback}"),
            ("response_mode", "query"),
            ("scope", SCOPES),
            ("state", "st_7f3c"),
            ("nonce", "n_55a1"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]
    };
    let mut query: BTreeMap<String, Option<String>> =
        usual.iter().map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned()))).collect();
    query.extend(ask.query.clone());
    Ok(format!("{}{}{}", place.at.login, values.path(path)?, query_string(&query, values)?))
}

/// With the headers that the product sends; against a real tenant, a new event is tagged.
pub(crate) fn graph(place: &Place, ask: &Ask, way: &str, values: &Values) -> Result<Request, String> {
    let (method, path) = way.split_once(' ').unwrap_or(("GET", way));
    let mut body = match (&ask.body, &ask.event) {
        (Some(body), _) => Some(values.json(body)?),
        (None, Some(changes)) => Some(values.json(&event(changes))?),
        (None, None) => None,
    };
    if let Some(body) =
        body.as_mut().filter(|_| place.is_real() && method == "POST" && path.ends_with("/events"))
    {
        clean::tag(body);
    }
    let raw = ask.raw.as_ref().map(|raw| values.text(raw)).transpose()?;
    let token = if ask.headers.contains_key("authorization") {
        String::new()
    } else {
        values.text("Bearer {access}")?
    };
    let usual = [
        ("authorization", token),
        ("client-request-id", fresh_id()),
        ("prefer", IMMUTABLE.to_owned()),
        ("content-type", "application/json".to_owned()),
    ];
    let mut headers: BTreeMap<String, String> = usual.map(|(name, value)| (name.to_owned(), value)).into();
    for (name, value) in &ask.headers {
        match value {
            Some(value) => _ = headers.insert(name.clone(), values.text(value)?),
            None => _ = headers.remove(name),
        }
    }
    Ok(Request {
        method: method.to_owned(),
        url: format!("{}{}{}", place.at.graph, values.path(path)?, query_string(&ask.query, values)?),
        headers: headers.into_iter().collect(),
        body: raw.or_else(|| body.map(|body| body.to_string())),
    })
}

/// The usual event with these members changed; nobody is invited to it.
fn event(changes: &Map<String, Value>) -> Value {
    let mut event = json!({
        "subject": "Conformance check",
        "body": {"contentType": "html", "content": "<p>Made by a test, and removed by it.</p>"},
        "start": {"dateTime": "{day}T10:00:00", "timeZone": "UTC"},
        "end": {"dateTime": "{day}T10:30:00", "timeZone": "UTC"},
    });
    if let Some(members) = event.as_object_mut() {
        members.extend(changes.clone());
        members.retain(|_, value| value != "<absent>");
    }
    event
}

/// A POST carries the client's id, and its secret if it has one.
pub(crate) fn login(place: &Place, ask: &Ask, way: &str, values: &Values) -> Result<Request, String> {
    let (method, path) = way.split_once(' ').unwrap_or(("GET", way));
    let mut form: BTreeMap<String, Option<String>> = BTreeMap::new();
    if method == "POST" {
        form.insert("client_id".to_owned(), Some(place.at.client_id.clone()));
        form.insert("client_secret".to_owned(), place.at.client_secret.clone());
    }
    form.extend(ask.form.clone());
    let mut headers: BTreeMap<String, Option<String>> = BTreeMap::new();
    if method == "POST" {
        headers.insert("content-type".to_owned(), Some("application/x-www-form-urlencoded".to_owned()));
    }
    headers.extend(ask.headers.clone());
    let headers = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
    Ok(Request {
        method: method.to_owned(),
        url: format!("{}{}{}", place.at.login, values.path(path)?, query_string(&ask.query, values)?),
        headers: headers
            .map(|(name, value)| Ok((name, values.text(&value)?)))
            .collect::<Result<_, String>>()?,
        body: match (&ask.raw, method) {
            (Some(raw), _) => Some(values.text(raw)?),
            (None, "POST") => Some(pairs(&form, values)?),
            (None, _) => None,
        },
    })
}

fn query_string(query: &BTreeMap<String, Option<String>>, values: &Values) -> Result<String, String> {
    let pairs = pairs(query, values)?;
    Ok(if pairs.is_empty() { pairs } else { format!("?{pairs}") })
}

fn pairs(fields: &BTreeMap<String, Option<String>>, values: &Values) -> Result<String, String> {
    let given = fields.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    let pair = |(name, value): (&String, &String)| Ok(format!("{name}={}", escape(&values.text(value)?)));
    Ok(given.map(pair).collect::<Result<Vec<String>, String>>()?.join("&"))
}

/// Percent escapes of everything but unreserved characters (RFC 3986 2.3): good for a path segment and for a value.
pub(crate) fn escape(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_of_the_corpus_has_no_attendees_and_members_can_be_taken_away() {
        let changes = json!({"end": "<absent>", "showAs": "free"});
        let event = event(changes.as_object().unwrap());
        assert!(event.get("end").is_none() && event.get("attendees").is_none());
        assert_eq!(event["showAs"], "free");
    }

    #[test]
    fn ids_are_escaped_for_a_path() {
        assert_eq!(escape("AAk/+=-_.~ x"), "AAk%2F%2B%3D-_.~%20x");
    }
}
