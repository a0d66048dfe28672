//! The demo page: Convene as a person sees it, in front of the simulated Outlook.

use std::sync::Arc;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::stack::Shared;

const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// `/` and its two files.
pub fn router() -> Router<Arc<Shared>> {
    let file = |kind: &'static str, text: &'static str| {
        get(move || async move {
            let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY)];
            (headers, text).into_response()
        })
    };
    Router::new()
        .route("/", file("text/html; charset=utf-8", include_str!("page/index.html")))
        .route("/_page/page.css", file("text/css; charset=utf-8", include_str!("page/page.css")))
        .route("/_page/page.js", file("text/javascript; charset=utf-8", include_str!("page/page.js")))
}
