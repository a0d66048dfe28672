//! Wrapped customer keys, in a table of their own without a stream. Deleting them shreds the customer.

use std::sync::Arc;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use uuid::Uuid;

use super::StoreError;
use super::item::{Item, bytes, text, text_value};
use super::table::{Put, Table, Written, current_key, failed, key_version};
use crate::domain::ids::CustomerId;
use crate::domain::key::WrappedKey;

/// Wrapped customer keys.
#[derive(Clone)]
pub struct Keys(pub(super) Arc<Table>);

impl Keys {
    /// The key in force.
    pub async fn current(&self, customer: &CustomerId) -> Result<Option<WrappedKey>, StoreError> {
        self.get(current_key(customer)).await
    }

    /// The key of this version: the one in force as a rule, else an older one.
    pub async fn version(
        &self,
        customer: &CustomerId,
        version: Uuid,
    ) -> Result<Option<WrappedKey>, StoreError> {
        match self.current(customer).await? {
            Some(key) if key.version == version => Ok(Some(key)),
            _ => self.get(key_version(customer, &version.hyphenated().to_string())).await,
        }
    }

    /// Stores a customer's first key; answers the one that is stored, which may be another's.
    pub async fn put_first(&self, customer: &CustomerId, key: &WrappedKey) -> Result<WrappedKey, StoreError> {
        let mut item = current_key(customer);
        item.insert("id".to_owned(), text_value(&key.version.hyphenated().to_string()));
        item.insert("blob".to_owned(), AttributeValue::B(Blob::new(key.blob.as_slice())));
        let put = Put { item, condition: Some("attribute_not_exists(#customer)"), values: None };
        match self.0.put_into(&self.0.keys_name, put).await? {
            Written::Done(_) => Ok(key.clone()),
            Written::Refused(Some(winner)) => wrapped(&winner),
            Written::Refused(None) => Err(StoreError::Unavailable),
        }
    }

    /// Deletes every key of a customer: from now on nothing of his opens. Answers how many there were; it has ended
    /// when a consistent read of all versions finds none.
    pub async fn delete_all(&self, customer: &CustomerId) -> Result<usize, StoreError> {
        let mut deleted = 0;
        loop {
            let found = self
                .0
                .dynamodb
                .query()
                .table_name(&self.0.keys_name)
                .key_condition_expression("customer = :customer")
                .expression_attribute_values(":customer", text_value(&customer.in_key()))
                .projection_expression("customer, #version")
                .expression_attribute_names("#version", "version")
                .consistent_read(true)
                .send()
                .await
                .map_err(|error| failed("Query", &error))?;
            let items = found.items.unwrap_or_default();
            if items.is_empty() {
                return Ok(deleted);
            }
            deleted += items.len();
            for key in items {
                let request = self.0.dynamodb.delete_item().table_name(&self.0.keys_name).set_key(Some(key));
                request.send().await.map_err(|error| failed("DeleteItem", &error))?;
            }
        }
    }

    async fn get(&self, key: Item) -> Result<Option<WrappedKey>, StoreError> {
        let request = self.0.dynamodb.get_item().table_name(&self.0.keys_name).set_key(Some(key));
        let answer = request.consistent_read(true).send().await.map_err(|error| failed("GetItem", &error))?;
        answer.item.as_ref().map(wrapped).transpose()
    }
}

/// The key of an item. `id` is its version; older ones lie under it.
pub(super) fn wrapped(item: &Item) -> Result<WrappedKey, StoreError> {
    let version = text(item, "id").and_then(|id| Uuid::try_parse(id).ok()).ok_or(StoreError::Corrupt)?;
    let blob = bytes(item, "blob").ok_or(StoreError::Corrupt)?.to_vec();
    Ok(WrappedKey { version, blob })
}
