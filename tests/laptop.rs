//! Ana of Contoso at a stack that runs by the wall clock and is reached over HTTP only, as from a shell.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

use crate::world::{interview, parameter};

pub(crate) struct Laptop {
    pub(crate) url: String,
    http: Client,
    token: String,
}

impl Laptop {
    pub(crate) async fn at(url: &str) -> Self {
        let http = shared::microsoft::http_client();
        let claims = json!({ "sub": "u-ana", "customer_id": "acme", "email": "ana@contoso.com", "name": "Ana",
            "scope": "connections interviews admin" });
        let answer = http.post(format!("{url}/_local/token")).json(&claims).send().await.expect("an answer");
        let token = json_of(answer).await["token"].as_str().expect("a token").to_owned();
        Self { url: url.to_owned(), http, token }
    }

    pub(crate) async fn call(&self, method: Method, path: &str, body: &Value, key: &str) -> (u16, Value) {
        let request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        let answer = request.header("idempotency-key", key).json(body).send().await.expect("an answer");
        (answer.status().as_u16(), json_of(answer).await)
    }

    /// A new connect link.
    pub(crate) async fn link(&self) -> String {
        let body = json!({ "return_url": format!("{}/done", self.url) });
        let (status, opened) = self.call(Method::POST, "/v1/connect-sessions", &body, "-").await;
        assert_eq!(status, 201, "{opened}");
        opened["url"].as_str().expect("a link").to_owned()
    }

    /// Opens a link of ours as far as Microsoft: the address there, and the cookie to come back with.
    pub(crate) async fn to_microsoft(&self, link: &str) -> (String, String) {
        let answer = self.http.get(link).send().await.expect("an answer");
        assert_eq!(answer.status(), 302);
        let cookie = header(&answer, "set-cookie").split(';').next().unwrap_or_default().to_owned();
        (header(&answer, "location"), cookie)
    }

    /// Connects; `sign_in` is Microsoft: it gets the authorize URL and answers where the browser is sent.
    pub(crate) async fn connect(&self, sign_in: impl FnOnce(&str) -> String) {
        let (authorize, cookie) = self.to_microsoft(&self.link().await).await;
        let back =
            self.http.get(sign_in(&authorize)).header("cookie", cookie).send().await.expect("an answer");
        let location = header(&back, "location");
        assert_eq!(parameter(&location, "status").as_deref(), Some("connected"), "{location}");
    }

    /// Schedules, moves and cancels an interview; the Teams link stays the same.
    pub(crate) async fn schedule_move_cancel(&self) {
        let (status, made) = self.call(Method::POST, "/v1/interviews", &interview(), "key-of-creation").await;
        assert_eq!((status, made["status"].as_str()), (201, Some("scheduled")), "{made}");
        let path = format!("/v1/interviews/{}", made["id"].as_str().expect("an id"));
        let to = json!({ "start": "2026-12-01T15:00:00+01:00", "end": "2026-12-01T15:45:00+01:00" });
        let (status, moved) =
            self.call(Method::POST, &format!("{path}/reschedule"), &to, "key-of-move").await;
        assert_eq!((status, &moved["join_url"]), (200, &made["join_url"]), "{moved}");
        assert!(made["join_url"].is_string());
        let (status, gone) =
            self.call(Method::POST, &format!("{path}/cancel"), &json!({}), "key-of-end").await;
        assert_eq!((status, gone["status"].as_str()), (200, Some("cancelled")), "{gone}");
    }
}

async fn json_of(answer: Response) -> Value {
    let text = answer.text().await.expect("a whole body");
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn header(answer: &Response, name: &str) -> String {
    let value = answer.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_else(|| panic!("no {name}")).to_owned()
}
