//! Accepted requests: one per idempotency key, and one holder at a time.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::change::Change;
use super::connections::used_change;
use super::interviews::kept;
use super::item::{Item, Stored, count, epoch_now};
use super::proof_log::entry_item;
use super::row::Row;
use super::save::Cancelled;
use super::table::{Put, Table, Written};
use super::{SaveError, StoreError, Versioned};
use crate::domain::claim::{Claim, ClaimKey};
use crate::domain::connection::Sealed;
use crate::domain::ids::UserId;
use crate::domain::interview::Interview;
use crate::domain::proof_log::Entry;

/// Accepted requests.
#[derive(Clone)]
pub struct Claims(pub(super) Arc<Table>);

/// Whether a claim is ours.
#[derive(Debug, Clone)]
pub enum Claimed {
    /// It is new, and we hold it.
    New(Versioned<Claim>),
    /// There is one under the same key.
    Existing(Versioned<Claim>),
}

/// The end of a claim that touched an interview.
#[derive(Debug, Clone)]
pub struct Settlement<'a> {
    /// The claim, as it was read or made.
    pub claim: &'a Versioned<Claim>,
    /// The answer to store, sealed.
    pub answer: Sealed,
    /// The interview to store.
    pub interview: &'a Interview,
    /// The version that was read before; `None`: it is new.
    pub read: Option<u64>,
    /// How long the interview is kept after its end.
    pub keep_for: SignedDuration,
    /// Whose connection was used, and when, if that is to be noted.
    pub used: Option<(&'a UserId, Timestamp)>,
    /// What Graph was asked on the way.
    pub proof: Option<&'a Entry>,
}

impl Claims {
    /// Stores a new claim, unless there is one under its key whose time is not over.
    pub async fn claim(&self, new: &Claim) -> Result<Claimed, StoreError> {
        let row = Row::claim(&new.key);
        let mut item = new.fields(&row);
        item.extend(row.key());
        item.insert("v".to_owned(), count(1));
        let condition = Some("attribute_not_exists(#pk) OR #ttl <= :now");
        let values = Some([(":now".to_owned(), epoch_now(new.accepted_at))].into());
        match self.0.put(Put { item, condition, values }).await? {
            Written::Done(_) => Ok(Claimed::New(Versioned { value: new.clone(), version: 1 })),
            Written::Refused(Some(existing)) => Ok(Claimed::Existing(Claim::versioned(&existing)?)),
            Written::Refused(None) => Err(StoreError::Unavailable),
        }
    }

    /// The claim under this key.
    pub async fn get(&self, key: &ClaimKey) -> Result<Option<Versioned<Claim>>, StoreError> {
        Claim::found(self.0.get(&Row::claim(key)).await?)
    }

    /// Becomes the holder of a claim whose holder has gone.
    pub async fn take_over(
        &self,
        read: &Versioned<Claim>,
        busy_until: Timestamp,
    ) -> Result<Versioned<Claim>, SaveError> {
        let next = Claim { busy_until, attempts: read.value.attempts + 1, ..read.value.clone() };
        self.0.save(Row::claim(&next.key), &next, Some(read.version), Item::new()).await
    }

    /// Saves what its holder notes in it, or when it is free again, together with what Graph was asked.
    pub async fn change(
        &self,
        read: &Versioned<Claim>,
        next: &Claim,
        proof: Option<&Entry>,
    ) -> Result<Versioned<Claim>, SaveError> {
        let seen = (Some(read.version), Item::new());
        self.0.save_recorded(Row::claim(&next.key), next, seen, proof).await
    }

    /// Deletes a claim that came to nothing, so that the key can be used again; what Graph was asked stays on record.
    pub async fn release(&self, read: &Versioned<Claim>, proof: Option<&Entry>) -> Result<(), SaveError> {
        let row = Row::claim(&read.value.key);
        if let Some(proof) = proof {
            let parts = vec![self.0.delete_part(&row, read.version)?, self.0.put_part(entry_item(proof)?)?];
            return Ok(self.0.transact(parts).await?);
        }
        match self.0.delete(&row, Some(read.version)).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(SaveError::Stale),
        }
    }

    /// Stores the interview and the claim's answer together.
    pub async fn settle(&self, end: Settlement<'_>) -> Result<(), SaveError> {
        match self.settle_with(&end, end.used).await {
            // Only the note on the connection stood in the way: it is gone, or being written. Do without.
            Err(Cancelled::Refused(places)) if places == [2] => Ok(self.settle_with(&end, None).await?),
            other => Ok(other?),
        }
    }

    async fn settle_with(
        &self,
        end: &Settlement<'_>,
        used: Option<(&UserId, Timestamp)>,
    ) -> Result<(), Cancelled> {
        let customer = &end.interview.customer;
        let row = Row::interview(customer, &end.interview.id);
        let mut fields = end.interview.fields(&row);
        fields.extend(kept(end.interview, end.keep_for));
        let claim = settled(end.claim, end.answer.clone());
        let claim_row = Row::claim(&claim.key);
        let claim_fields = claim.fields(&claim_row);
        let mut changes = vec![
            Change::whole(row, fields, end.read),
            Change::whole(claim_row, claim_fields, Some(end.claim.version)),
        ];
        changes.extend(used.map(|(user, at)| used_change(customer, user, at)));
        let writes = changes.into_iter().map(|change| self.0.part(change));
        let proof = end.proof.map(|proof| self.0.put_part(entry_item(proof)?));
        let writes = writes.chain(proof).collect::<Result<_, _>>();
        self.0.transact(writes.map_err(Cancelled::Store)?).await
    }

    /// Stores the claim's answer where no interview changes, together with what Graph was asked.
    pub async fn settle_claim(
        &self,
        read: &Versioned<Claim>,
        answer: Sealed,
        proof: Option<&Entry>,
    ) -> Result<Versioned<Claim>, SaveError> {
        self.change(read, &settled(read, answer), proof).await
    }
}

fn settled(read: &Versioned<Claim>, answer: Sealed) -> Claim {
    Claim { settled: true, sealed: Some(answer), ..read.value.clone() }
}
