//! Keeps tokens alive and notices revocation.
//!
//! A shard is due as a whole. A run takes due shards, some at a time, each under a lease with a fence, and stops well
//! before its deadline: the next tick goes on. It may die anywhere, and an API call may redeem at the
//! same moment: the version check on save decides who wins.

mod page;
mod pass;
mod report;
mod sweep;

use shared::function::ScheduledFunction;

pub use report::SweepReport;

/// The function.
pub const FUNCTION: ScheduledFunction =
    ScheduledFunction { name: "token-refresh", tick: |app, deadline| Box::pin(sweep::tick(app, deadline)) };
