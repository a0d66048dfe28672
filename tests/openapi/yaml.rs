//! Writes a JSON value as YAML in block style, in one order that no feature of a JSON library can change: the members
//! that a reader looks for first, then the others by name.

use std::fmt::Write;

use serde_json::{Map, Value};

const FIRST: [&str; 26] = [
    "openapi",
    "info",
    "servers",
    "paths",
    "components",
    "title",
    "version",
    "summary",
    "description",
    "operationId",
    "in",
    "name",
    "required",
    "security",
    "parameters",
    "requestBody",
    "responses",
    "headers",
    "content",
    "schema",
    "$ref",
    "type",
    "format",
    "pattern",
    "enum",
    "properties",
];

pub(super) fn write(value: &Value) -> String {
    let mut out = String::new();
    block(value, 0, &mut out);
    out
}

fn block(value: &Value, depth: usize, out: &mut String) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, member) in ordered(members) {
                let _ = write!(out, "{:1$}{2}:", "", depth * 2, key(name));
                after(member, depth + 1, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                let _ = write!(out, "{:1$}-", "", depth * 2);
                match item {
                    Value::Object(members) if !members.is_empty() => {
                        let mut inner = String::new();
                        block(item, depth + 1, &mut inner);
                        // The first member stands on the line of the dash.
                        let _ = write!(out, " {}", inner.trim_start());
                    }
                    _ => after(item, depth + 1, out),
                }
            }
        }
        _ => {
            let _ = writeln!(out, "{value}");
        }
    }
}

/// What follows a name or a dash.
fn after(value: &Value, depth: usize, out: &mut String) {
    let nested = value.as_object().is_some_and(|members| !members.is_empty())
        || value.as_array().is_some_and(|items| !items.is_empty());
    if nested && !is_flow(value) {
        out.push('\n');
        block(value, depth, out);
    } else {
        let _ = writeln!(out, " {}", flow(value));
    }
}

/// Short lists of scalars stand on one line.
fn is_flow(value: &Value) -> bool {
    let scalars = |items: &Vec<Value>| items.iter().all(|item| !item.is_array() && !item.is_object());
    value.as_array().is_some_and(scalars) && flow(value).len() < 90
}

fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

fn ordered(members: &Map<String, Value>) -> Vec<(&String, &Value)> {
    let place = |name: &str| FIRST.iter().position(|first| *first == name).unwrap_or(FIRST.len());
    let mut all: Vec<_> = members.iter().collect();
    all.sort_by_key(|(name, _)| (place(name), (*name).clone()));
    all
}

fn key(name: &str) -> String {
    scalar(name)
}

/// Plain where no YAML reader could take it for anything else; a JSON string otherwise, which every one reads alike.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " /_-.()+".contains(c))
        && !text.ends_with(' ')
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
            .contains(&text.to_lowercase().as_str());
    if plain { text.to_owned() } else { Value::from(text).to_string() }
}

#[test]
fn what_is_written_is_read_back() {
    use saphyr::LoadableYamlNode;
    let value = serde_json::json!({
        "openapi": "3.1.1", "list": [], "words": ["a", "no", "x: y"], "objects": [{ "b": 1, "a": { "c": null } }, {}],
        "text": "line\n\"quoted\" `code` # no comment", "200": true, "deep": { "deeper": [[1, 2], []] },
    });
    let text = write(&value);
    let documents = saphyr::Yaml::load_from_str(&text).expect("it is YAML");
    assert_eq!(crate::template::json_of_yaml(&documents[0]), value, "{text}");
    assert!(text.starts_with("openapi: \"3.1.1\"\n"), "{text}");
}
