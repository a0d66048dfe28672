//! One pass over one shard: page by page, everybody who still has tokens.
//!
//! One bad connection is a count, not an end. Only a refusal of our own credential ends the pass, for then every
//! further redemption would fail alike.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use shared::access::{AccessError, Why};
use shared::app::App;
use shared::concurrent::bounded;
use shared::domain::connection::{Connection, Status};
use shared::domain::ids::CustomerId;
use shared::domain::time::{Span, minutes, seconds};
use shared::microsoft::Deadline;
use shared::store::{SaveError, StoreError, Taken, Versioned};
use shared::vault::CustomerKey;

use crate::report::SweepReport;

/// Every connection is verified at least this often.
pub const VERIFY_EVERY: Span = minutes(45);
/// A page takes seconds; a worker that died must not keep the shard from the others.
pub const LEASE: Span = seconds(120);
/// A page: about a megabyte of rows.
const PAGE: usize = 300;
/// So many tenants at a time, and so many connections of each: Entra limits per tenant.
const TENANTS_AT_ONCE: usize = 8;
const PER_TENANT: usize = 32;

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
        let before = report.postponed;
        if !verify_all(app, page.items, deadline, report).await? {
            taken.clean = false;
            return ended(shards.pause(&taken).await, Ended::OurCredential);
        }
        taken.clean &= report.postponed == before;
        taken.cursor = page.next;
        if taken.cursor.is_none() {
            let verified_at = taken.clean.then_some(taken.pass_started);
            report.shards += 1;
            return ended(
                shards.finish(&taken, taken.pass_started + VERIFY_EVERY, verified_at).await,
                Ended::Whole,
            );
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
    if report.breaker_open && !all.is_empty() {
        // One goes first: if it is answered, the credential is good again.
        let probe = all.swap_remove(0);
        let key = &keys[&probe.value.customer];
        let one = app.access.verify(probe, key, Why::Check, deadline).await;
        let answered = !matches!(one, Err(AccessError::OurCredential | AccessError::Unreachable));
        count(report, &one);
        if !answered {
            return Ok(false);
        }
        app.store.guard.close_breaker().await?;
        report.breaker_open = false;
    }
    let verify = |read: Versioned<Connection>| {
        let key = Arc::clone(&keys[&read.value.customer]);
        async move { app.access.verify(read, &key, Why::Check, deadline).await }
    };
    let groups = by_tenant(all);
    let results = bounded(groups, TENANTS_AT_ONCE, |group| bounded(group, PER_TENANT, verify)).await;
    for result in results.iter().flatten() {
        count(report, result);
    }
    Ok(!report.breaker_open)
}

fn by_tenant(all: Vec<Versioned<Connection>>) -> Vec<Vec<Versioned<Connection>>> {
    let mut groups: HashMap<_, Vec<_>> = HashMap::new();
    for read in all {
        groups.entry(read.value.account.as_ref().map(|account| account.tenant)).or_default().push(read);
    }
    groups.into_values().collect()
}

/// The key of every customer on the page: one read each, one unwrap each in a quarter of an hour. A customer
/// whose key cannot be had now is left to the next pass; one that was shredded has none.
async fn keys(
    app: &App,
    all: &[Versioned<Connection>],
    report: &mut SweepReport,
) -> Result<HashMap<CustomerId, Arc<CustomerKey>>, StoreError> {
    let mut keys = HashMap::new();
    let customers: BTreeSet<&CustomerId> = all.iter().map(|read| &read.value.customer).collect();
    for customer in customers {
        let Some(wrapped) = app.store.keys.current(customer).await? else { continue };
        match app.vault.unwrap(customer, &wrapped).await {
            Ok(key) => drop(keys.insert(customer.clone(), key)),
            Err(_) => report.postponed += 1,
        }
    }
    Ok(keys)
}

fn count(report: &mut SweepReport, result: &Result<shared::access::Verified, AccessError>) {
    match result {
        Ok(verified) => {
            report.verified += 1;
            report.stored += u32::from(verified.stored);
            match verified.connection.value.status() {
                Status::Checking => report.suspect += 1,
                Status::NeedsReauth | Status::Revoked => report.dropped += 1,
                Status::Blocked => report.blocked += 1,
                _ => {}
            }
        }
        Err(AccessError::OurCredential) => {
            report.postponed += 1;
            report.breaker_open = true;
        }
        Err(AccessError::Sealed(_)) => report.unreadable += 1,
        Err(_) => report.postponed += 1,
    }
}
