//! The functions as they were deployed somewhere else: this address then only passes requests on, and beside them
//! stand the issuer of the ATS's tokens and the simulated Microsoft, which a deployed stack knows by their URLs.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};
use axum::response::IntoResponse;

use crate::stack::Shared;

/// More than any answer or request of the API.
const LARGEST: usize = 10 * 1024 * 1024;

/// Where a deployed API answers. Its public URL is that of the stack which passes requests on.
#[derive(Debug, Clone)]
pub struct Deployed {
    /// Scheme, host and port of the gateway.
    pub url: String,
    /// The `Host` by which it knows the API.
    pub host: String,
    /// PEM: the certificate that the deployed functions sign for.
    pub certificate: String,
}

/// Passes a request on and its answer back; nothing is added and no redirect is followed.
pub(crate) async fn forward(State(stack): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let Some((deployed, http)) = &stack.deployed else { return StatusCode::NOT_FOUND.into_response() };
    let (mut parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LARGEST).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    let url = format!("{}{target}", deployed.url);
    parts.headers.remove(header::CONTENT_LENGTH);
    let Ok(host) = deployed.host.parse() else { return StatusCode::BAD_GATEWAY.into_response() };
    parts.headers.insert(header::HOST, host);
    let sent = http.request(parts.method, url).headers(parts.headers).body(body).send().await;
    let Ok(answer) = sent else { return StatusCode::BAD_GATEWAY.into_response() };
    let mut passed = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        if name != header::TRANSFER_ENCODING && name != header::CONNECTION {
            passed = passed.header(name, value);
        }
    }
    let body = answer.bytes().await.map(Body::from);
    body.ok()
        .and_then(|body| passed.body(body).ok())
        .unwrap_or_else(|| StatusCode::BAD_GATEWAY.into_response())
}
