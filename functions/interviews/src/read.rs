//! Reads interviews from the store; Outlook is not asked.

use std::sync::Arc;

use serde::Serialize;
use shared::access::{store_problem, vault_problem};
use shared::app::App;
use shared::domain::ids::CustomerId;
use shared::domain::interview::Details;
use shared::domain::key::WrappedKey;
use shared::function::{Request, Response};
use shared::problem::{Code, Problem};
use shared::scheduling::view::{View, etag, view};
use shared::vault::CustomerKey;

/// A page of a list, unless the client wants another.
const PAGE: usize = 50;

pub(crate) async fn one(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let id = request.parameter("id").parse().map_err(|_| Code::NotFound)?;
    let loaded =
        app.store.load_for_change(&caller.customer, &id, &caller.user).await.map_err(store_problem)?;
    let found = loaded.interview.filter(|found| found.value.is_open_to(&caller.user, caller.is_admin()));
    let interview = found.ok_or(Code::NotFound)?.value;
    let key = open_key(app, &caller.customer, loaded.key).await?;
    let details = app.scheduling.open(&key, &interview)?;
    let shown = view(&interview, &details, &app.settings.public_url);
    Ok(Response::json(200, &shown).with("etag", etag(&interview)))
}

#[derive(Serialize)]
struct List<'a> {
    data: Vec<View<'a>>,
    next_cursor: Option<String>,
}

pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let (limit, cursor) = request.page(PAGE)?;
    let visible_to = (!caller.is_admin()).then_some(&caller.user);
    let (page, wrapped) = tokio::join!(
        app.store.interviews.list(&caller.customer, visible_to, limit, cursor.as_ref()),
        app.store.keys.current(&caller.customer),
    );
    let page = page.map_err(store_problem)?;
    let next_cursor = page.next.map(|cursor| cursor.to_string());
    if page.items.is_empty() {
        return Ok(Response::json(200, &List { data: Vec::new(), next_cursor }));
    }
    let key = open_key(app, &caller.customer, wrapped.map_err(store_problem)?).await?;
    let open = |item: &shared::store::Versioned<_>| app.scheduling.open(&key, &item.value);
    let details: Vec<Details> = page.items.iter().map(open).collect::<Result<_, _>>()?;
    let both = page.items.iter().zip(&details);
    let data = both.map(|(item, details)| view(&item.value, details, &app.settings.public_url)).collect();
    Ok(Response::json(200, &List { data, next_cursor }))
}

/// Without the customer's key nothing of it can be read: then there is nothing.
async fn open_key(
    app: &App,
    customer: &CustomerId,
    wrapped: Option<WrappedKey>,
) -> Result<Arc<CustomerKey>, Problem> {
    let wrapped = wrapped.ok_or(Code::NotFound)?;
    app.vault.unwrap(customer, &wrapped).await.map_err(vault_problem)
}
