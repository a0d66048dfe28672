//! Requests for an administrator's approval: make, read, take back.

use std::collections::BTreeSet;

use serde::Serialize;
use shared::access::{served, store_problem};
use shared::app::App;
use shared::domain::approval::{Approval, Link, Requester, State};
use shared::domain::customer::Customer;
use shared::domain::features::Feature;
use shared::domain::ids::{ApprovalId, UserId};
use shared::domain::time::later;
use shared::function::{Caller, Request, Response};
use shared::problem::{Code, Problem};
use shared::scheduling::view::seconds;
use shared::store::{SaveError, Versioned};
use shared::vault::browser;

use crate::letter::Letter;
use crate::request::{Wanted, parse};

/// A page of a list, unless the client wants another.
const PAGE: usize = 50;
/// Somebody may save between our read and our write.
const TRIES: usize = 3;

#[derive(Serialize)]
struct View<'a> {
    id: &'a ApprovalId,
    asked_by: &'a UserId,
    requester: &'a Requester,
    organization: Option<&'a str>,
    app: &'a str,
    justification: Option<&'a str>,
    features: &'a BTreeSet<Feature>,
    state: State,
    requested_at: String,
    expires_at: String,
    reported_at: Option<String>,
    decided_at: Option<String>,
    admin_url: Option<String>,
    email: Option<Letter>,
}

pub(crate) async fn ask(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let wanted = parse(request.body())?;
    let found = app.store.customers.get(&caller.customer).await.map_err(store_problem)?;
    let customer = served(found.as_ref().map(|found| &found.value))?;
    let approval = approval(app, &caller, customer, wanted)?;
    let key = browser::mint_secret(app.entropy.as_ref());
    let link = Link {
        id: approval.id.clone(),
        customer: caller.customer,
        key: browser::hash(&key),
        expires_at: approval.expires_at,
    };
    app.store.approvals.put_new(&approval, &link).await.map_err(save_problem)?;
    let (id, base) = (&approval.id, &app.settings.public_url);
    let url = format!("{base}/api/auth/microsoft/admin-consent?approval={id}&key={key}");
    let mut view = view(app, &approval, Some(customer));
    view.email = Some(Letter::of(&approval, &url, app.settings.microsoft.cloud));
    view.admin_url = Some(url);
    Ok(Response::json(201, &view))
}

pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let paging = request.page(&caller, PAGE)?;
    let store = &app.store;
    let (page, customer) = tokio::join!(
        store.approvals.list(&caller.customer, paging.limit, paging.after.as_ref()),
        store.customers.get(&caller.customer),
    );
    let (page, customer) = (page.map_err(store_problem)?, customer.map_err(store_problem)?);
    let customer = customer.as_ref().map(|read| &read.value);
    let mine = |read: &&Versioned<Approval>| caller.is_admin() || read.value.asked_by == caller.user;
    let data: Vec<_> = page.items.iter().filter(mine).map(|read| view(app, &read.value, customer)).collect();
    Ok(Response::list(&data, paging.next(page.next.as_ref())))
}

pub(crate) async fn read(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let (found, customer) =
        tokio::join!(named(app, &request, &caller), app.store.customers.get(&caller.customer));
    let (found, customer) = (found?, customer.map_err(store_problem)?);
    Ok(Response::json(200, &view(app, &found.value, customer.as_ref().map(|read| &read.value))))
}

/// Twice is fine; what was decided stays decided.
pub(crate) async fn withdraw(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    for _ in 0..TRIES {
        let read = named(app, &request, &caller).await?;
        let customer = app.store.customers.get(&caller.customer).await.map_err(store_problem)?;
        let customer = customer.as_ref().map(|read| &read.value);
        let now = app.clock.now();
        if !read.value.is_open(now, customer) {
            return Ok(Response::json(200, &view(app, &read.value, customer)));
        }
        let next = read.value.clone().step(State::Withdrawn, now);
        match app.store.approvals.save_if_unchanged(&read, &next).await {
            Ok(_) => return Ok(Response::json(200, &view(app, &next, customer))),
            Err(SaveError::Stale) => {}
            Err(error) => return Err(save_problem(error)),
        }
    }
    Err(Code::ServiceUnavailable.into())
}

fn save_problem(error: SaveError) -> Problem {
    match error {
        SaveError::Stale => Code::ServiceUnavailable.into(),
        SaveError::Store(error) => store_problem(error),
    }
}

/// The request that the path names, if the caller made it or is an administrator.
async fn named(app: &App, request: &Request, caller: &Caller) -> Result<Versioned<Approval>, Problem> {
    let id: ApprovalId = request.parameter("id").parse().map_err(|_| Code::NotFound)?;
    let found = app.store.approvals.get(&caller.customer, &id).await.map_err(store_problem)?;
    let open = |read: &Versioned<Approval>| caller.is_admin() || read.value.asked_by == caller.user;
    found.filter(open).ok_or_else(|| Code::NotFound.into())
}

fn approval(app: &App, caller: &Caller, customer: &Customer, wanted: Wanted) -> Result<Approval, Problem> {
    let features = customer.features_for(wanted.features.as_ref(), &app.settings.features);
    let now = app.clock.now();
    Ok(Approval {
        id: ApprovalId::mint(now, app.entropy.as_ref()),
        customer: caller.customer.clone(),
        asked_by: caller.user.clone(),
        requester: Requester { name: caller.name.clone(), email: caller.known_email()? },
        organization: wanted.organization.or_else(|| customer.name.clone()),
        app: app.settings.app_name.clone(),
        justification: wanted.justification,
        features,
        requested_at: now,
        expires_at: later(now, wanted.days * 24 * 60),
        state: State::Sent,
        reported_at: None,
        decided_at: None,
    })
}

fn view<'a>(app: &App, approval: &'a Approval, customer: Option<&Customer>) -> View<'a> {
    View {
        id: &approval.id,
        asked_by: &approval.asked_by,
        requester: &approval.requester,
        organization: approval.organization.as_deref(),
        app: &approval.app,
        justification: approval.justification.as_deref(),
        features: &approval.features,
        state: approval.state_at(app.clock.now(), customer),
        requested_at: seconds(approval.requested_at),
        expires_at: seconds(approval.expires_at),
        reported_at: approval.reported_at.map(seconds),
        decided_at: approval.decided_at.map(seconds),
        admin_url: None,
        email: None,
    }
}
