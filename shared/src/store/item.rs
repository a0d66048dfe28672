//! Domain values as DynamoDB items, and back. Pure.
//!
//! An item is `doc` (the value as JSON), `blob` (what is sealed), `v` (its version), and whatever conditions and
//! the index need as attributes of their own. What is stored apart wins over its copy in `doc`.

use std::collections::HashMap;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::row::Row;
use super::{StoreError, Versioned};
use crate::domain::claim::{Claim, KEPT_FOR};
use crate::domain::connection::{Connection, Sealed, Status};
use crate::domain::customer::Customer;
use crate::domain::interview::Interview;
use crate::domain::proof_log::Entry;

pub(super) type Item = HashMap<String, AttributeValue>;

/// Attributes that an item may lack: a save that does not set them removes them.
pub(super) const SPARSE: [&str; 6] = ["blob", "fu", "due", "ttl", "lease_by", "lease_until"];

/// Beside the document of a connection: how the last attempt to connect ended.
pub(super) const ATTEMPT: &str = "attempt";

/// A domain value with an item of its own and a version.
pub(super) trait Stored: Sized {
    /// Its attributes, without key and version.
    fn fields(&self, row: &Row) -> Item;
    /// The value of an item.
    fn read(item: &Item) -> Result<Self, StoreError>;
    /// Where it belongs, as far as it says so itself.
    fn place(&self) -> Option<Row> {
        None
    }

    /// The value and its version. A whole item that was copied to another place is no value there: it would open,
    /// for what it is bound to was copied along.
    fn versioned(item: &Item) -> Result<Versioned<Self>, StoreError> {
        let version = number(item, "v").and_then(|v| u64::try_from(v).ok()).ok_or(StoreError::Corrupt)?;
        let value = Self::read(item)?;
        let moved = value.place().is_some_and(|place| Row::from_item(item).as_ref() != Some(&place));
        if moved { Err(StoreError::Corrupt) } else { Ok(Versioned { value, version }) }
    }

    /// The value and its version, if there is an item.
    fn found(item: Option<Item>) -> Result<Option<Versioned<Self>>, StoreError> {
        item.map(|item| Self::versioned(&item)).transpose()
    }
}

impl Stored for Connection {
    fn fields(&self, row: &Row) -> Item {
        let mut item = document(self, self.tokens.as_ref());
        // Beside the document, so that whoever counts need not read it.
        item.insert("live".to_owned(), AttributeValue::Bool(self.status() == Status::Connected));
        due(&mut item, row, self.errand.map(|(_, due)| due));
        item
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let mut connection: Self = json(item, "doc")?;
        connection.tokens = sealed(item);
        connection.last_used = connection.last_used.max(instant(item, "used"));
        connection.last_attempt = item.contains_key(ATTEMPT).then(|| json(item, ATTEMPT)).transpose()?;
        Ok(connection)
    }

    fn place(&self) -> Option<Row> {
        Some(Row::connection(&self.customer, &self.user))
    }
}

impl Stored for Customer {
    fn fields(&self, row: &Row) -> Item {
        let mut item = document(self, None);
        due(&mut item, row, self.deleting.as_ref().map(|deletion| deletion.at));
        item
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        json(item, "doc")
    }
}

impl Stored for Interview {
    fn fields(&self, row: &Row) -> Item {
        let mut item = document(self, self.sealed.as_ref());
        due(&mut item, row, self.errand.map(|(_, due, _)| due));
        item
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let mut interview: Self = json(item, "doc")?;
        interview.sealed = sealed(item);
        Ok(interview)
    }

    fn place(&self) -> Option<Row> {
        Some(Row::interview(&self.customer, &self.id))
    }
}

impl Stored for Claim {
    fn fields(&self, row: &Row) -> Item {
        let mut item = document(self, self.sealed.as_ref());
        due(&mut item, row, (!self.settled).then_some(self.busy_until));
        if self.settled {
            item.insert(
                "ttl".to_owned(),
                epoch(self.accepted_at.saturating_add(KEPT_FOR).unwrap_or(Timestamp::MAX)),
            );
        }
        item
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        let mut claim: Self = json(item, "doc")?;
        claim.sealed = sealed(item);
        Ok(claim)
    }

    fn place(&self) -> Option<Row> {
        Some(Row::claim(&self.key))
    }
}

impl Stored for Entry {
    fn fields(&self, _: &Row) -> Item {
        let mut item = document(self, None);
        item.insert("ttl".to_owned(), epoch(self.kept_until));
        item
    }

    fn read(item: &Item) -> Result<Self, StoreError> {
        json(item, "doc")
    }

    fn place(&self) -> Option<Row> {
        self.first().map(|first| Row::call(&self.customer, first.at, &first.request_id))
    }
}

fn document<T: Serialize>(value: &T, blob: Option<&Sealed>) -> Item {
    let mut item = Item::from([("doc".to_owned(), as_json(value))]);
    if let Some(Sealed(bytes)) = blob {
        item.insert("blob".to_owned(), AttributeValue::B(Blob::new(bytes.as_slice())));
    }
    item
}

fn due(item: &mut Item, row: &Row, due: Option<Timestamp>) {
    if let Some(due) = due {
        item.insert("fu".to_owned(), AttributeValue::S(row.bucket()));
        item.insert("due".to_owned(), epoch(due));
    }
}

pub(super) fn as_json<T: Serialize>(value: &T) -> AttributeValue {
    AttributeValue::S(serde_json::to_string(value).expect("our own types have a JSON form"))
}

pub(super) fn text_value(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

pub(super) fn count(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Seconds since 1970, rounded up: nothing is due, and nothing expires, before its time.
pub(super) fn epoch(time: Timestamp) -> AttributeValue {
    let part = i64::from(time.subsec_nanosecond() > 0);
    AttributeValue::N((time.as_second() + part).to_string())
}

/// The present in seconds, to compare with [`epoch`].
pub(super) fn epoch_now(now: Timestamp) -> AttributeValue {
    AttributeValue::N(now.as_second().to_string())
}

/// Milliseconds since 1970: for leases and marks.
pub(super) fn millis(time: Timestamp) -> AttributeValue {
    AttributeValue::N(time.as_millisecond().to_string())
}

pub(super) fn text<'a>(item: &'a Item, name: &str) -> Option<&'a str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

pub(super) fn number(item: &Item, name: &str) -> Option<i64> {
    item.get(name).and_then(|value| value.as_n().ok()).and_then(|number| number.parse().ok())
}

pub(super) fn instant(item: &Item, name: &str) -> Option<Timestamp> {
    number(item, name).and_then(|millis| Timestamp::from_millisecond(millis).ok())
}

pub(super) fn bytes<'a>(item: &'a Item, name: &str) -> Option<&'a [u8]> {
    item.get(name).and_then(|value| value.as_b().ok()).map(AsRef::as_ref)
}

pub(super) fn json<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, StoreError> {
    let text = text(item, name).ok_or(StoreError::Corrupt)?;
    serde_json::from_str(text).map_err(|_| StoreError::Corrupt)
}

fn sealed(item: &Item) -> Option<Sealed> {
    bytes(item, "blob").map(|bytes| Sealed(bytes.to_vec()))
}

#[cfg(test)]
#[path = "item_tests.rs"]
mod tests;
