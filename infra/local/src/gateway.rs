//! API Gateway's HTTP API, as far as the functions can tell: routing, the authorizer, and the event
//! (payload format 2.0). What it refuses by itself it answers in its own form.
//!
//! Sources: the developer guide ("Working with AWS Lambda proxy integrations for HTTP APIs", "Quotas", "Troubleshooting
//! issues with HTTP API JWT authorizers"); that the path is decoded before it is routed and handed over, and ends at a
//! decoded `?`, was captured from the live service (hotsock/voker#8, middleapi/standard-server#93, honojs/hono#2156).

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Map, Value, json};
use shared::app::App;
use shared::function::{Access, HttpFunction, Route, http_event, split_key};

use crate::jwt::{self, Refused};
use crate::observer::Observed;
use crate::stack::Shared;

/// API Gateway takes 10 MB.
const LARGEST: usize = 10 * 1024 * 1024;
/// Bytes of the request line and the headers together that it takes.
const LARGEST_HEAD: usize = 10_240;
/// Bytes of a function's answer, as JSON, that Lambda hands back.
const LARGEST_ANSWER: usize = 6 * 1024 * 1024;

/// A function and the container that runs it.
pub struct Mounted {
    /// What is mounted.
    pub function: HttpFunction,
    /// Its own parts: containers share nothing.
    pub app: Arc<App>,
}

struct Found<'a> {
    mounted: &'a Mounted,
    route: &'a Route,
    parameters: Map<String, Value>,
}

/// Finds the route of a path; a fixed segment goes before a parameter.
fn find<'a>(functions: &'a [Mounted], method: &str, path: &str) -> Option<Found<'a>> {
    let all = functions
        .iter()
        .flat_map(|mounted| mounted.function.routes.iter().map(move |route| (mounted, route)));
    let matching = all.filter_map(|(mounted, route)| {
        let (wanted, template) = split_key(route.key);
        let parameters = parameters(template, path)?;
        (wanted.as_str() == method).then_some(Found { mounted, route, parameters })
    });
    matching.min_by_key(|found| found.parameters.len())
}

fn parameters(template: &str, path: &str) -> Option<Map<String, Value>> {
    let (mut want, mut have) = (template.split('/'), path.split('/'));
    let mut parameters = Map::new();
    loop {
        match (want.next(), have.next()) {
            (None, None) => return Some(parameters),
            (Some(want), Some(have)) => match want.strip_prefix('{').and_then(|w| w.strip_suffix('}')) {
                Some(name) if !have.is_empty() => {
                    drop(parameters.insert(name.to_owned(), have.into()));
                }
                None if want == have => {}
                _ => return None,
            },
            _ => return None,
        }
    }
}

/// The path as API Gateway routes it and hands it over: decoded once, and cut at a decoded `?`.
fn decoded(path: &str) -> String {
    let plus_kept = path.replace('+', "%2B").replace('&', "%26").replace('=', "%3D");
    let decoded = url::form_urlencoded::parse(plus_kept.as_bytes())
        .next()
        .map_or_else(String::new, |(text, _)| text.into_owned());
    decoded.split('?').next().unwrap_or_default().to_owned()
}

/// Bytes of the request line and the headers.
fn head(parts: &Parts) -> usize {
    let line =
        parts.method.as_str().len() + 1 + parts.uri.path_and_query().map_or(1, |all| all.as_str().len()) + 9;
    line + parts.headers.iter().map(|(name, value)| name.as_str().len() + 2 + value.len() + 2).sum::<usize>()
}

/// Answers a request for one of the functions.
pub async fn answer(State(stack): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if head(&parts) > LARGEST_HEAD {
        return own_answer(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large");
    }
    let path = decoded(parts.uri.path());
    let Some(found) = find(&stack.functions, parts.method.as_str(), &path) else {
        return own_answer(StatusCode::NOT_FOUND, "Not Found");
    };
    let mut claims = Map::new();
    if let Access::AnyOf(scopes) = found.route.access {
        let token = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        claims = match jwt::check(token, &stack.issuer, scopes, stack.now()) {
            Ok(claims) => claims,
            Err(Refused::Unauthorized) => return unauthorized(token),
            Err(Refused::Forbidden) => return own_answer(StatusCode::FORBIDDEN, "Forbidden"),
        };
    }
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return own_answer(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let request_id = stack.request_id();
    let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let observe = |status: Option<u16>| {
        if let Some(observer) = &stack.observer {
            let (route, parameters, claims) = (found.route.key, &found.parameters, &claims);
            let request_id = &request_id;
            observer(&Observed { request_id, route, parameters, claims, key, body: &body, status });
        }
    };
    observe(None);
    let mut event = json!({
        "version": "2.0",
        "routeKey": found.route.key,
        "rawPath": path,
        "rawQueryString": parts.uri.query().unwrap_or_default(),
        "headers": headers(&parts.headers),
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "authorizer": { "jwt": { "claims": texts(&claims), "scopes": Value::Null } },
            "domainName": "localhost",
            "http": { "method": parts.method.as_str(), "path": path, "protocol": "HTTP/1.1",
                      "sourceIp": "127.0.0.1", "userAgent": "" },
            "requestId": request_id,
            "routeKey": found.route.key,
            "stage": "$default",
            "time": "", "timeEpoch": stack.now().as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    // What is empty is left out.
    for (name, value) in [
        ("cookies", cookies(&parts.headers).into()),
        ("pathParameters", Value::from(found.parameters.clone())),
    ] {
        if value.as_array().is_none_or(|list| !list.is_empty())
            && value.as_object().is_none_or(|map| !map.is_empty())
        {
            event[name] = value;
        }
    }
    if !body.is_empty() {
        if let Some(text) = std::str::from_utf8(&body).ok().filter(|_| is_text(&parts.headers)) {
            event["body"] = text.into();
        } else {
            event["body"] = BASE64_STANDARD.encode(&body).into();
            event["isBase64Encoded"] = true.into();
        }
    }
    let Ok(event) = http_event(&event.to_string()) else {
        return own_answer(StatusCode::BAD_REQUEST, "Bad Request");
    };
    let answer = found.mounted.function.answer(&found.mounted.app, event).await;
    observe(Some(answer.status().as_u16()));
    let size =
        answer.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 6).sum::<usize>()
            + serde_json::to_string(&String::from_utf8_lossy(answer.body().as_ref()))
                .map_or(0, |text| text.len());
    if size > LARGEST_ANSWER {
        // Lambda refuses the answer, the invocation fails, and the gateway knows no more than that.
        return own_answer(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    }
    let (parts, body) = answer.into_parts();
    let bytes: Vec<u8> = AsRef::<[u8]>::as_ref(&body).to_vec();
    Response::from_parts(parts, Body::from(bytes))
}

fn own_answer(status: StatusCode, message: &str) -> Response<Body> {
    let headers = [(header::CONTENT_TYPE.as_str(), "application/json"), ("apigw-requestid", "local")];
    (status, headers, json!({ "message": message }).to_string()).into_response()
}

/// The challenge (RFC 6750) tells whether there was a token at all.
fn unauthorized(token: Option<&str>) -> Response<Body> {
    let challenge = match token {
        None => "Bearer",
        Some(_) => "Bearer scope=\"\" error=\"invalid_token\" error_description=\"the token is not valid\"",
    };
    let mut answer = own_answer(StatusCode::UNAUTHORIZED, "Unauthorized");
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    answer
}

/// Bodies of these types are handed over as they are, others (forms too) in base64.
fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&kind.as_str())
}

/// Several values of a header are joined by commas.
fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let mut joined: Map<String, Value> = Map::new();
    for name in headers.keys().filter(|name| *name != header::COOKIE) {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        joined.insert(name.to_string(), values.collect::<Vec<_>>().join(",").into());
    }
    joined
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).map(|pair| pair.trim().to_owned()).collect()
}

fn texts(claims: &Map<String, Value>) -> Map<String, Value> {
    claims.iter().map(|(name, claim)| (name.clone(), jwt::as_text(claim).into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_binds_its_parameters() {
        let bound = |path: &str| parameters("/v1/interviews/{id}/cancel", &decoded(path));
        assert_eq!(bound("/v1/interviews/int_1%232+3/cancel").expect("fits")["id"], "int_1#2+3");
        assert!(bound("/v1/interviews/int_1%2F2/cancel").is_none(), "it is decoded before it is routed");
        assert!(parameters("/v1/interviews/{id}", "/v1/interviews/").is_none());
        assert!(parameters("/v1/interviews/{id}", "/v1/interviews/a/b").is_none());
        assert!(parameters("/healthz", "/healthz").is_some());
    }

    #[test]
    fn a_path_is_decoded_once_and_ends_at_a_question_mark() {
        for (path, handed_over) in [
            ("/it/acme", "/it/acme"),
            ("/it/a%20b", "/it/a b"),
            ("/it/a+b&c=d", "/it/a+b&c=d"),
            ("/it/a%2Fb", "/it/a/b"),
            ("/it/a%3Fb", "/it/a"),
            ("/it/a%2523", "/it/a%23"),
            ("/it/caf%C3%A9", "/it/café"),
        ] {
            assert_eq!(decoded(path), handed_over, "{path}");
        }
    }
}
