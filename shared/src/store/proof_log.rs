//! The permission proof log, a row per operation, and its calls one by one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::StoreError;
use super::item::{Item, Stored, count};
use super::page::{Cursor, Page};
use super::row::{CALL, Row};
use super::search::Search;
use super::table::Table;
use crate::domain::history::{Calls, History};
use crate::domain::ids::{CustomerId, InterviewId, UserId};
use crate::domain::proof_log::{Entry, GraphCall};

/// The permission proof log.
#[derive(Clone)]
pub struct ProofLog(pub(super) Arc<Table>);

/// A call, and in whose name it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Whose token was used.
    pub user: UserId,
    /// The interview it was about.
    pub interview: Option<InterviewId>,
    /// The call.
    pub call: GraphCall,
}

impl ProofLog {
    /// Stores the calls of an operation that has no write of its own to store them with.
    pub async fn put(&self, entry: &Entry) -> Result<(), StoreError> {
        self.0.put_plain(entry_item(entry)?).await
    }

    /// The calls of an interview's steps, as far as they are still kept, in one call.
    pub async fn of_steps(
        &self,
        customer: &CustomerId,
        history: &History,
        now: Timestamp,
    ) -> Result<BTreeMap<Calls, Entry>, StoreError> {
        let names: Vec<_> = history.steps.iter().filter_map(|step| step.calls.as_ref()).collect();
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let row = |name: &Calls| Row::call(customer, name.at, &name.request_id);
        let (found, _) = self.0.batch(&names.iter().copied().map(row).collect::<Vec<_>>(), None).await?;
        let mut kept = BTreeMap::new();
        for name in names {
            let entry = Entry::found(found.get(&row(name)).cloned())?.map(|read| read.value);
            kept.extend(entry.filter(|entry| entry.kept_until > now).map(|entry| (name.clone(), entry)));
        }
        Ok(kept)
    }

    /// The interviews that operations were about which began at that time or later. The record of an operation is stored
    /// in the write that settles it, so every interview that was stored since then is found here.
    pub async fn interviews_since(
        &self,
        customer: &CustomerId,
        since: Timestamp,
    ) -> Result<BTreeSet<InterviewId>, StoreError> {
        let Row { pk, sk } = Row::call(customer, since, "");
        // `$` is the next sign after the `#` that ends the prefix.
        let end = CALL.replace('#', "$");
        let items = self.0.between(&pk, &sk, &end).await?;
        let entries = items.iter().map(Entry::versioned).filter_map(Result::ok);
        Ok(entries.filter_map(|entry| entry.value.interview).collect())
    }

    /// The newest operations, and whether there are older ones.
    pub async fn newest(
        &self,
        customer: &CustomerId,
        limit: usize,
        now: Timestamp,
    ) -> Result<(Vec<Entry>, bool), StoreError> {
        let (pk, prefix) = (Row::customer(customer).pk, CALL.to_owned());
        let search = Search { pk, prefix, after: None, limit, newest_first: true, consistent: false };
        let page = self.0.page::<Entry>(&search).await?;
        let kept = page.items.into_iter().map(|read| read.value).filter(|entry| entry.kept_until > now);
        Ok((kept.collect(), page.next.is_some()))
    }

    /// A page of a customer's calls: the newest operation first, and within each the newest call.
    ///
    /// A row holds the calls of an operation, so a page may end within one: the cursor then names that row and how
    /// many of its calls were given. Near the end of their retention a page may hold fewer than `limit`.
    pub async fn list(
        &self,
        customer: &CustomerId,
        limit: usize,
        after: Option<&Cursor>,
        now: Timestamp,
    ) -> Result<Page<Logged>, StoreError> {
        let place = after.map(Place::read);
        let start = place.as_ref().map(Place::start);
        let search = Search {
            pk: Row::customer(customer).pk,
            prefix: CALL.to_owned(),
            after: start.as_ref(),
            // Every row holds a call.
            limit,
            newest_first: true,
            consistent: true,
        };
        let rows = self.0.page::<Entry>(&search).await?;
        let mut page = Page { items: Vec::new(), next: None, corrupt: rows.corrupt };
        // DynamoDB takes its time to remove what has expired.
        let kept = rows.items.into_iter().map(|read| read.value).filter(|entry| entry.kept_until > now);
        for entry in kept {
            let given = place.as_ref().map_or(0, |place| place.given_of(&entry));
            let (count, room) = (entry.calls.len() - given.min(entry.calls.len()), limit - page.items.len());
            let logged = |call: &GraphCall| Logged {
                user: entry.user.clone(),
                interview: entry.interview.clone(),
                call: call.clone(),
            };
            page.items.extend(entry.calls.iter().rev().skip(given).take(room).map(logged));
            if count > room {
                page.next = Some(Place::within(&entry, given + room));
                return Ok(page);
            }
        }
        page.next = rows.next.map(|last| Place { row: last.to_string(), given: None }.into());
        Ok(page)
    }
}

/// An item of the log.
pub(super) fn entry_item(entry: &Entry) -> Result<Item, StoreError> {
    let row = entry.place().ok_or(StoreError::Corrupt)?;
    let mut item = entry.fields(&row);
    item.extend(row.key());
    item.insert("v".to_owned(), count(1));
    Ok(item)
}

/// Where a page begins.
struct Place {
    /// A row, without the prefix of all of them.
    row: String,
    /// So many of its calls were given; `None`: all.
    given: Option<usize>,
}

impl Place {
    fn read(cursor: &Cursor) -> Self {
        // A cursor stands in URLs, where `#` would end it.
        let (row, given) = match cursor.0.split_once(GIVEN) {
            Some((row, given)) => (row, given.parse().ok()),
            None => (cursor.0.as_str(), None),
        };
        Self { row: row.replace(IN_URL, "#"), given }
    }

    /// The row after which the page begins. What begins within a row begins right after a name that is a little
    /// later than this one, and that nobody has.
    fn start(&self) -> Cursor {
        Cursor(self.given.map_or_else(|| self.row.clone(), |_| format!("{}~", self.row)))
    }

    fn within(entry: &Entry, given: usize) -> Cursor {
        let row = entry.place().map(|row| row.sk).unwrap_or_default();
        Self { row: row.trim_start_matches(CALL).to_owned(), given: Some(given) }.into()
    }

    fn given_of(&self, entry: &Entry) -> usize {
        let same = entry.place().is_some_and(|row| row.sk.strip_prefix(CALL) == Some(self.row.as_str()));
        self.given.filter(|_| same).unwrap_or(0)
    }
}

const GIVEN: &str = "~";
const IN_URL: &str = "_";

impl From<Place> for Cursor {
    fn from(place: Place) -> Self {
        let row = place.row.replace('#', IN_URL);
        Self(place.given.map_or_else(|| row.clone(), |given| format!("{row}{GIVEN}{given}")))
    }
}
