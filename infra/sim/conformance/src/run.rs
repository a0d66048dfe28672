//! Replays lines, one after the other.

use crate::clean;
use crate::expect::{Came, Server, judge};
use crate::fill::Values;
use crate::http::{Request, Seen};
use crate::line::{Ask, Line};
use crate::place::{Place, fresh_id};
use crate::report::{Outcome, Report, Verdict};
use crate::request::{self, SCOPES, VERIFIER};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// A real tenant that asks for patience gets it so often, and never longer than this.
const PATIENCE: (usize, u64) = (2, 60);

/// Ids of lines in which the stand-in is known to be wrong, each with the reason. The list can only shrink: a line on it
/// that holds is a failure.
#[derive(Clone, Debug, Default)]
pub struct Pending(BTreeMap<String, String>);

impl Pending {
    /// One id and its reason a line; `#` begins a comment.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let pair = |line: &str| {
            let (id, why) = line.split_once(' ').ok_or_else(|| format!("pending: no reason after {line}"))?;
            Ok((id.to_owned(), why.trim().to_owned()))
        };
        lines.map(pair).collect::<Result<_, String>>().map(Self)
    }

    /// Whether this line is on the list.
    pub fn has(&self, id: &str) -> bool {
        self.0.contains_key(id)
    }

    /// Ids that no line has.
    pub fn unknown(&self, lines: &[Line]) -> Vec<String> {
        self.0.keys().filter(|id| lines.iter().all(|line| line.id != **id)).cloned().collect()
    }
}

/// Replays every line that may run here.
pub async fn run(place: &Place, lines: &[Line], pending: &Pending) -> Report {
    let mut outcomes = Vec::new();
    for line in lines {
        let pending = pending.0.get(&line.id).filter(|_| !place.is_real());
        let verdict = match (try_line(place, line).await, pending) {
            (Verdict::Holds, Some(_)) => Verdict::NoLongerPending,
            (Verdict::Differs(differences), Some(why)) => Verdict::Pending(why.clone(), differences),
            (verdict, _) => verdict,
        };
        outcomes.push(Outcome { line: line.clone(), verdict });
    }
    Report { outcomes }
}

async fn try_line(place: &Place, line: &Line) -> Verdict {
    if place.is_real() && !line.real {
        return Verdict::Skipped("not for a real tenant".to_owned());
    }
    let before = place.made().len();
    let outcome = replay(place, line).await;
    if place.is_real() {
        let made: Vec<String> = place.made()[before..].to_vec();
        if let Err(why) = clean::remove_all(place, &made).await {
            return Verdict::Differs(vec![why]);
        }
    }
    match outcome {
        Ok(found) if found.is_empty() => Verdict::Holds,
        Ok(found) => Verdict::Differs(found),
        Err(Halt::Needs(name)) => Verdict::Skipped(format!("needs {name}")),
        Err(Halt::Broke(why)) => Verdict::Differs(vec![why]),
    }
}

/// Why a line came to no judgement.
enum Halt {
    /// A named value that this place does not have.
    Needs(String),
    /// The scene could not be set, or nothing answered.
    Broke(String),
}

async fn replay(place: &Place, line: &Line) -> Result<Vec<String>, Halt> {
    let mut values = usual_values(place);
    let given = &line.given;
    if let Some(stage) = &place.stage {
        stage.reset().await.map_err(Halt::Broke)?;
        if let Some(user) = &given.user {
            values.set("me", user);
        }
        let me = values.get("me").unwrap_or_default().to_owned();
        let scopes = given.scopes.as_deref().unwrap_or(SCOPES);
        if !scopes.is_empty() {
            let (access, refresh) = stage.tokens(&me, scopes).await.map_err(Halt::Broke)?;
            values.set("access", access);
            values.set("first-refresh", &refresh);
            values.set("refresh", refresh);
        }
        for (name, body) in &given.switches {
            let body = values.json(body).map_err(Halt::Needs)?;
            stage.switch(name, &body).await.map_err(Halt::Broke)?;
        }
    }
    let usual = given.event.as_ref().map(|event| Ask {
        graph: Some("POST /v1.0/me/events".to_owned()),
        event: Some(event.clone()),
        ..Ask::default()
    });
    for ask in usual.iter().chain(&given.before) {
        if let (Some((name, body)), Some(stage)) = (&ask.switch, &place.stage) {
            let body = values.json(body).map_err(Halt::Needs)?;
            stage.switch(name, &body).await.map_err(Halt::Broke)?;
            continue;
        }
        let (_, came) = send(place, ask, &values, false).await?;
        keep(&mut values, came)?;
    }
    if let Some(stage) = &place.stage {
        if let Some(seconds) = given.after_seconds {
            stage.advance(seconds).await.map_err(Halt::Broke)?;
        }
        if let Some(status) = given.fault {
            let fault = json!({"service": "graph", "kind": {"status": {"status": status}}});
            stage.switch("fault", &fault).await.map_err(Halt::Broke)?;
        }
    }
    let (server, came) = send(place, &line.ask, &values, expects_refusal(line)).await?;
    judge(server, &line.answer, &came, &values).map_err(Halt::Needs)
}

/// Whether the line is about throttling, so that its answer must not be waited out.
fn expects_refusal(line: &Line) -> bool {
    line.answer.status.as_ref().is_some_and(|status| status.holds(&json!(429)) || status.holds(&json!(503)))
}

fn usual_values(place: &Place) -> Values {
    let mut values = Values::new(now());
    values.set("me", &place.me);
    values.set("client", &place.at.client_id);
    values.set("callback", place.callback);
    values.set("login", &place.at.login);
    values.set("graph", &place.at.graph);
    values.set("verifier", VERIFIER);
    values.set("run", fresh_id());
    if let Some(secret) = &place.at.client_secret {
        values.set("secret", secret);
    }
    if let Some(person) = &place.person {
        values.set("access", &person.access_token);
        if let Some(refresh) = &person.refresh_token {
            values.set("first-refresh", refresh);
            values.set("refresh", refresh);
        }
    }
    values
}

#[expect(
    clippy::disallowed_methods,
    reason = "the real service goes by the wall clock, and so does a stand-in beside us"
)]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Notes what later requests of the line may name; a step that failed ends the line.
fn keep(values: &mut Values, came: Came) -> Result<(), Halt> {
    let seen = match came {
        Came::Answer(seen) if seen.status < 400 => seen,
        Came::Answer(seen) => return Err(Halt::Broke(format!("before: {} {}", seen.status, seen.text))),
        Came::Stays(words) => return Err(Halt::Broke(format!("before: {words}"))),
        Came::Back(location) => {
            let url = url::Url::parse(&location).map_err(|error| Halt::Broke(error.to_string()))?;
            for (name, value) in url.query_pairs() {
                values.set(&name, value);
            }
            return Ok(());
        }
    };
    let body = seen.json();
    let pairs = [("event", "/id"), ("etag", "/@odata.etag"), ("change", "/changeKey"), ("uid", "/iCalUId")];
    if body.get("iCalUId").is_some() {
        if let Some(old) = values.get("etag").map(str::to_owned) {
            values.set("old-etag", old);
        }
        for (name, pointer) in pairs {
            if let Some(text) = body.pointer(pointer).and_then(Value::as_str) {
                values.set(name, text);
            }
        }
    } else if let Some(id) = body["id"].as_str() {
        values.set("calendar", id);
    }
    for name in ["access_token", "refresh_token"] {
        if let Some(token) = body[name].as_str() {
            values.set(name.trim_end_matches("_token"), token);
        }
    }
    Ok(())
}

async fn send(place: &Place, ask: &Ask, values: &Values, at_once: bool) -> Result<(Server, Came), Halt> {
    if let Some(path) = &ask.page {
        return page(place, ask, path, values).await;
    }
    let (server, request) = match (&ask.graph, &ask.login) {
        (Some(way), _) => (Server::Graph, request::graph(place, ask, way, values).map_err(Halt::Needs)?),
        (None, Some(way)) => (Server::Entra, request::login(place, ask, way, values).map_err(Halt::Needs)?),
        (None, None) => return Err(Halt::Broke("a request goes somewhere".to_owned())),
    };
    let seen = patiently(place, &request, at_once).await.map_err(Halt::Broke)?;
    Ok((server, Came::Answer(seen)))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a real service that says when to come again is waited for in real time"
)]
async fn patiently(place: &Place, request: &Request, at_once: bool) -> Result<Seen, String> {
    let (times, longest) = PATIENCE;
    for _ in 0..times {
        let seen = place.send(request).await?;
        let wait = seen.header("retry-after").and_then(|text| text.parse::<f64>().ok());
        match wait {
            Some(wait) if place.is_real() && !at_once && matches!(seen.status, 429 | 503 | 504) => {
                tokio::time::sleep(Duration::from_secs_f64(
                    wait.clamp(0.0, Duration::from_secs(longest).as_secs_f64()),
                ))
                .await;
            }
            _ => return Ok(seen),
        }
    }
    place.send(request).await
}

async fn page(place: &Place, ask: &Ask, path: &str, values: &Values) -> Result<(Server, Came), Halt> {
    let url = request::page(place, ask, path, values).map_err(Halt::Needs)?;
    let Some((user, does)) = &ask.person else {
        let request = Request { method: "GET".to_owned(), url, headers: Vec::new(), body: None };
        return Ok((Server::Page, Came::Answer(place.send(&request).await.map_err(Halt::Broke)?)));
    };
    let stage = place.stage.as_ref().ok_or_else(|| Halt::Needs("a person at a browser".to_owned()))?;
    let came = stage.sign_in(&url, user, does).await.map_err(Halt::Broke)?;
    Ok((Server::Page, came.map_or_else(Came::Stays, Came::Back)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pending_line_has_a_reason() {
        let lines = Pending::parse("# for the merge\n\nan-id K1: the interval\n").unwrap();
        assert_eq!(lines.0["an-id"], "K1: the interval");
        assert!(Pending::parse("an-id").is_err());
        assert_eq!(lines.unknown(&[]), ["an-id"]);
    }
}
