//! What may be sent to a real tenant: reads, free/busy, and events of our own in which nobody but the signed-in person is
//! named.
//!
//! The rule stands twice. `line` holds it against the text of the corpus, so that no line claims to be harmless that is
//! not; `request` holds it against every single request on its way to Graph, filled in and complete.

use crate::line::{Ask, Line};
use serde_json::Value;

/// Members of an event that name people or rooms.
const PEOPLE: &[&str] = &["attendees", "organizer", "location", "locations", "replyTo"];

/// Whether a line that says `real` can be that.
pub fn line(line: &Line) -> Result<(), String> {
    if line.needs_stage() {
        return Err("a line that needs the stand-in set up cannot run against a real tenant".to_owned());
    }
    let usual = line.given.event.as_ref().map(|event| Value::Object(event.clone()));
    if let Some(event) = &usual {
        names_only("{me}", event)?;
    }
    for ask in line.given.before.iter().chain([&line.ask]) {
        planned(ask)?;
    }
    Ok(())
}

fn planned(ask: &Ask) -> Result<(), String> {
    if ask.form.keys().any(|name| name == "code") {
        return Err("codes come from a person at a browser".to_owned());
    }
    let event = ask.event.as_ref().map(|event| Value::Object(event.clone()));
    let raw = ask.raw.as_deref().map(Value::from);
    let Some((method, path)) = ask.graph.as_deref().and_then(|way| way.split_once(' ')) else {
        return Ok(());
    };
    let body = ask.body.as_ref().or(event.as_ref()).or(raw.as_ref());
    // The placeholder `{event}` is an event that this line made.
    request(method, path, body, "{me}", |id| id == "{event}")
}

/// Whether this request touches nothing but what is ours and names nobody but `me`. `ours` knows the ids of events that
/// this run made.
pub(crate) fn request(
    method: &str,
    path: &str,
    body: Option<&Value>,
    me: &str,
    ours: impl Fn(&str) -> bool,
) -> Result<(), String> {
    let refuse = |why: &str| Err(format!("not sent: {method} {path}: {why}"));
    if method == "GET" {
        return Ok(());
    }
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    let segments: Vec<&str> = path.trim_start_matches('/').split('/').skip(1).collect();
    let own = |id: &str| ours(id) || !looks_like_an_id(id);
    match (method, segments.as_slice()) {
        ("POST", ["me", "calendar", "getSchedule"]) => return Ok(()),
        ("POST", ["me", "events"] | ["me", "calendar", "events"]) => {}
        ("POST", ["me", "events", id, "cancel" | "permanentDelete"])
        | ("PATCH" | "DELETE", ["me", "events", id]) => {
            if !own(id) {
                return refuse("the event is not one that this run made");
            }
        }
        _ => return refuse("not a request that the corpus needs"),
    }
    match body {
        None => Ok(()),
        Some(Value::String(raw)) if raw.contains('@') => refuse("a body to the letter names nobody"),
        Some(body) => names_only(me, body).or_else(|why| refuse(&why)),
    }
}

/// Ids of Outlook begin so; anything else cannot be the event of a person.
fn looks_like_an_id(id: &str) -> bool {
    id.len() >= 16 && id.starts_with("AA")
}

/// Every address in the parts that name people is `me`, or no address at all.
fn names_only(me: &str, body: &Value) -> Result<(), String> {
    let people = PEOPLE.iter().filter_map(|name| body.get(name));
    match people.flat_map(texts).find(|text| text.contains('@') && !text.eq_ignore_ascii_case(me)) {
        Some(other) => Err(format!("it names {other}")),
        None => Ok(()),
    }
}

fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const ME: &str = "ana@contoso.example";
    const MADE: &str = "AAkALgAAAAAAHYQDEapmEc2byACqAC";

    fn asked(method: &str, path: &str, body: Option<&Value>) -> Result<(), String> {
        request(method, path, body, ME, |id| id == MADE)
    }

    fn invite(address: &str) -> Value {
        json!({"subject": "x", "attendees": [{"emailAddress": {"address": address}}]})
    }

    #[test]
    fn nobody_but_the_signed_in_person_is_named() {
        assert_eq!(asked("POST", "/v1.0/me/events", Some(&invite("ANA@contoso.example"))), Ok(()));
        assert_eq!(asked("POST", "/v1.0/me/events", Some(&json!({"subject": "x"}))), Ok(()));
        for other in ["ben@contoso.example", "Ana <ana@contoso.example>", "ana@contoso.example.evil.example"]
        {
            assert!(asked("POST", "/v1.0/me/events", Some(&invite(other))).is_err(), "{other}");
            assert!(
                asked("PATCH", &format!("/v1.0/me/events/{MADE}"), Some(&invite(other))).is_err(),
                "{other}"
            );
        }
        assert!(asked("POST", "/v1.0/me/events", Some(&json!("{\"attendees\": \"x@y.example\""))).is_err());
    }

    #[test]
    fn only_events_of_this_run_are_changed_and_nothing_is_sent_by_mail() {
        assert_eq!(asked("DELETE", &format!("/v1.0/me/events/{MADE}"), None), Ok(()));
        assert_eq!(asked("DELETE", "/v1.0/me/events/not-an-id", None), Ok(()));
        for (method, path) in [
            ("DELETE", "/v1.0/me/events/AAkALgAAAAAAHYQDEapmEc2bOTHER"),
            ("PATCH", "/v1.0/me/events/AAkALgAAAAAAHYQDEapmEc2bOTHER"),
            ("POST", "/v1.0/me/events/AAkALgAAAAAAHYQDEapmEc2bOTHER/cancel"),
            ("POST", "/v1.0/me/sendMail"),
            ("POST", "/v1.0/users/ben@contoso.example/events"),
            ("POST", "/v1.0/me/calendars"),
            ("DELETE", "/v1.0/me/calendars/AAkALgAAAAAAHYQDEapmEc2byACqAC"),
            ("PATCH", "/v1.0/me/mailboxSettings"),
        ] {
            assert!(asked(method, path, None).is_err(), "{method} {path}");
        }
    }
}
