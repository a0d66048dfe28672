//! The permission proof log: every call to Graph that was made in the name of this customer's users.

use serde::Serialize;
use shared::access::store_problem;
use shared::app::App;
use shared::domain::features::Feature;
use shared::domain::ids::{InterviewId, UserId};
use shared::domain::time::to_millisecond;
use shared::function::{Request, Response};
use shared::problem::Problem;
use shared::store::Logged;

/// A page, unless the client wants another.
const PAGE: usize = 50;

#[derive(Serialize)]
struct View<'a> {
    at: String,
    user: &'a UserId,
    interview: Option<&'a InterviewId>,
    method: &'a str,
    path: &'a str,
    feature: Feature,
    request_id: &'a str,
    microsoft_request_id: Option<&'a str>,
    status: Option<u16>,
}

pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let paging = request.page(&caller, PAGE)?;
    let (page, customer) = tokio::join!(
        app.store.proof_log.list(&caller.customer, paging.limit, paging.after.as_ref(), app.clock.now()),
        app.store.customers.get(&caller.customer),
    );
    let (page, customer) = (page.map_err(store_problem)?, customer.map_err(store_problem)?);
    // Of a customer that is being deleted nothing is shown, whatever rows are left.
    let deleting = customer.is_some_and(|read| read.value.deleting.is_some());
    let shown: Vec<_> = page.items.iter().filter(|_| !deleting).map(view).collect();
    let next_cursor = paging.next(page.next.as_ref().filter(|_| !deleting));
    Ok(Response::list(&shown, next_cursor))
}

fn view(logged: &Logged) -> View<'_> {
    let call = &logged.call;
    View {
        at: to_millisecond(call.at),
        user: &logged.user,
        interview: logged.interview.as_ref(),
        method: &call.method,
        path: &call.path,
        feature: call.feature,
        request_id: &call.request_id,
        microsoft_request_id: call.microsoft_request_id.as_deref(),
        status: call.status,
    }
}
