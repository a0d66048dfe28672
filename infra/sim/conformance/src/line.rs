//! One line of the corpus, and the rules that every line keeps.

use crate::harmless;
use crate::shape::unknown_names;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The files of the corpus, in the order in which a person reads them.
const FILES: &[(&str, &str)] = &[
    ("entra.jsonl", include_str!("../entra.jsonl")),
    ("graph.jsonl", include_str!("../graph.jsonl")),
    ("calendars.jsonl", include_str!("../calendars.jsonl")),
    ("events.jsonl", include_str!("../events.jsonl")),
    ("schedule.jsonl", include_str!("../schedule.jsonl")),
    ("places.jsonl", include_str!("../places.jsonl")),
    ("refusals.jsonl", include_str!("../refusals.jsonl")),
];

/// How sure we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mark {
    /// Seen in an answer of the real service.
    Rec,
    /// Microsoft's documentation or published metadata.
    Doc,
    /// A Microsoft employee said so.
    Ms,
    /// Numbers of decompiled Exchange.
    Dec,
    /// Our own inference.
    Inf,
}

impl Mark {
    /// Whether the first run against a real tenant settles it: nothing that was ever seen or promised.
    pub fn is_belief(self) -> bool {
        matches!(self, Self::Dec | Self::Inf)
    }

    /// As the corpus spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rec => "rec",
            Self::Doc => "doc",
            Self::Ms => "ms",
            Self::Dec => "dec",
            Self::Inf => "inf",
        }
    }
}

/// One request and the answer that the real service gives.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Names the belief.
    pub id: String,
    pub mark: Mark,
    /// Where it can be looked up.
    pub source: String,
    /// Whether it may run against a real tenant.
    #[serde(default)]
    pub real: bool,
    #[serde(default)]
    pub given: Given,
    pub ask: Ask,
    pub answer: Answer,
    /// The file it stands in.
    #[serde(skip)]
    pub file: &'static str,
}

/// What must be so before the request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Who is signed in, if not the usual person.
    pub user: Option<String>,
    /// What that person granted, if not the usual scopes.
    pub scopes: Option<String>,
    /// Changes to the usual event; the event is made before the request.
    pub event: Option<Map<String, Value>>,
    /// Requests that succeed before the one that is judged.
    #[serde(default)]
    pub before: Vec<Ask>,
    /// Switches of the stand-in.
    #[serde(default)]
    pub switches: Vec<(String, Value)>,
    /// Status that the next call to Graph gets from the stand-in, without further words.
    pub fault: Option<u16>,
    /// How far the stand-in's clock is moved before the request.
    pub after_seconds: Option<i64>,
}

/// A request. Texts may hold placeholders (`fill.rs`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// `GET /v1.0/me`.
    pub graph: Option<String>,
    /// `POST /organizations/oauth2/v2.0/token`.
    pub login: Option<String>,
    /// A switch of the stand-in, pressed between requests.
    pub switch: Option<(String, Value)>,
    /// Path of a page of Entra's, such as `/organizations/oauth2/v2.0/authorize`.
    pub page: Option<String>,
    /// Who answers the page, and with what: `accept`, `decline`, `cancel`, `request`.
    pub person: Option<(String, String)>,
    /// Options in place of the usual ones; `null` leaves one out.
    #[serde(default)]
    pub query: BTreeMap<String, Option<String>>,
    /// Headers in place of the usual ones; `null` leaves one out.
    #[serde(default)]
    pub headers: BTreeMap<String, Option<String>>,
    /// Fields beside the client's own; `null` leaves one of those out.
    #[serde(default)]
    pub form: BTreeMap<String, Option<String>>,
    pub body: Option<Value>,
    /// Changes to the usual event, as the body.
    pub event: Option<Map<String, Value>>,
    /// A body to the letter.
    pub raw: Option<String>,
}

/// What comes back. Everything in it is a shape (`shape.rs`).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// One status, or several of which each was seen.
    pub status: Option<OneOrMore>,
    /// `error.code` of Graph, or a number of Entra's `error_codes`.
    pub code: Option<OneOrMore>,
    /// Entra's `error`.
    pub error: Option<OneOrMore>,
    #[serde(default)]
    pub headers: BTreeMap<String, Value>,
    pub body: Option<Value>,
    /// Parameters of the address that the browser goes back to.
    pub redirect: Option<Value>,
    /// The person stays on a page of Microsoft's that shows this number.
    pub stays: Option<u32>,
}

/// A value or a list of values.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    More(Vec<Value>),
    One(Value),
}

impl OneOrMore {
    /// Whether one of them is this one.
    pub fn holds(&self, seen: &Value) -> bool {
        self.all().contains(&seen)
    }

    /// `400 or 409`.
    pub fn words(&self) -> String {
        let words: Vec<String> = self.all().iter().map(|one| plain(one)).collect();
        words.join(" or ")
    }

    fn all(&self) -> Vec<&Value> {
        match self {
            Self::One(one) => vec![one],
            Self::More(more) => more.iter().collect(),
        }
    }
}

/// A text without its quotes.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Every line, or what is wrong with the first bad one.
pub fn corpus() -> Result<Vec<Line>, String> {
    let mut lines: Vec<Line> = Vec::new();
    for (file, text) in FILES {
        for (at, text) in text.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let place = format!("{file}:{}", at + 1);
            let mut line: Line = serde_json::from_str(text).map_err(|error| format!("{place}: {error}"))?;
            line.file = file;
            line.check().map_err(|why| format!("{place}: {}: {why}", line.id))?;
            lines.push(line);
        }
    }
    let mut seen = BTreeSet::new();
    match lines.iter().find(|line| !seen.insert(line.id.as_str())) {
        Some(twice) => Err(format!("{}: the id {} is there twice", twice.file, twice.id)),
        None => Ok(lines),
    }
}

impl Line {
    fn check(&self) -> Result<(), String> {
        let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || !self.id.chars().all(sound) {
            return Err("an id is lower-case words and numbers with hyphens".to_owned());
        }
        if self.source.trim().len() < 3 {
            return Err("every line has a source".to_owned());
        }
        for ask in self.given.before.iter().chain([&self.ask]) {
            ask.check()?;
        }
        let answer = &self.answer;
        if answer.status.is_none() && answer.redirect.is_none() && answer.stays.is_none() {
            return Err("an answer has a status, a redirect or a page that stays".to_owned());
        }
        let shapes = answer.headers.values().chain(&answer.body).chain(&answer.redirect);
        if let Some(name) = shapes.flat_map(unknown_names).next() {
            return Err(format!("no shape is called {name}"));
        }
        if self.real { harmless::line(self) } else { Ok(()) }
    }

    /// Whether the stand-in must be set up for it.
    pub fn needs_stage(&self) -> bool {
        let given = &self.given;
        given.user.is_some()
            || given.scopes.is_some()
            || !given.switches.is_empty()
            || given.fault.is_some()
            || given.after_seconds.is_some()
            || self.ask.person.is_some()
            || given.before.iter().any(|ask| ask.person.is_some() || ask.switch.is_some())
    }
}

impl Ask {
    fn check(&self) -> Result<(), String> {
        let ways = [&self.graph, &self.login, &self.page].iter().filter(|way| way.is_some()).count();
        if ways + usize::from(self.switch.is_some()) != 1 {
            return Err("a request goes to graph, login, page or a switch".to_owned());
        }
        let bodies = usize::from(self.body.is_some())
            + usize::from(self.event.is_some())
            + usize::from(self.raw.is_some())
            + usize::from(!self.form.is_empty());
        if bodies > 1 {
            return Err("a request has one body".to_owned());
        }
        if self.person.is_some() && self.page.is_none() {
            return Err("a person answers a page".to_owned());
        }
        Ok(())
    }
}
