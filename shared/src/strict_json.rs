//! JSON without room for two readings: duplicate keys are refused, depth is bounded.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::problem::{Code, Problem};

/// Deeper bodies are not ours.
const DEEPEST: u8 = 32;

/// One JSON value and nothing behind it.
pub fn parse(body: &[u8]) -> Result<Value, Problem> {
    let refuse = |error: serde_json::Error| {
        // The text of a parser's error may hold a piece of the body; its place does not.
        let place = format!("The body is not JSON: see line {}, column {}.", error.line(), error.column());
        Problem::from(Code::MalformedJson).because(place)
    };
    let text = std::str::from_utf8(body).map_err(|_| Problem::from(Code::MalformedJson))?;
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
        self.left.checked_sub(1).map(|left| Self { left }).ok_or_else(|| E::custom("too deep"))
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
                return Err(A::Error::custom("duplicate key"));
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
    fn what_could_be_read_in_two_ways_is_refused() {
        let deep = "[".repeat(40) + &"]".repeat(40);
        for body in [r#"{"a":1,"a":2}"#, r#"{"a":1} x"#, "", "{", r#"{"a":NaN}"#, deep.as_str()] {
            assert_eq!(parse(body.as_bytes()).expect_err(body).code, Code::MalformedJson, "{body}");
        }
        assert!(parse(b"\"\xff\"").is_err());
    }
}
