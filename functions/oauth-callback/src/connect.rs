//! Begins a sign-in: one new attempt per visit of a connect link.

use shared::access::store_problem;
use shared::app::App;
use shared::domain::ids::{AttemptId, SessionId};
use shared::function::{Request, Response};
use shared::problem::{Code, Problem};
use shared::signing_in::begin;
use shared::vault::browser;

use crate::{cookie, waiting};

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    let Some((id, key)) = link(&request) else { return Ok(waiting::expired(app)) };
    let found = app.store.sign_ins.session(&id, app.clock.now()).await.map_err(store_problem)?;
    let usable = found.filter(|found| !found.connected && browser::matches(&found.session.key, key));
    let Some(session) = usable.map(|found| found.session) else { return Ok(waiting::expired(app)) };
    Ok(cookie::sent_with(&begin(app, session, None).await.map_err(store_problem)?))
}

fn link(request: &Request) -> Option<(SessionId, &str)> {
    Some((request.query("session")?.parse().ok()?, request.query("key")?))
}

/// The attempt's id stands in front of `state`, so that the callback knows which cookie to look for.
pub(crate) fn attempt_of(state: &str) -> Result<AttemptId, Problem> {
    let id = state.split('.').next().unwrap_or_default();
    id.parse().map_err(|_| Code::SignInExpired.into())
}
