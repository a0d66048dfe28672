//! Recruiters' connections.

use std::sync::Arc;

use jiff::Timestamp;

use super::change::Change;
use super::item::{ATTEMPT, Item, Stored, as_json, epoch, instant, json, millis, text, text_value};
use super::page::{Cursor, Page};
use super::proof_log::entry_item;
use super::row::{Row, Shard};
use super::search::Search;
use super::sign_ins::{outcome_change, session_item};
use super::table::{Table, Written, failed};
use super::{SaveError, StoreError, Versioned};
use crate::domain::connection::Connection;
use crate::domain::customer::Customer;
use crate::domain::ids::{ConnectionId, CustomerId, UserId};
use crate::domain::proof_log::Entry;
use crate::domain::sign_in::{ATTEMPT_KEPT_FOR, Attempt, LastAttempt, Outcome, OutcomeStatus};

/// Recruiters' connections.
#[derive(Clone)]
pub struct Connections(pub(super) Arc<Table>);

/// A connection, and how far the sweep has verified its shard.
#[derive(Debug, Clone)]
pub struct Watermarked {
    /// The connection.
    pub connection: Option<Versioned<Connection>>,
    /// Start of the shard's last complete pass.
    pub shard_verified_at: Option<Timestamp>,
    /// The last attempt to connect, whether there is a connection or not.
    pub last_attempt: Option<LastAttempt>,
}

/// How many connections there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Served.
    pub connected: usize,
    /// In doubt, waiting, or ended.
    pub others: usize,
    /// There may be more, which were not counted.
    pub more: bool,
}

/// What a callback stores.
#[derive(Debug, Clone, Copy)]
pub struct Completion<'a> {
    /// The connection to store.
    pub connection: &'a Connection,
    /// The version that was read before; `None`: there was no row.
    pub read: Option<u64>,
    /// The attempt that ends.
    pub attempt: &'a Attempt,
    /// How it ends.
    pub outcome: &'a Outcome,
    /// What Graph was asked on the way.
    pub proof: Option<&'a Entry>,
}

impl Connections {
    /// The connection of a user.
    pub async fn find(
        &self,
        customer: &CustomerId,
        user: &UserId,
    ) -> Result<Option<Versioned<Connection>>, StoreError> {
        Connection::found(self.0.get(&Row::connection(customer, user)).await?)
    }

    /// The connection of a user and the watermark of its shard, in one call. A customer that is being deleted has
    /// no connections any more, whatever rows are left.
    pub async fn find_with_watermark(
        &self,
        customer: &CustomerId,
        user: &UserId,
    ) -> Result<Watermarked, StoreError> {
        let rows = [
            Row::connection(customer, user),
            Row::shard(Shard::of(customer)),
            Row::customer(customer),
            Row::last_attempt(customer, user),
        ];
        let (mut found, _) = self.0.batch(&rows, None).await?;
        let [row, shard, settings, alone] = &rows;
        let shard_verified_at = found.get(shard).and_then(|item| instant(item, "verified_at"));
        let deleting = Customer::found(found.remove(settings))?.is_some_and(|c| c.value.deleting.is_some());
        let connection = Connection::found(found.remove(row).filter(|_| !deleting))?;
        let last_attempt = match &connection {
            Some(read) => read.value.last_attempt.as_deref().cloned(),
            None => found.remove(alone).filter(|_| !deleting).map(|item| json(&item, ATTEMPT)).transpose()?,
        };
        Ok(Watermarked { connection, shard_verified_at, last_attempt })
    }

    /// Notes how an attempt ended that led to no connection. An existing connection keeps it, and its version: it must
    /// not disturb a refresh.
    pub async fn note_attempt(
        &self,
        customer: &CustomerId,
        user: &UserId,
        last: &LastAttempt,
    ) -> Result<(), StoreError> {
        let beside = Change::of(Row::connection(customer, user)).set(ATTEMPT, as_json(last));
        if let Written::Done(_) = self.0.update(beside.when("attribute_exists(#pk)")).await? {
            return Ok(());
        }
        let mut item = Row::last_attempt(customer, user).key();
        item.insert(ATTEMPT.to_owned(), as_json(last));
        item.insert("ttl".to_owned(), epoch(later(last.at)));
        self.0.put_plain(item).await
    }

    /// The user whose connection has this id, if it ever was one of this customer.
    pub async fn user_of(
        &self,
        customer: &CustomerId,
        id: &ConnectionId,
    ) -> Result<Option<UserId>, StoreError> {
        let Some(pointer) = self.0.get(&Row::pointer(customer, id)).await? else { return Ok(None) };
        let user = text(&pointer, "user").and_then(|user| user.parse().ok());
        user.map(Some).ok_or(StoreError::Corrupt)
    }

    /// The connection with this id, among those of the customer.
    pub async fn find_by_id(
        &self,
        customer: &CustomerId,
        id: &ConnectionId,
    ) -> Result<Option<Versioned<Connection>>, StoreError> {
        let Some(user) = self.user_of(customer, id).await? else { return Ok(None) };
        Ok(self.find(customer, &user).await?.filter(|found| found.value.id == *id))
    }

    /// A page of a customer's connections.
    pub async fn list(
        &self,
        customer: &CustomerId,
        limit: usize,
        after: Option<&Cursor>,
    ) -> Result<Page<Versioned<Connection>>, StoreError> {
        let (pk, prefix) = Row::connections(customer);
        let search = Search { pk, prefix, after, limit, newest_first: false, consistent: true };
        self.0.page(&search).await
    }

    /// Counts the connections of a customer, up to `limit` of them. Nothing but whether each is live is read, and
    /// yet a page ends where the whole items have 1 MB.
    pub async fn tally(&self, customer: &CustomerId, limit: i32) -> Result<Tally, StoreError> {
        let (pk, prefix) = Row::connections(customer);
        let mut tally = Tally { connected: 0, others: 0, more: false };
        let (mut start, mut left) = (None, limit);
        loop {
            let answer = self
                .0
                .dynamodb
                .query()
                .table_name(&self.0.name)
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", text_value(&pk))
                .expression_attribute_values(":prefix", text_value(&prefix))
                .projection_expression("pk, sk, live")
                .set_exclusive_start_key(start)
                .limit(left)
                .send()
                .await
                .map_err(|error| failed("Query", &error))?;
            let all = answer.items.unwrap_or_default();
            let live = |item: &&Item| item.get("live").and_then(|value| value.as_bool().ok()) == Some(&true);
            let connected = all.iter().filter(live).count();
            tally.connected += connected;
            tally.others += all.len() - connected;
            left -= i32::try_from(all.len()).unwrap_or(left);
            start = answer.last_evaluated_key;
            tally.more = start.is_some();
            if !tally.more || left <= 0 {
                return Ok(tally);
            }
        }
    }

    /// Saves, unless somebody saved since `read`. Ends a lease.
    pub async fn save_if_unchanged(
        &self,
        read: &Versioned<Connection>,
        next: &Connection,
    ) -> Result<Versioned<Connection>, SaveError> {
        self.save_recorded(read, next, None).await
    }

    /// The same, together with what Graph was asked.
    pub async fn save_recorded(
        &self,
        read: &Versioned<Connection>,
        next: &Connection,
        proof: Option<&Entry>,
    ) -> Result<Versioned<Connection>, SaveError> {
        let row = Row::connection(&next.customer, &next.user);
        self.0.save_recorded(row, next, (Some(read.version), Item::new()), proof).await
    }

    /// Takes the row for `holder` until a save or `until`. False: another has it, or somebody saved since.
    pub async fn lease(
        &self,
        read: &Versioned<Connection>,
        holder: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<bool, StoreError> {
        let free = "#v = :read AND (attribute_not_exists(#lease_until) OR #lease_until <= :now OR #lease_by = :lease_by)";
        let change = Change::of(Row::connection(&read.value.customer, &read.value.user))
            .set("lease_by", text_value(holder))
            .set("lease_until", millis(until))
            .when(free)
            .with("now", millis(now))
            .with("read", super::item::count(read.version));
        Ok(matches!(self.0.update(change).await?, Written::Done(_)))
    }

    /// Notes that an API call used the connection; its version stays.
    pub async fn mark_used(
        &self,
        customer: &CustomerId,
        user: &UserId,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.0.update(used_change(customer, user, at)).await.map(|_| ())
    }

    /// Ends a sign-in: connection, pointer and outcome together, and the session if it led to a connection.
    pub async fn complete(&self, end: Completion<'_>) -> Result<Versioned<Connection>, SaveError> {
        let connection = end.connection;
        let row = Row::connection(&connection.customer, &connection.user);
        let mut fields = connection.fields(&row);
        let last = LastAttempt { at: connection.connected_at, outcome: end.outcome.clone() };
        fields.insert(ATTEMPT.to_owned(), as_json(&last));
        let mut writes = vec![
            self.0.part(Change::whole(row, fields, end.read))?,
            self.0.put_part(pointer_item(connection))?,
            self.0.part(outcome_change(&end.attempt.state, end.outcome))?,
        ];
        if end.outcome.status == OutcomeStatus::Connected {
            writes.push(self.0.put_part(session_item(&end.attempt.session, true))?);
        }
        if let Some(proof) = end.proof {
            writes.push(self.0.put_part(entry_item(proof)?)?);
        }
        self.0.transact(writes).await?;
        Ok(Versioned { value: connection.clone(), version: end.read.unwrap_or(0) + 1 })
    }
}

fn later(at: Timestamp) -> Timestamp {
    at.saturating_add(ATTEMPT_KEPT_FOR).unwrap_or(Timestamp::MAX)
}

/// Kept beside the document and without a new version: it must not disturb a refresh.
pub(super) fn used_change(customer: &CustomerId, user: &UserId, at: Timestamp) -> Change {
    Change::of(Row::connection(customer, user)).set("used", millis(at)).when("attribute_exists(#pk)")
}

fn pointer_item(connection: &Connection) -> Item {
    let mut item = Row::pointer(&connection.customer, &connection.id).key();
    item.insert("user".to_owned(), text_value(connection.user.as_str()));
    item
}
