//! Microsoft Graph v1.0: which paths there are, which scopes they need, and the rules that hold for all of them.

use super::Microsoft;
use super::graph_error::{GraphError, error, not_built};
use super::places;
use super::query::{self, decode, wants_immutable_ids};
use super::secrets::Sort;
use super::tenant::UserId;
use crate::faults::{Arrival, Undressed, text_answer};
use crate::gate;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Requests larger than this are refused by the stand-in.
const LARGEST_BODY: usize = 4 * 1024 * 1024;

/// One path of Graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Path {
    Me,
    Calendar,
    CalendarView,
    GetSchedule,
    CreateEvent,
    ListEvents,
    ReadEvent(String),
    PatchEvent(String),
    DeleteEvent(String),
    CancelEvent(String),
    PurgeEvent(String),
    ListCalendars,
    CreateCalendar,
    CreateEventIn(String),
    ListEventsIn(String),
    Places(places::Ask),
}

/// What is known of a path.
struct Known {
    path: Path,
    template: &'static str,
    scopes: &'static [&'static str],
}

const READ: &[&str] = &["Calendars.Read", "Calendars.ReadWrite", "Calendars.ReadBasic"];
const WRITE: &[&str] = &["Calendars.ReadWrite"];

fn find(method: &Method, path: &str) -> Option<Known> {
    let beta = path.strip_prefix("/beta/");
    let segments: Vec<String> = path.strip_prefix("/v1.0/").or(beta)?.split('/').map(decode).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let id = segments.get(2).map(|id| (*id).to_owned()).unwrap_or_default();
    let (path, template, scopes) = match (method.as_str(), segments.as_slice()) {
        (method, segments) if beta.is_some() => places::find(method, segments, true)?,
        ("GET", ["me"]) => (Path::Me, "GET /me", &["User.Read", "User.ReadBasic.All", "User.Read.All"][..]),
        ("GET", ["me", "calendar"]) => (Path::Calendar, "GET /me/calendar", READ),
        ("GET", ["me", "calendarView"]) => (Path::CalendarView, "GET /me/calendarView", READ),
        ("GET", ["me", "calendar", "calendarView"]) => {
            (Path::CalendarView, "GET /me/calendar/calendarView", READ)
        }
        ("POST", ["me", "calendar", "getSchedule"]) => {
            (Path::GetSchedule, "POST /me/calendar/getSchedule", READ)
        }
        ("GET", ["me", "calendars"]) => (Path::ListCalendars, "GET /me/calendars", READ),
        ("POST", ["me", "calendars"]) => (Path::CreateCalendar, "POST /me/calendars", WRITE),
        ("GET", ["me", "calendars", _, "events"]) => {
            (Path::ListEventsIn(id), "GET /me/calendars/{id}/events", READ)
        }
        ("POST", ["me", "calendars", _, "events"]) => {
            (Path::CreateEventIn(id), "POST /me/calendars/{id}/events", WRITE)
        }
        ("POST", ["me", "events"]) => (Path::CreateEvent, "POST /me/events", WRITE),
        ("GET", ["me", "events"]) => (Path::ListEvents, "GET /me/events", READ),
        ("GET", ["me", "events", _]) => (Path::ReadEvent(id), "GET /me/events/{id}", READ),
        ("PATCH", ["me", "events", _]) => (Path::PatchEvent(id), "PATCH /me/events/{id}", WRITE),
        ("DELETE", ["me", "events", _]) => (Path::DeleteEvent(id), "DELETE /me/events/{id}", WRITE),
        ("POST", ["me", "events", _, "cancel"]) => {
            (Path::CancelEvent(id), "POST /me/events/{id}/cancel", WRITE)
        }
        ("POST", ["me", "events", _, "permanentDelete"]) => {
            (Path::PurgeEvent(id), "POST /me/events/{id}/permanentDelete", WRITE)
        }
        (method, segments) => places::find(method, segments, false)?,
    };
    Some(Known { path, template, scopes })
}

/// A successful answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Option<Value>,
}

pub(crate) async fn answer(Shared(microsoft): Shared<Microsoft>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return text_answer(413, "text/plain", String::new());
    };
    let full = parts.uri.path();
    let path = full.split_once("/graph/").map(|(_, rest)| format!("/{rest}")).unwrap_or_default();
    let user = microsoft.holder(&parts.headers);
    let email =
        user.and_then(|user| microsoft.read(|state| state.users.get(user).map(|user| user.email.clone())));
    let known = find(&parts.method, &path);
    let operation =
        known.as_ref().map_or_else(|| format!("{} {path}", parts.method), |known| known.template.to_owned());
    microsoft.note_violations(known.as_ref(), &operation, &parts.headers);
    let arrival = Arrival {
        service: "graph",
        operation,
        detail: email.clone().unwrap_or_else(|| "nobody".to_owned()),
        user: email,
        request_id: client_request_id(&parts.headers).map(str::to_owned),
    };
    let slot = user.map(|user| microsoft.enter(user));
    let effect = async {
        let query = parts.uri.query().unwrap_or_default();
        let full = slot.as_ref().is_some_and(|slot| slot.over);
        microsoft.graph_answer(known.as_ref(), full, query, &parts.headers, &body)
    };
    let answer = gate::pass(&microsoft.journal, arrival, effect).await;
    microsoft.dress_fault(answer, &parts.headers).await
}

/// A call that runs at this moment in one mailbox.
struct Slot {
    microsoft: Microsoft,
    user: UserId,
    over: bool,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.microsoft.write(|state| state.users[self.user].running -= 1);
    }
}

impl Microsoft {
    fn enter(&self, user: UserId) -> Slot {
        let over = self.write(|state| {
            state.users[user].running += 1;
            state.options.mailbox_concurrency.is_some_and(|most| state.users[user].running > most)
        });
        Slot { microsoft: self.clone(), user, over }
    }

    /// Whose token this is, expired or not.
    fn holder(&self, headers: &HeaderMap) -> Option<UserId> {
        let token = bearer(headers)?;
        self.read(|state| {
            let serial = state.issued.serial(Sort::Access, token).ok()?;
            Some(state.issued.access[serial].user)
        })
    }

    fn note_violations(&self, known: Option<&Known>, operation: &str, headers: &HeaderMap) {
        let Some(known) = known else {
            return self.journal.violation(format!("unknown Graph call {operation}"));
        };
        if !headers.contains_key("client-request-id") {
            self.journal.violation(format!("{operation} without client-request-id"));
        }
        let about_events =
            !matches!(known.path, Path::Me | Path::Calendar | Path::GetSchedule | Path::Places(_));
        if about_events && !wants_immutable_ids(headers) {
            self.journal.violation(format!("{operation} without Prefer: IdType=\"ImmutableId\""));
        }
    }

    fn graph_answer(
        &self,
        known: Option<&Known>,
        full: bool,
        query: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Response {
        let mut applied = Vec::new();
        let outcome = self.allowed(known, full, headers).and_then(|(user, path)| {
            let query = query::read(query, headers)?;
            applied.clone_from(&query.applied);
            let kind = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
            if !body.is_empty() && !kind.starts_with("application/json") {
                let text = "Entity only allows writes with a JSON Content-Type header.";
                return Err(error(400, "BadRequest", text));
            }
            let body = match serde_json::from_slice(body) {
                Ok(body) => body,
                Err(_) if body.is_empty() => Value::Null,
                Err(_) => return Err(error(400, "BadRequest", "Unable to read JSON request payload.")),
            };
            self.write(|state| {
                let now = self.now();
                state.publish_free_busy(now);
                state.settle_rooms(now);
                let done = super::graph_paths::run(state, user, path, &query, headers, &body, now);
                state.publish_free_busy(now);
                done
            })
        });
        if let (Some(_), Err(refused)) = (known, &outcome)
            && refused.status == 501
        {
            self.journal.violation(refused.message.clone());
        }
        self.dress(&outcome, &applied, headers)
    }

    /// Token, scope and room in the mailbox.
    fn allowed<'a>(
        &self,
        known: Option<&'a Known>,
        full: bool,
        headers: &HeaderMap,
    ) -> Result<(UserId, &'a Path), GraphError> {
        let Some(known) = known else { return Err(not_built("this path")) };
        let expired =
            || error(401, "InvalidAuthenticationToken", "Access token has expired or is not yet valid.");
        let token = bearer(headers)
            .ok_or_else(|| error(401, "InvalidAuthenticationToken", "Access token is empty."))?;
        let (user, scopes) = self.read(|state| {
            let serial = state.issued.serial(Sort::Access, token).map_err(|_| {
                error(
                    401,
                    "InvalidAuthenticationToken",
                    "CompactToken parsing failed with error code: 80049217",
                )
            })?;
            let access = &state.issued.access[serial];
            if access.expires <= self.now() {
                return Err(expired());
            }
            let challenged = state.options.challenged.contains(&state.users[access.user].email);
            if challenged && !access.with_claims {
                return Err(GraphError {
                    challenge: Some(challenge()),
                    ..error(401, "InvalidAuthenticationToken", CHALLENGED)
                });
            }
            Ok((access.user, access.scopes))
        })?;
        if !scopes.any_of(known.scopes) {
            return Err(error(
                403,
                "ErrorAccessDenied",
                "Access is denied. Check credentials and try again.",
            ));
        }
        if full {
            let text = "Application is over its MailboxConcurrency limit.";
            return Err(GraphError { retry_after: Some("0.5"), ..error(429, "ApplicationThrottled", text) });
        }
        Ok((user, &known.path))
    }

    /// A refusal on purpose has the ids and headers of every other one (microsoft.md H).
    async fn dress_fault(&self, answer: Response, headers: &HeaderMap) -> Response {
        if answer.extensions().get::<Undressed>().is_none() {
            return answer;
        }
        let (mut parts, body) = answer.into_parts();
        let mut body: Value = serde_json::from_slice(&to_bytes(body, LARGEST_BODY).await.unwrap_or_default())
            .unwrap_or_default();
        let request_id = self.write(|state| state.random.guid());
        let client_id = client_request_id(headers).unwrap_or(&request_id).to_owned();
        let inner = &mut body["error"]["innerError"];
        inner["date"] = self.now().strftime("%Y-%m-%dT%H:%M:%S").to_string().into();
        inner["request-id"] = request_id.clone().into();
        inner["client-request-id"] = client_id.clone().into();
        let date = self.http_date();
        let mut put = |name: &'static str, value: &str| {
            parts.headers.extend(value.parse().ok().map(|value| (HeaderName::from_static(name), value)));
        };
        common_headers(&mut put, (&request_id, &client_id, &date));
        if parts.status == StatusCode::UNAUTHORIZED {
            put("www-authenticate", INVALID_TOKEN);
        }
        Response::from_parts(parts, Body::from(body.to_string()))
    }

    fn dress(
        &self,
        outcome: &Result<Reply, GraphError>,
        applied: &[String],
        headers: &HeaderMap,
    ) -> Response {
        let request_id = self.write(|state| state.random.guid());
        let client_id = client_request_id(headers).unwrap_or(&request_id).to_owned();
        let mut answer = match outcome {
            Ok(Reply { status, body: Some(body) }) => text_answer(*status, JSON, body.to_string()),
            Ok(Reply { status, body: None }) => {
                let mut answer = text_answer(*status, JSON, String::new());
                answer.headers_mut().remove("content-type");
                answer
            }
            Err(refused) => {
                let date = self.now().strftime("%Y-%m-%dT%H:%M:%S").to_string();
                text_answer(refused.status, JSON, refused.body(&request_id, &client_id, &date).to_string())
            }
        };
        let mut put = |name: &'static str, value: &str| {
            answer
                .headers_mut()
                .extend(value.parse().ok().map(|value| (HeaderName::from_static(name), value)));
        };
        common_headers(&mut put, (&request_id, &client_id, &self.http_date()));
        if !applied.is_empty() && outcome.is_ok() {
            put("preference-applied", &applied.join(", "));
        }
        if let Err(refused) = outcome {
            refused.retry_after.iter().for_each(|wait| put("retry-after", wait));
            if refused.status == 401 {
                put("www-authenticate", refused.challenge.as_deref().unwrap_or(INVALID_TOKEN));
            }
        }
        answer
    }
}

/// The challenge of a token that is not taken.
const INVALID_TOKEN: &str = r#"Bearer realm="", error="invalid_token""#;

/// What every answer of Graph carries, refusals included.
fn common_headers(
    put: &mut impl FnMut(&'static str, &str),
    (request_id, client_id, date): (&str, &str, &str),
) {
    put("request-id", request_id);
    put("client-request-id", client_id);
    put("date", date);
    put("x-ms-ags-diagnostic", r#"{"ServerInfo":{"DataCenter":"Simulated","Slice":"E","Ring":"1"}}"#);
}

const CHALLENGED: &str = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
                          TokenIssuedBeforeRevocationTimestamp";

/// A claims challenge (microsoft.md A11).
fn challenge() -> String {
    let claims = STANDARD.encode(r#"{"access_token":{"nbf":{"essential":true,"value":"1795166043"}}}"#);
    format!(
        r#"Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", errorDescription="{CHALLENGED}", error="insufficient_claims", claims="{claims}""#
    )
}

const JSON: &str = "application/json; odata.metadata=minimal; charset=utf-8";

fn client_request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get("client-request-id")?.to_str().ok()
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get("authorization")?.to_str().ok()?.strip_prefix("Bearer ")
}
