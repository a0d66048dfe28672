//! What is due: the sparse index over everything that needs something later.

use std::sync::Arc;

use futures::future::try_join_all;
use jiff::Timestamp;
use tracing::warn;

use super::item::{Item, Stored, epoch_now, number, text_value};
use super::row::{BUCKETS, CLAIM, CUSTOMER, INTERVIEW, Row, bucket};
use super::table::{Table, failed};
use super::{StoreError, Versioned};
use crate::domain::claim::Claim;
use crate::domain::connection::Connection;
use crate::domain::customer::Customer;
use crate::domain::ids::CustomerId;
use crate::domain::interview::Interview;

/// The index's name in the table.
const INDEX: &str = "follow-up";

/// What is due.
#[derive(Clone)]
pub struct FollowUps(pub(super) Arc<Table>);

/// Something due, as the index shows it. The index lags: read again, consistently, before acting.
#[derive(Debug, Clone)]
pub enum Due {
    /// See its errand.
    Connection(Versioned<Connection>),
    /// See its errand.
    Interview(Versioned<Interview>),
    /// Its holder has gone.
    Claim(Versioned<Claim>),
    /// Its deletion is not finished.
    Customer(CustomerId, Versioned<Customer>),
}

impl FollowUps {
    /// Up to `limit` things that are due, the oldest first.
    pub async fn due(&self, now: Timestamp, limit: usize) -> Result<Vec<Due>, StoreError> {
        let queries = (0..BUCKETS).map(|number| self.bucket(number, now, limit));
        let mut items: Vec<Item> = try_join_all(queries).await?.into_iter().flatten().collect();
        items.sort_by_key(|item| number(item, "due"));
        let found = items.len();
        let mut due: Vec<Due> = items.iter().filter_map(|item| read(item).ok()).collect();
        if due.len() < found {
            let corrupt = found - due.len();
            warn!(corrupt, "{corrupt} items that are due cannot be read");
        }
        due.truncate(limit);
        Ok(due)
    }

    async fn bucket(&self, number: u8, now: Timestamp, limit: usize) -> Result<Vec<Item>, StoreError> {
        let answer = self
            .0
            .dynamodb
            .query()
            .table_name(&self.0.name)
            .index_name(INDEX)
            .key_condition_expression("fu = :bucket AND due <= :now")
            .expression_attribute_values(":bucket", text_value(&bucket(number)))
            .expression_attribute_values(":now", epoch_now(now))
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .send()
            .await
            .map_err(|error| failed("Query", &error))?;
        Ok(answer.items.unwrap_or_default())
    }
}

fn read(item: &Item) -> Result<Due, StoreError> {
    let row = Row::from_item(item).ok_or(StoreError::Corrupt)?;
    match row.sk.as_str() {
        CUSTOMER => {
            let customer = row.owner().ok_or(StoreError::Corrupt)?;
            Ok(Due::Customer(customer, Customer::versioned(item)?))
        }
        sk if sk.starts_with(INTERVIEW) => Interview::versioned(item).map(Due::Interview),
        sk if sk.starts_with(CLAIM) => Claim::versioned(item).map(Due::Claim),
        _ => Connection::versioned(item).map(Due::Connection),
    }
}
