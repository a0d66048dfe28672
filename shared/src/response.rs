//! An answer as a handler gives it, and the headers that every answer of its kind carries.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use lambda_http::Body;
use lambda_http::http::{HeaderName, HeaderValue, header};
use serde::Serialize;

use crate::problem::Problem;

/// An answer.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    content_type: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

const JSON: &str = "application/json";
const PROBLEM: &str = "application/problem+json";
const HTML: &str = "text/html; charset=utf-8";

/// The one stylesheet. Pages carry it inline, and their policy names its hash: a page needs no second request, and
/// no other style, script, image or frame is let in.
pub const STYLE: &str = include_str!("style.css");

/// What a page may do (CSP Level 3): its own style, and forms to ourselves.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
});

/// Bytes of the largest answer of a function that Lambda takes ("Lambda quotas": 6 MB for synchronous invocations). With
/// a larger one the invocation fails, and API Gateway answers 500.
const LARGEST: usize = 6 * 1024 * 1024;
/// What headers and the members around the body may have of it.
const HEADROOM: usize = 64 * 1024;

/// Bytes of a text as a JSON string, which is how a function hands its body over.
fn as_text(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..=31 => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}

impl Response {
    fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self { status, content_type, headers: Vec::new(), body }
    }

    /// A JSON answer.
    pub fn json<T: Serialize>(status: u16, value: &T) -> Self {
        match serde_json::to_string(value) {
            Ok(body) => Self::new(status, JSON, body),
            Err(_) => Self::new(500, JSON, String::from("{}")),
        }
    }

    /// A page of a list, and where the next one begins.
    pub fn list<T: Serialize>(data: &[T], next_cursor: Option<String>) -> Self {
        #[derive(Serialize)]
        struct List<'a, T> {
            data: &'a [T],
            next_cursor: Option<String>,
        }
        Self::json(200, &List { data, next_cursor })
    }

    /// How many of these items, from the first one, an answer can hold. A list with more of them goes on on its next page.
    pub fn fitting<T: Serialize>(data: &[T]) -> usize {
        let mut left = LARGEST - HEADROOM;
        let fits = |item: &&T| {
            let size = serde_json::to_string(item).map_or(usize::MAX, |text| as_text(&text) + 1);
            left = left.saturating_sub(size);
            left > 0
        };
        data.iter().take_while(fits).count().max(1).min(data.len())
    }

    /// Whether Lambda takes it.
    pub(crate) fn fits(&self) -> bool {
        as_text(&self.body) <= LARGEST - HEADROOM
    }

    /// 204.
    pub fn no_content() -> Self {
        Self::new(204, JSON, String::new())
    }

    /// A page. Its policy allows nothing but [`STYLE`], which must stand in it as it is.
    pub fn page(status: u16, html: String) -> Self {
        Self::new(status, HTML, html).with("content-security-policy", POLICY.as_str())
    }

    /// A page of one heading and one paragraph, which may load itself again after some seconds.
    pub fn small_page(status: u16, title: &str, text: &str, reload_after: Option<u8>) -> Self {
        let (title, text) = (html_escape::encode_text(title), html_escape::encode_text(text));
        let reload = reload_after
            .map(|s| format!("<meta http-equiv=\"refresh\" content=\"{s}\">"))
            .unwrap_or_default();
        Self::page(
            status,
            format!(
                "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">{reload}<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title><style>{STYLE}</style></head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>"
            ),
        )
    }

    /// Sends the browser elsewhere.
    pub fn redirect(status: u16, url: &str) -> Self {
        Self::new(status, HTML, String::new()).with("location", url)
    }

    /// An answer that was stored as text.
    pub fn stored(status: u16, problem: bool, body: String) -> Self {
        Self::new(status, if problem { PROBLEM } else { JSON }, body)
    }

    /// A problem document (RFC 9457).
    pub fn problem(problem: &Problem, public_url: &str, request_id: &str) -> Self {
        let body = serde_json::to_string(&problem.body(public_url, request_id)).unwrap_or_default();
        let mut response = Self::new(problem.code.entry().status, PROBLEM, body);
        if let Some(wait) = problem.retry_after {
            response = response.retry_after(wait);
        }
        if let Some(etag) = &problem.etag {
            response = response.with("etag", etag);
        }
        response
    }

    /// The same answer in other words.
    #[must_use]
    pub fn worded(mut self, word: impl Fn(&str) -> String) -> Self {
        self.body = word(&self.body);
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds `Retry-After`, in whole seconds, at least one.
    #[must_use]
    pub fn retry_after(self, wait: std::time::Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.with("retry-after", seconds.max(1).to_string())
    }

    /// The body as text.
    pub fn body(&self) -> &str {
        &self.body
    }

    /// Whether it is a problem document.
    pub fn is_problem(&self) -> bool {
        self.content_type == PROBLEM
    }

    pub(crate) fn send(self, path: &str, request_id: &str) -> lambda_http::Response<Body> {
        let mut response = lambda_http::Response::new(Body::Text(self.body));
        *response.status_mut() = self.status.try_into().unwrap_or_default();
        let headers = response.headers_mut();
        let mut put = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(name, value);
            }
        };
        put(header::CONTENT_TYPE, self.content_type);
        put(HeaderName::from_static("request-id"), request_id);
        put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        for (name, value) in &self.headers {
            put(HeaderName::from_static(name), value);
        }
        if path.starts_with("/api/auth/") || path.starts_with("/v1/") {
            put(header::CACHE_CONTROL, "no-store");
        }
        if path.starts_with("/api/auth/") {
            put(header::REFERRER_POLICY, "no-referrer");
        }
        response
    }
}

/// `url` with these pairs added to its query.
pub fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    match url::Url::parse(url) {
        Ok(mut parsed) => {
            parsed.query_pairs_mut().extend_pairs(pairs);
            parsed.into()
        }
        Err(_) => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_of_six_megabytes_with_its_headers_fits_and_one_more_byte_does_not() {
        let largest = 6 * 1024 * 1024 - 64 * 1024;
        let answer = |bytes: usize| Response::new(200, JSON, "x".repeat(bytes));
        assert!(answer(largest).fits() && !answer(largest + 1).fits());
        // Lambda gets the body as a JSON string: each quotation mark is two bytes there.
        assert!(!Response::new(200, JSON, "\"".repeat(largest / 2 + 1)).fits());
    }

    #[test]
    fn a_list_ends_where_the_answer_would_be_too_large() {
        let items = vec!["x".repeat(1024 * 1024); 8];
        let fitting = Response::fitting(&items);
        assert_eq!(fitting, 5);
        assert!(Response::list(&items[..fitting], None).fits());
        assert!(!Response::list(&items[..=fitting], None).fits());
        assert_eq!(Response::fitting(&items[..2]), 2);
        assert_eq!(Response::fitting::<String>(&[]), 0);
    }
}
