//! Connections as their users and administrators see them; ending one; asking Microsoft right now.

use shared::access::{AccessError, Usable, Verified, Why, store_problem, unserved};
use shared::app::App;
use shared::domain::connection::Connection;
use shared::domain::ids::{ConnectionId, CustomerId, UserId};
use shared::function::{Request, Response};
use shared::microsoft::Deadline;
use shared::problem::{Code, Problem};
use shared::store::{SaveError, Shard, Versioned, Watermarked};

use crate::view::{none, view};

/// A page of a list, unless the client wants another.
const PAGE: usize = 50;
/// Somebody may save between our read and our write.
const TRIES: usize = 5;

pub(crate) async fn own(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let found = app.store.connections.find_with_watermark(&caller.customer, &caller.user).await;
    Ok(show(app, found.map_err(store_problem)?, &caller.user))
}

pub(crate) async fn end_own(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    end(app, &caller.customer, &caller.user).await
}

pub(crate) async fn list(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let paging = request.page(&caller, PAGE)?;
    let store = &app.store;
    let (page, settings, verified_at) = tokio::join!(
        store.connections.list(&caller.customer, paging.limit, paging.after.as_ref()),
        store.customers.get(&caller.customer),
        store.shards.verified_at(Shard::of(&caller.customer)),
    );
    let (page, settings) = (page.map_err(store_problem)?, settings.map_err(store_problem)?);
    if settings.is_some_and(|settings| settings.value.deleting.is_some()) {
        return Ok(Response::list::<()>(&[], None));
    }
    let verified_at = verified_at.map_err(store_problem)?;
    let public_url = &app.settings.public_url;
    let data: Vec<_> = page.items.iter().map(|item| view(&item.value, verified_at, public_url)).collect();
    Ok(Response::list(&data, paging.next(page.next.as_ref())))
}

pub(crate) async fn any(app: &App, request: Request) -> Result<Response, Problem> {
    let customer = request.caller()?.customer;
    let (id, user) = named(app, &request, &customer).await?;
    let found = app.store.connections.find_with_watermark(&customer, &user).await.map_err(store_problem)?;
    match &found.connection {
        Some(read) if read.value.id == id => Ok(show(app, found, &user)),
        _ => Err(Code::NotFound.into()),
    }
}

pub(crate) async fn end_any(app: &App, request: Request) -> Result<Response, Problem> {
    let customer = request.caller()?.customer;
    let (_, user) = named(app, &request, &customer).await?;
    end(app, &customer, &user).await
}

/// Redeems now. The answer is the connection as it stands then, whatever Microsoft said.
pub(crate) async fn verify(app: &App, request: Request) -> Result<Response, Problem> {
    let caller = request.caller()?;
    let loaded = app.store.load(&caller.customer, &caller.user).await.map_err(store_problem)?;
    let connection = loaded.connection.ok_or(Code::NotConnected)?;
    if !connection.value.is_verifiable() {
        return Err(unserved(&connection.value));
    }
    let wrapped = loaded.key.ok_or(Code::NotConnected)?;
    let key = app.vault.unwrap(&caller.customer, &wrapped).await.map_err(shared::access::vault_problem)?;
    match app.access.verify(connection, &key, Why::Use, request.deadline).await {
        Ok(verified) => {
            let connection = probed(app, verified, request.deadline).await;
            Ok(Response::json(200, &view(&connection.value, None, &app.settings.public_url)))
        }
        Err(AccessError::Unserved(connection)) => {
            Ok(Response::json(200, &view(&connection, None, &app.settings.public_url)))
        }
        Err(error) => Err(error.into()),
    }
}

/// The connection with what its calendar says of itself now. Whether access stands was the question, and is answered: a
/// calendar that cannot be asked takes nothing from that.
async fn probed(app: &App, verified: Verified, deadline: Deadline) -> Versioned<Connection> {
    let Verified { connection, token: Some(token), .. } = verified else { return verified.connection };
    let usable = Usable { token, connection };
    let probed = app.scheduling.probe(&usable, deadline).await;
    app.access.record_use(&usable).await;
    probed.unwrap_or(usable.connection)
}

fn show(app: &App, found: Watermarked, user: &UserId) -> Response {
    match found.connection {
        Some(read) => {
            Response::json(200, &view(&read.value, found.shard_verified_at, &app.settings.public_url))
        }
        None => Response::json(200, &none(user, found.last_attempt.as_ref())),
    }
}

/// The connection that the path names, and its user.
async fn named(
    app: &App,
    request: &Request,
    customer: &CustomerId,
) -> Result<(ConnectionId, UserId), Problem> {
    let id: ConnectionId = request.parameter("id").parse().map_err(|_| Code::NotFound)?;
    let user = app.store.connections.user_of(customer, &id).await.map_err(store_problem)?;
    Ok((id, user.ok_or(Code::NotFound)?))
}

/// Stops serving and destroys the tokens. Twice is fine.
async fn end(app: &App, customer: &CustomerId, user: &UserId) -> Result<Response, Problem> {
    for _ in 0..TRIES {
        let found = app.store.connections.find(customer, user).await.map_err(store_problem)?;
        let Some(read) = found else { return Ok(Response::no_content()) };
        match disconnect(app, &read).await {
            Ok(()) => return Ok(Response::no_content()),
            Err(SaveError::Stale) => {}
            Err(SaveError::Store(error)) => return Err(store_problem(error)),
        }
    }
    Err(Code::ServiceUnavailable.into())
}

async fn disconnect(app: &App, read: &Versioned<Connection>) -> Result<(), SaveError> {
    let next = read.value.clone().disconnected(app.clock.now());
    app.store.connections.save_if_unchanged(read, &next).await.map(drop)
}
