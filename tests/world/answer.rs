//! What a client was answered. Headers that no answer of ours should carry fail the test.

use serde_json::Value;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) json: Value,
}

const KNOWN: [&str; 17] = [
    "content-type",
    "content-length",
    "date",
    "request-id",
    "x-content-type-options",
    "cache-control",
    "referrer-policy",
    "etag",
    "retry-after",
    "location",
    "set-cookie",
    "idempotent-replayed",
    "content-security-policy",
    "apigw-requestid",
    "www-authenticate",
    "transfer-encoding",
    "connection",
];

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let text = response.text().await.expect("a whole body");
        Self::known(status, headers, text)
    }

    /// What [`local::Stack::ask`] was answered.
    pub(crate) fn of(response: &local::http::Response<Vec<u8>>) -> Self {
        let headers = response.headers().iter();
        let headers = headers
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
        let text = String::from_utf8(response.body().clone()).expect("UTF-8");
        Self::known(response.status().as_u16(), headers.collect(), text)
    }

    fn known(status: u16, headers: Vec<(String, String)>, text: String) -> Self {
        for (name, _) in &headers {
            assert!(KNOWN.contains(&name.as_str()), "unexpected header {name}");
        }
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Status and problem code.
    pub(crate) fn problem(&self) -> (u16, &str) {
        (self.status, self.json["code"].as_str().unwrap_or_default())
    }

    pub(crate) fn retry_after(&self) -> u64 {
        self.header("retry-after").and_then(|text| text.parse().ok()).unwrap_or(0)
    }

    pub(crate) fn str(&self, pointer: &str) -> &str {
        self.json.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}
