//! Answers that are right but for one thing.

use axum::body::{Body, to_bytes};
use axum::response::Response;
use futures::stream::{self, StreamExt};
use serde_json::{Map, Value};
use std::convert::Infallible;
use std::time::Duration;

/// The right answer with another body; without one, an empty object is altered.
pub(super) async fn whole(right: Option<Response>, alter: impl FnOnce(&[u8]) -> Vec<u8>) -> Response {
    let (mut head, body) =
        right.unwrap_or_else(|| super::json_answer(200, &Value::Object(Map::new()))).into_parts();
    let body = alter(&to_bytes(body, usize::MAX).await.unwrap_or_default());
    head.headers.remove("content-length");
    Response::from_parts(head, Body::from(body))
}

/// A byte after each pause, for as long as somebody listens.
#[expect(clippy::disallowed_methods, reason = "a slow peer is slow in real time")]
pub(super) async fn dripping(right: Option<Response>, pause: Duration) -> Response {
    let (head, body) = right.unwrap_or_default().into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let drops = stream::iter(bytes).then(move |byte| async move {
        tokio::time::sleep(pause).await;
        Ok::<_, Infallible>(vec![byte])
    });
    Response::from_parts(head, Body::from_stream(drops))
}

/// Members set by pointer, taken away by `null`. What is no JSON stays as it is.
pub(super) fn changed(text: &[u8], set: &Map<String, Value>) -> Vec<u8> {
    let Ok(mut json) = serde_json::from_slice::<Value>(text) else { return text.to_vec() };
    for (pointer, value) in set {
        let (parent, name) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let Some(Value::Object(members)) = json.pointer_mut(parent) else { continue };
        if value.is_null() {
            members.remove(name);
        } else {
            members.insert(name.to_owned(), value.clone());
        }
    }
    json.to_string().into_bytes()
}

/// RFC 8259 section 4 leaves open what a reader makes of two equal names.
pub(super) fn doubled(text: &[u8]) -> Vec<u8> {
    let Ok(Value::Object(members)) = serde_json::from_slice::<Value>(text) else { return text.to_vec() };
    let Some((name, _)) = members.iter().next() else { return text.to_vec() };
    let rest = Value::Object(members.clone()).to_string();
    format!("{{{}:\"another\",{}", Value::from(name.as_str()), &rest[1..]).into_bytes()
}

/// The padding comes first, so that a reader has taken it in before anything of use.
pub(super) fn padded(text: &[u8], bytes: usize) -> Vec<u8> {
    let rest = text.strip_prefix(b"{").unwrap_or(b"}");
    let comma: &[u8] = if rest.starts_with(b"}") { b"" } else { b"," };
    [b"{\"padding\":\"", "x".repeat(bytes).as_bytes(), b"\"", comma, rest].concat()
}

/// Inside a text, where a careless reader would put a replacement character.
pub(super) fn garbled(text: &[u8]) -> Vec<u8> {
    let middle = text.iter().rposition(u8::is_ascii_alphanumeric).unwrap_or(text.len());
    [&text[..middle], &[0xff], &text[middle..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_are_set_by_pointer_and_taken_away_by_null() {
        let set = json!({"/a/b": 7, "/c": null, "/x/y": 1});
        let set = set.as_object().expect("an object");
        let out: Value =
            serde_json::from_slice(&changed(br#"{"a":{"b":1,"d":2},"c":3}"#, set)).expect("JSON");
        assert_eq!(out, json!({"a": {"b": 7, "d": 2}}));
        assert_eq!(changed(b"<html>", set), b"<html>");
    }

    #[test]
    fn a_member_stands_twice() {
        assert_eq!(doubled(br#"{"a":1,"b":2}"#), br#"{"a":"another","a":1,"b":2}"#);
        assert_eq!(doubled(b"{}"), b"{}");
    }

    #[test]
    fn padding_leaves_the_rest_right() {
        let out: Value = serde_json::from_slice(&padded(br#"{"a":1}"#, 3)).expect("JSON");
        assert_eq!(out, json!({"padding": "xxx", "a": 1}));
        assert_eq!(padded(b"{}", 1), br#"{"padding":"x"}"#);
    }

    #[test]
    fn a_garbled_answer_is_no_text() {
        assert!(std::str::from_utf8(&garbled(br#"{"a":"b"}"#)).is_err());
        assert!(std::str::from_utf8(&garbled(b"")).is_err());
    }
}
