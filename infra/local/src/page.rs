//! The demo page: Convene as a person sees it, in front of the simulated Outlook.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};

use crate::stack::Shared;

const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const INDEX: &str = include_str!("page/index.html");
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// `/` and its files. There is no icon; a browser asks for one all the same.
pub fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(index))
        .route("/favicon.ico", get(StatusCode::NO_CONTENT))
        .route("/_page/page.css", file("text/css; charset=utf-8", include_str!("page/page.css")))
        .route("/_page/week.css", file("text/css; charset=utf-8", include_str!("page/week.css")))
        .route("/_page/show.js", file(SCRIPT, include_str!("page/show.js")))
        .route("/_page/microsoft.js", file(SCRIPT, include_str!("page/microsoft.js")))
        .route("/_page/calls.js", file(SCRIPT, include_str!("page/calls.js")))
        .route("/_page/week.js", file(SCRIPT, include_str!("page/week.js")))
        .route("/_page/find.js", file(SCRIPT, include_str!("page/find.js")))
        .route("/_page/actions.js", file(SCRIPT, include_str!("page/actions.js")))
}

fn file(kind: &'static str, text: &'static str) -> MethodRouter<Arc<Shared>> {
    get(move || async move { answer(kind, text) })
}

fn answer(kind: &'static str, text: impl IntoResponse) -> Response {
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, text).into_response()
}

async fn index(State(stack): State<Arc<Shared>>) -> Response {
    let told = stack.environment.get("MICROSOFT_LOGIN_URL");
    answer("text/html; charset=utf-8", html(told == Some(&stack.microsoft.login_url())))
}

/// The page says whether Convene uses the Microsoft that it shows.
fn html(built_in: bool) -> String {
    let microsoft = if built_in { "built-in" } else { "another" };
    INDEX.replacen(r#"data-microsoft="built-in""#, &format!(r#"data-microsoft="{microsoft}""#), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_says_whose_microsoft_it_shows() {
        assert!(html(true).contains(r#"<body data-microsoft="built-in">"#));
        assert!(html(false).contains(r#"<body data-microsoft="another">"#));
    }
}
