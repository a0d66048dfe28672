//! Connect sessions and attempts. Both expire by the table's TTL, and at once by the checks here.

use std::sync::Arc;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::StoreError;
use super::change::Change;
use super::item::{Item, as_json, epoch, epoch_now, instant, json, millis, text_value};
use super::row::Row;
use super::table::{Table, Written};
use crate::domain::ids::SessionId;
use crate::domain::sign_in::{Attempt, Hash, Outcome, Session};

/// Connect sessions and attempts.
#[derive(Clone)]
pub struct SignIns(pub(super) Arc<Table>);

/// A live session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSession {
    /// The session.
    pub session: Session,
    /// Whether it led to a connection: the link is used up.
    pub connected: bool,
}

/// An attempt that a callback asked for, with the right cookie and in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Consumed {
    /// This callback has it, and no other will.
    First(Attempt),
    /// An earlier callback had it; its outcome is stored if it has ended.
    Again(Attempt),
    /// An earlier callback had it and found that it must wait.
    Held(Attempt),
}

impl SignIns {
    /// Stores a new session.
    pub async fn put_session(&self, session: &Session) -> Result<(), StoreError> {
        self.put(session_item(session, false)).await
    }

    /// The session with this id, while it lives.
    pub async fn session(&self, id: &SessionId, now: Timestamp) -> Result<Option<FoundSession>, StoreError> {
        let Some(item) = self.0.get(&Row::session(id)).await? else { return Ok(None) };
        let session: Session = json(&item, "doc")?;
        let connected = item.contains_key("connected");
        Ok((session.expires_at > now).then_some(FoundSession { session, connected }))
    }

    /// Stores a new attempt.
    pub async fn put_attempt(&self, attempt: &Attempt) -> Result<(), StoreError> {
        self.put(attempt_item(attempt)).await
    }

    /// Takes the attempt for a callback. `None`: there is none with this state and cookie, or its time is over;
    /// then nothing was changed.
    pub async fn consume(
        &self,
        state: &Hash,
        cookie: &Hash,
        now: Timestamp,
    ) -> Result<Option<Consumed>, StoreError> {
        match self.0.update(consumption(state, cookie, now)).await? {
            Written::Done(item) => Ok(Some(Consumed::First(attempt(&item)?))),
            // There is none, or the transaction that ends it is under way: a read tells which.
            Written::Refused(None) => match self.0.get(&Row::attempt(state)).await? {
                Some(item) => again(&item, cookie, now),
                None => Ok(None),
            },
            Written::Refused(Some(item)) => again(&item, cookie, now),
        }
    }

    /// Stores how an attempt ended, where no connection is stored with it. Answers the end that stands: an
    /// earlier one stays, for a write whose answer was lost may have happened.
    pub async fn store_outcome(&self, state: &Hash, outcome: &Outcome) -> Result<Outcome, StoreError> {
        let change =
            outcome_change(state, outcome).when("attribute_exists(#pk) AND attribute_not_exists(#outcome)");
        let Written::Refused(Some(item)) = self.0.update(change).await? else { return Ok(outcome.clone()) };
        Ok(attempt(&item)?.outcome.unwrap_or_else(|| outcome.clone()))
    }

    /// Notes that the attempt has no end yet and waits since then.
    pub async fn hold(&self, state: &Hash, since: Timestamp) -> Result<(), StoreError> {
        let change = Change::of(Row::attempt(state)).set("held", millis(since));
        self.0.update(change.when("attribute_exists(#pk)")).await.map(|_| ())
    }

    async fn put(&self, item: Item) -> Result<(), StoreError> {
        self.0.put_plain(item).await
    }
}

/// Takes what is stored under `state`, once: with the right cookie and in time.
pub(super) fn consumption(state: &Hash, cookie: &Hash, now: Timestamp) -> Change {
    Change::of(Row::attempt(state))
        .set("consumed", millis(now))
        .when("#cookie = :cookie AND #ttl > :now AND attribute_not_exists(#consumed)")
        .with("cookie", text_value(&cookie.0))
        .with("now", epoch_now(now))
}

/// A callback that came too late for an attempt; `None` if it is not his, or its time is over.
fn again(item: &Item, cookie: &Hash, now: Timestamp) -> Result<Option<Consumed>, StoreError> {
    let found = attempt(item)?;
    if found.cookie != *cookie || found.expires_at <= now {
        return Ok(None);
    }
    // Not taken and yet refused: another write is in the way.
    found.consumed_at.ok_or(StoreError::Unavailable)?;
    let waits = item.contains_key("held") && found.outcome.is_none();
    Ok(Some(if waits { Consumed::Held(found) } else { Consumed::Again(found) }))
}

/// The outcome, beside the document; only where there still is an attempt.
pub(super) fn outcome_change(state: &Hash, outcome: &Outcome) -> Change {
    Change::of(Row::attempt(state)).set("outcome", as_json(outcome)).when("attribute_exists(#pk)")
}

pub(super) fn session_item(session: &Session, connected: bool) -> Item {
    let mut item = Row::session(&session.id).key();
    item.insert("doc".to_owned(), as_json(session));
    item.insert("ttl".to_owned(), epoch(session.expires_at));
    if connected {
        item.insert("connected".to_owned(), AttributeValue::Bool(true));
    }
    item
}

fn attempt_item(attempt: &Attempt) -> Item {
    let mut item = Row::attempt(&attempt.state).key();
    item.insert("doc".to_owned(), as_json(attempt));
    item.insert("cookie".to_owned(), text_value(&attempt.cookie.0));
    item.insert("ttl".to_owned(), epoch(attempt.expires_at));
    item
}

fn attempt(item: &Item) -> Result<Attempt, StoreError> {
    let mut attempt: Attempt = json(item, "doc")?;
    attempt.consumed_at = instant(item, "consumed");
    attempt.held_since = instant(item, "held").or(attempt.held_since);
    attempt.outcome = item.contains_key("outcome").then(|| json(item, "outcome")).transpose()?;
    Ok(attempt)
}
