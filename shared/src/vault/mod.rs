//! Secrets at rest.
//!
//! Every value is sealed under a key of its own, derived from the customer's key and from the place it belongs
//! to: a value that was copied elsewhere does not open, and without the customer's key nothing does. Customer
//! keys are stored wrapped by KMS and live in memory for minutes.

mod binding;
pub mod browser;
mod cache;
mod customer_key;
mod derive;
mod envelope;
mod keys;
mod kms;
mod values;

pub use binding::{Binding, Purpose};
pub use customer_key::{CustomerKey, fingerprint};
pub use envelope::{OVERHEAD, OpenError, key_version, open, seal};
pub use keys::Vault;
pub use kms::{KeyWrapper, VaultError};
pub use values::{TokenPair, open_json, open_tokens, seal_json, seal_tokens};
