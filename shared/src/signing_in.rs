//! The steps of a recruiter's sign-in.
//!
//! One visit of a connect link is an attempt, tied to a browser by a cookie. A visit that waits for a fresh consent to
//! be known everywhere begins anew without a page.

use std::sync::Arc;

use jiff::Timestamp;

use crate::access::{store_problem, vault_problem};
use crate::app::App;
use crate::domain::address::Address;
use crate::domain::connection::Account;
use crate::domain::features::requested;
use crate::domain::grant::SignedIn;
use crate::domain::ids::{AttemptId, CustomerId, TenantId};
use crate::domain::key::WrappedKey;
use crate::domain::secret::CookieSecret;
use crate::domain::sign_in::{ATTEMPT_LIFE, Attempt, LastAttempt, Outcome, Session};
use crate::microsoft::{Authorize, CalendarProbe, Deadline, IdToken, IdTokenError};
use crate::problem::{Code, Problem};
use crate::store::{BestEffort, StoreError};
use crate::vault::{CustomerKey, browser};

/// Where people of any organisation sign in.
const ANY_TENANT: &str = "organizations";

/// What a browser is sent away with.
pub struct Begun {
    /// Microsoft's page.
    pub url: String,
    /// Names the cookie; stands in front of `state`, so that the callback knows which cookie to look for.
    pub attempt: AttemptId,
    /// The cookie.
    pub secret: CookieSecret,
}

/// Stores a new attempt. With `held_since` the person is not asked anything: whoever is signed in at Microsoft comes
/// straight back.
pub async fn begin(app: &App, session: Session, held_since: Option<Timestamp>) -> Result<Begun, StoreError> {
    let now = app.clock.now();
    let secret = CookieSecret::new(browser::mint_secret(app.entropy.as_ref()));
    let id = AttemptId::mint(now, app.entropy.as_ref());
    let state = format!("{id}.{}", browser::mint_secret(app.entropy.as_ref()));
    let attempt = Attempt {
        id,
        state: browser::hash(&state),
        cookie: browser::hash(secret.expose()),
        authority: session.tenant.map_or_else(|| ANY_TENANT.to_owned(), |tenant| tenant.to_string()),
        expires_at: now + ATTEMPT_LIFE,
        consumed_at: None,
        held_since,
        outcome: None,
        session,
    };
    app.store.sign_ins.put_attempt(&attempt).await?;
    let url = page(app, &attempt, &state, &secret);
    Ok(Begun { url, attempt: attempt.id, secret })
}

fn page(app: &App, attempt: &Attempt, state: &str, secret: &CookieSecret) -> String {
    let session = &attempt.session;
    let ask = Authorize {
        authority: &attempt.authority,
        scopes: &requested(&session.features),
        state,
        nonce: &browser::nonce(secret),
        challenge: &browser::challenge(&browser::verifier(secret)),
        login_hint: Some(session.email.as_str()),
        locale: session.locale.as_deref(),
    };
    match attempt.held_since {
        None => app.identity.authorize_url(&ask),
        Some(_) => app.identity.silent_authorize_url(&ask),
    }
}

/// Stores an end without a connection, and answers the end that counts: an earlier one stays. Should the store fail, a
/// repeat shows a failure too, because nothing was kept.
pub async fn end(app: &App, attempt: &Attempt, outcome: Outcome) -> Outcome {
    let stored = app.store.sign_ins.store_outcome(&attempt.state, &outcome).await;
    let stored = stored.or_counted("store how a sign-in ended").unwrap_or(outcome);
    note(app, &attempt.session, &stored).await.or_counted("note how a sign-in ended with its user");
    stored
}

/// Notes the end for the user, unless the customer is gone, being deleted, or switched off.
async fn note(app: &App, session: &Session, outcome: &Outcome) -> Result<(), StoreError> {
    let customer = app.store.customers.get(&session.customer).await?;
    if !customer.is_some_and(|read| read.value.is_served()) {
        return Ok(());
    }
    let last = LastAttempt { at: app.clock.now(), outcome: outcome.clone() };
    app.store.connections.note_attempt(&session.customer, &session.user, &last).await
}

/// The tenant that Entra names for the domain of the user's address; not asked where one is pinned.
pub async fn tenant_of_user(
    app: &App,
    session: &Session,
    deadline: Deadline,
) -> Result<Option<TenantId>, Problem> {
    if session.tenant.is_some() {
        return Ok(None);
    }
    let found = app.identity.tenant_of_domain(&session.email.domain(), deadline).await;
    found.map_err(|_| Code::MicrosoftUnavailable.into())
}

/// Who an `id_token` says signed in, in the visit with this cookie.
pub async fn who_signed_in(
    app: &App,
    id_token: &IdToken,
    secret: &CookieSecret,
    deadline: Deadline,
) -> Result<SignedIn, Problem> {
    let checked = app.identity.verify_id_token(id_token, &browser::nonce(secret), deadline).await;
    checked.map_err(|error| match error {
        IdTokenError::Personal => Code::AccountNotSupported.into(),
        IdTokenError::Untrusted(_) => Code::InternalError.into(),
        IdTokenError::KeysUnreachable => Code::MicrosoftUnavailable.into(),
    })
}

/// The account as it is kept: by the calendar's owner, else by what the sign-in said.
pub fn account(signed_in: &SignedIn, probe: &CalendarProbe, expected: &Address) -> Account {
    let known = [&probe.owner, &signed_in.username, &signed_in.email].into_iter().flatten().next();
    Account {
        tenant: signed_in.tenant,
        object: signed_in.object,
        email: known.unwrap_or(expected).clone(),
        name: signed_in.name.clone().or_else(|| probe.owner_name.clone()),
    }
}

/// The customer's key; its first connection makes it.
pub async fn customer_key(
    app: &App,
    customer: &CustomerId,
    wrapped: Option<&WrappedKey>,
) -> Result<Arc<CustomerKey>, Problem> {
    if let Some(wrapped) = wrapped {
        return app.vault.unwrap(customer, wrapped).await.map_err(vault_problem);
    }
    let (minted, wrapped) = app.vault.mint(customer).await.map_err(vault_problem)?;
    let stored = app.store.keys.put_first(customer, &wrapped).await.map_err(store_problem)?;
    app.vault.adopt(customer, minted, &stored).await.map_err(vault_problem)
}
