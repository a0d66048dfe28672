//! What DynamoDB takes, as its documentation states it ("Quotas and limits in Amazon DynamoDB", API reference of each
//! operation). Every write is measured here before it is sent: a request that cannot succeed is a fault of ours that
//! shows at once, not one that a retry hides.

use aws_sdk_dynamodb::types::AttributeValue;
use tracing::error;

use super::StoreError;
use super::item::Item;
use crate::metrics::{self, Metric};

/// Bytes of one expression string.
pub(super) const EXPRESSION: usize = 4096;
/// Bytes of one item: names and values together.
pub(super) const ITEM: usize = 400 * 1024;
/// Writes in one transaction.
pub(super) const TRANSACTION: usize = 100;
/// Keys in one `BatchGetItem`.
pub(super) const BATCH_KEYS: usize = 100;

/// Whether an expression of so many bytes is taken.
pub(super) fn fits_expression(expression: &str) -> bool {
    expression.len() <= EXPRESSION
}

/// `Err` where an expression is longer than DynamoDB takes.
pub(super) fn check_expression(expression: &str) -> Result<(), StoreError> {
    if fits_expression(expression) { Ok(()) } else { Err(too_large("an expression", expression.len())) }
}

/// `Err` where these attributes alone are more than one item may hold.
pub(super) fn check_item<'a>(
    attributes: impl IntoIterator<Item = (&'a str, &'a AttributeValue)>,
) -> Result<(), StoreError> {
    let size = attributes.into_iter().map(|(name, value)| name.len() + value_size(value)).sum();
    if size <= ITEM { Ok(()) } else { Err(too_large("an item", size)) }
}

/// `Err` where a transaction has more writes than DynamoDB takes.
pub(super) fn check_transaction(writes: usize) -> Result<(), StoreError> {
    if writes <= TRANSACTION { Ok(()) } else { Err(too_large("a transaction", writes)) }
}

fn too_large(what: &'static str, size: usize) -> StoreError {
    metrics::count(Metric::StoreRefused, 1);
    error!(
        alarm = "store-refused",
        what, size, "{what} of {size} is larger than DynamoDB takes; nothing was written"
    );
    StoreError::TooLarge
}

/// Bytes of a value as DynamoDB counts them ("DynamoDB item sizes and formats"): a number has about one byte for two
/// digits and one more, a list or map three and one for each element.
fn value_size(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len().div_ceil(2) + 1,
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::L(list) => 3 + list.iter().map(|value| 1 + value_size(value)).sum::<usize>(),
        AttributeValue::M(map) => {
            3 + map.iter().map(|(name, value)| 1 + name.len() + value_size(value)).sum::<usize>()
        }
        AttributeValue::Ss(set) => set.iter().map(String::len).sum(),
        AttributeValue::Ns(set) => set.iter().map(|digits| digits.len().div_ceil(2) + 1).sum(),
        AttributeValue::Bs(set) => set.iter().map(|bytes| bytes.as_ref().len()).sum(),
        _ => 1,
    }
}

/// An item's own attributes, to measure.
pub(super) fn attributes(item: &Item) -> impl Iterator<Item = (&str, &AttributeValue)> {
    item.iter().map(|(name, value)| (name.as_str(), value))
}

#[cfg(test)]
mod tests {
    use super::super::item::text_value;
    use super::*;

    #[test]
    fn an_expression_of_4096_bytes_is_taken_and_one_more_is_not() {
        assert_eq!(check_expression(&"x".repeat(4096)), Ok(()));
        assert_eq!(check_expression(&"x".repeat(4097)), Err(StoreError::TooLarge));
        // Bytes, not characters.
        assert_eq!(check_expression(&"é".repeat(2049)), Err(StoreError::TooLarge));
    }

    #[test]
    fn an_item_of_400_kib_is_taken_and_one_more_byte_is_not() {
        let item = |bytes: usize| Item::from([("doc".to_owned(), text_value(&"x".repeat(bytes - 3)))]);
        assert_eq!(check_item(attributes(&item(409_600))), Ok(()));
        assert_eq!(check_item(attributes(&item(409_601))), Err(StoreError::TooLarge));
    }

    #[test]
    fn a_transaction_of_a_hundred_writes_is_taken_and_one_more_is_not() {
        assert_eq!((check_transaction(100), check_transaction(101)), (Ok(()), Err(StoreError::TooLarge)));
    }
}
