//! What the ATS is told without asking: that a connection, an interview or a customer is in another state, or that
//! clients can see another version of it.
//!
//! A message is thin: ids, state, version, time. It is told at least once and in no promised order, so whoever
//! hears it compares `version` with what it knows, and reads the rest by the API.

use jiff::Timestamp;
use serde::Serialize;

use super::connection::Connection;
use super::customer::Customer;
use super::ids::{ConnectionId, CustomerId, InterviewId, UserId};
use super::interview::{Interview, Status};

/// `source` of every event.
pub const SOURCE: &str = "convene";

/// What a message is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Subject {
    /// A recruiter's connection.
    Connection {
        /// Whose settings hold for it.
        customer_id: CustomerId,
        /// Its id.
        connection_id: ConnectionId,
        /// The user of the ATS.
        user: UserId,
    },
    /// An interview.
    Interview {
        /// Whose settings hold for it.
        customer_id: CustomerId,
        /// Its id.
        interview_id: InterviewId,
        /// The ATS's own reference.
        external_id: Option<String>,
    },
    /// A customer.
    Customer {
        /// Its id.
        customer_id: CustomerId,
    },
}

/// A thing as clients see it, as far as messages go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Face {
    subject: Subject,
    status: String,
    /// Grows with every change that is told.
    version: u64,
    /// Differs if clients can see a difference.
    seen: String,
}

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Message {
    /// `detail-type`: the kind of thing, and its new state or `changed`.
    #[serde(skip)]
    pub kind: String,
    /// What it is about.
    #[serde(flatten)]
    pub subject: Subject,
    /// The state now.
    pub status: String,
    /// The version now.
    pub version: u64,
    /// When that was stored.
    pub at: Timestamp,
    /// The connection that is in trouble organises for others: their interviews wait for it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub organizes_for_others: bool,
}

impl Subject {
    fn kind(&self) -> &'static str {
        match self {
            Self::Connection { .. } => "connection",
            Self::Interview { .. } => "interview",
            Self::Customer { .. } => "customer",
        }
    }
}

impl Face {
    /// A connection, stored in this version of its row.
    pub fn of_connection(connection: &Connection, version: u64) -> Self {
        let subject = Subject::Connection {
            customer_id: connection.customer.clone(),
            connection_id: connection.id.clone(),
            user: connection.user.clone(),
        };
        Self { subject, status: name(&connection.status()), version, seen: String::new() }
    }

    /// An interview.
    pub fn of_interview(interview: &Interview) -> Self {
        let subject = Subject::Interview {
            customer_id: interview.customer.clone(),
            interview_id: interview.id.clone(),
            external_id: interview.options.external_id.clone(),
        };
        let (status, version) = (name::<Status>(&interview.status), interview.version);
        Self { subject, status, version, seen: version.to_string() }
    }

    /// A customer's settings, stored in this version of their row.
    pub fn of_customer(id: CustomerId, customer: &Customer, version: u64) -> Self {
        let status = match (&customer.deleting, customer.enabled) {
            (Some(_), _) => "deleting",
            (None, true) => "enabled",
            (None, false) => "disabled",
        };
        // Which connection is asked every five minutes, when permissions were last seen, and the key of a link are
        // nobody's business.
        let proven = customer.proven.as_ref().map(|proven| name(&proven.scopes)).unwrap_or_default();
        let shown =
            Customer { canary: None, it_link: None, proven: None, deleting: None, ..customer.clone() };
        let seen = format!("{} {proven}", name(&shown));
        Self { subject: Subject::Customer { customer_id: id }, status: status.to_owned(), version, seen }
    }

    /// The message that tells of the present state, whatever it was before.
    pub fn message(self, at: Timestamp) -> Message {
        let kind = format!("{}.{}", self.subject.kind(), self.status);
        let Self { subject, status, version, .. } = self;
        Message { kind, subject, status, version, at, organizes_for_others: false }
    }
}

/// What is told of a write, if anything. A row that goes is told for a customer alone: all else goes with it, or has
/// served its time.
pub fn told(before: Option<Face>, after: Option<Face>, at: Timestamp) -> Option<Message> {
    match (before, after) {
        (Some(before), Some(after)) if before.status == after.status => {
            (before.seen != after.seen).then(|| {
                let kind = format!("{}.changed", after.subject.kind());
                Message { kind, ..after.message(at) }
            })
        }
        (_, Some(after)) => Some(after.message(at)),
        (Some(before @ Face { subject: Subject::Customer { .. }, .. }), None) => {
            let version = before.version + 1;
            Some(Face { status: "deleted".to_owned(), version, ..before }.message(at))
        }
        (_, None) => None,
    }
}

/// The stored form as text; the name, for states.
fn name<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::CustomerId;

    fn face(customer: &Customer, version: u64) -> Face {
        Face::of_customer("acme".parse::<CustomerId>().expect("an id"), customer, version)
    }

    fn kind<B: Into<Option<Face>>, A: Into<Option<Face>>>(before: B, after: A) -> Option<String> {
        told(before.into(), after.into(), Timestamp::UNIX_EPOCH).map(|message| message.kind)
    }

    #[test]
    fn a_customer_is_told_when_the_switch_or_what_clients_see_changes() {
        let off = Customer::default();
        let on = Customer { enabled: true, ..off.clone() };
        let named = Customer { name: Some("Acme".to_owned()), ..on.clone() };
        assert_eq!(kind(None::<Face>, face(&off, 1)).as_deref(), Some("customer.disabled"));
        assert_eq!(kind(face(&off, 1), face(&on, 2)).as_deref(), Some("customer.enabled"));
        assert_eq!(kind(face(&on, 2), face(&named, 3)).as_deref(), Some("customer.changed"));
        assert_eq!(kind(face(&named, 3), face(&named, 4)), None);
        assert_eq!(kind(face(&named, 4), None::<Face>).as_deref(), Some("customer.deleted"));
    }

    #[test]
    fn what_nobody_sees_is_not_told() {
        let before = Customer { enabled: true, ..Customer::default() };
        let link = Some(super::super::sign_in::Hash("00".repeat(32)));
        let after = Customer { it_link: link, ..before.clone() };
        assert_eq!(kind(face(&before, 1), face(&after, 2)), None);
    }

    #[test]
    fn the_last_version_of_a_customer_is_the_highest() {
        let gone = told(Some(face(&Customer::default(), 7)), None, Timestamp::UNIX_EPOCH).expect("told");
        assert_eq!((gone.version, gone.status.as_str()), (8, "deleted"));
    }
}
