//! Microsoft as far as the product meets it: Entra ID and Graph over one plain state.
//!
//! `tenant` holds the state; `entra*`, `authorize`, `tokens` and `graph*` are skins over it; what each of them must do
//! is written in microsoft.md with its sources.

mod aadsts;
mod admin_consent;
mod assertion;
mod authorize;
mod calendar;
mod calendars;
mod certificates;
mod entra;
mod entra_pages;
mod event;
mod event_input;
mod graph;
mod graph_error;
mod graph_paths;
mod html;
mod keys;
mod mail;
mod meetings;
mod options;
mod person;
mod places;
mod policy;
mod query;
mod redirects;
mod refusals;
mod rooms;
mod saved;
mod schedule;
mod scopes;
mod secrets;
mod snapshot;
mod switches;
mod tenant;
mod tokens;
mod zones;

use crate::faults::Faults;
use crate::journal::Journal;
use crate::random::{Random, fresh};
use crate::{Now, lock};
use axum::Router;
use axum::routing::any;
use certificates::VendorSecret;
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};
use tenant::{Role, State};

pub use mail::{Mail, MailKind};
pub use options::{Config, LargeLists, Options, Trash};
pub use person::Answer;
pub use places::Place;
pub use secrets::{Grant, Redemption};

/// The Microsoft of one stack.
#[derive(Clone)]
pub struct Microsoft {
    journal: Journal,
    now: Now,
    state: Arc<Mutex<State>>,
}

impl Microsoft {
    /// A Microsoft with the tenants contoso.com and fabrikam.com.
    pub fn new(config: Config, journal: Journal, now: Now) -> Self {
        let at = now();
        let mut state = State {
            config,
            tenants: Vec::new(),
            users: Vec::new(),
            by_email: HashMap::new(),
            issued: secrets::Issued::new(fresh()),
            browsers: HashMap::new(),
            mails: Vec::new(),
            by_hand: false,
            room_requests: Vec::new(),
            published: Vec::new(),
            answers: BTreeMap::new(),
            redemptions: Vec::new(),
            recent: HashMap::new(),
            vendor_secret: VendorSecret::Ok,
            certificates: certificates::Certificates::default(),
            signing_key: 0,
            options: Options::default(),
            random: Random::new(fresh()),
            counter: 0,
        };
        tenant::populate(&mut state, at);
        places::furnish(&mut state);
        Self { journal, now, state: Arc::new(Mutex::new(state)) }
    }

    /// Makes codes, ids, lifetimes and optional fields repeatable. Call it before anything is issued.
    pub fn set_seed(&self, seed: u64) {
        self.write(|state| {
            let key = |what: &[u8]| crate::random::sha256(&[what, &seed.to_be_bytes()]);
            state.issued = secrets::Issued::new(key(b"issued"));
            state.random = Random::new(key(b"random"));
        });
    }

    /// Login under `/login/{tenant}/...`, Graph under `/graph/v1.0/...`; mount it at the path of the public URL.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/login/{*path}", any(entra::answer))
            .route("/graph/{*path}", any(graph::answer))
            .with_state(self.clone())
    }

    /// Where the router is reached, once the port is known.
    pub fn set_public_url(&self, url: &str) {
        self.write(|state| url.trim_end_matches('/').clone_into(&mut state.config.public_url));
    }

    /// The redirect URIs that are registered, once the port is known.
    pub fn set_redirect_uris(&self, uris: Vec<String>) {
        self.write(|state| state.config.redirect_uris = uris);
    }

    /// The product's base address for Entra.
    pub fn login_url(&self) -> String {
        self.read(|state| state.config.login_url())
    }

    /// The product's base address for Graph, without the version.
    pub fn graph_url(&self) -> String {
        self.read(|state| state.config.graph_url())
    }

    /// The `iss` of a tenant's tokens, by domain or GUID.
    pub fn issuer(&self, tenant: &str) -> String {
        format!("{}/{}/v2.0", self.login_url(), self.tenant_id(tenant))
    }

    /// Adds a tenant where users may consent for themselves; gives its GUID.
    pub fn add_tenant(&self, domain: &str) -> String {
        let now = self.now();
        self.write(|state| {
            let tenant = state.add_tenant(domain, now);
            state.tenants[tenant].id.clone()
        })
    }

    /// Adds a person with mailbox and Teams, and his tenant if need be; gives his object id. An address that begins
    /// with `admin` is a Global Administrator, `appadmin` a Cloud Application Administrator, `room` a room.
    pub fn add_user(&self, email: &str, name: &str) -> String {
        let role = match email.split_once('@').map_or("", |(local, _)| local) {
            local if local.starts_with("appadmin") => Role::CloudApplicationAdministrator,
            local if local.starts_with("admin") => Role::GlobalAdministrator,
            local if local.starts_with("room") => Role::Room,
            _ => Role::Person,
        };
        let now = self.now();
        self.write(|state| {
            let user = state.add_user(email, name, role, now);
            state.users[user].oid.clone()
        })
    }

    /// GUID of a tenant by domain (or GUID).
    ///
    /// # Panics
    /// If there is no such tenant.
    pub fn tenant_id(&self, domain: &str) -> String {
        self.read(|state| state.tenant(domain).map(|tenant| state.tenants[tenant].id.clone()))
            .expect("the tenant was added before")
    }

    /// Object id of a user.
    ///
    /// # Panics
    /// If there is no such user.
    pub fn object_id(&self, email: &str) -> String {
        self.read(|state| state.user(email).map(|user| state.users[user].oid.clone()))
            .expect("the user was added before")
    }

    /// Plays the person at the page of `authorize_url` (authorize or admin consent): gives the address that the
    /// browser is sent back to, or why nothing comes back.
    pub fn sign_in(&self, authorize_url: &str, user: &str, answer: Answer) -> Result<String, String> {
        let now = self.now();
        self.write(|state| person::sign_in(state, authorize_url, user, answer, now))
    }

    /// `POST /_local/microsoft/{name}`.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "callers hand over a body they have just read or written"
    )]
    pub fn switch(&self, name: &str, body: Value) -> Result<Value, String> {
        switches::switch(self, name, &body)
    }

    /// Changes the options of the stand-in.
    pub fn options(&self, change: impl FnOnce(&mut Options)) {
        self.write(|state| change(&mut state.options));
    }

    /// Signs with a new key from now on; the JWKS shows the new one and the one before.
    pub fn rotate_keys(&self) {
        self.write(|state| state.signing_key += 1);
    }

    /// Tenants, users, events, mails and grants for `GET /_local/microsoft`; no tokens.
    pub fn snapshot(&self) -> Value {
        self.settled(snapshot::snapshot)
    }

    /// Everything that Microsoft would still know tomorrow, secrets included; for [`Microsoft::restore`].
    pub fn save(&self) -> String {
        self.read(saved::save)
    }

    /// Goes on from what was saved, under the address and the redirect URIs of today. Faults in force, and calls
    /// that ran at that time, are gone; so is the key of the `id_token`, as after a rotation.
    pub fn restore(&self, saved: &str) -> Result<(), String> {
        self.write(|state| saved::restore(state, saved))
    }

    /// The secret that the app must prove itself with.
    pub fn client_secret(&self) -> String {
        self.read(|state| state.config.client_secret.clone())
    }

    /// The events of a calendar as Graph would show them, with their tags; empty for an unknown user.
    pub fn events(&self, email: &str) -> Vec<Value> {
        self.settled(|state| state.user(email).map(|user| snapshot::events(state, user)).unwrap_or_default())
    }

    /// Every invitation, update and cancellation so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.read(|state| state.mails.clone())
    }

    /// Every code, access token and refresh token ever issued, and the client secret.
    pub fn secrets(&self) -> Vec<String> {
        self.read(|state| {
            let mut all = state.issued.all();
            all.push(state.config.client_secret.clone());
            all
        })
    }

    /// Every answered redemption of a code or refresh token that was issued here.
    pub fn redemptions(&self) -> Vec<Redemption> {
        self.read(|state| state.redemptions.clone())
    }

    /// The faults of the journal that this Microsoft writes to.
    pub fn faults(&self) -> &Faults {
        self.journal.faults()
    }

    /// A consent and tokens without any clicking: access token, refresh token, `expires_in`.
    ///
    /// # Panics
    /// If there is no such user, or a scope is unknown.
    pub fn mint_connection(&self, email: &str, scopes: &str) -> (String, String, u64) {
        self.try_mint(email, scopes).expect("the user was added before, and the scopes exist")
    }

    /// As [`Microsoft::mint_connection`]; says what is unknown.
    pub fn try_mint(&self, email: &str, scopes: &str) -> Result<(String, String, u64), String> {
        let scopes = scopes::Scopes::parse(scopes).map_err(|bad| format!("{bad:?}"))?;
        let now = self.now();
        self.write(|state| tokens::mint(state, email, scopes, now))
            .ok_or_else(|| format!("there is no user {email}"))
    }

    fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// `Date` of an answer (RFC 9110 5.6.7), by the manual clock.
    fn http_date(&self) -> String {
        self.now().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&lock(&self.state))
    }

    fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut lock(&self.state))
    }

    /// Reads after the rooms have answered.
    fn settled<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        let now = self.now();
        self.write(|state| {
            state.settle_rooms(now);
            look(state)
        })
    }
}
