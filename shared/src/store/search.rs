//! Queries, page by page.

use std::collections::HashMap;

use tracing::warn;

use super::StoreError;
use super::item::{Item, Stored, text, text_value};
use super::page::{Cursor, Page};
use super::row::Row;
use super::table::{Table, failed};

/// Pages of a megabyte each that are read for one range at most.
const MOST_PAGES: usize = 32;

/// A range of one partition: the rows whose sort key begins with `prefix`.
pub(super) struct Search<'a> {
    pub(super) pk: String,
    pub(super) prefix: String,
    pub(super) after: Option<&'a Cursor>,
    pub(super) limit: usize,
    pub(super) newest_first: bool,
    pub(super) consistent: bool,
}

impl Table {
    /// One page of items, and where the next begins. Cursors leave the prefix out, so they cannot leave it.
    pub(super) async fn search(
        &self,
        search: &Search<'_>,
    ) -> Result<(Vec<Item>, Option<Cursor>), StoreError> {
        let start = search
            .after
            .map(|cursor| Row { pk: search.pk.clone(), sk: format!("{}{cursor}", search.prefix) }.key());
        let mut values = HashMap::from([(":pk".to_owned(), text_value(&search.pk))]);
        let mut condition = "pk = :pk";
        if !search.prefix.is_empty() {
            values.insert(":prefix".to_owned(), text_value(&search.prefix));
            condition = "pk = :pk AND begins_with(sk, :prefix)";
        }
        let answer = self
            .dynamodb
            .query()
            .table_name(&self.name)
            .key_condition_expression(condition)
            .set_expression_attribute_values(Some(values))
            .set_exclusive_start_key(start)
            .limit(i32::try_from(search.limit).unwrap_or(i32::MAX))
            .scan_index_forward(!search.newest_first)
            .consistent_read(search.consistent)
            .send()
            .await
            .map_err(|error| failed("Query", &error))?;
        let last = answer.last_evaluated_key.as_ref().and_then(|key| text(key, "sk"));
        let next = last.and_then(|sk| sk.strip_prefix(&search.prefix)).map(|rest| Cursor(rest.to_owned()));
        Ok((answer.items.unwrap_or_default(), next))
    }

    /// Every item of a partition whose sort key lies between two others, the oldest first.
    pub(super) async fn between(&self, pk: &str, from: &str, to: &str) -> Result<Vec<Item>, StoreError> {
        let values = [(":pk", pk), (":from", from), (":to", to)]
            .map(|(name, text)| (name.to_owned(), text_value(text)));
        let (mut items, mut start) = (Vec::new(), None);
        for _ in 0..MOST_PAGES {
            let answer = self
                .dynamodb
                .query()
                .table_name(&self.name)
                .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
                .set_expression_attribute_values(Some(HashMap::from(values.clone())))
                .set_exclusive_start_key(start)
                .consistent_read(true)
                .send()
                .await
                .map_err(|error| failed("Query", &error))?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(items);
            }
        }
        Err(StoreError::Unavailable)
    }

    /// One page of domain values.
    pub(super) async fn page<T: Stored>(
        &self,
        search: &Search<'_>,
    ) -> Result<Page<super::Versioned<T>>, StoreError> {
        let (items, next) = self.search(search).await?;
        let read: Vec<_> = items.iter().map(T::versioned).collect();
        let found = read.len();
        let items: Vec<_> = read.into_iter().filter_map(Result::ok).collect();
        let corrupt = found - items.len();
        if corrupt > 0 {
            warn!(corrupt, "{corrupt} stored items cannot be read and are left out");
        }
        Ok(Page { items, next, corrupt })
    }
}
