//! `GET /{tenant}/oauth2/v2.0/authorize` as rules: what is refused on the page, what goes back to the app, and what
//! each choice of the person leads to (microsoft.md A2, A3). The pages and [`super::Microsoft::sign_in`] both use it.

use super::policy::{Next, after_sign_in};
use super::redirects::{Failure, back, cancelled, failed};
use super::scopes::{BadScope, Scopes};
use super::secrets::Code;
use super::tenant::{State, TenantId, UserId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The `{tenant}` of the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Realm {
    /// `organizations` or `common`.
    Any,
    /// A GUID or a domain.
    One(TenantId),
}

/// A request that may be shown to a person.
#[derive(Clone, Debug)]
pub(crate) struct Authorize {
    pub(crate) realm: Realm,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: String,
    pub(crate) scopes: Scopes,
    pub(crate) prompt: String,
    pub(crate) login_hint: Option<String>,
}

/// Where a request goes first.
#[derive(Debug)]
pub(crate) enum Start {
    /// Microsoft's own error page: number and what was wrong. The app hears nothing.
    Page(u32, String),
    /// Straight back to the app.
    Redirect(String),
    /// The sign-in page.
    Person(Box<Authorize>),
}

pub(crate) fn realm(state: &State, named: &str) -> Option<Realm> {
    match named {
        "organizations" | "common" => Some(Realm::Any),
        _ => state.tenant(named).map(Realm::One),
    }
}

/// Client, redirect URI and tenant: what is wrong with these never leaves Microsoft's page.
pub(crate) fn page_checks(
    state: &State,
    named: &str,
    query: &BTreeMap<String, String>,
) -> Result<Realm, Start> {
    let page = |code, text: &str| Start::Page(code, text.to_owned());
    let Some(client_id) = query.get("client_id") else { return Err(page(900_144, "client_id is missing")) };
    if *client_id != state.config.client_id {
        return Err(page(700_016, &format!("Application with identifier '{client_id}' was not found")));
    }
    let Some(redirect_uri) = query.get("redirect_uri") else {
        return Err(page(900_971, "No reply address provided"));
    };
    if !state.config.redirect_uris.contains(redirect_uri) {
        let text =
            format!("The redirect URI '{redirect_uri}' does not match the redirect URIs of the application");
        return Err(page(50011, &text));
    }
    realm(state, named).ok_or_else(|| page(90002, &format!("Tenant '{named}' not found")))
}

/// The parameters of a query; a name given twice is `Err`.
pub(crate) fn parameters(query: &str) -> Result<BTreeMap<String, String>, Start> {
    let mut map = BTreeMap::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()).into_owned() {
        if map.insert(name.clone(), value).is_some() {
            return Err(Start::Page(90023, format!("The parameter '{name}' was given twice")));
        }
    }
    Ok(map)
}

pub(crate) fn begin(
    state: &mut State,
    named: &str,
    query: &str,
    session: Option<UserId>,
    now: Timestamp,
) -> Start {
    match checked(state, named, query, now) {
        Err(start) => start,
        Ok(request) if request.prompt == "none" => silent(state, &request, session, now),
        Ok(request) => Start::Person(Box::new(request)),
    }
}

fn checked(state: &mut State, named: &str, query: &str, now: Timestamp) -> Result<Authorize, Start> {
    let mut query = parameters(query)?;
    let realm = page_checks(state, named, &query)?;
    let mut take = |name: &str| query.remove(name);
    let request = Authorize {
        realm,
        client_id: take("client_id").unwrap_or_default(),
        redirect_uri: take("redirect_uri").unwrap_or_default(),
        state: take("state"),
        nonce: take("nonce"),
        challenge: take("code_challenge").unwrap_or_default(),
        scopes: Scopes::default(),
        prompt: take("prompt").unwrap_or_default(),
        login_hint: take("login_hint"),
    };
    let fault = |error, code, text: &str| Err((error, code, text.to_owned()));
    let (response_type, response_mode) = (take("response_type"), take("response_mode"));
    let (method, scope) = (take("code_challenge_method"), take("scope").unwrap_or_default());
    let checked = if response_type.as_deref() != Some("code") {
        fault(
            "unsupported_response_type",
            700_054,
            "Only response_type 'code' is enabled for the application.",
        )
    } else if response_mode.is_some_and(|mode| mode != "query") {
        fault("invalid_request", 90023, "The stand-in knows only response_mode 'query'.")
    } else if method.as_deref() != Some("S256") || request.challenge.len() != 43 {
        fault("invalid_request", 9_002_325, "Proof Key for Code Exchange with S256 is required.")
    } else if request.state.is_none() {
        fault("invalid_request", 900_144, "The request must contain the following parameter: 'state'.")
    } else if !["", "none", "login", "consent", "select_account"].contains(&request.prompt.as_str()) {
        fault("invalid_request", 90023, "Unsupported 'prompt' value.")
    } else {
        match Scopes::of_resource(&state.options.graph_resource, &scope) {
            Ok(scopes) if scopes.is_empty() => fault(
                "invalid_request",
                900_144,
                "The request must contain the following parameter: 'scope'.",
            ),
            Ok(scopes) if scopes.contains(Scopes::OPENID) && request.nonce.is_none() => fault(
                "invalid_request",
                900_144,
                "The request must contain the following parameter: 'nonce'.",
            ),
            Ok(scopes) => Ok(scopes),
            Err(BadScope::Unknown(name)) => {
                let text =
                    format!("The application asked for scope '{name}' that doesn't exist on the resource.");
                fault("invalid_client", 650_053, &text)
            }
            Err(BadScope::OtherResource(name)) => fault(
                "invalid_resource",
                650_057,
                &format!("The resource of '{name}' is not in the registration."),
            ),
        }
    };
    match checked {
        Ok(scopes) => Ok(Authorize { scopes, ..request }),
        Err((error, code, text)) => Err(Start::Redirect(refuse(state, &request, (error, code, &text), now))),
    }
}

/// R3 (and R2, which has the same layout).
fn refuse(
    state: &mut State,
    request: &Authorize,
    (error, code, text): (&str, u32, &str),
    now: Timestamp,
) -> String {
    let login_url = state.config.login_url();
    let at = (request.redirect_uri.as_str(), request.state.as_deref());
    failed(at, &Failure { error, code, text, admin: false }, &login_url, &mut state.random, now)
}

/// `prompt=none`: succeeds only with a session and all consents.
fn silent(state: &mut State, request: &Authorize, session: Option<UserId>, now: Timestamp) -> Start {
    let none = ("login_required", 50058, "A silent sign-in request was sent but no user is signed in.");
    let Some(user) = session else { return Start::Redirect(refuse(state, request, none, now)) };
    Start::Redirect(match after_sign_in(state, user, request.scopes, false) {
        Next::Straight => request.finish(state, user, None, now),
        Next::Page(code) => {
            refuse(state, request, ("interaction_required", code, "The user must interact."), now)
        }
        Next::Consent { .. } | Next::Request | Next::NeedAdmin => {
            let text = "The user or administrator has not consented to use the application.";
            refuse(state, request, ("interaction_required", 65001, text), now)
        }
    })
}

impl Authorize {
    /// The account of this address if it may sign in here at all; the number of the error page otherwise.
    pub(crate) fn account(&self, state: &State, email: &str) -> Result<UserId, u32> {
        let user = state.user(email).ok_or(50034_u32)?;
        match self.realm {
            Realm::One(tenant) if state.users[user].tenant != tenant => Err(50020),
            Realm::One(_) | Realm::Any => Ok(user),
        }
    }

    pub(crate) fn next(&self, state: &State, user: UserId) -> Next {
        after_sign_in(state, user, self.scopes, self.prompt == "consent")
    }

    /// Writes the consent (`Some(true)` = for the whole organisation) and goes back with a code.
    pub(crate) fn finish(
        &self,
        state: &mut State,
        user: UserId,
        consent: Option<bool>,
        now: Timestamp,
    ) -> String {
        if let Some(for_all) = consent {
            let principal = (!for_all).then_some(user);
            state.consent(state.users[user].tenant, principal, self.scopes, now);
        }
        let session = state.next();
        let code = state.issued.add_code(Code {
            user,
            client_id: self.client_id.clone(),
            redirect_uri: self.redirect_uri.clone(),
            challenge: self.challenge.clone(),
            nonce: self.nonce.clone(),
            scopes: self.scopes,
            session,
            issued: now,
            redeemed: false,
        });
        let session_state = state.random.guid();
        let mut parameters = vec![("code", code.as_str())];
        parameters.extend(self.state.as_deref().map(|state| ("state", state)));
        parameters.push(("session_state", &session_state));
        back(&self.redirect_uri, &parameters, None)
    }

    /// R1.
    pub(crate) fn cancelled(&self) -> String {
        cancelled(&self.redirect_uri, self.state.as_deref())
    }

    /// R2.
    pub(crate) fn declined(&self, state: &mut State, now: Timestamp) -> String {
        refuse(state, self, ("access_denied", 65004, "User declined to consent to access the app."), now)
    }

    /// Submits the approval request; the button "back to the app" gives R2 as well.
    pub(crate) fn requested(&self, state: &mut State, user: UserId, now: Timestamp) -> String {
        let tenant = state.users[user].tenant;
        state.tenants[tenant].requests.push((user, self.scopes));
        self.declined(state, now)
    }
}
