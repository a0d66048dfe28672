//! One page of a shard: whoever still has tokens, each with the key that opens them.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use shared::app::App;
use shared::concurrent::bounded;
use shared::domain::connection::Connection;
use shared::domain::ids::CustomerId;
use shared::store::{Cursor, Shard, StoreError, Versioned};
use shared::vault::CustomerKey;

use crate::report::SweepReport;

/// About a megabyte of rows.
const ROWS: usize = 288;
/// So many customers' keys are fetched at a time.
const KEYS_AT_ONCE: usize = 16;

/// A connection and the key that opens its tokens.
pub(crate) type Sealed = (Versioned<Connection>, Arc<CustomerKey>);

/// A page that was read.
pub(crate) struct Page {
    /// Whom to verify.
    pub(crate) people: Vec<Sealed>,
    /// Where the next page begins; none after the last one.
    pub(crate) next: Option<Cursor>,
    /// Who could not be read, or has no key to be had.
    pub(crate) missing: SweepReport,
}

/// Reads the page that begins at `cursor`.
pub(crate) async fn read(app: &App, shard: Shard, cursor: Option<Cursor>) -> Result<Page, StoreError> {
    let page = app.store.shards.page(shard, cursor.as_ref(), ROWS).await?;
    let unreadable = u32::try_from(page.corrupt).unwrap_or(u32::MAX);
    let mut missing = SweepReport { unreadable, ..SweepReport::default() };
    let rows: Vec<_> = page.items.into_iter().filter(|read| read.value.is_verifiable()).collect();
    let keys = keys(app, &rows, &mut missing).await?;
    let sealed = |read: Versioned<Connection>| {
        let key = Arc::clone(keys.get(&read.value.customer)?);
        Some((read, key))
    };
    Ok(Page { people: rows.into_iter().filter_map(sealed).collect(), next: page.next, missing })
}

/// The key of every customer on the page: one read each, one unwrap each in a quarter of an hour. A customer
/// whose key cannot be had now is left to the next pass; one that was shredded has none.
async fn keys(
    app: &App,
    rows: &[Versioned<Connection>],
    missing: &mut SweepReport,
) -> Result<HashMap<CustomerId, Arc<CustomerKey>>, StoreError> {
    let customers: BTreeSet<CustomerId> = rows.iter().map(|read| read.value.customer.clone()).collect();
    let fetch = |customer: CustomerId| async move {
        let key = match app.store.keys.current(&customer).await {
            Ok(Some(wrapped)) => Some(app.vault.unwrap(&customer, &wrapped).await),
            // A key that cannot be read is its customer's trouble, not the shard's.
            Ok(None) | Err(StoreError::Corrupt) => None,
            Err(error) => return Err(error),
        };
        Ok((customer, key))
    };
    let mut keys = HashMap::new();
    for fetched in bounded(customers.into_iter().collect(), KEYS_AT_ONCE, fetch).await {
        match fetched? {
            (customer, Some(Ok(key))) => drop(keys.insert(customer, key)),
            (_, Some(Err(_))) => missing.postponed += 1,
            (_, None) => missing.unopened += 1,
        }
    }
    Ok(keys)
}
