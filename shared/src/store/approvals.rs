//! Approval requests, their links, and the visits made through them.

use std::sync::Arc;

use jiff::Timestamp;

use super::item::{Item, Stored, as_json, epoch, json, text_value};
use super::page::{Cursor, Page};
use super::row::{APPROVAL, Row};
use super::search::Search;
use super::sign_ins::consumption;
use super::table::{Table, Written};
use super::{SaveError, StoreError, Versioned};
use crate::domain::approval::{Approval, KEPT_FOR, LINK_TELLS_FOR, Link, Visit};
use crate::domain::ids::{ApprovalId, CustomerId};
use crate::domain::sign_in::Hash;

/// Approval requests.
#[derive(Clone)]
pub struct Approvals(pub(super) Arc<Table>);

impl Stored for Approval {
    fn fields(&self, _: &Row) -> Item {
        let end = self.expires_at.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX);
        Item::from([("doc".to_owned(), as_json(self)), ("ttl".to_owned(), epoch(end))])
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        json(item, "doc")
    }
}

impl Approvals {
    /// The request with this id, among those of the customer.
    pub async fn get(
        &self,
        customer: &CustomerId,
        id: &ApprovalId,
    ) -> Result<Option<Versioned<Approval>>, StoreError> {
        Approval::found(self.0.get(&Row::approval(customer, id)).await?)
    }

    /// A page of a customer's requests, the newest first.
    pub async fn list(
        &self,
        customer: &CustomerId,
        limit: usize,
        after: Option<&Cursor>,
    ) -> Result<Page<Versioned<Approval>>, StoreError> {
        let (pk, prefix) = (Row::customer(customer).pk, APPROVAL.to_owned());
        self.0.page(&Search { pk, prefix, after, limit, newest_first: true, consistent: true }).await
    }

    /// Stores a new request and then its link: without the link nobody can follow it, and it expires.
    pub async fn put_new(&self, new: &Approval, link: &Link) -> Result<(), SaveError> {
        self.0.save(Row::approval(&new.customer, &new.id), new, None, Item::new()).await?;
        let mut item = Row::approval_link(&link.id).key();
        item.insert("doc".to_owned(), as_json(link));
        item.insert("ttl".to_owned(), epoch(told_until(link)));
        Ok(self.put(item).await?)
    }

    /// Saves, unless somebody saved since `read`.
    pub async fn save_if_unchanged(
        &self,
        read: &Versioned<Approval>,
        next: &Approval,
    ) -> Result<Versioned<Approval>, SaveError> {
        self.0.save(Row::approval(&next.customer, &next.id), next, Some(read.version), Item::new()).await
    }

    /// What the link of this id leads to, while it lives or says that it has ended.
    pub async fn link(&self, id: &ApprovalId, now: Timestamp) -> Result<Option<Link>, StoreError> {
        let Some(item) = self.0.get(&Row::approval_link(id)).await? else { return Ok(None) };
        let link: Link = json(&item, "doc")?;
        Ok(Some(link).filter(|link| told_until(link) > now))
    }

    /// Stores a new visit.
    pub async fn put_visit(&self, visit: &Visit) -> Result<(), StoreError> {
        let mut item = Row::attempt(&visit.state).key();
        item.insert("doc".to_owned(), as_json(visit));
        item.insert("cookie".to_owned(), text_value(&visit.cookie.0));
        item.insert("ttl".to_owned(), epoch(visit.expires_at));
        self.put(item).await
    }

    /// Takes a visit, once. `None`: there is none with this state and cookie, it was taken, or its time is over.
    pub async fn take_visit(
        &self,
        state: &Hash,
        cookie: &Hash,
        now: Timestamp,
    ) -> Result<Option<Visit>, StoreError> {
        match self.0.update(consumption(state, cookie, now)).await? {
            Written::Done(item) => json(&item, "doc").map(Some),
            Written::Refused(_) => Ok(None),
        }
    }

    async fn put(&self, item: Item) -> Result<(), StoreError> {
        self.0.put_plain(item).await
    }
}

fn told_until(link: &Link) -> Timestamp {
    link.expires_at.saturating_add(LINK_TELLS_FOR).unwrap_or(Timestamp::MAX)
}
