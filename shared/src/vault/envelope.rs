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
use super::derive::derive;
use crate::clock::Entropy;
use crate::domain::connection::Sealed;

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

/// Seals a value for one place.
pub fn seal(key: &CustomerKey, binding: &Binding<'_>, plain: &[u8], entropy: &dyn Entropy) -> Sealed {
    let salt = entropy.bytes::<32>();
    let place = place(key, binding);
    let (cipher, commitment) = keys(key, &salt, &place);
    let mut sealed = Vec::with_capacity(OVERHEAD + plain.len());
    sealed.push(FORMAT);
    sealed.extend(key.version().as_bytes());
    sealed.extend(binding.generation.to_be_bytes());
    sealed.extend(salt);
    sealed.extend(commitment.as_slice());
    sealed.extend(encrypted(&cipher, &place, plain));
    Sealed(sealed)
}

/// Opens a value at its place.
pub fn open(
    key: &CustomerKey,
    binding: &Binding<'_>,
    sealed: &Sealed,
) -> Result<Zeroizing<Vec<u8>>, OpenError> {
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
    let mut buffer = Zeroizing::new(parts.ciphertext.to_vec());
    cipher
        .open_in_place(nonce(), Aad::from(place.as_slice()), &mut buffer)
        .map_err(|_| OpenError::Damaged)?;
    buffer.truncate(parts.ciphertext.len() - TAG);
    Ok(buffer)
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
}

impl<'a> Parts<'a> {
    fn of(sealed: &'a Sealed) -> Option<Self> {
        let ([FORMAT], rest) = sealed.0.split_first_chunk()? else { return None };
        let (version, rest) = rest.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (commitment, ciphertext) = rest.split_first_chunk()?;
        let (version, generation) = (Uuid::from_bytes(*version), u64::from_be_bytes(*generation));
        (ciphertext.len() >= TAG).then_some(Self { version, generation, salt, commitment, ciphertext })
    }
}

/// HKDF info and additional data: format, place and key version.
fn place(key: &CustomerKey, binding: &Binding<'_>) -> Vec<u8> {
    let mut place = vec![FORMAT];
    place.extend(key.version().as_bytes());
    place.extend(binding.to_bytes());
    place
}

fn keys(key: &CustomerKey, salt: &[u8; 32], place: &[u8]) -> (LessSafeKey, Zeroizing<[u8; 32]>) {
    let sealing = derive(key.expose(), salt, &[KEY_LABEL, &[0], place]);
    let commitment = derive(key.expose(), salt, &[COMMITMENT_LABEL, &[0], place]);
    let cipher = UnboundKey::new(&AES_256_GCM, sealing.as_slice()).expect("AES-256 takes 32 bytes");
    (LessSafeKey::new(cipher), commitment)
}

/// Fixed: a derived key seals one value only.
fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; 12])
}

fn encrypted(cipher: &LessSafeKey, place: &[u8], plain: &[u8]) -> Vec<u8> {
    // Room for the tag at once: a buffer that grows would leave its plaintext behind.
    let mut buffer = Vec::with_capacity(plain.len() + TAG);
    buffer.extend_from_slice(plain);
    cipher
        .seal_in_place_append_tag(nonce(), Aad::from(place), &mut buffer)
        .expect("AES-GCM seals what fits into memory");
    buffer
}

#[cfg(test)]
#[path = "envelope_tests.rs"]
mod tests;
