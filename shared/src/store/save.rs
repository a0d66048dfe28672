//! Saving under optimistic versions, alone or several rows at once.

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{Delete, Put, TransactWriteItem, Update};

use super::change::{Change, names};
use super::item::{Item, Stored, count};
use super::limits;
use super::proof_log::entry_item;
use super::row::Row;
use super::table::{Table, Written, failed, judge};
use super::{SaveError, StoreError, Versioned};
use crate::domain::proof_log::Entry;

/// Why a transaction did not happen: which of its writes stood in the way.
pub(super) enum Cancelled {
    /// The writes with these places were refused, or met another transaction.
    Refused(Vec<usize>),
    /// The store did not do it.
    Store(StoreError),
}

impl From<Cancelled> for SaveError {
    fn from(cancelled: Cancelled) -> Self {
        match cancelled {
            Cancelled::Refused(_) => Self::Stale,
            Cancelled::Store(error) => Self::Store(error),
        }
    }
}

impl Table {
    /// Saves a value in its row, with further attributes, if the version is the one that was read.
    pub(super) async fn save<T: Stored + Clone>(
        &self,
        row: Row,
        value: &T,
        read: Option<u64>,
        more: Item,
    ) -> Result<Versioned<T>, SaveError> {
        let mut fields = value.fields(&row);
        fields.extend(more);
        match self.update(Change::whole(row, fields, read)).await? {
            Written::Done(_) => Ok(Versioned { value: value.clone(), version: read.unwrap_or(0) + 1 }),
            Written::Refused(_) => Err(SaveError::Stale),
        }
    }

    /// Saves a value as [`Table::save`] does, and with it what Graph was asked for its sake.
    pub(super) async fn save_recorded<T: Stored + Clone>(
        &self,
        row: Row,
        value: &T,
        (read, more): (Option<u64>, Item),
        proof: Option<&Entry>,
    ) -> Result<Versioned<T>, SaveError> {
        let Some(proof) = proof else { return self.save(row, value, read, more).await };
        let mut fields = value.fields(&row);
        fields.extend(more);
        let save = self.part(Change::whole(row, fields, read))?;
        self.transact(vec![save, self.put_part(entry_item(proof)?)?]).await?;
        Ok(Versioned { value: value.clone(), version: read.unwrap_or(0) + 1 })
    }

    /// All of these writes or none.
    pub(super) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), Cancelled> {
        limits::check_transaction(writes.len()).map_err(Cancelled::Store)?;
        let request = self.dynamodb.transact_write_items().client_request_token(self.token());
        let Err(error) = request.set_transact_items(Some(writes)).send().await else { return Ok(()) };
        if let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
            error.as_service_error()
        {
            let late =
                |code: Option<&str>| matches!(code, Some("ConditionalCheckFailed" | "TransactionConflict"));
            let reasons = cancelled.cancellation_reasons().iter().enumerate();
            let refused: Vec<usize> =
                reasons.filter(|(_, r)| late(r.code())).map(|(place, _)| place).collect();
            if !refused.is_empty() {
                return Err(Cancelled::Refused(refused));
            }
            // `ItemSizeLimitExceeded`, `ValidationError`: a repeat cannot succeed.
            let cancelled = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
            let for_good = cancelled
                .into_iter()
                .find(|code| ["ItemSizeLimitExceeded", "ValidationError"].contains(code));
            if let Some(code) = for_good {
                let too_large = code == "ItemSizeLimitExceeded";
                return Err(Cancelled::Store(judge("TransactWriteItems", "ValidationException", too_large)));
            }
        }
        Err(Cancelled::Store(failed("TransactWriteItems", &error)))
    }

    /// An update as a part of a transaction.
    pub(super) fn part(&self, change: Change) -> Result<TransactWriteItem, StoreError> {
        let parts = change.into_parts()?;
        let update = Update::builder()
            .table_name(&self.name)
            .set_key(Some(parts.key))
            .update_expression(parts.update)
            .set_condition_expression(parts.condition)
            .set_expression_attribute_names(parts.names)
            .set_expression_attribute_values(parts.values)
            .build()
            .map_err(|_| StoreError::Corrupt)?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// The deletion of a row that still has this version, or is gone, as a part of a transaction.
    pub(super) fn delete_part(&self, row: &Row, read: u64) -> Result<TransactWriteItem, StoreError> {
        let condition = "attribute_not_exists(#pk) OR #v = :read";
        let delete = Delete::builder()
            .table_name(&self.name)
            .set_key(Some(row.key()))
            .condition_expression(condition)
            .set_expression_attribute_names(names(&[condition]))
            .expression_attribute_values(":read", count(read))
            .build()
            .map_err(|_| StoreError::Corrupt)?;
        Ok(TransactWriteItem::builder().delete(delete).build())
    }

    /// An unconditional put as a part of a transaction.
    pub(super) fn put_part(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        limits::check_item(limits::attributes(&item))?;
        let put = Put::builder().table_name(&self.name).set_item(Some(item)).build();
        Ok(TransactWriteItem::builder().put(put.map_err(|_| StoreError::Corrupt)?).build())
    }
}
