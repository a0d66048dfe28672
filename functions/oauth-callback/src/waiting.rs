//! What a browser sees when there is nothing to send it back to, or not yet.

use shared::app::App;
use shared::domain::sign_in::{Attempt, CALLBACK_MAY_RUN};
use shared::function::Response;
use shared::problem::Code;

/// There is no attempt of this browser, or its time is over. Never a redirect: nothing says where to.
pub(crate) fn expired(_: &App) -> Response {
    let entry = Code::SignInExpired.entry();
    let text = format!("{} {}", entry.meaning, entry.steps.join(" "));
    Response::small_page(entry.status, entry.title, &text, None)
}

/// The same for an administrator, who has nothing to press Connect in.
pub(crate) fn broken_approval() -> Response {
    Response::small_page(
        400,
        "This approval link does not open",
        "It is incomplete, too old, or was opened in another browser than the one in which it began. What was decided at \
         Microsoft before is not known to this page. Open the link from the email again, in one browser. If it still does \
         not open, ask the colleague who sent it for a new one.",
        None,
    )
}

/// The first callback may still be at work.
pub(crate) fn may_still_run(app: &App, attempt: &Attempt) -> bool {
    attempt.consumed_at.is_some_and(|at| app.clock.now().duration_since(at) < CALLBACK_MAY_RUN)
}

/// Asks the browser to come again.
pub(crate) fn page() -> Response {
    Response::small_page(
        200,
        "Connecting Outlook",
        "This takes a few seconds. The page goes on by itself.",
        Some(2),
    )
}
