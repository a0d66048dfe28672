//! The only way to Graph: builds a request from the catalog, sends it, and tries again where that is safe and
//! the time allows it. Each try is noted in the token's ledger.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, IF_MATCH};
use serde_json::Value;
use tracing::error;

use super::catalog::Call;
use super::graph_refusal::{self, Judgement};
use super::wire::{LONGEST_CALL, Lost, Reply, Told};
use super::{Deadline, GraphError, GraphEvidence, Wire, retry};
use crate::domain::graph_code::Class;
use crate::domain::ids::percent_encode;
use crate::domain::proof_log::GraphCall;
use crate::domain::secret::AccessToken;
use crate::metrics::{self, Metric};

/// What a caller is told to wait when Graph throttles without saying how long.
const WAIT_IF_UNSAID: Duration = Duration::from_secs(10);
/// After so many new tokens in one call, a 401 is no longer about the token.
const MOST_RENEWALS: u32 = 2;
/// What a list of rooms says where the directory has none.
const EMPTY_LIST: &[u8] = br#"{"value":[]}"#;
/// A call that is known to be slow may take what a request may take.
const SLOW_CALL: Duration = Duration::from_secs(24);

/// A call with its parameters.
pub(super) struct Ask<'a> {
    call: Call,
    id: Option<&'a str>,
    query: Option<String>,
    body: Option<Value>,
    if_match: Option<&'a str>,
    only: Option<u16>,
}

impl<'a> Ask<'a> {
    pub(super) fn of(call: Call) -> Self {
        Self { call, id: None, query: None, body: None, if_match: None, only: None }
    }

    pub(super) fn of_event(self, id: &'a str) -> Self {
        Self { id: Some(id), ..self }
    }

    /// The calendar that the call is about, where it is about one.
    pub(super) fn within(self, calendar: Option<&'a str>) -> Self {
        Self { id: calendar.or(self.id), ..self }
    }

    /// A query whose values are percent-encoded.
    pub(super) fn with_query(self, query: String) -> Self {
        Self { query: Some(query), ..self }
    }

    pub(super) fn with_body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    pub(super) fn if_match(self, if_match: Option<&'a str>) -> Self {
        Self { if_match, ..self }
    }

    /// Success has this status: any other one says nothing about the call, such as a proxy's empty 200.
    pub(super) fn until(self, status: u16) -> Self {
        Self { only: Some(status), ..self }
    }

    /// How long an answer may take. Free and busy times of twenty rooms were seen to take 20 s.
    fn longest(&self) -> Duration {
        if self.call == Call::ReadSchedules { SLOW_CALL } else { LONGEST_CALL }
    }

    /// Path and query below `/v1.0`. A segment of dots would climb out of the template, so it is no id.
    fn target(&self) -> Option<String> {
        let path = self.call.entry().path;
        let path = match self.id {
            Some(id) if id.bytes().all(|b| b == b'.') => return None,
            Some(id) => path.replace("{id}", &percent_encode(id)),
            None => path.to_owned(),
        };
        Some(self.query.as_ref().map_or_else(|| path.clone(), |query| format!("{path}?{query}")))
    }
}

/// An error, and the id of an event that was in the way.
pub(super) struct Failed {
    pub(super) error: GraphError,
    /// `@event.existingEventId` of `ErrorDuplicateTransactionId`, empty if Graph did not say.
    pub(super) existing: Option<String>,
}

impl From<GraphError> for Failed {
    fn from(error: GraphError) -> Self {
        Self { error, existing: None }
    }
}

impl From<Failed> for GraphError {
    fn from(failed: Failed) -> Self {
        failed.error
    }
}

/// Sends what the catalog allows.
pub(super) struct Sender {
    pub(super) wire: Wire,
    /// `…/v1.0`.
    pub(super) base: String,
}

impl Sender {
    /// Sends a call until it succeeds, is refused, or time runs out. A success that `read` cannot read is no
    /// success: a repeatable call is sent again, of any other the effect is unclear.
    ///
    /// A 401 has no effect, whatever the call: it is sent again with another token. Where Graph does not take that one
    /// either, Entra is asked once more, with what the challenge wants: then the connection is as good as verified, and
    /// the refusal is Graph's own. No caller needs to know.
    pub(super) async fn send<T>(
        &self,
        token: &AccessToken,
        ask: &Ask<'_>,
        deadline: Deadline,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Failed> {
        let (mut tries, mut renewals, mut newer) = (0, 0, token.newer());
        loop {
            tries += 1;
            let bearer = newer.as_deref().unwrap_or(token);
            let request = self.request(bearer, ask).map_err(Failed::from)?;
            let longest = ask.longest();
            let told = Told { host: "graph", path: ask.call.entry().path, attempt: tries, longest };
            let (at, id) = (self.wire.clock.now(), self.wire.request_id());
            let sent = self.wire.exchange_as(id.clone(), request, told, deadline).await;
            if !matches!(sent, Err(Lost::NotSent)) {
                token.ledger().note(noted(ask.call, at, id, sent.as_ref().ok()));
            }
            let claims = sent.as_ref().ok().and_then(graph_refusal::claims);
            let permitted = bearer.may_any(ask.call.entry().scopes);
            let (error, asked) = match self.outcome(sent, ask, permitted, &read) {
                Outcome::Success(success) => return Ok(success),
                Outcome::Final(Failed { error: GraphError::Unauthorized(evidence), .. }) => {
                    newer = Some(another(token, newer, (renewals, claims), evidence, deadline).await?);
                    renewals += 1;
                    continue;
                }
                Outcome::Final(failed) => {
                    alarm_if_ours(ask, &failed.error);
                    return Err(failed);
                }
                Outcome::Again { error, asked } => (error, asked),
                Outcome::Wait { failed, asked } => {
                    // Whoever looks what became of it must not look before that, either.
                    let left = deadline.left(self.wire.clock.as_ref());
                    self.wire.clock.sleep(asked.min(left)).await;
                    return Err(failed);
                }
            };
            let left = deadline.left(self.wire.clock.as_ref());
            match retry::next_wait(tries, asked, left, self.wire.entropy.fraction()) {
                Some(wait) => self.wire.clock.sleep(wait).await,
                None => return Err(error.into()),
            }
        }
    }

    fn outcome<T>(
        &self,
        sent: Result<Reply, Lost>,
        ask: &Ask<'_>,
        permitted: Option<bool>,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Outcome<T> {
        let again = |error, asked| Outcome::Again { error, asked };
        let lost = |evidence, asked: Option<Duration>| {
            if ask.call.entry().repeatable {
                return again(GraphError::Unavailable(evidence), asked);
            }
            let failed = Failed::from(GraphError::Unclear(evidence));
            match asked {
                Some(asked) => Outcome::Wait { failed, asked },
                None => Outcome::Final(failed),
            }
        };
        let reply = match sent {
            Ok(reply) => reply,
            Err(Lost::NotSent) => return again(GraphError::Unavailable(None), None),
            Err(Lost::Unclear) => return lost(None, None),
        };
        let evidence = || graph_refusal::evidence(&reply, ask.call, permitted);
        match graph_refusal::judge(&reply, ask.call, permitted, self.wire.clock.now()) {
            Judgement::Success if ask.only.is_some_and(|only| only != reply.status) => {
                lost(Some(evidence()), None)
            }
            Judgement::Success => {
                read(&reply.body).map_or_else(|| lost(Some(evidence()), None), Outcome::Success)
            }
            Judgement::Nothing => {
                read(EMPTY_LIST).map_or_else(|| lost(Some(evidence()), None), Outcome::Success)
            }
            Judgement::Broken(asked) => lost(Some(evidence()), asked),
            Judgement::TooEarly(asked) => again(GraphError::Unavailable(Some(evidence())), asked),
            Judgement::Busy(asked) if ask.call.entry().repeatable => {
                let wait = asked.unwrap_or(WAIT_IF_UNSAID);
                again(GraphError::Throttled { wait, evidence: evidence() }, asked)
            }
            Judgement::Busy(asked) => Outcome::Wait {
                failed: GraphError::Unclear(Some(evidence())).into(),
                asked: asked.unwrap_or(WAIT_IF_UNSAID),
            },
            Judgement::Final { error, existing } => Outcome::Final(Failed { error, existing }),
            Judgement::Throttled(asked) => {
                let wait = asked.unwrap_or(WAIT_IF_UNSAID);
                again(GraphError::Throttled { wait, evidence: evidence() }, asked)
            }
        }
    }

    fn request(&self, token: &AccessToken, ask: &Ask<'_>) -> Result<reqwest::Request, GraphError> {
        let target = ask.target().ok_or_else(|| not_sent("BadId"))?;
        let bearer = HeaderValue::from_str(&format!("Bearer {}", token.expose()));
        let mut bearer = bearer.map_err(|_| not_sent("BadToken"))?;
        bearer.set_sensitive(true);
        let mut request = self
            .wire
            .http
            .request(ask.call.entry().method.clone(), format!("{}{target}", self.base_of(ask.call)))
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .header("prefer", r#"IdType="ImmutableId""#);
        if let Some(body) = &ask.body {
            request = request.json(body);
        }
        if let Some(etag) = ask.if_match {
            request = request.header(IF_MATCH, etag);
        }
        request.build().map_err(|_| not_sent("BadRequest"))
    }

    /// `…/v1.0`, or `…/beta` for what only the beta has.
    fn base_of(&self, call: Call) -> String {
        match self.base.strip_suffix("v1.0") {
            Some(root) if call.entry().beta => format!("{root}beta"),
            _ => self.base.clone(),
        }
    }

    /// The next page, if its address is that of the same call: a token goes nowhere else. Only the query of the
    /// link is used.
    pub(super) fn next_page(&self, call: Call, link: &str) -> Result<Ask<'static>, GraphError> {
        let path = call.entry().path;
        let (before, after) = path.split_once("{id}").unwrap_or((path, ""));
        let same = |there: &str| {
            let id = there.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            id.is_some_and(|id| id.is_empty() != path.contains("{id}") && !id.contains('/'))
        };
        let next = link.strip_prefix(&self.base).and_then(|rest| rest.split_once('?'));
        let next = next.filter(|(there, _)| same(there));
        next.map(|(_, query)| Ask::of(call).with_query(query.to_owned()))
            .ok_or_else(|| not_sent("ForeignNextLink"))
    }
}

/// Another token after a 401: the one that another call got meanwhile, or a new one. The second new one is the last.
async fn another(
    token: &AccessToken,
    used: Option<Arc<AccessToken>>,
    (renewals, claims): (u32, Option<String>),
    evidence: GraphEvidence,
    deadline: Deadline,
) -> Result<Arc<AccessToken>, GraphError> {
    if renewals >= MOST_RENEWALS {
        return Err(GraphError::of(GraphEvidence { class: Class::NewTokenRefused, ..evidence }));
    }
    if let Some(newest) = token.newer()
        && used.is_none_or(|used| !Arc::ptr_eq(&used, &newest))
    {
        return Ok(newest);
    }
    let renewed = match token.renews() {
        Some(renews) => renews.renew(claims, deadline.0).await,
        None => None,
    };
    renewed.map(|new| token.give_way_to(new)).ok_or(GraphError::Unauthorized(evidence))
}

/// A request that Graph cannot read is a fault of this service, and nobody else finds it. Of free/busy times an address
/// may be at fault: there the caller finds out first, and raises the alarm.
fn alarm_if_ours(ask: &Ask<'_>, error: &GraphError) {
    if error.class() == Class::OurRequest
        && ask.call != Call::ReadSchedules
        && let Some(evidence) = error.evidence()
    {
        own_request_refused(ask.call, evidence);
    }
}

/// Raises the alarm: Microsoft refused what this service wrote, so a repeat would fail alike for everybody.
pub fn own_request_refused(call: Call, evidence: &GraphEvidence) {
    let path = call.entry().path;
    metrics::count(Metric::OwnRequestsRefused, 1);
    error!(
        alarm = "own-request-refused",
        path,
        status = evidence.status,
        code = evidence.code.as_deref(),
        microsoft_request_id = evidence.request_id.as_deref(),
        "Microsoft refused a request as this service wrote it: {path}"
    );
}

/// How a try went.
enum Outcome<T> {
    Success(T),
    /// A repeat would fail alike, or could do harm.
    Final(Failed),
    /// It may have been done; nothing may be asked before the wait is over.
    Wait {
        failed: Failed,
        asked: Duration,
    },
    /// Another try is safe; if none is left, the error.
    Again {
        error: GraphError,
        asked: Option<Duration>,
    },
}

/// A call as it stands in the log.
fn noted(call: Call, at: Timestamp, request_id: String, reply: Option<&Reply>) -> GraphCall {
    let entry = call.entry();
    GraphCall {
        at,
        method: entry.method.to_string(),
        path: entry.full_path(),
        feature: entry.feature,
        request_id,
        microsoft_request_id: reply.and_then(|reply| graph_refusal::plain(reply.request_id.as_deref()?)),
        status: reply.map(|reply| reply.status),
    }
}

/// Nothing was sent, for the request could not be written.
fn not_sent(code: &str) -> GraphError {
    let evidence = GraphEvidence { code: Some(code.to_owned()), ..GraphEvidence::default() };
    GraphError::Refused(GraphEvidence { class: Class::OurRequest, ..evidence })
}

#[cfg(test)]
#[path = "graph_send_tests.rs"]
mod tests;
