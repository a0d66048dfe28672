//! The few kinds of values that the API speaks of.

use serde_json::{Value, json};

pub(super) fn text(meaning: &str) -> Value {
    json!({ "type": "string", "description": meaning })
}

/// Text of so many characters at most.
pub(super) fn short(meaning: &str, longest: u64) -> Value {
    json!({ "type": "string", "maxLength": longest, "description": meaning })
}

fn formatted(format: &str, meaning: &str) -> Value {
    json!({ "type": "string", "format": format, "description": meaning })
}

pub(super) fn date_time(meaning: &str) -> Value {
    formatted("date-time", meaning)
}

pub(super) fn email(meaning: &str) -> Value {
    formatted("idn-email", meaning)
}

pub(super) fn uri(meaning: &str) -> Value {
    formatted("uri", meaning)
}

pub(super) fn uuid(meaning: &str) -> Value {
    formatted("uuid", meaning)
}

pub(super) fn boolean(meaning: &str) -> Value {
    json!({ "type": "boolean", "description": meaning })
}

pub(super) fn integer(meaning: &str) -> Value {
    json!({ "type": "integer", "description": meaning })
}

/// An id of ours: a prefix and 26 characters of Crockford's base 32.
pub(super) fn prefixed(prefix: &str) -> Value {
    json!({ "type": "string", "pattern": format!("^{prefix}[0-9A-HJKMNP-TV-Z]{{26}}$") })
}

pub(super) fn one_of(words: &[&str]) -> Value {
    json!({ "type": "string", "enum": words })
}

pub(super) fn list(item: Value) -> Value {
    let mut schema = json!({ "type": "array" });
    schema["items"] = item;
    schema
}

pub(super) fn at_most(items: u64, item: Value) -> Value {
    let mut schema = list(item);
    schema["maxItems"] = json!(items);
    schema
}

pub(super) fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// The same, or null.
pub(super) fn nullable(mut schema: Value) -> Value {
    match (schema["type"].as_str().map(str::to_owned), schema["enum"].as_array().cloned()) {
        (Some(kind), words) => {
            schema["type"] = json!([kind, "null"]);
            if let Some(words) = words {
                schema["enum"] = words.into_iter().chain([Value::Null]).collect();
            }
            schema
        }
        (None, _) => json!({ "anyOf": [schema, { "type": "null" }] }),
    }
}

/// An object with these members and no others.
pub(super) fn closed(members: Value) -> Value {
    let mut schema = json!({ "type": "object", "additionalProperties": false });
    schema["properties"] = members;
    schema
}
