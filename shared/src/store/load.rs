//! What an API call needs, in one round trip.

use super::item::{Item, Stored};
use super::keys::wrapped;
use super::row::Row;
use super::{Store, StoreError, Versioned};
use crate::domain::connection::Connection;
use crate::domain::customer::Customer;
use crate::domain::ids::{CustomerId, InterviewId, UserId};
use crate::domain::interview::Interview;
use crate::domain::key::WrappedKey;

/// Whatever of it exists.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The user's connection.
    pub connection: Option<Versioned<Connection>>,
    /// The customer's settings.
    pub customer: Option<Versioned<Customer>>,
    /// The customer's key in force.
    pub key: Option<WrappedKey>,
    /// The interview, where one was asked for.
    pub interview: Option<Versioned<Interview>>,
}

impl Store {
    /// Connection, customer and key, consistently, in one call.
    pub async fn load(&self, customer: &CustomerId, user: &UserId) -> Result<Loaded, StoreError> {
        self.load_rows(customer, user, None).await
    }

    /// The same and an interview.
    pub async fn load_for_change(
        &self,
        customer: &CustomerId,
        interview: &InterviewId,
        user: &UserId,
    ) -> Result<Loaded, StoreError> {
        self.load_rows(customer, user, Some(interview)).await
    }

    async fn load_rows(
        &self,
        customer: &CustomerId,
        user: &UserId,
        interview: Option<&InterviewId>,
    ) -> Result<Loaded, StoreError> {
        let mut rows = vec![Row::connection(customer, user), Row::customer(customer)];
        rows.extend(interview.map(|id| Row::interview(customer, id)));
        let (mut found, key) = self.table.batch(&rows, Some(customer)).await?;
        let mut take = |place: usize| -> Option<Item> { rows.get(place).and_then(|row| found.remove(row)) };
        Ok(Loaded {
            connection: Connection::found(take(0))?,
            customer: Customer::found(take(1))?,
            interview: Interview::found(take(2))?,
            key: key.as_ref().map(wrapped).transpose()?,
        })
    }
}
