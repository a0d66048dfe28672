//! One tick: which shards are due, and who may redeem at all.

use shared::app::App;
use shared::domain::ids::uuid_v7;
use shared::function::{Report, to_report};
use shared::microsoft::Deadline;
use shared::store::{ShardBoard, ShardRow, StoreError};

use crate::pass::{Ended, LEASE, pass};
use crate::report::SweepReport;

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
    let rows = due(&board, app);
    if rows.is_empty() || (report.breaker_open && !app.store.guard.take_probe(app.clock.now()).await?) {
        return Ok(());
    }
    let holder = uuid_v7(app.clock.now(), app.entropy.as_ref()).to_string();
    for row in rows {
        let now = app.clock.now();
        if deadline.left(app.clock.as_ref()).is_zero() {
            break;
        }
        let Some(taken) = app.store.shards.take(row, &holder, now + LEASE, now).await? else { continue };
        if pass(app, taken, deadline, report).await? == Ended::OurCredential {
            break;
        }
    }
    Ok(())
}

/// Seconds since the shard was verified that waits longest; one that never was counts from when it was first due.
fn oldest(board: &ShardBoard, app: &App) -> Option<i64> {
    let since =
        board.rows.iter().map(|row| row.verified_at.or(row.first_due).unwrap_or(row.next_due)).min()?;
    Some(app.clock.now().duration_since(since).as_secs().max(0))
}

/// Free shards whose time has come, the one that waits longest first.
fn due<'a>(board: &'a ShardBoard, app: &App) -> Vec<&'a ShardRow> {
    let now = app.clock.now();
    let mut rows: Vec<_> = board.rows.iter().filter(|row| row.is_free(now)).collect();
    rows.sort_by_key(|row| row.next_due);
    rows
}
