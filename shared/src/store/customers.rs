//! Settings of customers, and the removal of everything that belongs to one.

use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};

use super::item::{Item, Stored};
use super::row::{CUSTOMER, Row};
use super::search::Search;
use super::table::{Table, Written};
use super::{SaveError, StoreError, Versioned};
use crate::domain::customer::Customer;
use crate::domain::ids::CustomerId;

/// So many rows are deleted at the same time.
const AT_ONCE: usize = 10;

/// Settings of customers.
#[derive(Clone)]
pub struct Customers(pub(super) Arc<Table>);

impl Customers {
    /// The settings of a customer who has changed any.
    pub async fn get(&self, customer: &CustomerId) -> Result<Option<Versioned<Customer>>, StoreError> {
        Customer::found(self.0.get(&Row::customer(customer)).await?)
    }

    /// Saves, unless somebody saved since `read`; with `None`, unless there are settings already.
    pub async fn save_if_unchanged(
        &self,
        customer: &CustomerId,
        read: Option<&Versioned<Customer>>,
        next: &Customer,
    ) -> Result<Versioned<Customer>, SaveError> {
        self.0.save(Row::customer(customer), next, read.map(|read| read.version), Item::new()).await
    }

    /// Deletes up to twice `limit` rows of a customer, settings excepted; answers how many. Zero: none is left.
    pub async fn delete_rows(&self, customer: &CustomerId, limit: usize) -> Result<usize, StoreError> {
        let (pk, prefix) = Row::connections(customer);
        let own = Row::customer(customer);
        let mut deleted = 0;
        for (pk, prefix) in [(pk, prefix), (own.pk, String::new())] {
            // One more than wanted, since the settings may be among them.
            let limit = limit + 1;
            let search = Search { pk, prefix, after: None, limit, newest_first: false, consistent: true };
            let (items, _) = self.0.search(&search).await?;
            let rows: Vec<Row> =
                items.iter().filter_map(Row::from_item).filter(|row| row.sk != CUSTOMER).collect();
            deleted += rows.len();
            stream::iter(&rows)
                .map(Ok)
                .try_for_each_concurrent(AT_ONCE, |row| async { self.0.delete(row, None).await.map(|_| ()) })
                .await?;
        }
        Ok(deleted)
    }

    /// Deletes the settings themselves, unless somebody saved since `read`: the last step of a deletion.
    pub async fn remove(&self, customer: &CustomerId, read: &Versioned<Customer>) -> Result<(), SaveError> {
        match self.0.delete(&Row::customer(customer), Some(read.version)).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(SaveError::Stale),
        }
    }
}
