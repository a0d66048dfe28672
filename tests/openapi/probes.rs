//! Sends every field of every request with a value of the wrong kind: if the function did not read the field, it would
//! not complain about it, and the page would promise something that is ignored.

use serde_json::{Value, json};

use super::bodies;
use super::live::Live;
use super::stories::Told;

/// Every place in a body, as JSON pointer.
fn places(value: &Value, at: &str, into: &mut Vec<String>) {
    let members = value.as_object().into_iter().flatten().map(|(name, inner)| (name.clone(), inner));
    let items = value.as_array().into_iter().flatten().enumerate().map(|(n, inner)| (n.to_string(), inner));
    for (name, inner) in members.chain(items) {
        let here = format!("{at}/{name}");
        places(inner, &here, into);
        into.push(here);
    }
}

pub(super) async fn every_field_is_read(live: &Live, told: &Told<'_>, id: &str, url: &str) {
    for (key, schema, body) in bodies::full(url) {
        live.validate(&json!({ "$ref": format!("#/components/schemas/{schema}") }), &body, schema);
        let mut all = Vec::new();
        places(&body, "", &mut all);
        for place in all {
            let wrong = with(&body, &place, wrong_kind(body.pointer(&place).expect("a place")));
            let answer = told.ask(key, id, Some(&wrong), &[("idempotency-key", "key-of-a-probe")]).await;
            assert_eq!(answer.status, 422, "{key} {place}: {}", answer.text);
            let faults = answer.json["errors"].as_array().cloned().unwrap_or_default();
            let named = faults.iter().any(|fault| {
                let pointer = fault["pointer"].as_str().unwrap_or_default();
                pointer.starts_with(&place) && fault["message"] != "is not known"
            });
            assert!(named, "{key} does not read {place}: {}", answer.text);
        }
        let unknown = with(&body, "/never_heard_of", json!(1));
        let answer = told.ask(key, id, Some(&unknown), &[("idempotency-key", "key-of-a-probe")]).await;
        assert_eq!(answer.problem(), (422, "unknown-field"), "{key}");
    }
}

fn wrong_kind(value: &Value) -> Value {
    if value.is_object() || value.is_array() { json!("wrong") } else { json!({ "wrong": true }) }
}

fn with(body: &Value, place: &str, value: Value) -> Value {
    let mut body = body.clone();
    match body.pointer_mut(place) {
        Some(here) => *here = value,
        None => body[place.trim_start_matches('/')] = value,
    }
    body
}
