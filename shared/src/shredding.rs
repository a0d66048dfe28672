//! The end of a customer: its keys are destroyed, that is proven, and a receipt tells it.
//!
//! Each step can be repeated, by whoever comes next: the mark that stops everything, the keys, the proof, and its
//! time in the mark. A repeat finds that time and tells it again; it moves only if a key was found after it, which
//! somebody who had read the settings before the mark may have stored.
//!
//! The proof is not that a delete was answered. All versions of the key are read, consistently, and there is none.
//! Then sealed values of the customer are taken as they are stored, connections and interviews, and the key that each
//! names is asked for, as everybody does who wants to open it: there must be no way to get one.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::access::store_problem;
use crate::clock::Clock;
use crate::domain::connection::Sealed;
use crate::domain::customer::{Customer, Deletion, Shredded};
use crate::domain::ids::CustomerId;
use crate::domain::time::later;
use crate::problem::{Code, Problem};
use crate::scheduling::view::seconds;
use crate::store::{SaveError, Store, Versioned};
use crate::vault::{Vault, key_version};

/// The keys table can be restored for a day, and keys stay in memory for minutes.
const RESTORABLE_HOURS: i64 = 24;
const CACHED_MINUTES: i64 = 15;
/// A token of Microsoft's that was already issued lives on by itself.
const TOKEN_MINUTES: i64 = 90;
/// Somebody may save, or store a key, between our read and our write.
const TRIES: usize = 5;
/// So many connections are tried, and as many interviews.
const TRIED: usize = 5;

/// What a deletion promises, and what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Receipt {
    requested_at: String,
    keys_destroyed: bool,
    keys_destroyed_at: String,
    irrecoverable_after: String,
    access_tokens_end_by: String,
    checked: Checked,
}

/// What was looked at after the keys were destroyed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Checked {
    key_versions_left: u32,
    sealed_values_tried: u32,
    sealed_values_opened: u32,
}

impl Receipt {
    /// Of a deletion whose keys are gone; none before.
    pub fn of(deletion: &Deletion) -> Option<Self> {
        let Shredded { at, tried } = deletion.shredded?;
        let after = |minutes: i64| seconds(later(at, minutes));
        Some(Self {
            requested_at: seconds(deletion.at),
            keys_destroyed: true,
            keys_destroyed_at: seconds(at),
            irrecoverable_after: after(RESTORABLE_HOURS * 60 + CACHED_MINUTES),
            access_tokens_end_by: after(TOKEN_MINUTES),
            // There is no receipt otherwise.
            checked: Checked { key_versions_left: 0, sealed_values_tried: tried, sealed_values_opened: 0 },
        })
    }
}

/// Sets the mark that stops everything; one that is set already stays.
pub async fn mark(
    store: &Store,
    customer: &CustomerId,
    now: Timestamp,
) -> Result<Versioned<Customer>, Problem> {
    for _ in 0..TRIES {
        let found = store.customers.get(customer).await.map_err(store_problem)?;
        if let Some(read) = found.as_ref().filter(|read| read.value.deleting.is_some()) {
            return Ok(read.clone());
        }
        let deleting = Some(Deletion { at: now, shredded: None });
        let next = Customer { deleting, ..Customer::default() };
        match store.customers.save_if_unchanged(customer, found.as_ref(), &next).await {
            Ok(marked) => return Ok(marked),
            Err(SaveError::Stale) => {}
            Err(SaveError::Store(error)) => return Err(store_problem(error)),
        }
    }
    Err(Code::ServiceUnavailable.into())
}

/// Destroys the keys of a customer that is marked, proves it, and notes the time; the mark as it is then.
pub async fn shred(
    store: &Store,
    vault: &Vault,
    customer: &CustomerId,
    (mut read, clock): (Versioned<Customer>, &dyn Clock),
) -> Result<Versioned<Customer>, Problem> {
    for _ in 0..TRIES {
        let deleted = store.keys.delete_all(customer).await.map_err(store_problem)?;
        vault.forget(customer);
        let Some(deletion) = read.value.deleting.clone() else { return Ok(read) };
        if deleted == 0 && deletion.shredded.is_some() {
            return Ok(read);
        }
        // The times of the receipt are counted from here: no key is left, and not from before.
        let now = clock.now();
        // A key that somebody stored just now: it goes as well.
        let Some(tried) = none_opens(store, vault, customer).await? else { continue };
        let shredded = Some(Shredded { at: now, tried });
        let next = Customer { deleting: Some(Deletion { shredded, ..deletion }), ..read.value.clone() };
        match store.customers.save_if_unchanged(customer, Some(&read), &next).await {
            Ok(saved) => return Ok(saved),
            Err(SaveError::Store(error)) => return Err(store_problem(error)),
            Err(SaveError::Stale) => {
                let found = store.customers.get(customer).await.map_err(store_problem)?;
                // Removed to the end meanwhile: what was seen here is true all the same.
                let Some(again) = found else { return Ok(Versioned { value: next, ..read }) };
                read = again;
            }
        }
    }
    Err(Code::ServiceUnavailable.into())
}

/// Takes sealed values as they are stored and asks for the key of each. How many; `None`: there was a key.
async fn none_opens(store: &Store, vault: &Vault, customer: &CustomerId) -> Result<Option<u32>, Problem> {
    let (connections, interviews) = tokio::join!(
        store.connections.list(customer, TRIED, None),
        store.interviews.list(customer, None, TRIED, None),
    );
    let (connections, interviews) =
        (connections.map_err(store_problem)?.items, interviews.map_err(store_problem)?.items);
    let tokens = connections.into_iter().filter_map(|read| read.value.tokens);
    let sealed: Vec<Sealed> =
        tokens.chain(interviews.into_iter().filter_map(|read| read.value.sealed)).collect();
    let versions: BTreeSet<Uuid> = sealed.iter().filter_map(key_version).collect();
    for version in versions {
        let stored = store.keys.version(customer, version).await.map_err(store_problem)?;
        if stored.is_some() || vault.cached(customer).is_some() {
            return Ok(None);
        }
    }
    Ok(Some(u32::try_from(sealed.len()).unwrap_or(u32::MAX)))
}
