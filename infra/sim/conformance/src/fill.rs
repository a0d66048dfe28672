//! Placeholders in the texts of a line.
//!
//! `{day}` is a Tuesday two to three weeks ahead and `{day+3}` three days later, so that nothing lies in the past and
//! every room could be booked. The others are named values: `{me}`, `{client}`, `{secret}`, `{access}`, `{refresh}`,
//! `{code}`, `{event}`, `{etag}`, `{change}`, `{uid}`, `{run}`, and what earlier requests of a line kept. Braces around
//! anything else stay as they are. The text `{20 addresses}` becomes a list: `{me}` and nineteen that nobody has.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz::TimeZone};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Names that only an earlier step or a credential gives: a line that uses one cannot run without it.
const OWED: &[&str] = &[
    "secret",
    "access",
    "refresh",
    "first-refresh",
    "code",
    "event",
    "etag",
    "old-etag",
    "change",
    "uid",
    "calendar",
];

/// The named values of one line.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    named: BTreeMap<String, String>,
    day: Date,
}

impl Values {
    pub(crate) fn new(now: Timestamp) -> Self {
        let today = TimeZone::UTC.to_datetime(now).date();
        let to_tuesday = (8 - today.weekday().to_monday_zero_offset()) % 7;
        Self { named: BTreeMap::new(), day: today.saturating_add((14 + i64::from(to_tuesday)).days()) }
    }

    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.named.insert(name.to_owned(), value.into());
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.named.get(name).map(String::as_str)
    }

    /// The text with its placeholders replaced, or the name of a value that is not there.
    pub(crate) fn text(&self, text: &str) -> Result<String, String> {
        self.filled(text, |value| value)
    }

    /// The same for a path, where ids are escaped.
    pub(crate) fn path(&self, text: &str) -> Result<String, String> {
        self.filled(text, |value| crate::request::escape(&value))
    }

    fn filled(&self, text: &str, spell: impl Fn(String) -> String) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, from) = rest.split_at(open);
            out.push_str(before);
            let name = from[1..].split_once('}').map(|(name, _)| name);
            match name.map(|name| (name, self.value(name))) {
                Some((name, Some(value))) => {
                    out.push_str(&spell(value));
                    rest = &from[name.len() + 2..];
                }
                Some((name, None)) if OWED.contains(&name) => return Err(name.to_owned()),
                _ => {
                    out.push('{');
                    rest = &from[1..];
                }
            }
        }
        Ok(out + rest)
    }

    /// Every text in a JSON value; names of members stay.
    pub(crate) fn json(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => match crowd(text) {
                Some(size) => self.addresses(size),
                None => Value::String(self.text(text)?),
            },
            Value::Array(items) => {
                Value::Array(items.iter().map(|item| self.json(item)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let filled = members.iter().map(|(name, value)| Ok((name.clone(), self.json(value)?)));
                Value::Object(filled.collect::<Result<Map<_, _>, String>>()?)
            }
            other => other.clone(),
        })
    }

    /// `{me}`, and addresses that nobody has.
    fn addresses(&self, size: usize) -> Value {
        let me = self.get("me").unwrap_or_default().to_owned();
        let nobody = (1..size).map(|n| format!("nobody-{n}@no-such-domain.example"));
        std::iter::once(me).chain(nobody).collect::<Vec<_>>().into()
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some(known) = self.named.get(name) {
            return Some(known.clone());
        }
        let days = match name.strip_prefix("day")? {
            "" => 0,
            later => later.strip_prefix('+')?.parse::<i64>().ok()?,
        };
        Some(self.day.saturating_add(days.days()).to_string())
    }
}

/// The number in `{20 addresses}`.
fn crowd(text: &str) -> Option<usize> {
    text.strip_prefix('{')?.strip_suffix(" addresses}")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_lie_on_a_tuesday_two_to_three_weeks_ahead() {
        for at in ["2026-11-30T22:00:00Z", "2026-12-01T00:00:00Z", "2026-12-06T23:59:59Z"] {
            let values = Values::new(at.parse().unwrap());
            let day: Date = values.text("{day}").unwrap().parse().unwrap();
            assert_eq!(day.weekday(), jiff::civil::Weekday::Tuesday, "{at}");
            let ahead = day.since(at[..10].parse::<Date>().unwrap()).unwrap().get_days();
            assert!((14..=20).contains(&ahead), "{at}: {ahead}");
        }
    }

    #[test]
    fn known_names_are_replaced_missing_ones_are_told_and_other_braces_stay() {
        let mut values = Values::new("2026-11-30T22:00:00Z".parse().unwrap());
        values.set("me", "ana@contoso.example");
        assert_eq!(values.text("{me} on {day+1}").unwrap(), "ana@contoso.example on 2026-12-16");
        assert_eq!(values.text("String {66f5a359} Name {x"), Ok("String {66f5a359} Name {x".to_owned()));
        assert_eq!(values.text("/v1.0/me/events/{event}"), Err("event".to_owned()));
        let three = values.json(&"{3 addresses}".into()).unwrap();
        assert_eq!(three[2], "nobody-2@no-such-domain.example");
        assert_eq!(three.as_array().map(Vec::len), Some(3));
    }
}
