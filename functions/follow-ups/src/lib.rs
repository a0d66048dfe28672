//! Whatever is due in minutes: new connections, suspects, canaries, unsettled claims, awaited rooms and links,
//! deletions. Everything that needs something later stands in one index, and each tick does what is due.

mod claims;
mod connections;
mod customers;
mod election;
mod interviews;
mod tick;

use shared::function::ScheduledFunction;

pub use tick::FollowUpReport;

/// The function.
pub const FUNCTION: ScheduledFunction =
    ScheduledFunction { name: "follow-ups", tick: |app, deadline| Box::pin(tick::tick(app, deadline)) };
