//! JSON without room for two readings: duplicate keys are refused, depth is bounded.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::{Code, Problem};

const DUPLICATE: &str = "names a member of an object twice";
const TOO_DEEP: &str = "is nested too deeply";

/// The same text for all spellings of the same value: member order, blanks, escapes and forms of numbers do not matter,
/// and a member that is null is one that is not there.
pub fn canonical(body: &[u8]) -> Result<String, Problem> {
    let mut value = if body.is_empty() { Value::Object(Map::new()) } else { parse(body)? };
    drop_nulls(&mut value);
    // `Map` is sorted by its keys.
    Ok(value.to_string())
}

fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Up to here every whole number is one value as a float too.
const WHOLE: f64 = 9_007_199_254_740_992.0;

/// Deeper bodies are not ours.
const DEEPEST: u8 = 32;

/// One JSON value and nothing behind it.
pub fn parse(body: &[u8]) -> Result<Value, Problem> {
    let refuse = |error: serde_json::Error| {
        // The text of a parser's error may hold a piece of the body; its place does not.
        let text = error.to_string();
        let what =
            [DUPLICATE, TOO_DEEP].into_iter().find(|what| text.starts_with(what)).unwrap_or("is not JSON");
        let place = format!("The body {what}: see line {}, column {}.", error.line(), error.column());
        Problem::from(Code::MalformedJson).because(place)
    };
    let not_utf8 = |_| Problem::from(Code::MalformedJson).because("The body is not UTF-8.");
    let text = std::str::from_utf8(body).map_err(not_utf8)?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = Strict { left: DEEPEST }.deserialize(&mut reader).map_err(refuse)?;
    reader.end().map_err(refuse)?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    left: u8,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        self.left.checked_sub(1).map(|left| Self { left }).ok_or_else(|| E::custom(TOO_DEEP))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }
    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        // 45.0 and 4.5e1 are 45 (RFC 8259, section 6: what a number is, not how it is written).
        if value.fract() == 0.0 && value.abs() <= WHOLE {
            let text = format!("{value:.0}");
            let whole = text.parse::<i64>().unwrap_or_default();
            return Ok(u64::try_from(whole).map_or_else(|_| whole.into(), Into::into));
        }
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }
    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if map.insert(key, value).is_some() {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_json_reads_as_usual() {
        let value = parse(br#"{"a":[1,-2,0.5,true,null,"x"],"b":{}}"#).expect("json");
        assert_eq!(value, serde_json::json!({"a": [1, -2, 0.5, true, null, "x"], "b": {}}));
    }

    #[test]
    fn the_same_value_has_one_canonical_text_however_it_is_written() {
        let one = canonical(br#"{"title":"Caf\u00e9","n":45,"list":[1,2],"none":null,"o":{"b":1,"a":-0.0}}"#);
        for other in [
            "{ \"n\" : 45.0,\n \"list\": [1, 2.0], \"title\": \"Caf\u{e9}\", \"o\": {\"a\": 0, \"b\": 1} }",
            r#"{"o":{"a":0,"b":1e0},"list":[1,2],"title":"Caf\u00E9","n":4.5e1}"#,
        ] {
            assert_eq!(canonical(other.as_bytes()), one, "{other}");
        }
        for other in [r#"{"n":46}"#, r#"{"list":[2,1]}"#, r#"{"n":"45"}"#] {
            assert_ne!(canonical(other.as_bytes()), one, "{other}");
        }
        assert_eq!(canonical(b""), canonical(b" { } "));
    }

    #[test]
    fn what_is_wrong_with_a_body_is_said_without_a_piece_of_it() {
        for (body, said) in [
            (r#"{"secret":1,"secret":2}"#.to_owned(), "twice"),
            ("[".repeat(40), "nested"),
            ("{".to_owned(), "is not JSON"),
        ] {
            let detail = parse(body.as_bytes()).expect_err("refused").detail.expect("said");
            assert!(detail.contains(said) && !detail.contains("secret"), "{detail}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        for body in [r#"{"a":1,"a":2}"#, r#"{"a":1} x"#, "", "{", r#"{"a":NaN}"#, deep.as_str()] {
            assert_eq!(parse(body.as_bytes()).expect_err(body).code, Code::MalformedJson, "{body}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }
}
