//! Begins a sign-in: one new attempt per visit of a connect link.

use shared::access::store_problem;
use shared::app::App;
use shared::domain::features::requested;
use shared::domain::ids::{AttemptId, SessionId};
use shared::domain::secret::CookieSecret;
use shared::domain::sign_in::{ATTEMPT_LIFE, Attempt, Session};
use shared::function::{Request, Response};
use shared::microsoft::Authorize;
use shared::problem::{Code, Problem};
use shared::vault::browser;

use crate::{cookie, waiting};

/// Where people of any organisation sign in.
const ANY_TENANT: &str = "organizations";

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let now = app.clock.now();
    let Some((id, key)) = link(&request) else { return Ok(waiting::expired(app)) };
    let found = app.store.sign_ins.session(&id, now).await.map_err(store_problem)?;
    let usable = found.filter(|found| !found.connected && browser::matches(&found.session.key, key));
    let Some(session) = usable.map(|found| found.session) else { return Ok(waiting::expired(app)) };

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
        outcome: None,
        session,
    };
    app.store.sign_ins.put_attempt(&attempt).await.map_err(store_problem)?;
    let url = authorize_url(app, &attempt, &state, &secret);
    Ok(Response::redirect(302, &url).with("set-cookie", cookie::set(&attempt.id, &secret, ATTEMPT_LIFE)))
}

fn link(request: &Request) -> Option<(SessionId, &str)> {
    Some((request.query("session")?.parse().ok()?, request.query("key")?))
}

fn authorize_url(app: &App, attempt: &Attempt, state: &str, secret: &CookieSecret) -> String {
    let session: &Session = &attempt.session;
    app.identity.authorize_url(&Authorize {
        authority: &attempt.authority,
        scopes: &requested(&session.features),
        state,
        nonce: &browser::nonce(secret),
        challenge: &browser::challenge(&browser::verifier(secret)),
        login_hint: Some(session.email.as_str()),
        locale: session.locale.as_deref(),
    })
}

/// The attempt's id stands in front of `state`, so that the callback knows which cookie to look for.
pub(crate) fn attempt_of(state: &str) -> Result<AttemptId, Problem> {
    let id = state.split('.').next().unwrap_or_default();
    id.parse().map_err(|_| Code::SignInExpired.into())
}
