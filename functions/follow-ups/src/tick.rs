//! One tick: what is due, done at once but never too much at a time. The index lags, so each thing is read again
//! before anything is done about it.

use serde::Serialize;
use shared::app::App;
use shared::concurrent::bounded;
use shared::function::{Report, to_report};
use shared::metrics::{self, Metric};
use shared::microsoft::Deadline;
use shared::problem::{Code, Problem};
use shared::store::{BestEffort, Due, StoreError};

use crate::{claims, connections, customers, interviews};

/// So much is looked at in one tick.
const MOST: usize = 500;
/// So much is done at a time.
const AT_ONCE: usize = 16;

/// Counts of one tick.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct FollowUpReport {
    /// What the index showed.
    pub due: u32,
    /// First looks at new connections.
    pub first_looks: u32,
    /// Suspects, canaries and others that were redeemed for and are sound.
    pub sound: u32,
    /// Connections that are still in doubt.
    pub in_doubt: u32,
    /// Connections whose tokens were destroyed.
    pub dropped: u32,
    /// Canaries that were replaced.
    pub elected: u32,
    /// Claims that were finished.
    pub settled: u32,
    /// Claims whose outcome is still unknown.
    pub unsettled: u32,
    /// Interviews that were looked at in Outlook.
    pub looked: u32,
    /// Rows of deleted customers that were removed.
    pub removed: u32,
    /// Things that were left for a later tick.
    pub postponed: u32,
    /// Whether the store failed.
    pub store_failed: bool,
}

/// What came of one due thing.
pub(crate) enum Came {
    FirstLook,
    Sound,
    InDoubt,
    Dropped,
    Elected,
    Settled,
    Unsettled,
    Looked,
    Removed(u32),
    /// Somebody did it meanwhile.
    Nothing,
}

pub(crate) async fn tick(app: &App, deadline: Deadline) -> Report {
    app.vault.forget_expired();
    let mut report = FollowUpReport::default();
    report.store_failed = run(app, deadline, &mut report).await.is_err();
    metrics::count(Metric::FollowUps, u32::from(!report.store_failed));
    to_report(&report)
}

async fn run(app: &App, deadline: Deadline, report: &mut FollowUpReport) -> Result<(), StoreError> {
    // Without it more is asked than should be, and nothing is lost.
    if let Some(guard) = app.store.guard.get().await.or_counted("read the guard") {
        app.access.know(&guard);
    }
    let mut due = app.store.follow_ups.due(app.clock.now(), MOST).await?;
    report.due = u32::try_from(due.len()).unwrap_or(u32::MAX);
    // While our own credential is refused, one goes first: if Entra answers for him, the others may follow.
    let first = due.iter().position(asks_entra).filter(|_| app.access.breaker_is_open());
    if let Some(place) = first
        && app.store.guard.take_probe(app.clock.now()).await?
    {
        report.count(&see_to(app, due.remove(place), deadline).await);
    }
    for came in bounded(due, AT_ONCE, |thing| see_to_if_sound(app, thing, deadline)).await {
        report.count(&came);
    }
    Ok(())
}

fn asks_entra(thing: &Due) -> bool {
    matches!(thing, Due::Connection(seen) if connections::asks_entra(&seen.value))
}

/// Leaves what would ask Entra for a later tick while our own credential is refused.
async fn see_to_if_sound(app: &App, thing: Due, deadline: Deadline) -> Result<Came, Problem> {
    if asks_entra(&thing) && app.access.breaker_is_open() {
        return Err(Code::VendorCredentialInvalid.into());
    }
    see_to(app, thing, deadline).await
}

async fn see_to(app: &App, thing: Due, deadline: Deadline) -> Result<Came, Problem> {
    if deadline.left(app.clock.as_ref()).is_zero() {
        return Ok(Came::Nothing);
    }
    match thing {
        Due::Connection(seen) => connections::see_to(app, &seen.value, deadline).await,
        Due::Claim(seen) => claims::finish(app, &seen.value, deadline).await,
        Due::Interview(seen) => interviews::look(app, &seen.value, deadline).await,
        Due::Customer(customer, _) => customers::remove(app, &customer).await,
    }
}

impl FollowUpReport {
    fn count(&mut self, came: &Result<Came, Problem>) {
        match came {
            Ok(Came::FirstLook) => self.first_looks += 1,
            Ok(Came::Sound) => self.sound += 1,
            Ok(Came::InDoubt) => self.in_doubt += 1,
            Ok(Came::Dropped) => self.dropped += 1,
            Ok(Came::Elected) => self.elected += 1,
            Ok(Came::Settled) => self.settled += 1,
            Ok(Came::Unsettled) => self.unsettled += 1,
            Ok(Came::Looked) => self.looked += 1,
            Ok(Came::Removed(rows)) => self.removed += rows,
            Ok(Came::Nothing) => {}
            Err(_) => self.postponed += 1,
        }
    }
}
