//! Where each thing lies. Keys are spelled here and nowhere else.

use std::collections::HashMap;
use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;

use super::item::Item;
use crate::domain::claim::ClaimKey;
use crate::domain::ids::{
    ApprovalId, ConnectionId, CustomerId, InterviewId, SessionId, UserId, percent_encode,
};
use crate::domain::sign_in::Hash;

/// How many queries find everything that is due.
pub(super) const BUCKETS: u8 = 16;

/// A part of all customers: what the sweep verifies as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Shard(u8);

impl Shard {
    /// The shard of a customer: fixed for ever, since it is part of keys.
    pub fn of(customer: &CustomerId) -> Self {
        Self(digest(&SHA256, customer.as_str().as_bytes()).as_ref()[0])
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    pub(super) fn named(text: &str) -> Option<Self> {
        text.parse().ok().map(Self).filter(|shard| shard.to_string() == text)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

/// The place of one item in the main table.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) pk: String,
    pub(super) sk: String,
}

impl Row {
    pub(super) fn connection(customer: &CustomerId, user: &UserId) -> Self {
        let (pk, prefix) = Self::connections(customer);
        Self { pk, sk: prefix + &user.in_key() }
    }

    /// Partition and prefix of a customer's connections.
    pub(super) fn connections(customer: &CustomerId) -> (String, String) {
        (Self::partition(Shard::of(customer)), format!("C#{}#U#", customer.in_key()))
    }

    pub(super) fn partition(shard: Shard) -> String {
        format!("S#{shard}")
    }

    /// From the id of a connection to its user.
    pub(super) fn pointer(customer: &CustomerId, id: &ConnectionId) -> Self {
        Self::of_customer(customer, format!("CON#{id}"))
    }

    /// The last attempt of a user who has no connection.
    pub(super) fn last_attempt(customer: &CustomerId, user: &UserId) -> Self {
        Self::of_customer(customer, format!("TRY#{}", user.in_key()))
    }

    pub(super) fn customer(customer: &CustomerId) -> Self {
        Self::of_customer(customer, CUSTOMER.to_owned())
    }

    pub(super) fn interview(customer: &CustomerId, id: &InterviewId) -> Self {
        Self::of_customer(customer, format!("{INTERVIEW}{id}"))
    }

    pub(super) fn approval(customer: &CustomerId, id: &ApprovalId) -> Self {
        Self::of_customer(customer, format!("{APPROVAL}{id}"))
    }

    /// From the id in an approval link to the customer.
    pub(super) fn approval_link(id: &ApprovalId) -> Self {
        Self { pk: format!("SESSION#{id}"), sk: "-".to_owned() }
    }

    pub(super) fn claim(key: &ClaimKey) -> Self {
        let (user, route) = (key.user.in_key(), percent_encode(&key.route));
        Self::of_customer(&key.customer, format!("{CLAIM}{user}#{route}#{}", key.key_hash))
    }

    /// A row of the proof log, by the time and the id of its first call.
    pub(super) fn call(customer: &CustomerId, at: Timestamp, request_id: &str) -> Self {
        Self::of_customer(customer, format!("{CALL}{}#{request_id}", at.strftime("%Y%m%dT%H%M%S%.3fZ")))
    }

    fn of_customer(customer: &CustomerId, sk: String) -> Self {
        Self { pk: format!("C#{}", customer.in_key()), sk }
    }

    /// No row: there is no shard of that name. Whoever reads connections may ask for it.
    pub(super) fn nobody() -> Self {
        Self { pk: "S#-".to_owned(), sk: "-".to_owned() }
    }

    pub(super) fn shard(shard: Shard) -> Self {
        Self { pk: SHARDS.to_owned(), sk: shard.to_string() }
    }

    pub(super) fn guard() -> Self {
        Self { pk: SHARDS.to_owned(), sk: GUARD.to_owned() }
    }

    pub(super) fn attempt(state: &Hash) -> Self {
        Self { pk: format!("SIGNIN#{}", state.0), sk: "-".to_owned() }
    }

    pub(super) fn session(id: &SessionId) -> Self {
        Self { pk: format!("SESSION#{id}"), sk: "-".to_owned() }
    }

    /// Where an item was read.
    pub(super) fn from_item(item: &Item) -> Option<Self> {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        Some(Self { pk: text("pk")?, sk: text("sk")? })
    }

    /// The customer whose partition this is.
    pub(super) fn owner(&self) -> Option<CustomerId> {
        percent_decode(self.pk.strip_prefix("C#")?)?.parse().ok()
    }

    pub(super) fn key(&self) -> HashMap<String, AttributeValue> {
        let text = |text: &String| AttributeValue::S(text.clone());
        HashMap::from([("pk".to_owned(), text(&self.pk)), ("sk".to_owned(), text(&self.sk))])
    }

    /// Which bucket of the follow-up index it falls into.
    pub(super) fn bucket(&self) -> String {
        let hash = digest(&SHA256, format!("{}{}", self.pk, self.sk).as_bytes());
        bucket(hash.as_ref()[0] % BUCKETS)
    }
}

pub(super) fn bucket(number: u8) -> String {
    format!("F#{number}")
}

pub(super) const CUSTOMER: &str = "CUSTOMER";
pub(super) const INTERVIEW: &str = "INT#";
pub(super) const APPROVAL: &str = "APR#";
pub(super) const CLAIM: &str = "IDEM#";
pub(super) const CALL: &str = "CALL#";
pub(super) const SHARDS: &str = "SHARDS";
pub(super) const GUARD: &str = "GUARD";

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let (high, low) = (char::from(bytes.next()?), char::from(bytes.next()?));
            out.push(u8::try_from(high.to_digit(16)? * 16 + low.to_digit(16)?).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_the_ones_of_the_architecture() {
        let (acme, ana): (CustomerId, UserId) = ("acme".parse().expect("id"), "u#1/é".parse().expect("id"));
        let connection = Row::connection(&acme, &ana);
        assert_eq!(connection.pk, format!("S#{}", Shard::of(&acme)));
        assert_eq!(connection.sk, "C#acme#U#u%231%2F%C3%A9");
        let key = ClaimKey {
            customer: acme.clone(),
            user: ana,
            route: "POST /v1/interviews".to_owned(),
            key_hash: "ab12".to_owned(),
        };
        let claim = Row::claim(&key);
        assert_eq!(
            (claim.pk.as_str(), claim.sk.as_str()),
            ("C#acme", "IDEM#u%231%2F%C3%A9#POST%20%2Fv1%2Finterviews#ab12")
        );
        assert_eq!(Row::shard(Shard(7)), Row { pk: "SHARDS".to_owned(), sk: "007".to_owned() });
        assert_eq!(Row::customer(&acme).sk, "CUSTOMER");
        let at = "2026-11-24T08:00:00.0254Z".parse().expect("a time");
        assert_eq!(Row::call(&acme, at, "0193").sk, "CALL#20261124T080000.025Z#0193");
    }

    #[test]
    fn the_shard_of_a_customer_never_changes() {
        // SHA-256("abc") begins with ba.
        assert_eq!(Shard::of(&"abc".parse().expect("id")), Shard(0xba));
        assert_eq!(Shard::named("186"), Some(Shard(186)));
        assert_eq!((Shard::named("7"), Shard::named("256"), Shard::named(GUARD)), (None, None, None));
    }

    #[test]
    fn every_bucket_is_used_and_none_beyond() {
        let buckets: std::collections::BTreeSet<String> =
            (0..500).map(|n| Row { pk: "C#acme".to_owned(), sk: format!("INT#{n}") }.bucket()).collect();
        assert_eq!(buckets, (0..BUCKETS).map(bucket).collect());
    }

    proptest! {
        #[test]
        fn two_users_never_share_a_row(a in "[ -~é#%]{1,30}", b in "[ -~é#%]{1,30}", c in "[ -~#%]{1,30}") {
            let (first, second): (UserId, UserId) = (a.parse().expect("id"), b.parse().expect("id"));
            let customer: CustomerId = c.parse().expect("id");
            let same = Row::connection(&customer, &first) == Row::connection(&customer, &second);
            prop_assert_eq!(same, a == b);
            prop_assert_eq!(Row::customer(&customer).owner(), Some(customer));
        }
    }
}
