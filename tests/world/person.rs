//! A user of the ATS, and what he does.

use reqwest::Method;
use serde_json::{Value, json};

use super::browser::{ending, parameter};
use super::{Answer, Browser, World};

#[derive(Clone)]
pub(crate) struct Person<'a> {
    pub(crate) world: &'a World,
    pub(crate) token: String,
    pub(crate) user: String,
    pub(crate) customer: String,
    pub(crate) email: String,
}

impl Person<'_> {
    /// Any request.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> Answer {
        if method == Method::DELETE && path == "/v1/customer" {
            self.world.forgets();
        }
        let mut request = self.world.http.request(method, format!("{}{path}", self.world.stack.url));
        request = request.bearer_auth(&self.token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = Answer::read(request.send().await.expect("the stack answers")).await;
        self.world.hear(&answer.text);
        self.world.hear(&format!("{:?}", answer.headers));
        answer
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None, &[]).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(&body), &[]).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(&body), &[]).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None, &[]).await
    }

    /// A POST under an idempotency key.
    pub(crate) async fn post_as(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, Some(body), &[("idempotency-key", key)]).await
    }

    /// A new connect link.
    pub(crate) async fn connect_link(&self) -> String {
        let body = json!({ "return_url": format!("{}/done", self.world.stack.url) });
        let answer = self.post("/v1/connect-sessions", body).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.str("/url").to_owned()
    }

    /// Connects with the account of the same address; `status` of the way back.
    pub(crate) async fn connect(&self) -> String {
        let email = self.email.clone();
        self.connect_as(&email, sim::Answer::Accept).await
    }

    /// Signs in all the way; how it ended, with the reason.
    pub(crate) async fn ends(&self, account: &str, answer: sim::Answer) -> String {
        let link = self.connect_link().await;
        ending(&Browser::new(self.world).sign_in(&link, account, answer).await)
    }

    pub(crate) async fn connect_as(&self, account: &str, answer: sim::Answer) -> String {
        let link = self.connect_link().await;
        let back = Browser::new(self.world).sign_in(&link, account, answer).await;
        assert_eq!(back.status, 303, "{}", back.text);
        let location = back.header("location").expect("a way back");
        parameter(location, "status").unwrap_or_default()
    }

    /// Schedules the usual interview under a key.
    pub(crate) async fn schedule(&self, key: &str) -> Answer {
        self.post_as(key, "/v1/interviews", &interview()).await
    }

    pub(crate) async fn connection(&self) -> Value {
        self.get("/v1/connection").await.json
    }

    pub(crate) async fn status(&self) -> String {
        self.connection().await["status"].as_str().unwrap_or_default().to_owned()
    }
}

impl<'a> Person<'a> {
    /// Opens a new link as far as Microsoft's page: the browser, and where it is.
    pub(crate) async fn begin(&self) -> (Browser<'a>, String) {
        let browser = Browser::new(self.world);
        let authorize = browser.to_microsoft(&self.connect_link().await).await;
        (browser, authorize)
    }
}

/// The usual interview: Teams, a candidate from outside, one interviewer, no room.
pub(crate) fn interview() -> Value {
    json!({
        "external_id": "ats-9981", "title": "Interview: Backend engineer", "body_html": "<p>Bring your questions.</p>",
        "start": "2026-12-01T10:00:00", "end": "2026-12-01T10:45:00", "time_zone": "Europe/Paris",
        "candidates": [{ "email": "dana@example.org", "name": "Dana" }],
        "interviewers": [{ "email": "carl@contoso.com" }],
        "online_meeting": "teams",
    })
}
