//! One tick: which shards are due, and who may redeem at all.

use std::sync::atomic::{AtomicBool, Ordering};

use shared::app::App;
use shared::concurrent::{Places, bounded};
use shared::domain::ids::uuid_v7;
use shared::function::{Report, to_report};
use shared::microsoft::Deadline;
use shared::store::{ShardBoard, ShardRow, StoreError};

use crate::pass::{Ended, LEASE, Run, pass};
use crate::report::SweepReport;

/// So many redemptions at a time.
const AT_ONCE: usize = 256;
/// So many of one tenant, whatever customers and shards its people are spread over.
const OF_A_TENANT_AT_ONCE: usize = 32;
/// So many shards at a time.
const SHARDS_AT_ONCE: usize = 16;

pub(crate) async fn tick(app: &App, deadline: Deadline) -> Report {
    let certificate_days_left = app.access.certificate_days_left();
    let mut report = SweepReport { certificate_days_left, ..SweepReport::default() };
    app.vault.forget_expired();
    // The next tick repairs it: nothing here is lost by stopping.
    report.store_failed = run(app, deadline, &mut report).await.is_err();
    report.measure();
    to_report(&report)
}

async fn run(app: &App, deadline: Deadline, report: &mut SweepReport) -> Result<(), StoreError> {
    let board = app.store.shards.all().await?;
    app.access.know(&board.guard);
    report.oldest_shard_seconds = oldest(&board, app);
    report.guard_tripped = board.guard.is_tripped();
    report.breaker_open = board.guard.breaker.is_some();
    let rows = due(board, app);
    if rows.is_empty() || (report.breaker_open && !app.store.guard.take_probe(app.clock.now()).await?) {
        return Ok(());
    }
    let run = Run {
        app,
        deadline,
        holder: uuid_v7(app.clock.now(), app.entropy.as_ref()).to_string(),
        places: Places::new(AT_ONCE, OF_A_TENANT_AT_ONCE),
        refused: AtomicBool::new(false),
    };
    let mut rows = rows.into_iter();
    // Through an open breaker they go one after another: the first redemption is the probe.
    while report.breaker_open {
        let Some(row) = rows.next() else { return Ok(()) };
        if !one(&run, &row, report).await? {
            return Ok(());
        }
    }
    let (run, stopped) = (&run, &AtomicBool::new(false));
    let beside = |row: ShardRow| async move {
        let mut own = SweepReport::default();
        if stopped.load(Ordering::Relaxed) {
            return (own, Ok(false));
        }
        let gone_on = one(run, &row, &mut own).await;
        stopped.fetch_or(!matches!(gone_on, Ok(true)), Ordering::Relaxed);
        (own, gone_on)
    };
    let mut failed = Ok(());
    for (own, gone_on) in bounded(rows.collect(), SHARDS_AT_ONCE, beside).await {
        report.add(&own);
        failed = failed.and(gone_on.map(drop));
    }
    failed
}

/// Takes a shard and passes through it. False: nothing more can be done in this run.
async fn one(run: &Run<'_>, row: &ShardRow, report: &mut SweepReport) -> Result<bool, StoreError> {
    let (app, now) = (run.app, run.app.clock.now());
    if run.is_over() {
        return Ok(false);
    }
    let taken = app.store.shards.take(row, &run.holder, now + LEASE, now).await?;
    let Some(taken) = taken else { return Ok(true) };
    Ok(pass(run, taken, report).await? != Ended::OurCredential)
}

/// Seconds since the shard was verified that waits longest; one that never was counts from when it was first due.
fn oldest(board: &ShardBoard, app: &App) -> Option<i64> {
    let since =
        board.rows.iter().map(|row| row.verified_at.or(row.first_due).unwrap_or(row.next_due)).min()?;
    Some(app.clock.now().duration_since(since).as_secs().max(0))
}

/// Free shards whose time has come, the one that waits longest first.
fn due(board: ShardBoard, app: &App) -> Vec<ShardRow> {
    let now = app.clock.now();
    let mut rows: Vec<_> = board.rows.into_iter().filter(|row| row.is_free(now)).collect();
    rows.sort_by_key(|row| row.next_due);
    rows
}
