//! The key of a customer, as it is stored: wrapped, so that only KMS can open it.

use uuid::Uuid;

/// A wrapped customer key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedKey {
    /// A `UUIDv7`; never used again for another key.
    pub version: Uuid,
    /// What KMS made of the key.
    pub blob: Vec<u8>,
}
