//! Customers that are being deleted: row by row, the mark last.

use shared::access::store_problem;
use shared::app::App;
use shared::domain::ids::CustomerId;
use shared::domain::time::{Span, seconds};
use shared::problem::Problem;
use shared::shredding;
use shared::store::SaveError;

use crate::tick::Came;

/// So many rows are removed at once.
const ROWS: usize = 100;
/// So often in one tick.
const ROUNDS: u32 = 20;
/// Whoever read the settings before the mark was set may still write a row or a key: Lambda ends a request after
/// 29 s. Until then the mark stays, and what he wrote goes with the rest.
const STRAGGLERS: Span = seconds(60);

pub(crate) async fn remove(app: &App, customer: &CustomerId) -> Result<Came, Problem> {
    let found = app.store.customers.get(customer).await.map_err(store_problem)?;
    let Some(read) = found.filter(|read| read.value.deleting.is_some()) else { return Ok(Came::Nothing) };
    // The first thing the deletion did was to destroy the keys; should it have died there, this repairs it.
    let read = shredding::shred(&app.store, &app.vault, customer, (read, app.clock.as_ref())).await?;
    let mut removed = 0;
    for _ in 0..ROUNDS {
        let rows = app.store.customers.delete_rows(customer, ROWS).await.map_err(store_problem)?;
        if rows == 0 {
            let asked = read.value.deleting.as_ref().map(|deletion| deletion.at);
            if asked.is_some_and(|asked| app.clock.now().duration_since(asked) < STRAGGLERS) {
                break;
            }
            match app.store.customers.remove(customer, &read).await {
                Ok(()) | Err(SaveError::Stale) => break,
                Err(SaveError::Store(error)) => return Err(store_problem(error)),
            }
        }
        removed += u32::try_from(rows).unwrap_or(u32::MAX);
    }
    Ok(Came::Removed(removed))
}
