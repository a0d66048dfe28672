//! The only way to Graph: builds a request from the catalog, sends it, and tries again where that is safe and
//! the time allows it.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue, IF_MATCH};
use serde_json::Value;

use super::catalog::Call;
use super::graph_refusal::{self, Judgement};
use super::wire::{Lost, Reply, Told};
use super::{Deadline, GraphError, GraphEvidence, Wire, retry};
use crate::domain::ids::percent_encode;
use crate::domain::secret::AccessToken;

/// What a caller is told to wait when Graph throttles without saying how long.
const WAIT_IF_UNSAID: Duration = Duration::from_secs(10);

/// A call with its parameters.
pub(super) struct Ask<'a> {
    call: Call,
    id: Option<&'a str>,
    query: Option<String>,
    body: Option<Value>,
    if_match: Option<&'a str>,
    accepted: bool,
}

impl<'a> Ask<'a> {
    pub(super) fn of(call: Call) -> Self {
        Self { call, id: None, query: None, body: None, if_match: None, accepted: false }
    }

    pub(super) fn of_event(self, id: &'a str) -> Self {
        Self { id: Some(id), ..self }
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

    /// Success is a bare 202: any other one says nothing about the call, such as a proxy's empty 200.
    pub(super) fn until_accepted(self) -> Self {
        Self { accepted: true, ..self }
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
    pub(super) async fn send<T>(
        &self,
        token: &AccessToken,
        ask: &Ask<'_>,
        deadline: Deadline,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Result<T, Failed> {
        let mut tries = 0;
        loop {
            tries += 1;
            let request = self.request(token, ask).map_err(|error| Failed { error, existing: None })?;
            let told = Told { host: "graph", path: ask.call.entry().path, attempt: tries };
            let sent = self.wire.exchange(request, told, deadline).await;
            let (error, asked) = match self.outcome(sent, ask, &read) {
                Outcome::Success(success) => return Ok(success),
                Outcome::Final(failed) => return Err(failed),
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
                None => return Err(Failed { error, existing: None }),
            }
        }
    }

    fn outcome<T>(
        &self,
        sent: Result<Reply, Lost>,
        ask: &Ask<'_>,
        read: impl Fn(&[u8]) -> Option<T>,
    ) -> Outcome<T> {
        let again = |error, asked| Outcome::Again { error, asked };
        let lost = |evidence| {
            if ask.call.entry().repeatable {
                again(GraphError::Unavailable(evidence), None)
            } else {
                Outcome::Final(Failed { error: GraphError::Unclear(evidence), existing: None })
            }
        };
        let reply = match sent {
            Ok(reply) => reply,
            Err(Lost::NotSent) => return again(GraphError::Unavailable(None), None),
            Err(Lost::Unclear) => return lost(None),
        };
        let evidence = || graph_refusal::evidence(&reply);
        match graph_refusal::judge(&reply, self.wire.clock.now()) {
            Judgement::Success if ask.accepted && reply.status != 202 => lost(Some(evidence())),
            Judgement::Success => read(&reply.body).map_or_else(|| lost(Some(evidence())), Outcome::Success),
            Judgement::Broken => lost(Some(evidence())),
            Judgement::Busy(asked) if ask.call.entry().repeatable => {
                let wait = asked.unwrap_or(WAIT_IF_UNSAID);
                again(GraphError::Throttled { wait, evidence: evidence() }, asked)
            }
            Judgement::Busy(asked) => Outcome::Wait {
                failed: Failed { error: GraphError::Unclear(Some(evidence())), existing: None },
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
            .request(ask.call.entry().method.clone(), format!("{}{target}", self.base))
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

    /// The next page, if its address is that of the same call: a token goes nowhere else.
    pub(super) fn next_page(&self, call: Call, link: &str) -> Result<Ask<'static>, GraphError> {
        let query = link.strip_prefix(&self.base).and_then(|rest| rest.strip_prefix(call.entry().path));
        let query =
            query.and_then(|rest| rest.strip_prefix('?')).ok_or_else(|| not_sent("ForeignNextLink"))?;
        Ok(Ask::of(call).with_query(query.to_owned()))
    }
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

/// Nothing was sent, for the request could not be written.
fn not_sent(code: &str) -> GraphError {
    GraphError::Refused(GraphEvidence { code: Some(code.to_owned()), ..GraphEvidence::default() })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::clock::{SystemEntropy, WallClock};

    fn sender() -> Sender {
        let wire = Wire {
            http: crate::microsoft::http_client(),
            clock: Arc::new(WallClock),
            entropy: Arc::new(SystemEntropy),
        };
        Sender { wire, base: "https://graph.microsoft.com/v1.0".to_owned() }
    }

    fn url(ask: &Ask<'_>) -> Option<String> {
        let token = AccessToken::new("t".to_owned());
        sender().request(&token, ask).ok().map(|request| request.url().to_string())
    }

    #[test]
    fn an_id_stays_within_its_segment() {
        let of = |id| url(&Ask::of(Call::CancelEvent).of_event(id));
        assert_eq!(
            of("AAk/+=-_?#").as_deref(),
            Some("https://graph.microsoft.com/v1.0/me/events/AAk%2F%2B%3D-_%3F%23/cancel")
        );
        assert_eq!(
            of("../../users").as_deref(),
            Some("https://graph.microsoft.com/v1.0/me/events/..%2F..%2Fusers/cancel")
        );
        for id in ["", ".", "..", "..."] {
            assert_eq!(of(id), None, "{id:?}");
        }
    }

    #[test]
    fn a_request_carries_token_and_preference_and_no_zone() {
        let token = AccessToken::new("eyJ0.abc".to_owned());
        let ask = Ask::of(Call::ChangeEvent)
            .of_event("A")
            .with_body(serde_json::json!({}))
            .if_match(Some("W/\"x\""));
        let request = sender().request(&token, &ask).expect("request");
        assert_eq!(request.headers()["authorization"], "Bearer eyJ0.abc");
        assert!(request.headers()["authorization"].is_sensitive());
        assert_eq!(
            request.headers().get_all("prefer").iter().collect::<Vec<_>>(),
            [r#"IdType="ImmutableId""#]
        );
        assert_eq!(request.headers()["if-match"], "W/\"x\"");
    }

    #[test]
    fn a_header_cannot_be_broken_out_of() {
        let ask = Ask::of(Call::ReadEvent).of_event("A");
        assert!(sender().request(&AccessToken::new("a\r\nX: y".to_owned()), &ask).is_err());
        let token = AccessToken::new("t".to_owned());
        let ask = Ask::of(Call::ChangeEvent).of_event("A").if_match(Some("x\r\nX: y"));
        assert!(sender().request(&token, &ask).is_err());
    }

    #[test]
    fn a_next_page_elsewhere_is_not_followed() {
        let follow = |link: &str| sender().next_page(Call::FindEvent, link).ok().and_then(|ask| url(&ask));
        let own = "https://graph.microsoft.com/v1.0/me/events?$skiptoken=R0us";
        assert_eq!(follow(own).as_deref(), Some(own));
        for link in [
            "https://evil.example/v1.0/me/events?$skiptoken=R0us",
            "https://graph.microsoft.com.evil.example/v1.0/me/events?x",
            "https://graph.microsoft.com@evil.example/v1.0/me/events?x",
            "https://graph.microsoft.com/v1.0/me/messages?x",
            "https://graph.microsoft.com/v1.0/me/events/../messages?x",
            "http://graph.microsoft.com/v1.0/me/events?x",
            "",
        ] {
            assert_eq!(follow(link), None, "{link}");
        }
    }
}
