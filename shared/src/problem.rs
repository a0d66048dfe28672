//! Problems (RFC 9457): the only place that knows HTTP statuses.
//!
//! Each says who must act and what to do. A fault that a customer can repair is never a 5xx.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;

use crate::doctor_table::{self, Explained, GraphAdvice};
use crate::domain::graph_code::Class;
use crate::domain::verdict::{Refusal, TABLE};

pub use crate::doctor_table::{Moment, explain};
pub use crate::problem_table::{Code, Owner};

impl Code {
    /// The problem that a refusal by Entra is at that moment; what is unknown is never said to be anybody's fault.
    pub fn of_refusal(refusal: &Refusal, moment: Moment) -> Self {
        explain(refusal).code(moment).unwrap_or(Self::MicrosoftUnavailable)
    }
}

/// One fault of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// JSON pointer (RFC 6901) into the body; empty for the body as a whole.
    pub pointer: String,
    /// What is wrong with it.
    pub message: String,
    /// Readings of an ambiguous local time.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<String>,
}

impl Fault {
    /// A fault at a place.
    pub fn at(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), message: message.into(), candidates: Vec::new() }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.pointer.as_str(), self.candidates.as_slice()) {
            ("", _) => f.write_str(&self.message),
            (place, []) => write!(f, "{place}: {}", self.message),
            (place, both) => write!(f, "{place}: {} ({})", self.message, both.join(" or ")),
        }
    }
}

/// What Microsoft said, where a problem comes from there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Microsoft {
    /// `error` of an OAuth answer or `error.code` of a Graph answer.
    pub error: Option<String>,
    /// `AADSTS…`.
    pub code: Option<String>,
    /// Entra's trace id or Graph's request id.
    pub trace_id: Option<String>,
    /// Entra's correlation id or our `client-request-id`.
    pub correlation_id: Option<String>,
    /// Microsoft's own time.
    pub at: Option<String>,
}

impl Microsoft {
    fn number(&self) -> Option<u32> {
        self.code.as_deref()?.strip_prefix("AADSTS")?.parse().ok()
    }

    /// Whether it is a number of Entra's that is in no table here.
    fn is_unheard(&self) -> bool {
        self.number().is_some_and(|number| TABLE.binary_search_by_key(&number, |row| row.number).is_err())
    }

    /// What the number means, and what to do about it; for a problem that comes from it, not merely mentions it.
    fn explained(&self, problem: Code) -> Option<(Explained, &'static str)> {
        let number = self.number()?;
        let row = &TABLE[TABLE.binary_search_by_key(&number, |row| row.number).ok()?];
        let error = self.error.clone().unwrap_or_default();
        let explained = explain(&Refusal { error, codes: vec![number], ..Refusal::default() });
        let same = [explained.at_sign_in, explained.stored].contains(&Some(problem));
        same.then_some((explained, row.meaning))
    }

    /// What a code of Graph means; likewise.
    fn of_graph(&self, problem: Code) -> Option<GraphAdvice> {
        doctor_table::of_graph(self.error.as_deref()?).find(|row| row.code == problem)
    }
}

impl From<&Refusal> for Microsoft {
    fn from(refusal: &Refusal) -> Self {
        Self {
            error: Some(refusal.error.clone()),
            code: refusal.code(),
            trace_id: refusal.trace_id.clone(),
            correlation_id: refusal.correlation_id.clone(),
            at: refusal.at.clone(),
        }
    }
}

/// Why a request was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which problem.
    pub code: Code,
    /// What happened here, in a sentence; no secret, no personal data.
    pub detail: Option<String>,
    /// When to come again.
    pub retry_after: Option<Duration>,
    /// Every fault of the request at once.
    pub errors: Vec<Fault>,
    /// What Microsoft said.
    pub microsoft: Option<Microsoft>,
    /// `ETag` of the thing as it is, for a stale `If-Match`.
    pub etag: Option<String>,
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        let retry_after = code.entry().retry_after.map(Duration::from_secs);
        Self { code, detail: None, retry_after, errors: Vec::new(), microsoft: None, etag: None }
    }
}

impl From<Class> for Problem {
    /// What a refusal by Graph is. Total.
    fn from(class: Class) -> Self {
        let advice = doctor_table::of_class(class);
        Self { detail: advice.own_meaning.map(str::to_owned), ..Self::from(advice.code) }
    }
}

impl Problem {
    /// Says what happened here.
    #[must_use]
    pub fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Says when to come again.
    #[must_use]
    pub fn again_in(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Adds what Microsoft said.
    #[must_use]
    pub fn said_by(mut self, microsoft: Microsoft) -> Self {
        self.microsoft = Some(microsoft);
        self
    }

    /// Every fault of a request at once; the code follows from the faults' kinds. The first one is told in words.
    pub fn invalid(code: Code, errors: Vec<Fault>) -> Self {
        let more = match errors.len() {
            0 | 1 => String::new(),
            2 => " One more fault is listed in errors.".to_owned(),
            count => format!(" {} more faults are listed in errors.", count - 1),
        };
        let detail = errors.first().map(|first| format!("{first}.{more}"));
        Self { detail, errors, ..Self::from(code) }
    }

    /// Who must act, where and how.
    ///
    /// An administrator's click path stands on the page `/it`. A number of Microsoft's that is not known here leads to
    /// `/doctor`, which says what can be said of it. Nobody else has a place that could be named honestly: a
    /// recruiter's is a connect link, which the ATS alone makes (`POST /v1/connect-sessions`), for a return address
    /// that only the ATS knows; an error that carried one would carry a secret. The steps say to press Connect.
    fn fix(&self, public_url: &str) -> Fix {
        let entry = self.code.entry();
        let unheard = self.microsoft.as_ref().is_some_and(Microsoft::is_unheard);
        let place = self.code.it_anchor().map(|anchor| format!("{public_url}/it#{anchor}"));
        let action_url = place.or_else(|| unheard.then(|| format!("{public_url}/doctor")));
        let said = self.microsoft.as_ref();
        let by_number = said.and_then(|said| said.explained(self.code)).map(|(explained, _)| explained.steps);
        let by_word = || said.and_then(|said| Some(said.of_graph(self.code)?.steps()));
        Fix { owner: entry.owner, action_url, steps: by_number.or_else(by_word).unwrap_or(entry.steps) }
    }

    /// What happened: what was said here, else the problem's meaning and that of Microsoft's code.
    fn told(&self) -> Cow<'_, str> {
        let (entry, said) = (self.code.entry(), self.microsoft.as_ref());
        if let Some(detail) = self.detail.as_deref() {
            return Cow::Borrowed(detail);
        }
        let code = said.and_then(|said| said.code.as_deref()).unwrap_or_default();
        match said.and_then(|said| said.explained(self.code)) {
            Some((_, meaning)) => Cow::Owned(format!("{} {code} means: {meaning}.", entry.meaning)),
            None => Cow::Borrowed(
                said.and_then(|said| Some(said.of_graph(self.code)?.meaning())).unwrap_or(entry.meaning),
            ),
        }
    }

    /// The problem as a part of another resource.
    pub fn summary(self, public_url: &str) -> Summary {
        let (entry, fix, detail) = (self.code.entry(), self.fix(public_url), self.told().into_owned());
        Summary {
            r#type: format!("{public_url}/problems/{}", entry.code),
            title: entry.title,
            code: entry.code,
            detail,
            fix,
            microsoft: self.microsoft,
        }
    }

    /// The JSON body. `public_url` makes the type's URL.
    pub fn body(&self, public_url: &str, request_id: &str) -> Body<'_> {
        let entry = self.code.entry();
        Body {
            r#type: format!("{public_url}/problems/{}", entry.code),
            title: entry.title,
            status: entry.status,
            code: entry.code,
            detail: self.told(),
            request_id: request_id.to_owned(),
            retryable: entry.retry_after.is_some(),
            fix: self.fix(public_url),
            microsoft: self.microsoft.as_ref(),
            errors: &self.errors,
        }
    }
}

/// A problem within another resource: what a connection or an interview suffers from.
#[derive(Debug, Serialize)]
pub struct Summary {
    pub r#type: String,
    pub title: &'static str,
    pub code: &'static str,
    pub detail: String,
    pub fix: Fix,
    pub microsoft: Option<Microsoft>,
}

/// The members of a problem document.
#[derive(Debug, Serialize)]
pub struct Body<'a> {
    pub r#type: String,
    pub title: &'a str,
    pub status: u16,
    pub code: &'a str,
    pub detail: Cow<'a, str>,
    pub request_id: String,
    pub retryable: bool,
    pub fix: Fix,
    pub microsoft: Option<&'a Microsoft>,
    pub errors: &'a [Fault],
}

/// Who must act, and how.
#[derive(Debug, Serialize)]
pub struct Fix {
    pub owner: Owner,
    pub action_url: Option<String>,
    pub steps: &'static [&'static str],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_a_customer_can_repair_is_never_a_server_error() {
        for code in Code::ALL.iter().copied() {
            let entry = code.entry();
            let ours = matches!(entry.owner, Owner::Vendor | Owner::MicrosoftOrWait);
            assert!(ours || entry.status < 500, "{}", entry.code);
        }
    }

    #[test]
    fn every_problem_says_what_to_do() {
        for code in Code::ALL.iter().copied() {
            let entry = code.entry();
            assert!(
                !entry.steps.is_empty() && !entry.title.is_empty() && !entry.meaning.is_empty(),
                "{}",
                entry.code
            );
            assert_eq!(Code::named(entry.code), Some(code));
        }
    }

    #[test]
    fn an_administrator_is_told_the_click_path_and_where_it_stands() {
        for code in Code::ALL.iter().copied() {
            let (entry, fix) = (code.entry(), Problem::from(code).fix("https://x.example"));
            let theirs = entry.owner == Owner::ItAdmin;
            assert_eq!(fix.action_url.is_some_and(|url| url.starts_with("https://x.example/it#")), theirs);
            let path = |step: &&str| step.contains(".microsoft.com") && step.contains(" > ");
            assert_eq!(entry.steps.iter().any(path), theirs, "{}", entry.code);
        }
    }

    #[test]
    fn a_number_that_is_not_known_leads_to_the_doctor() {
        let said = |code: &str| Microsoft { code: Some(code.to_owned()), ..Microsoft::default() };
        let place = |code: &str| {
            Problem::from(Code::ConnectionChecking).said_by(said(code)).fix("https://x.example").action_url
        };
        assert_eq!(place("AADSTS987654").as_deref(), Some("https://x.example/doctor"));
        assert_eq!(place("AADSTS50173"), None, "pressing Connect is the ATS's to offer");
        assert_eq!(place("ErrorItemNotFound"), None);
    }

    #[test]
    fn the_detail_is_the_first_fault_in_words() {
        let detail = |count: usize| {
            let faults =
                (0..count).map(|n| Fault::at(format!("/rooms/{n}"), "must be an e-mail address")).collect();
            Problem::invalid(Code::InvalidRequest, faults).detail.expect("words")
        };
        assert_eq!(detail(1), "/rooms/0: must be an e-mail address.");
        assert_eq!(detail(2), "/rooms/0: must be an e-mail address. One more fault is listed in errors.");
        assert_eq!(detail(4), "/rooms/0: must be an e-mail address. 3 more faults are listed in errors.");
        let whole =
            Problem::invalid(Code::InvalidRequest, vec![Fault::at("", "The body must name something")]);
        assert_eq!(whole.detail.as_deref(), Some("The body must name something."));
    }

    #[test]
    fn the_body_has_every_member_of_the_contract() {
        let problem = Problem::from(Code::NotFound);
        let json = serde_json::to_value(problem.body("https://x.example", "r-1")).expect("json");
        assert_eq!(json["type"], "https://x.example/problems/not-found");
        assert_eq!((json["status"].as_u64(), json["retryable"].as_bool()), (Some(404), Some(false)));
        assert_eq!(json["fix"]["owner"], "ats");
        assert!(json["microsoft"].is_null() && json["errors"].as_array().is_some_and(Vec::is_empty));
    }
}
