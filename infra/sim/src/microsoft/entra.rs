//! Entra over HTTP: the pages for the browser, and token endpoint, discovery and keys for the product.

use super::Microsoft;
use super::aadsts::refusal;
use super::admin_consent::AdminConsent;
use super::authorize::{Authorize, Realm, Start, begin, parameters};
use super::entra_pages as pages;
use super::person::split_login_path;
use super::policy::Next;
use super::tenant::State;
use super::tokens::{add_basic, redeem, user_of};
use super::{keys, tokens};
use crate::faults::{Arrival, Undressed, json_answer, text_answer};
use crate::gate;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Shared};
use axum::http::{HeaderMap, Method};
use axum::response::Response;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Forms larger than this are refused by the stand-in.
const LARGEST_FORM: usize = 256 * 1024;
/// The tenant of personal Microsoft accounts.
const PERSONAL_TENANT: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// The cookie of the simulated sign-in page.
const COOKIE: &str = "simulated-session";

pub(crate) async fn answer(Shared(microsoft): Shared<Microsoft>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_FORM).await else {
        return text_answer(413, "text/plain", String::new());
    };
    let body = String::from_utf8_lossy(&body).into_owned();
    let path = parts.uri.path().to_owned();
    let query = parts.uri.query().unwrap_or_default();
    let (tenant, page) = split_login_path(&path).unwrap_or_default();
    let now = microsoft.now();
    let mut answer = match (&parts.method, page) {
        (&Method::POST, "oauth2/v2.0/token") => token(&microsoft, tenant, &parts.headers, &body).await,
        (&Method::GET, "discovery/v2.0/keys") => {
            microsoft
                .public(format!("GET /{{tenant}}/{page}"), tenant, |state| {
                    json_answer(200, &keys::jwks(state))
                })
                .await
        }
        (&Method::GET, "v2.0/.well-known/openid-configuration") => {
            microsoft
                .public(format!("GET /{{tenant}}/{page}"), tenant, |state| discovery(state, tenant, now))
                .await
        }
        (&Method::GET | &Method::POST, "oauth2/v2.0/authorize") => {
            microsoft.page(|state, now| authorize(state, tenant, query, &parts.headers, &body, now))
        }
        (&Method::GET | &Method::POST, "v2.0/adminconsent") => {
            microsoft.page(|state, now| admin_consent(state, tenant, query, &body, now))
        }
        (&Method::GET, "oauth2/v2.0/logout") => html(200, pages::error(0, "You signed out of your account")),
        _ => {
            microsoft.journal.violation(format!("unknown Entra call {} /{tenant}/{page}", parts.method));
            text_answer(501, "text/plain", "the stand-in does not know this address".to_owned())
        }
    };
    let no_store = axum::http::HeaderValue::from_static("no-store, no-cache");
    answer.headers_mut().insert("cache-control", no_store);
    answer
        .headers_mut()
        .extend(microsoft.http_date().parse().ok().map(|date| (axum::http::header::DATE, date)));
    answer
}

impl Microsoft {
    /// Discovery and keys: calls of the product without a user.
    async fn public(
        &self,
        operation: String,
        tenant: &str,
        effect: impl FnOnce(&mut State) -> Response,
    ) -> Response {
        let arrival =
            Arrival { service: "login", operation, detail: tenant.to_owned(), user: None, request_id: None };
        gate::pass(&self.journal, arrival, async { self.write(effect) }).await
    }

    fn page(&self, show: impl FnOnce(&mut State, Timestamp) -> Response) -> Response {
        self.write(|state| show(state, self.now()))
    }
}

async fn token(microsoft: &Microsoft, tenant: &str, headers: &HeaderMap, body: &str) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut form: tokens::Form = url::form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    add_basic(&mut form, text("authorization"));
    let user = microsoft.read(|state| user_of(state, &form).map(|user| state.users[user].email.clone()));
    let arrival = Arrival {
        service: "login",
        operation: "POST /{tenant}/oauth2/v2.0/token".to_owned(),
        detail: form.get("grant_type").cloned().unwrap_or_default(),
        user,
        request_id: None,
    };
    let is_form =
        text("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let with_origin = headers.contains_key("origin");
    if with_origin {
        microsoft.journal.violation("token request with an Origin header");
    }
    let effect = async {
        let now = microsoft.now();
        microsoft.write(|state| {
            let outcome = match (is_form, with_origin) {
                (false, _) => Err(refusal(900_144)),
                (true, true) => Err(refusal(9_002_326)),
                (true, false) => redeem(state, tenant, &form, now),
            };
            outcome.map_or_else(
                |refused| refused.answer(state, text("client-request-id"), now),
                |body| text_answer(200, "application/json; charset=utf-8", body.to_string()),
            )
        })
    };
    let answer = gate::pass(&microsoft.journal, arrival, effect).await;
    microsoft.dress_token_fault(answer, text("client-request-id")).await
}

impl Microsoft {
    /// A refusal on purpose has the ids and the time of every other one (microsoft.md A4).
    async fn dress_token_fault(&self, answer: Response, correlation: Option<&str>) -> Response {
        if answer.extensions().get::<Undressed>().is_none() {
            return answer;
        }
        let (mut parts, body) = answer.into_parts();
        let mut body: Value = serde_json::from_slice(&to_bytes(body, LARGEST_FORM).await.unwrap_or_default())
            .unwrap_or_default();
        let (trace, other) = self.write(|state| (state.random.guid(), state.random.guid()));
        body["timestamp"] = super::aadsts::stamp(self.now()).into();
        body["correlation_id"] = correlation.unwrap_or(&other).into();
        body["trace_id"] = trace.clone().into();
        let request_id = axum::http::HeaderName::from_static("x-ms-request-id");
        parts.headers.extend(trace.parse().ok().map(|trace| (request_id, trace)));
        Response::from_parts(parts, Body::from(body.to_string()))
    }
}

fn discovery(state: &mut State, named: &str, now: Timestamp) -> Response {
    match named {
        "organizations" | "common" => json_answer(200, &keys::discovery(state, named, None)),
        "consumers" => {
            let mut document = keys::discovery(state, named, None);
            document["issuer"] = format!("{}/{PERSONAL_TENANT}/v2.0", state.config.login_url()).into();
            json_answer(200, &document)
        }
        _ => {
            if let Some(tenant) = state.tenant(named) {
                return json_answer(200, &keys::discovery(state, named, Some(&state.tenants[tenant].id)));
            }
            let mut refused = refusal(90002);
            "invalid_tenant".clone_into(&mut refused.error);
            refused.text = format!("Tenant '{named}' not found. {}", refused.text);
            refused.answer(state, None, now)
        }
    }
}

fn html(status: u16, page: String) -> Response {
    text_answer(status, "text/html; charset=utf-8", page)
}

fn redirect(url: &str) -> Response {
    let mut answer = text_answer(302, "text/html; charset=utf-8", String::new());
    answer.headers_mut().extend(url.parse().ok().map(|url| (axum::http::header::LOCATION, url)));
    answer
}

fn authorize(
    state: &mut State,
    tenant: &str,
    query: &str,
    headers: &HeaderMap,
    body: &str,
    now: Timestamp,
) -> Response {
    let session = cookie(headers).and_then(|value| state.browsers.get(value).copied());
    let request = match begin(state, tenant, query, session, now) {
        Start::Page(code, words) => return html(400, pages::error(code, &words)),
        Start::Redirect(url) => return redirect(&url),
        Start::Person(request) => request,
    };
    let action = format!("{}/{tenant}/oauth2/v2.0/authorize?{query}", state.config.login_url());
    let fields = parameters(body).unwrap_or_default();
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    if field("step").is_empty() {
        let realm = if let Realm::One(tenant) = request.realm { Some(tenant) } else { None };
        let accounts = pages::accounts(state, realm, false);
        let hint = request.login_hint.as_deref().filter(|_| request.prompt != "select_account");
        return html(200, pages::sign_in(state, &action, &accounts, hint));
    }
    if field("step") == "cancel" {
        return redirect(&request.cancelled());
    }
    let user = match request.account(state, field("user")) {
        Ok(user) => user,
        Err(code) => return html(200, pages::error(code, &refusal(code).text)),
    };
    match (request.next(state, user), field("step")) {
        (Next::Page(code), _) => html(200, pages::error(code, &refusal(code).text)),
        (Next::Straight, _) => signed_in(state, user, &request, None, now),
        (Next::Consent { box_for_all }, "consent") => match field("answer") {
            "accept" => signed_in(state, user, &request, Some(box_for_all && field("for_all") == "on"), now),
            _ => redirect(&request.declined(state, now)),
        },
        (Next::Consent { box_for_all }, _) => {
            html(200, pages::consent(state, &action, &request, user, box_for_all))
        }
        (Next::Request, "request") => html(200, pages::requested(&action, field("user"))),
        (Next::Request, "requested") => redirect(&request.requested(state, user, now)),
        (Next::Request, _) => html(200, pages::request(state, &action, &request, user)),
        (Next::NeedAdmin, _) => html(200, pages::need_admin(state, &action)),
    }
}

fn signed_in(
    state: &mut State,
    user: usize,
    request: &Authorize,
    consent: Option<bool>,
    now: Timestamp,
) -> Response {
    let back = request.finish(state, user, consent, now);
    with_session(state, user, redirect(&back))
}

/// Whoever has signed in stays signed in at Microsoft in this browser.
fn with_session(state: &mut State, user: usize, mut answer: Response) -> Response {
    let session = state.random.guid();
    state.browsers.insert(session.clone(), user);
    let cookie = format!("{COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax");
    answer.headers_mut().extend(cookie.parse().ok().map(|cookie| (axum::http::header::SET_COOKIE, cookie)));
    answer
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let line = headers.get("cookie")?.to_str().ok()?;
    line.split(';').find_map(|pair| pair.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

fn admin_consent(state: &mut State, tenant: &str, query: &str, body: &str, now: Timestamp) -> Response {
    let request = match AdminConsent::begin(state, tenant, query) {
        Ok(request) => request,
        Err(Start::Page(code, words)) => return html(400, pages::error(code, &words)),
        Err(_) => return html(400, pages::error(90023, "The request cannot be answered")),
    };
    let action = format!("{}/{tenant}/v2.0/adminconsent?{query}", state.config.login_url());
    let fields: BTreeMap<String, String> = parameters(body).unwrap_or_default();
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    match field("step") {
        "" => {
            let realm = if let Realm::One(tenant) = request.realm { Some(tenant) } else { None };
            let accounts = pages::accounts(state, realm, true);
            html(200, pages::sign_in(state, &action, &accounts, None))
        }
        "cancel" => redirect(&request.cancelled()),
        step => match request.administrator(state, field("user")) {
            Err(90094) => html(200, pages::need_admin(state, &action)),
            Err(code) => html(200, pages::error(code, &refusal(code).text)),
            Ok(user) if step != "consent" => {
                html(200, pages::admin_consent(state, &action, request.scopes, user))
            }
            Ok(user) if field("answer") == "accept" => {
                let back = request.accepted(state, user, now);
                with_session(state, user, redirect(&back))
            }
            Ok(_) => redirect(&request.declined(state, now)),
        },
    }
}
