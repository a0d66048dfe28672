//! One pass over one shard: page by page, everybody who still has tokens.
//!
//! One bad connection is a count, not an end. Only a refusal of our own credential ends the pass, for then every
//! further redemption would fail alike.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use shared::access::{AccessError, Verified, Why};
use shared::app::App;
use shared::concurrent::bounded;
use shared::domain::connection::Connection;
use shared::domain::ids::CustomerId;
use shared::domain::time::{Instant, Span, minutes, seconds};
use shared::microsoft::Deadline;
use shared::store::{SaveError, StoreError, Taken, Versioned};
use shared::vault::CustomerKey;

use crate::report::SweepReport;

/// Every connection is verified at least this often.
pub const VERIFY_EVERY: Span = minutes(45);
/// A pass that left somebody out is repeated so soon: one lost answer must not cost the hour.
pub const REPEAT_AFTER: Span = minutes(5);
/// But not more often than this in a row: then the trouble lasts, and haste does not help.
pub const MOST_REPEATS: u32 = 3;
/// A page takes seconds; a worker that died must not keep the shard from the others.
pub const LEASE: Span = seconds(120);
/// So many connections of a shard at a time. A customer, and so mostly a tenant, lives in one shard, and Entra limits
/// per tenant.
const AT_ONCE: usize = 32;
/// A page: about a megabyte of rows, and no round with idle places.
const PAGE: usize = 9 * AT_ONCE;
/// So many customers' keys are fetched at a time.
const KEYS_AT_ONCE: usize = 16;

type Keys = HashMap<CustomerId, Arc<CustomerKey>>;
type Outcome = Result<Verified, AccessError>;

/// How a pass ended in this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everybody was reached.
    Whole,
    /// The time is over, or somebody else has the shard; the next tick goes on.
    Paused,
    /// Our own credential was refused.
    OurCredential,
}

pub(crate) async fn pass(
    app: &App,
    mut taken: Taken,
    deadline: Deadline,
    report: &mut SweepReport,
) -> Result<Ended, StoreError> {
    let shards = &app.store.shards;
    loop {
        let page = shards.page(taken.shard, taken.cursor.as_ref(), PAGE).await?;
        report.unreadable += u32::try_from(page.corrupt).unwrap_or(u32::MAX);
        let before = report.left_out();
        if !verify_all(app, page.items, deadline, report).await? {
            taken.clean = false;
            return ended(shards.pause(&taken).await, Ended::OurCredential);
        }
        taken.clean &= report.left_out() == before;
        taken.cursor = page.next;
        if taken.cursor.is_none() {
            report.shards += 1;
            return ended(shards.finish(&taken, next_due(&taken)).await, Ended::Whole);
        }
        if deadline.left(app.clock.as_ref()).is_zero() {
            return ended(shards.pause(&taken).await, Ended::Paused);
        }
        let kept = shards.checkpoint(&taken, app.clock.now() + LEASE).await;
        if ended(kept, Ended::Whole)? == Ended::Paused {
            return Ok(Ended::Paused);
        }
    }
}

fn next_due(taken: &Taken) -> Instant {
    let soon = !taken.clean && taken.unclean_before < MOST_REPEATS;
    taken.pass_started + if soon { REPEAT_AFTER } else { VERIFY_EVERY }
}

/// A shard that another took meanwhile is his.
fn ended(written: Result<(), SaveError>, end: Ended) -> Result<Ended, StoreError> {
    match written {
        Ok(()) => Ok(end),
        Err(SaveError::Stale) => Ok(Ended::Paused),
        Err(SaveError::Store(error)) => Err(error),
    }
}

/// Verifies everybody on a page. False: our own credential was refused.
async fn verify_all(
    app: &App,
    connections: Vec<Versioned<Connection>>,
    deadline: Deadline,
    report: &mut SweepReport,
) -> Result<bool, StoreError> {
    let mut all: Vec<_> = connections.into_iter().filter(|read| read.value.is_verifiable()).collect();
    let keys = keys(app, &all, report).await?;
    all.retain(|read| keys.contains_key(&read.value.customer));
    if report.breaker_open && !probe(app, &mut all, &keys, (deadline, report)).await {
        return Ok(false);
    }
    if report.breaker_open {
        return Ok(true);
    }
    let refused = AtomicBool::new(false);
    let verify = |read: Versioned<Connection>| {
        let (key, refused) = (Arc::clone(&keys[&read.value.customer]), &refused);
        async move {
            if refused.load(Ordering::Relaxed) {
                return Err(AccessError::OurCredential);
            }
            let outcome = app.access.verify(read, &key, Why::Check, deadline).await;
            refused.fetch_or(matches!(outcome, Err(AccessError::OurCredential)), Ordering::Relaxed);
            outcome
        }
    };
    for result in bounded(all, AT_ONCE, verify).await {
        report.count(&result);
    }
    Ok(!report.breaker_open)
}

/// One goes first through the open breaker: if Entra speaks of his token, it takes our credential again. Whoever
/// cannot be asked says nothing; a page on which nobody can leaves it to the next. False: still refused.
async fn probe(
    app: &App,
    all: &mut Vec<Versioned<Connection>>,
    keys: &Keys,
    (deadline, report): (Deadline, &mut SweepReport),
) -> bool {
    while let Some(read) = all.pop() {
        let key = &keys[&read.value.customer];
        let outcome: Outcome = app.access.verify(read, key, Why::Check, deadline).await;
        report.count(&outcome);
        match outcome {
            Ok(_) => {
                report.breaker_open = false;
                return true;
            }
            Err(AccessError::Sealed(_) | AccessError::Unserved(_)) => {}
            Err(_) => return false,
        }
    }
    true
}

/// The key of every customer on the page: one read each, one unwrap each in a quarter of an hour. A customer
/// whose key cannot be had now is left to the next pass; one that was shredded has none.
async fn keys(
    app: &App,
    all: &[Versioned<Connection>],
    report: &mut SweepReport,
) -> Result<Keys, StoreError> {
    let customers: BTreeSet<CustomerId> = all.iter().map(|read| read.value.customer.clone()).collect();
    let fetch = |customer: CustomerId| async move {
        let wrapped = app.store.keys.current(&customer).await?;
        let key = match wrapped {
            None => None,
            Some(wrapped) => Some(app.vault.unwrap(&customer, &wrapped).await),
        };
        Ok::<_, StoreError>((customer, key))
    };
    let mut keys = Keys::new();
    for fetched in bounded(customers.into_iter().collect(), KEYS_AT_ONCE, fetch).await {
        match fetched? {
            (customer, Some(Ok(key))) => drop(keys.insert(customer, key)),
            (_, Some(Err(_))) => report.postponed += 1,
            (_, None) => report.unopened += 1,
        }
    }
    Ok(keys)
}
