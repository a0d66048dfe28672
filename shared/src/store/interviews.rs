//! Interviews.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::item::{Item, Stored, epoch};
use super::page::{Cursor, Page};
use super::row::{INTERVIEW, Row};
use super::search::Search;
use super::table::Table;
use super::{SaveError, StoreError, Versioned};
use crate::domain::ids::{CustomerId, InterviewId, UserId};
use crate::domain::interview::Interview;
use crate::domain::proof_log::Entry;

/// So many pages are looked through for one page of a user's own interviews.
const PAGES: usize = 4;
/// Maximum rows of one `BatchGetItem`.
const BATCH: usize = 100;
/// So many interviews are read at once when most of them may be others'.
const WIDE: usize = 100;

/// Interviews.
#[derive(Clone)]
pub struct Interviews(pub(super) Arc<Table>);

impl Interviews {
    /// The interview with this id, among those of the customer.
    pub async fn get(
        &self,
        customer: &CustomerId,
        id: &InterviewId,
    ) -> Result<Option<Versioned<Interview>>, StoreError> {
        Interview::found(self.0.get(&Row::interview(customer, id)).await?)
    }

    /// Those of a customer's interviews that are there, in any order.
    pub async fn several(
        &self,
        customer: &CustomerId,
        ids: &BTreeSet<InterviewId>,
    ) -> Result<Vec<Interview>, StoreError> {
        let rows: Vec<Row> = ids.iter().map(|id| Row::interview(customer, id)).collect();
        let mut all = Vec::with_capacity(rows.len());
        for rows in rows.chunks(BATCH) {
            let (found, _) = self.0.batch(rows, None).await?;
            for item in found.into_values() {
                all.extend(Interview::found(Some(item))?.map(|read| read.value));
            }
        }
        Ok(all)
    }

    /// A page of a customer's interviews, the newest first; with `visible_to`, only those that this user may
    /// see. Such a page may hold fewer than `limit` though another one follows.
    pub async fn list(
        &self,
        customer: &CustomerId,
        visible_to: Option<&UserId>,
        limit: usize,
        after: Option<&Cursor>,
    ) -> Result<Page<Versioned<Interview>>, StoreError> {
        let mut page = Page { items: Vec::new(), next: after.cloned(), corrupt: 0 };
        for _ in 0..PAGES {
            let read = self.read(customer, visible_to, limit, page.next.as_ref()).await?;
            page.corrupt += read.corrupt;
            page.next = read.next;
            let seen = |found: &Versioned<Interview>| {
                visible_to.is_none_or(|user| found.value.is_open_to(user, false))
            };
            let mut seen = read.items.into_iter().filter(seen);
            page.items.extend(seen.by_ref().take(limit - page.items.len()));
            if seen.next().is_some() {
                // The next page begins within what was read.
                page.next = page.items.last().map(|last| Cursor(last.value.id.to_string()));
            }
            if page.items.len() == limit || page.next.is_none() {
                break;
            }
        }
        Ok(page)
    }

    async fn read(
        &self,
        customer: &CustomerId,
        visible_to: Option<&UserId>,
        limit: usize,
        after: Option<&Cursor>,
    ) -> Result<Page<Versioned<Interview>>, StoreError> {
        let (pk, prefix) = (Row::customer(customer).pk, INTERVIEW.to_owned());
        let limit = if visible_to.is_some() { WIDE } else { limit };
        self.0.page(&Search { pk, prefix, after, limit, newest_first: true, consistent: true }).await
    }

    /// Stores a new interview, unless there is one with its id.
    pub async fn put_new(
        &self,
        new: &Interview,
        keep_for: SignedDuration,
    ) -> Result<Versioned<Interview>, SaveError> {
        self.0.save(Row::interview(&new.customer, &new.id), new, None, kept(new, keep_for)).await
    }

    /// Saves, unless somebody saved since `read`, together with what Graph was asked. The row expires `keep_for`
    /// after the interview's end.
    pub async fn save_if_unchanged(
        &self,
        read: &Versioned<Interview>,
        next: &Interview,
        keep_for: SignedDuration,
        proof: Option<&Entry>,
    ) -> Result<Versioned<Interview>, SaveError> {
        let row = Row::interview(&next.customer, &next.id);
        self.0.save_recorded(row, next, (Some(read.version), kept(next, keep_for)), proof).await
    }
}

/// When the row expires.
pub(super) fn kept(interview: &Interview, keep_for: SignedDuration) -> Item {
    let end = interview.when.end.saturating_add(keep_for).unwrap_or(Timestamp::MAX);
    Item::from([("ttl".to_owned(), epoch(end))])
}
