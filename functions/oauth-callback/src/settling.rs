//! Microsoft has acted on a consent that it does not know everywhere yet: the browser waits here, and asks again.

use shared::access::store_problem;
use shared::app::App;
use shared::domain::sign_in::{ASK_AGAIN_IN, Attempt, Outcome};
use shared::function::Response;
use shared::problem::Problem;
use shared::signing_in::begin;
use shared::store::BestEffort;

use crate::cookie;
use shared::signing_in::end as keep;

/// How an attempt came out.
pub(crate) enum End {
    /// It has ended, and the end is stored.
    Told(Outcome),
    /// It has not.
    NotYet,
}

/// Why there is no connection.
pub(crate) enum Stop {
    /// It has ended so.
    Ended(Outcome),
    /// It has ended so, unless Microsoft only does not know yet what it was told.
    TooEarly(Outcome),
}

impl From<Outcome> for Stop {
    fn from(outcome: Outcome) -> Self {
        Self::Ended(outcome)
    }
}

/// Waits, if that is still worth while; else it has ended in the way that Microsoft says.
pub(crate) async fn hold(app: &App, attempt: &Attempt, said: Outcome) -> End {
    let held = match attempt.waits_since(app.clock.now()) {
        Some(since) => {
            app.store.sign_ins.hold(&attempt.state, since).await.best_effort("note that a sign-in waits")
        }
        None => false,
    };
    if held { End::NotYet } else { End::Told(keep(app, attempt, said).await) }
}

/// Asks the browser to come again.
pub(crate) fn page() -> Response {
    Response::small_page(
        200,
        "Microsoft is putting the approval into force",
        "This takes up to three minutes. Leave this page open: it goes on by itself.",
        Some(ASK_AGAIN_IN),
    )
}

/// The page was loaded again: another attempt, without a question to the person. A code works once, so the one that
/// was refused is not tried again.
pub(crate) async fn go_on(app: &App, attempt: Attempt) -> Result<Response, Problem> {
    let begun = begin(app, attempt.session, attempt.held_since).await.map_err(store_problem)?;
    Ok(cookie::sent_with(&begun).with("set-cookie", cookie::clear(&attempt.id)))
}
