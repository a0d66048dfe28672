//! Sets the stand-in up for a line, by its own addresses (`sim::Stage`).

use crate::http::{self, Request};
use serde_json::{Value, json};

/// The stand-in's switches.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    url: String,
    client: reqwest::Client,
}

impl Stage {
    pub(crate) fn new(url: &str, client: reqwest::Client) -> Self {
        Self { url: url.trim_end_matches('/').to_owned(), client }
    }

    pub(crate) async fn reset(&self) -> Result<(), String> {
        self.post("stage/reset", &json!({})).await.map(drop)
    }

    pub(crate) async fn switch(&self, name: &str, body: &Value) -> Result<(), String> {
        self.post(&format!("switch/{name}"), body).await.map(drop)
    }

    pub(crate) async fn advance(&self, seconds: i64) -> Result<(), String> {
        self.post("stage/clock", &json!({ "advance_seconds": seconds })).await.map(drop)
    }

    /// Access and refresh token of a person who granted these scopes.
    pub(crate) async fn tokens(&self, user: &str, scopes: &str) -> Result<(String, String), String> {
        let answer = self.post("stage/tokens", &json!({ "user": user, "scopes": scopes })).await?;
        let token = |name: &str| answer[name].as_str().map(str::to_owned);
        token("access_token").zip(token("refresh_token")).ok_or_else(|| format!("no tokens in {answer}"))
    }

    /// Where the browser of this person goes back to; `Err` with the page's words where it does not.
    pub(crate) async fn sign_in(
        &self,
        url: &str,
        user: &str,
        does: &str,
    ) -> Result<Result<String, String>, String> {
        let answer = self.post("stage/sign-in", &json!({ "url": url, "user": user, "answer": does })).await?;
        match (answer["location"].as_str(), answer["stays"].as_str()) {
            (Some(location), _) => Ok(Ok(location.to_owned())),
            (None, Some(stays)) => Ok(Err(stays.to_owned())),
            (None, None) => Err(format!("the stand-in says {answer}")),
        }
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        let request = Request {
            method: "POST".to_owned(),
            url: format!("{}/{path}", self.url),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: Some(body.to_string()),
        };
        let seen = http::send(&self.client, &request).await?;
        if seen.status == 200 {
            Ok(seen.json())
        } else {
            Err(format!("{path}: {} {}", seen.status, seen.text))
        }
    }
}
