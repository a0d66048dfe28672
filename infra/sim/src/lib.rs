//! Stand-ins for other people's servers: AWS (DynamoDB, KMS) and Microsoft (Entra ID, Graph).
//!
//! They import nothing of ours, so a bug of `shared` cannot cancel itself out, and they are strict: what the real
//! service refuses is refused, and what they do not know is a 501 that ends up in [`Journal::violations`].
//! Everything expires by one manual clock, [`Now`].
//!
//! - [`Journal`] records what the product sent; [`Fault`]s spoil single calls on purpose.
//! - [`Aws`] and [`Microsoft`] hold the state and give an axum router each.
//! - [`serve()`] is the accept loop that can also drop a connection ([`Reset`]).
//! - [`Stage`] is a Microsoft that runs alone, with its switches over HTTP.

mod aws;
mod der;
mod faults;
mod gate;
mod hunt;
mod journal;
mod microsoft;
mod random;
mod serve;
mod stage;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use aws::{Aws, Event as BusEvent, KeyState, Rules, Wanted};
pub use dynoxide::Database;
pub use faults::{Fault, Faults, Kind, Reset, When};
pub use hunt::Hunt;
pub use journal::{Call, Journal};
pub use microsoft::{
    Answer, Config, Grant, LargeLists, Mail, MailKind, Microsoft, Options, Place, Redemption, Trash,
};
pub use serve::serve;
pub use stage::Stage;

/// The clock of every stand-in: tests move it, `cargo local` adds an offset to the wall clock.
pub type Now = Arc<dyn Fn() -> jiff::Timestamp + Send + Sync>;

/// A test that panicked while it held a lock has failed already; the others may go on.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
