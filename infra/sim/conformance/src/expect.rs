//! Holds an answer against what a line expects, and against what every answer of that server has.

use crate::fill::Values;
use crate::http::Seen;
use crate::line::{Answer, OneOrMore, plain};
use crate::shape::differences;
use serde_json::{Map, Value, json};

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    Graph,
    /// Token endpoint, discovery and keys.
    Entra,
    /// HTML for a browser.
    Page,
}

/// What an answer turned out to be.
pub(crate) enum Came {
    Answer(Seen),
    /// A browser was sent back to this address.
    Back(String),
    /// A person is left on a page with these words.
    Stays(String),
}

/// What differs; `Err` names a value that the shapes need and nothing gave.
pub(crate) fn judge(
    server: Server,
    answer: &Answer,
    came: &Came,
    values: &Values,
) -> Result<Vec<String>, String> {
    match came {
        Came::Answer(seen) => judge_answer(server, answer, seen, values),
        Came::Back(location) => match &answer.redirect {
            Some(shape) => Ok(differences(&values.json(shape)?, &parameters(location))),
            None => Ok(vec![format!("the browser goes back: {location}")]),
        },
        Came::Stays(words) => Ok(match answer.stays {
            Some(number) if words.contains(&format!("AADSTS{number}:")) => Vec::new(),
            Some(number) => vec![format!("expected the page AADSTS{number}, seen {words}")],
            None => vec![format!("the person stays: {words}")],
        }),
    }
}

fn judge_answer(
    server: Server,
    answer: &Answer,
    seen: &Seen,
    values: &Values,
) -> Result<Vec<String>, String> {
    if let Some(shape) = &answer.redirect {
        let Some(location) = seen.header("location").filter(|_| (300..400).contains(&seen.status)) else {
            return Ok(vec![format!("no redirect but {}", seen.status)]);
        };
        return Ok(differences(&values.json(shape)?, &parameters(location)));
    }
    let body = seen.json();
    let mut found = Vec::new();
    let mut expect = |what: &str, expected: &OneOrMore, seen: &Value| {
        if !expected.holds(seen) {
            found.push(format!("{what}: expected {}, seen {}", expected.words(), plain(seen)));
        }
    };
    if let Some(status) = &answer.status {
        expect("status", status, &seen.status.into());
    }
    if let Some(code) = &answer.code {
        match server {
            Server::Graph => expect("code", code, &body["error"]["code"]),
            Server::Entra | Server::Page => {
                let numbers = body["error_codes"].as_array().cloned().unwrap_or_default();
                let seen = numbers.iter().find(|number| code.holds(number)).or(numbers.first());
                expect("error_codes", code, seen.unwrap_or(&Value::Null));
            }
        }
    }
    if let Some(error) = &answer.error {
        expect("error", error, &body["error"]);
    }
    found.extend(envelope(server, seen, &body));
    if !answer.headers.is_empty() {
        let shapes: Map<String, Value> = answer.headers.clone().into_iter().collect();
        let headers = seen.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let differ = differences(&values.json(&Value::Object(shapes))?, &Value::Object(headers));
        found.extend(differ.into_iter().map(|one| format!("header {}", one.trim_start_matches('/'))));
    }
    if let Some(shape) = &answer.body {
        found.extend(differences(&values.json(shape)?, &body));
    }
    Ok(found)
}

/// What clients rely on in every answer of a server, beside what the line is about.
fn envelope(server: Server, seen: &Seen, body: &Value) -> Vec<String> {
    let headers: Map<String, Value> =
        seen.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
    let mut found = match server {
        Server::Graph => differences(&json!({ "request-id": "<guid>" }), &Value::Object(headers)),
        Server::Entra | Server::Page => Vec::new(),
    };
    if seen.status < 400 {
        return found;
    }
    found.extend(match server {
        Server::Graph => {
            let ids = json!({"date?": "<text>", "request-id?": "<guid>", "client-request-id?": "<text>"});
            let shape = json!({"error": {"code": "<string>", "message": "<string>", "innerError?": ids, "innererror?": ids}});
            differences(&shape, body)
        }
        Server::Entra => {
            let shape = json!({"error": "<text>", "error_description": {"<starts>": "AADSTS"},
                "error_codes": {"<each>": "<number>"}, "timestamp": "<text>", "trace_id": "<guid>",
                "correlation_id": "<text>", "error_uri?": "<text>", "suberror?": "<text>", "claims?": "<string>"});
            differences(&shape, body)
        }
        Server::Page => Vec::new(),
    });
    found
}

/// The parameters of an address, as an object.
fn parameters(location: &str) -> Value {
    let Ok(url) = url::Url::parse(location) else { return json!({ "not an address": location }) };
    url.query_pairs().map(|(name, value)| (name.into_owned(), Value::from(value.into_owned()))).collect()
}
