//! One simulated Microsoft with a clock that stands, asked over HTTP as the product would.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sim::{Answer, Config, Journal, Microsoft, Now};
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

pub const CLIENT: &str = "3a9d5e21-7c84-4b0f-a6d2-f1e08b9c4d73";
pub const SECRET: &str = "the-secret-value~of.the-app";
pub const CALLBACK: &str = "http://localhost:8787/api/auth/microsoft/callback";
pub const VERIFIER: &str = "verifier-verifier-verifier-verifier-verifier-1";
pub const SCOPES: &str = "openid profile email offline_access User.Read Calendars.ReadWrite";

pub struct World {
    pub microsoft: Microsoft,
    pub journal: Journal,
    clock: Arc<Mutex<Timestamp>>,
    router: Router,
}

/// An answer, read to its end.
pub struct Told {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Told {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
    pub fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
    pub fn numbers(&self) -> Vec<u64> {
        self.json()["error_codes"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

pub fn clock_at(text: &str) -> (Arc<Mutex<Timestamp>>, Now) {
    let clock: Arc<Mutex<Timestamp>> = Arc::new(Mutex::new(text.parse().unwrap()));
    let hand = clock.clone();
    (clock, Arc::new(move || *hand.lock().unwrap()))
}

impl World {
    pub fn new() -> Self {
        let (clock, now) = clock_at("2026-11-24T09:00:00Z");
        let journal = Journal::new();
        let config = Config {
            public_url: "http://127.0.0.1:8787/microsoft".into(),
            client_id: CLIENT.into(),
            client_secret: SECRET.into(),
            redirect_uris: vec![CALLBACK.into()],
            app_name: "Convene".into(),
        };
        let microsoft = Microsoft::new(config, journal.clone(), now);
        microsoft.set_seed(7);
        let router = Router::new().nest("/microsoft", microsoft.router());
        Self { microsoft, journal, clock, router }
    }

    pub fn advance(&self, seconds: i64) {
        *self.clock.lock().unwrap() += SignedDuration::from_secs(seconds);
    }

    pub async fn send(&self, request: Request<Body>) -> Told {
        let answer = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Told {
            status: parts.status.as_u16(),
            headers: parts.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub async fn get(&self, url: &str) -> Told {
        self.send(Request::get(url).body(Body::empty()).unwrap()).await
    }

    pub async fn post_form(&self, url: &str, fields: &[(&str, &str)]) -> Told {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(url).header("content-type", "application/x-www-form-urlencoded");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub fn authorize_url(&self, changes: &[(&str, Option<&str>)]) -> String {
        self.authorize_url_at("organizations", changes)
    }

    /// The usual request with some parameters changed or (`None`) left out.
    pub fn authorize_url_at(&self, tenant: &str, changes: &[(&str, Option<&str>)]) -> String {
        let challenge = URL_SAFE_NO_PAD
            .encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, VERIFIER.as_bytes()));
        let usual = [
            ("client_id", CLIENT),
            ("response_type", "code"),
            ("redirect_uri", CALLBACK),
            ("response_mode", "query"),
            ("scope", SCOPES),
            ("state", "st_7f3c"),
            ("nonce", "n_55a1"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in usual {
            match changes.iter().find(|(changed, _)| *changed == name) {
                None => _ = query.append_pair(name, value),
                Some((_, Some(value))) => _ = query.append_pair(name, value),
                Some((_, None)) => {}
            }
        }
        for (name, value) in changes.iter().filter(|(name, _)| usual.iter().all(|(known, _)| known != name)) {
            query.append_pair(name, value.unwrap_or_default());
        }
        format!("{}/{tenant}/oauth2/v2.0/authorize?{}", self.microsoft.login_url(), query.finish())
    }

    /// Signs in and accepts; gives the code.
    pub fn code_for(&self, user: &str) -> String {
        let callback = self.microsoft.sign_in(&self.authorize_url(&[]), user, Answer::Accept).unwrap();
        parameter(&callback, "code").unwrap()
    }

    pub async fn token(&self, changes: &[(&str, &str)]) -> Told {
        self.token_at("organizations", changes).await
    }

    pub async fn token_at(&self, tenant: &str, changes: &[(&str, &str)]) -> Told {
        let mut fields = vec![("client_id", CLIENT), ("client_secret", SECRET), ("client_info", "1")];
        fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
        fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
        self.post_form(&format!("{}/{tenant}/oauth2/v2.0/token", self.microsoft.login_url()), &fields).await
    }

    pub async fn redeem(&self, code: &str) -> Told {
        self.token(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ])
        .await
    }

    pub async fn refresh(&self, token: &str) -> Told {
        self.token(&[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// An access token without clicking.
    pub fn access(&self, user: &str) -> String {
        self.microsoft.mint_connection(user, SCOPES).0
    }

    pub async fn graph(&self, method: &str, path: &str, token: &str, body: Option<Value>) -> Told {
        self.graph_with(method, path, token, body, &[]).await
    }

    pub async fn graph_with(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: Option<Value>,
        headers: &[(&str, &str)],
    ) -> Told {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/v1.0{path}", self.microsoft.graph_url()))
            .header("authorization", format!("Bearer {token}"))
            .header("client-request-id", "6f0c1c7e-4b53-4a0e-8d6e-0d1b1f6f2a10")
            .header("prefer", "IdType=\"ImmutableId\"")
            .header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    /// Creates an event with these fields over the usual ones; panics unless it is a 201.
    pub async fn create(&self, token: &str, changes: Value) -> Value {
        let told = self.graph("POST", "/me/events", token, Some(event(changes))).await;
        assert_eq!(told.status, 201, "{}", told.text);
        told.json()
    }

    pub fn switch(&self, name: &str, body: Value) -> Value {
        self.microsoft.switch(name, body).unwrap()
    }
}

/// An interview with a person and a room.
pub fn event(changes: Value) -> Value {
    let mut event = json!({
        "subject": "Interview: Backend engineer",
        "body": {"contentType": "html", "content": "<p>Agenda</p>"},
        "start": {"dateTime": "2026-12-01T10:00:00", "timeZone": "Europe/Madrid"},
        "end": {"dateTime": "2026-12-01T11:00:00", "timeZone": "Romance Standard Time"},
        "attendees": [attendee("carl@contoso.com", "required"), attendee("room7@contoso.com", "resource")],
        "isOnlineMeeting": true, "onlineMeetingProvider": "teamsForBusiness",
    });
    let fields = event.as_object_mut().unwrap();
    fields.extend(changes.as_object().unwrap().clone());
    event
}

pub fn attendee(address: &str, kind: &str) -> Value {
    json!({"type": kind, "emailAddress": {"address": address, "name": address}})
}

pub fn parameter(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}
