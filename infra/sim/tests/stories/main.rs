//! The stand-ins behave as microsoft.md and the AWS references say; each test is one sentence of them.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests fail loudly and take json! by value"
)]

mod aws;
mod changes;
mod consent;
mod events;
mod faults;
mod lookups;
mod redeem;
mod refusals;
mod rooms;
mod saved;
mod shown;
mod sign_in;
mod world;
