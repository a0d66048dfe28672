//! What every request here needs: a customer that may, a connection that lives, and its token.

use std::sync::Arc;

use shared::access::{Usable, served, store_problem, unserved, vault_problem};
use shared::app::App;
use shared::domain::connection::{Health, USE_NOTED_EVERY};
use shared::domain::customer::Customer;
use shared::domain::features::Feature;
use shared::function::Caller;
use shared::microsoft::Deadline;
use shared::problem::{Code, Problem};
use shared::store::Loaded;
use shared::vault::CustomerKey;

/// The settings of a customer that is served and may use one of these features.
pub(crate) fn allowed<'a>(
    app: &App,
    loaded: &'a Loaded,
    any_of: &[Feature],
) -> Result<&'a Customer, Problem> {
    let customer = served(loaded.customer.as_ref().map(|read| &read.value))?;
    if any_of.iter().any(|feature| customer.may_use(*feature, &app.settings.features)) {
        return Ok(customer);
    }
    let names: Vec<&str> = any_of.iter().map(|feature| feature.name()).collect();
    let why =
        if customer.strict { "the company asks Microsoft for nothing but interviews" } else { "none is" };
    let detail = format!("This needs one of the features {}; {why}.", names.join(", "));
    Err(Problem::from(Code::FeatureNotEnabled).because(detail))
}

/// The caller's token and the key that opened it; notes once a day that the connection is used.
pub(crate) async fn token(
    app: &App,
    caller: &Caller,
    loaded: &Loaded,
    deadline: Deadline,
) -> Result<(Usable, Arc<CustomerKey>), Problem> {
    let connection = loaded.connection.clone().ok_or(Code::NotConnected)?;
    if !matches!(connection.value.health, Health::Live) {
        return Err(unserved(&connection.value));
    }
    let wrapped = loaded.key.as_ref().ok_or(Code::NotConnected)?;
    let key = app.vault.unwrap(&caller.customer, wrapped).await.map_err(vault_problem)?;
    let usable = app.access.token(connection, &key, deadline).await?;
    let (now, used) = (app.clock.now(), usable.connection.value.last_used);
    if used.is_none_or(|used| now.duration_since(used) >= USE_NOTED_EVERY) {
        let noted = app.store.connections.mark_used(&caller.customer, &caller.user, now).await;
        noted.map_err(store_problem)?;
    }
    Ok((usable, key))
}
