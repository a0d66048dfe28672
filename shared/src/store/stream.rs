//! Records of the main table's stream (`DynamoDB` Streams, both images), read as what they tell of.
//!
//! Everything that clients hear of is a write to the table, so the stream is the outbox: no handler sends anything,
//! and nothing is lost between a write and its telling.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::StoreError;
use super::row::{CUSTOMER, INTERVIEW, Row};
use crate::domain::connection::Connection;
use crate::domain::customer::Customer;
use crate::domain::interview::Interview;
use crate::domain::outbound::{Face, Message, told};

/// Rows whose writes are told of, by the beginning of their sort key. The mapping in template.yaml lets through these
/// and no others.
pub const STREAMED: [&str; 3] = [CONNECTIONS, INTERVIEW, CUSTOMER];

const CONNECTIONS: &str = "C#";

/// What Lambda hands over.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// In the order of their writes, as far as they concern the same row.
    #[serde(rename = "Records")]
    pub records: Vec<Record>,
}

/// One write.
#[derive(Debug, Deserialize)]
pub struct Record {
    dynamodb: Images,
    #[serde(rename = "userIdentity")]
    by: Option<Identity>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: Keys,
    old_image: Option<Image>,
    new_image: Option<Image>,
    sequence_number: String,
    /// Seconds since 1970.
    approximate_creation_date_time: f64,
}

#[derive(Debug, Deserialize)]
struct Keys {
    pk: Text,
    sk: Text,
}

#[derive(Debug, Deserialize)]
struct Image {
    doc: Option<Text>,
    v: Option<Number>,
}

#[derive(Debug, Deserialize)]
struct Text {
    #[serde(rename = "S")]
    text: String,
}

#[derive(Debug, Deserialize)]
struct Number {
    #[serde(rename = "N")]
    digits: String,
}

/// Who deleted, if it was not one of us.
#[derive(Debug, Deserialize)]
struct Identity {
    #[serde(rename = "principalId")]
    principal: String,
}

impl Record {
    /// Its place in the stream.
    pub fn sequence_number(&self) -> &str {
        &self.dynamodb.sequence_number
    }

    /// What is told of this write, if anything.
    pub fn message(&self) -> Result<Option<Message>, StoreError> {
        // Expiry tells nothing: what it removes has served its time.
        if self.by.as_ref().is_some_and(|by| by.principal == "dynamodb.amazonaws.com") {
            return Ok(None);
        }
        let face = |image: &Option<Image>| image.as_ref().map(|image| self.face(image)).transpose();
        let (before, after) = (face(&self.dynamodb.old_image)?, face(&self.dynamodb.new_image)?);
        Ok(told(before.flatten(), after.flatten(), self.at()))
    }

    fn at(&self) -> Timestamp {
        let since = SignedDuration::try_from_secs_f64(self.dynamodb.approximate_creation_date_time);
        since.ok().and_then(|since| Timestamp::from_duration(since).ok()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn face(&self, image: &Image) -> Result<Option<Face>, StoreError> {
        let Keys { pk, sk } = &self.dynamodb.keys;
        let row = Row { pk: pk.text.clone(), sk: sk.text.clone() };
        let version = || image.v.as_ref().and_then(|v| v.digits.parse().ok()).ok_or(StoreError::Corrupt);
        Ok(if row.sk.starts_with(CONNECTIONS) {
            Some(Face::of_connection(&document::<Connection>(image)?, version()?))
        } else if row.sk.starts_with(INTERVIEW) {
            Some(Face::of_interview(&document::<Interview>(image)?))
        } else if row.sk == CUSTOMER {
            let id = row.owner().ok_or(StoreError::Corrupt)?;
            Some(Face::of_customer(id, &document::<Customer>(image)?, version()?))
        } else {
            None
        })
    }
}

fn document<T: DeserializeOwned>(image: &Image) -> Result<T, StoreError> {
    let text = image.doc.as_ref().ok_or(StoreError::Corrupt)?;
    serde_json::from_str(&text.text).map_err(|_| StoreError::Corrupt)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn removal(sk: &str) -> Value {
        let doc = serde_json::to_string(&Customer { enabled: true, ..Customer::default() }).expect("JSON");
        json!({ "eventName": "REMOVE", "dynamodb": { "ApproximateCreationDateTime": 1_800_000_000, "SequenceNumber": "7",
            "Keys": { "pk": { "S": "C#acme" }, "sk": { "S": sk } },
            "OldImage": { "pk": { "S": "C#acme" }, "sk": { "S": sk }, "doc": { "S": doc }, "v": { "N": "3" } } } })
    }

    fn kind(record: Value) -> Result<Option<String>, StoreError> {
        let record: Record = serde_json::from_value(record).expect("a record");
        record.message().map(|message| message.map(|message| message.kind))
    }

    #[test]
    fn what_expires_tells_nothing_and_what_somebody_deletes_does() {
        assert_eq!(kind(removal("CUSTOMER")), Ok(Some("customer.deleted".to_owned())));
        let mut expired = removal("CUSTOMER");
        expired["userIdentity"] = json!({ "type": "Service", "principalId": "dynamodb.amazonaws.com" });
        assert_eq!(kind(expired), Ok(None));
    }

    #[test]
    fn a_row_of_another_kind_tells_nothing_and_a_broken_one_says_so() {
        assert_eq!(kind(removal("IDEM#u-ana#x")), Ok(None));
        assert_eq!(kind(removal("INT#int_1")), Err(StoreError::Corrupt));
    }

    #[test]
    fn the_time_is_that_of_the_write() {
        let record: Record = serde_json::from_value(removal("CUSTOMER")).expect("a record");
        let message = record.message().expect("readable").expect("told");
        assert_eq!((message.at.as_second(), message.version), (1_800_000_000, 4));
    }
}
