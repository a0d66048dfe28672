//! Until when a request must be answered and a tick must have stopped: our own limit, or Lambda's if it is sooner.

use std::time::Duration;

use lambda_http::RequestExt;

use crate::app::App;
use crate::microsoft::Deadline;

/// API Gateway gives up after 30 s; what is not settled by then is a 202.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);
/// Time kept from a request's Lambda deadline (29 s), to answer in.
const KEEP_TO_ANSWER: Duration = Duration::from_secs(4);
/// No handler runs longer, whatever hangs: Lambda's own limit is two seconds later.
pub(crate) const CUT: Duration = Duration::from_secs(27);
/// A start waits no longer for the connection to the store: the first request then opens it.
pub(crate) const START: Duration = Duration::from_secs(1);
/// A tick may take five minutes less the time to stop in.
const TICK_WITHIN: Duration = Duration::from_secs(270);
/// Time kept from a tick's Lambda deadline, to stop in.
const KEEP_TO_STOP: Duration = Duration::from_secs(30);

/// When a request must be answered.
pub(crate) fn of_request(app: &App, event: &lambda_http::Request) -> Deadline {
    let lambda = event.lambda_context_ref().map(|context| context.deadline);
    within(app, lambda, ANSWER_WITHIN, KEEP_TO_ANSWER)
}

/// When a tick must have stopped. `lambda` in milliseconds since the epoch.
pub(crate) fn of_tick(app: &App, lambda: Option<u64>) -> Deadline {
    within(app, lambda, TICK_WITHIN, KEEP_TO_STOP)
}

fn within(app: &App, lambda: Option<u64>, longest: Duration, keep: Duration) -> Deadline {
    let latest = app.clock.now().saturating_add(longest).unwrap_or(jiff::Timestamp::MAX);
    let lambda = lambda
        .and_then(|millis| jiff::Timestamp::from_millisecond(i64::try_from(millis).ok()?).ok())
        .and_then(|end| end.checked_sub(keep).ok());
    Deadline(lambda.map_or(latest, |end| end.min(latest)))
}
