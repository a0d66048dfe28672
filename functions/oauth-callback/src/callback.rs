//! The one registered redirect URI: takes the attempt, learns how it ended, and sends the browser back.
//!
//! The attempt is consumed before the code is redeemed, so a repeat by a double click or a scanner gets the same
//! end and redeems nothing.

use shared::access::store_problem;
use shared::app::App;
use shared::domain::secret::CookieSecret;
use shared::domain::sign_in::{Attempt, Outcome, OutcomeStatus};
use shared::function::{Request, Response, with_query};
use shared::problem::{Code, Problem};
use shared::signing_in::end as keep;
use shared::store::Consumed;
use shared::vault::browser;

use crate::complete::{Brought, complete};
use crate::connect::attempt_of;
use crate::finish::{Answer, end_by_error};
use crate::settling::End;
use crate::{admin, cookie, settling, waiting};

pub(crate) async fn handle(app: &App, request: Request) -> Result<Response, Problem> {
    if let Some(visit) = request.query("state").and_then(admin::visit_of) {
        return admin::back(app, &request, &visit).await;
    }
    let Some((state, secret)) = opening(&request) else { return Ok(waiting::expired(app)) };
    let hashes = (browser::hash(state), browser::hash(secret.expose()));
    let consumed = app.store.sign_ins.consume(&hashes.0, &hashes.1, app.clock.now()).await;
    let attempt = match consumed.map_err(store_problem)? {
        None => return Ok(waiting::expired(app)),
        Some(Consumed::Again(attempt)) => return Ok(again(app, &attempt)),
        Some(Consumed::Held(attempt)) => return settling::go_on(app, attempt).await,
        Some(Consumed::First(attempt)) => attempt,
    };
    let end = match Answer::read(app, &request) {
        Answer::Code(code) => complete(app, &attempt, Brought { secret, code }, request.deadline).await,
        Answer::Refused(refusal) => end_by_error(app, &attempt, &refusal).await,
        Answer::Foreign => {
            End::Told(keep(app, &attempt, Outcome::failed(Code::InternalError.entry().code)).await)
        }
    };
    Ok(match end {
        End::Told(outcome) => back(&attempt, &outcome),
        End::NotYet => settling::page(),
    })
}

/// `state` and the cookie that belongs to it.
fn opening(request: &Request) -> Option<(&str, CookieSecret)> {
    let state = request.query("state")?;
    let attempt = attempt_of(state).ok()?;
    Some((state, cookie::read(request, &attempt)?))
}

/// A repeat: the stored end, or a page that waits for it.
fn again(app: &App, attempt: &Attempt) -> Response {
    match &attempt.outcome {
        Some(outcome) => back(attempt, outcome),
        None if waiting::may_still_run(app, attempt) => waiting::page(),
        None => back(attempt, &Outcome::failed("internal-error")),
    }
}

fn back(attempt: &Attempt, outcome: &Outcome) -> Response {
    let session = &attempt.session;
    let mut pairs = vec![("status", outcome.status.word()), ("session", session.id.as_str())];
    // `reason` says why it failed; what a connection that stands cannot do has a name of its own.
    let name = if outcome.status == OutcomeStatus::Connected { "notice" } else { "reason" };
    pairs.extend(outcome.reason.as_deref().map(|code| (name, code)));
    let url = with_query(&session.return_url, &pairs);
    Response::redirect(303, &url).with("set-cookie", cookie::clear(&attempt.id))
}
