//! Keeps pages of other sites out: a page that a developer visits must not be able to press switches here.

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect};
use tower::ServiceExt;

use crate::stack::Shared;

/// Hands a request to the router that is mounted late; 503 until then.
pub async fn late(router: Arc<OnceLock<Router>>, request: Request) -> Response<Body> {
    match router.get() {
        Some(router) => router.clone().oneshot(request).await.into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// Lets a request through, unless [`refusal`] has something against it.
pub async fn only_own_host(State(stack): State<Arc<Shared>>, request: Request, next: Next) -> Response<Body> {
    match refusal(&stack, &request) {
        Some(answer) => answer,
        None => next.run(request).await,
    }
}

/// Refuses a `Host` or `Origin` that is not ours; `/_local` also wants JSON, which no form of another site can
/// send. Sign-in begins on `localhost`, where its cookie lives.
fn refusal(stack: &Shared, request: &Request) -> Option<Response<Body>> {
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let localhost = stack.url.trim_start_matches("http://");
    let by_number = localhost.replace("localhost", "127.0.0.1");
    let host = text(header::HOST).unwrap_or_default();
    let own_host = [localhost, by_number.as_str()].contains(&host);
    let own_origin = text(header::ORIGIN).is_none_or(|origin| origin == stack.url);
    if !own_host || !own_origin {
        return Some((StatusCode::FORBIDDEN, "This host or origin is not served here.\n").into_response());
    }
    let path = request.uri().path();
    if path == "/api/auth/microsoft/connect" && host != localhost {
        let query = request.uri().query().unwrap_or_default();
        return Some(Redirect::temporary(&format!("{}{path}?{query}", stack.url)).into_response());
    }
    let json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    let wants_json = path.starts_with("/_local") && request.method() == "POST";
    let refused = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send Content-Type: application/json.\n");
    (wants_json && !json).then(|| refused.into_response())
}
