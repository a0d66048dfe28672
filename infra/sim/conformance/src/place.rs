//! Where the corpus is replayed: the stand-in, or a real tenant.

use crate::http::{self, Request, Seen};
use crate::stage::Stage;
use crate::{harmless, line};
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};

/// The person for whom the stand-in is asked, unless a line names another one.
const USUAL_PERSON: &str = "ana@contoso.com";
/// Where the stand-in's app may send browsers back to.
const CALLBACK: &str = "https://ats.example/callback";

/// The app, and where Microsoft is.
#[derive(Clone)]
pub struct Credentials {
    /// Entra, without a tenant: `https://login.microsoftonline.com`.
    pub login: String,
    /// Graph, without a version: `https://graph.microsoft.com`.
    pub graph: String,
    pub client_id: String,
    /// Of a confidential app; without it, lines about the app's own credential are left out.
    pub client_secret: Option<String>,
}

/// The one person of a real tenant who takes part.
#[derive(Clone)]
pub struct SignedIn {
    pub access_token: String,
    pub refresh_token: Option<String>,
}

/// One Microsoft that can be asked.
#[derive(Clone)]
pub struct Place {
    pub(crate) at: Credentials,
    pub(crate) stage: Option<Stage>,
    pub(crate) person: Option<SignedIn>,
    /// Address of that person.
    pub(crate) me: String,
    pub(crate) callback: &'static str,
    client: reqwest::Client,
    made: Arc<Mutex<Vec<String>>>,
}

impl Place {
    /// The stand-in, which is set up anew for every line.
    pub fn stand_in(at: Credentials, stage: &str) -> Result<Self, String> {
        let client = http::client()?;
        let stage = Some(Stage::new(stage, client.clone()));
        Ok(Self {
            at,
            stage,
            person: None,
            me: USUAL_PERSON.to_owned(),
            callback: CALLBACK,
            client,
            made: Arc::default(),
        })
    }

    /// A real tenant, and the person who is signed in there.
    pub async fn real(at: Credentials, person: SignedIn) -> Result<Self, String> {
        let client = http::client()?;
        let mut place = Self {
            at,
            stage: None,
            person: Some(person),
            me: String::new(),
            callback: CALLBACK,
            client,
            made: Arc::default(),
        };
        let seen = place.as_person("GET", "/v1.0/me?$select=mail,userPrincipalName", None).await?;
        let profile = seen.json();
        let address = profile["mail"].as_str().or(profile["userPrincipalName"].as_str());
        let unread =
            || format!("GET /v1.0/me answers {}: {}", seen.status, line::plain(&profile["error"]["code"]));
        address.ok_or_else(unread)?.clone_into(&mut place.me);
        Ok(place)
    }

    /// Address of the signed-in person; the usual one of the stand-in.
    pub fn address(&self) -> &str {
        &self.me
    }

    pub(crate) fn is_real(&self) -> bool {
        self.stage.is_none()
    }

    /// Sends a request. Against a real tenant, what is not harmless is refused here and never leaves the machine; events
    /// that come into being are noted, so that they can be removed.
    pub(crate) async fn send(&self, request: &Request) -> Result<Seen, String> {
        let path = request.url.strip_prefix(&self.at.graph);
        if let Some(path) = path.filter(|_| self.is_real()) {
            let body = request
                .body
                .as_ref()
                .map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.clone())));
            harmless::request(&request.method, path, body.as_ref(), &self.me, |id| self.is_ours(id))?;
        }
        let seen = http::send(&self.client, request).await?;
        if request.method == "POST"
            && path.is_some_and(|path| path.ends_with("/events"))
            && seen.status == 201
        {
            self.made().extend(seen.json()["id"].as_str().map(str::to_owned));
        }
        Ok(seen)
    }

    /// A request to Graph as the signed-in person, with the headers that every request carries.
    pub(crate) async fn as_person(
        &self,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Seen, String> {
        let token = self.person.as_ref().map(|person| person.access_token.as_str()).unwrap_or_default();
        let header = |name: &str, value: String| (name.to_owned(), value);
        let request = Request {
            method: method.to_owned(),
            url: format!("{}{path}", self.at.graph),
            headers: vec![
                header("authorization", format!("Bearer {token}")),
                header("client-request-id", fresh_id()),
                header("prefer", IMMUTABLE.to_owned()),
                header("content-type", "application/json".to_owned()),
            ],
            body: body.map(Value::to_string),
        };
        self.send(&request).await
    }

    /// Ids of the events that this run made, as they are in an address or in an answer.
    pub(crate) fn is_ours(&self, id: &str) -> bool {
        self.made().iter().any(|made| made == id || crate::request::escape(made) == id)
    }

    pub(crate) fn made(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ids that stay when an item is moved.
pub(crate) const IMMUTABLE: &str = "IdType=\"ImmutableId\"";

#[expect(
    clippy::disallowed_methods,
    reason = "ids of requests to other people's servers are compared with nothing"
)]
pub(crate) fn fresh_id() -> String {
    // UUIDv4 by the time and a counter would do as well; the crate's own randomness is not compiled in.
    let now = jiff::Timestamp::now().as_nanosecond();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&now.to_be_bytes());
    let next = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    bytes[..4].copy_from_slice(&next.to_be_bytes());
    bytes[4..8].copy_from_slice(&std::process::id().to_be_bytes());
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

static NEXT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
