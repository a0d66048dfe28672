//! One request and its answer, success or not.

use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Exchange may take a minute for a window of weeks.
const WITHIN: Duration = Duration::from_secs(90);
const CONNECT: Duration = Duration::from_secs(10);

/// A request with every placeholder filled.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) status: u16,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// A client with the roots that are compiled in, without proxies of the environment and without redirects, so that a token
/// goes to the named host and to no other.
pub(crate) fn client() -> Result<reqwest::Client, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .referer(false)
        .timeout(WITHIN)
        .connect_timeout(CONNECT)
        .build()
        .map_err(|error| error.to_string())
}

/// Sends it. `Err` is the absence of any answer; the error holds no token.
pub(crate) async fn send(client: &reqwest::Client, request: &Request) -> Result<Seen, String> {
    let method: Method = request.method.parse().map_err(|_| format!("{} is no method", request.method))?;
    let mut call = client.request(method, &request.url);
    for (name, value) in &request.headers {
        call = call.header(name, value);
    }
    if let Some(body) = &request.body {
        call = call.body(body.clone());
    }
    let lost = |error: reqwest::Error| format!("no answer: {}", error.without_url());
    let answer = call.send().await.map_err(lost)?;
    let headers = answer.headers().iter();
    let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Seen {
        status: answer.status().as_u16(),
        headers: headers.map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        text: answer.text().await.map_err(lost)?,
    })
}
