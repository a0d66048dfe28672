//! The sealed form of a value, format 1. Pure.
//!
//! ```text
//! format 1 ‖ key version 16 ‖ generation 8 ‖ salt 32 ‖ commitment 32 ‖ ciphertext ‖ tag 16
//! ```
//! HKDF-SHA256 over the customer key, a fresh salt and the place gives an AES-256-GCM key and a commitment. The
//! key seals one value only, so its nonce can be fixed. The commitment (as in the AWS Encryption SDK's suite
//! 0x0478) makes one ciphertext open under one key only. What is written in format 1 must open for ever.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use subtle::ConstantTimeEq;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::binding::Binding;
use super::customer_key::CustomerKey;
use super::derive::Extracted;
use crate::clock::Entropy;
use crate::domain::connection::Sealed;
use crate::domain::wiped::Wiped;

const FORMAT: u8 = 1;
const TAG: usize = 16;
/// Bytes that sealing adds to a value.
pub const OVERHEAD: usize = 1 + 16 + 8 + 32 + 32 + TAG;

const KEY_LABEL: &[u8] = b"convene/envelope/key";
const COMMITMENT_LABEL: &[u8] = b"convene/envelope/commitment";

/// A sealed value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenError {
    /// Another version of the customer key sealed it: fetch that one.
    OtherKey(Uuid),
    /// It is damaged, or was sealed for another place.
    Damaged,
}

impl std::fmt::Display for OpenError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::OtherKey(version) => write!(f, "sealed by key version {version}"),
            Self::Damaged => f.write_str("damaged, or sealed for another place"),
        }
    }
}
impl std::error::Error for OpenError {}

/// Seals a value, which may come in parts, for one place.
///
/// # Panics
/// Never in practice: AES-GCM seals 64 GB.
pub fn seal(key: &CustomerKey, binding: &Binding<'_>, plain: &[&[u8]], entropy: &dyn Entropy) -> Sealed {
    let salt = entropy.bytes::<32>();
    let place = place(key, binding);
    let (cipher, commitment) = keys(key, &salt, &place);
    // Room for all at once: a buffer that grows would leave its plaintext behind.
    let mut sealed = Vec::with_capacity(OVERHEAD + plain.iter().map(|part| part.len()).sum::<usize>());
    sealed.push(FORMAT);
    sealed.extend_from_slice(key.version().as_bytes());
    sealed.extend_from_slice(&binding.generation.to_be_bytes());
    sealed.extend_from_slice(&salt);
    sealed.extend_from_slice(commitment.as_slice());
    let head = sealed.len();
    for part in plain {
        sealed.extend_from_slice(part);
    }
    let tag = cipher
        .seal_in_place_separate_tag(nonce(), Aad::from(place.as_slice()), &mut sealed[head..])
        .expect("AES-GCM seals what fits into memory");
    sealed.extend_from_slice(tag.as_ref());
    Sealed(sealed)
}

/// Opens a value at its place.
pub fn open(key: &CustomerKey, binding: &Binding<'_>, sealed: &Sealed) -> Result<Wiped<Vec<u8>>, OpenError> {
    let parts = Parts::of(sealed).ok_or(OpenError::Damaged)?;
    if parts.version != key.version() {
        return Err(OpenError::OtherKey(parts.version));
    }
    if parts.generation != binding.generation {
        return Err(OpenError::Damaged);
    }
    let place = place(key, binding);
    let (cipher, commitment) = keys(key, parts.salt, &place);
    if !bool::from(commitment.as_slice().ct_eq(parts.commitment)) {
        return Err(OpenError::Damaged);
    }
    let mut plain = Wiped::new(parts.ciphertext.to_vec());
    cipher
        .open_in_place_separate_tag(nonce(), Aad::from(place.as_slice()), parts.tag, &mut plain)
        .map_err(|_| OpenError::Damaged)?;
    Ok(plain)
}

/// The version of the customer key that sealed a value.
pub fn key_version(sealed: &Sealed) -> Option<Uuid> {
    Parts::of(sealed).map(|parts| parts.version)
}

struct Parts<'a> {
    version: Uuid,
    generation: u64,
    salt: &'a [u8; 32],
    commitment: &'a [u8; 32],
    ciphertext: &'a [u8],
    tag: &'a [u8; TAG],
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a Sealed) -> Option<Self> {
        let ([FORMAT], rest) = sealed.0.split_first_chunk()? else { return None };
        let (version, rest) = rest.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (commitment, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        let (version, generation) = (Uuid::from_bytes(*version), u64::from_be_bytes(*generation));
        Some(Self { version, generation, salt, commitment, ciphertext, tag })
    }
}

/// HKDF info and additional data: format, place and key version.
fn place(key: &CustomerKey, binding: &Binding<'_>) -> Vec<u8> {
    let place = binding.to_bytes();
    [&[FORMAT], key.version().as_bytes().as_slice(), &place].concat()
}

fn keys(key: &CustomerKey, salt: &[u8; 32], place: &[u8]) -> (LessSafeKey, Zeroizing<[u8; 32]>) {
    let extracted = Extracted::new(key.expose(), salt);
    let sealing = extracted.expand(&[KEY_LABEL, &[0], place]);
    let commitment = extracted.expand(&[COMMITMENT_LABEL, &[0], place]);
    let cipher = UnboundKey::new(&AES_256_GCM, sealing.as_slice()).expect("AES-256 takes 32 bytes");
    (LessSafeKey::new(cipher), commitment)
}

/// Fixed: a derived key seals one value only.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
