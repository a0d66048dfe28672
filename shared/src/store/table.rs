//! The calls to DynamoDB, and nothing but them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, ReturnValue, ReturnValuesOnConditionCheckFailure as OnFailure,
};
use tracing::{error, warn};

use super::StoreError;
use super::change::{Change, names};
use super::item::{Item, text_value};
use super::limits;
use super::row::Row;
use crate::clock::Entropy;
use crate::domain::ids::CustomerId;
use crate::metrics::{self, Metric};

/// So often are the rest of a batch asked for.
const BATCH_ROUNDS: usize = 4;

/// What became of a conditional write.
pub(super) enum Written {
    /// It happened; for an update, the item as it is now.
    Done(Item),
    /// The condition did not hold; the item that stood in the way, if there was one.
    Refused(Option<Item>),
}

/// A new item, and what must hold for it.
pub(super) struct Put {
    pub(super) item: Item,
    pub(super) condition: Option<&'static str>,
    pub(super) values: Option<HashMap<String, AttributeValue>>,
}

pub(super) struct Table {
    pub(super) dynamodb: Client,
    pub(super) name: String,
    pub(super) keys_name: String,
    entropy: Arc<dyn Entropy>,
}

impl Table {
    pub(super) fn new(dynamodb: Client, name: String, keys_name: String, entropy: Arc<dyn Entropy>) -> Self {
        Self { dynamodb, name, keys_name, entropy }
    }

    /// The mark of one write.
    fn mark(&self) -> AttributeValue {
        AttributeValue::B(Blob::new(self.entropy.bytes::<12>()))
    }

    /// The token of one transaction: DynamoDB knows it again for ten minutes.
    pub(super) fn token(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.entropy.bytes()))
    }

    pub(super) async fn get(&self, row: &Row) -> Result<Option<Item>, StoreError> {
        let request = self.dynamodb.get_item().table_name(&self.name).set_key(Some(row.key()));
        let answer = request.consistent_read(true).send().await.map_err(|e| failed("GetItem", &e))?;
        Ok(answer.item)
    }

    /// Several rows, and the customer's key in force, in one call as a rule.
    pub(super) async fn batch(
        &self,
        rows: &[Row],
        key_of: Option<&CustomerId>,
    ) -> Result<(HashMap<Row, Item>, Option<Item>), StoreError> {
        // A key that stands there twice has the whole call refused.
        let rows: Vec<&Row> = rows.iter().collect::<HashSet<_>>().into_iter().collect();
        let (mut found, mut key) = (HashMap::new(), None);
        let mut key_of = key_of;
        // One place is left for the customer's key.
        for some in rows.chunks(limits::BATCH_KEYS - 1) {
            self.batch_some(some, key_of.take(), (&mut found, &mut key)).await?;
        }
        Ok((found, key))
    }

    /// What is left over, for its size or for want of capacity, is asked for again.
    async fn batch_some(
        &self,
        rows: &[&Row],
        key_of: Option<&CustomerId>,
        (found, key): (&mut HashMap<Row, Item>, &mut Option<Item>),
    ) -> Result<(), StoreError> {
        let mut wanted = HashMap::from([(self.name.clone(), keys(rows.iter().map(|row| row.key()))?)]);
        if let Some(customer) = key_of {
            wanted.insert(self.keys_name.clone(), keys([current_key(customer)])?);
        }
        for _ in 0..BATCH_ROUNDS {
            let request = self.dynamodb.batch_get_item().set_request_items(Some(wanted));
            let answer = request.send().await.map_err(|e| failed("BatchGetItem", &e))?;
            let mut items = answer.responses.unwrap_or_default();
            for item in items.remove(&self.name).unwrap_or_default() {
                found.insert(Row::from_item(&item).ok_or(StoreError::Corrupt)?, item);
            }
            if let Some(item) = items.remove(&self.keys_name).and_then(|mut items| items.pop()) {
                *key = Some(item);
            }
            wanted = answer.unprocessed_keys.unwrap_or_default();
            if wanted.is_empty() {
                return Ok(());
            }
        }
        Err(StoreError::Unavailable)
    }

    /// An update; a repeat that finds its own mark is done.
    pub(super) async fn update(&self, change: Change) -> Result<Written, StoreError> {
        let mark = self.mark();
        let parts = change.set("w", mark.clone()).into_parts()?;
        let sent = self
            .dynamodb
            .update_item()
            .table_name(&self.name)
            .set_key(Some(parts.key))
            .update_expression(parts.update)
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .return_values(ReturnValue::AllNew)
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .send()
            .await;
        match sent {
            Ok(answer) => Ok(Written::Done(answer.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(judged(failed.item(), &mark))
                }
                // A transaction is writing this row: whoever planned on its present state is late.
                Some(UpdateItemError::TransactionConflictException(_)) => Ok(Written::Refused(None)),
                _ => Err(failed("UpdateItem", &error)),
            },
        }
    }

    /// A put into the main table; a repeat that finds its own mark is done.
    pub(super) async fn put(&self, put: Put) -> Result<Written, StoreError> {
        self.put_into(&self.name, put).await
    }

    /// A put of what is new, without a condition. Only somebody's transaction can be in its way: then it was not done.
    pub(super) async fn put_plain(&self, item: Item) -> Result<(), StoreError> {
        match self.put(Put { item, condition: None, values: None }).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(StoreError::Unavailable),
        }
    }

    pub(super) async fn put_into(&self, table: &str, mut put: Put) -> Result<Written, StoreError> {
        let mark = self.mark();
        put.item.insert("w".to_owned(), mark.clone());
        limits::check_item(limits::attributes(&put.item))?;
        let sent = self
            .dynamodb
            .put_item()
            .table_name(table)
            .set_item(Some(put.item))
            .set_expression_attribute_names(put.condition.and_then(|condition| names(&[condition])))
            .set_condition_expression(put.condition.map(str::to_owned))
            .set_expression_attribute_values(put.values)
            .return_values_on_condition_check_failure(OnFailure::AllOld)
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Written::Done(Item::new())),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                    Ok(judged(failed.item(), &mark))
                }
                Some(PutItemError::TransactionConflictException(_)) => Ok(Written::Refused(None)),
                _ => Err(failed("PutItem", &error)),
            },
        }
    }

    /// Deletes a row, if it still has this version when one is named. Whether there was one does not matter.
    pub(super) async fn delete(&self, row: &Row, read: Option<u64>) -> Result<Written, StoreError> {
        let condition = read.map(|_| "attribute_not_exists(#pk) OR #v = :read");
        let sent = self
            .dynamodb
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(row.key()))
            .set_condition_expression(condition.map(str::to_owned))
            .set_expression_attribute_names(condition.and_then(|condition| names(&[condition])))
            .set_expression_attribute_values(
                read.map(|v| [(":read".to_owned(), super::item::count(v))].into()),
            )
            .send()
            .await;
        match sent {
            Ok(_) => Ok(Written::Done(Item::new())),
            Err(error) => match error.as_service_error() {
                Some(e) if e.is_conditional_check_failed_exception() => Ok(Written::Refused(None)),
                _ => Err(failed("DeleteItem", &error)),
            },
        }
    }
}

/// The key of the customer key in force.
pub(super) fn current_key(customer: &CustomerId) -> Item {
    key_version(customer, "current")
}

pub(super) fn key_version(customer: &CustomerId, version: &str) -> Item {
    HashMap::from([
        ("customer".to_owned(), text_value(&customer.in_key())),
        ("version".to_owned(), text_value(version)),
    ])
}

fn keys(keys: impl IntoIterator<Item = Item>) -> Result<KeysAndAttributes, StoreError> {
    let keys = KeysAndAttributes::builder().set_keys(Some(keys.into_iter().collect()));
    keys.consistent_read(true).build().map_err(|_| StoreError::Corrupt)
}

fn judged(old: Option<&Item>, mark: &AttributeValue) -> Written {
    match old {
        Some(item) if item.get("w") == Some(mark) => Written::Done(item.clone()),
        other => Written::Refused(other.cloned()),
    }
}

/// Error codes of DynamoDB after which the same request cannot succeed (API reference, "Common errors").
const REFUSALS: [&str; 8] = [
    "ValidationException",
    "AccessDeniedException",
    "ResourceNotFoundException",
    "SerializationException",
    "UnrecognizedClientException",
    "MissingAuthenticationTokenException",
    "ItemCollectionSizeLimitExceededException",
    "IdempotentParameterMismatchException",
];

/// Logs the code only: messages of DynamoDB may hold what we asked for.
pub(super) fn failed<E, R>(operation: &str, error: &SdkError<E, R>) -> StoreError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    let code = error.code().unwrap_or("no answer");
    let too_large =
        error.message().is_some_and(|message| message.contains("exceeded the maximum allowed size"));
    judge(operation, code, too_large)
}

/// What an error code means to the caller. A refusal of our own request is our fault, and never passes by itself.
pub(super) fn judge(operation: &str, code: &str, too_large: bool) -> StoreError {
    if !REFUSALS.contains(&code) {
        warn!(operation, code, "DynamoDB did not do {operation}: {code}");
        return StoreError::Unavailable;
    }
    metrics::count(Metric::StoreRefused, 1);
    error!(alarm = "store-refused", operation, code, "DynamoDB refused {operation}: {code}");
    if too_large { StoreError::TooLarge } else { StoreError::Refused }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_our_own_request_is_never_taken_for_an_outage() {
        for code in ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"] {
            assert_eq!(judge("UpdateItem", code, false), StoreError::Refused, "{code}");
        }
        assert_eq!(judge("UpdateItem", "ValidationException", true), StoreError::TooLarge);
        for code in [
            "ProvisionedThroughputExceededException",
            "ThrottlingException",
            "InternalServerError",
            "no answer",
        ] {
            assert_eq!(judge("UpdateItem", code, false), StoreError::Unavailable, "{code}");
        }
    }
}
