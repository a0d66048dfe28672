//! The whole of Convene on one port of this machine: every function behind a gateway, AWS and Microsoft as
//! stand-ins. `cargo local` gives it to a person, the acceptance tests start hundreds.
//!
//! It builds the production `App` with other settings, so what runs here is what is deployed.

mod bootstrap;
mod clock;
mod containers;
mod deployed;
mod desk;
mod folder;
mod furnish;
mod gateway;
mod guard;
mod jwt;
mod observer;
mod page;
mod schedule;
mod stack;
mod stream;

pub use axum::http;
pub use bootstrap::Setup;
pub use clock::StackClock;
pub use deployed::Deployed;
pub use furnish::furnish;
pub use jwt::{AUDIENCE, issue};
pub use observer::{Observed, Observer};
pub use stack::{Options, OtherMicrosoft, Stack, http_functions, scheduled_functions};
