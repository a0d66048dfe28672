//! HKDF-SHA256 (RFC 5869) and SHA-256 (FIPS 180-4) in the few shapes that the vault uses.

use aws_lc_rs::{digest, hkdf};
use zeroize::Zeroizing;

/// 32 bytes derived from a secret; other labels or contexts give unrelated bytes.
pub(super) fn derive(secret: &[u8], salt: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(secret)
        .expand(info, hkdf::HKDF_SHA256)
        .and_then(|bytes| bytes.fill(out.as_mut_slice()))
        .expect("HKDF gives 32 bytes for every input");
    out
}

/// SHA-256 as lower-case hex.
pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(digest::digest(&digest::SHA256, bytes).as_ref())
}

/// SHA-256.
pub(super) fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest::digest(&digest::SHA256, bytes).as_ref().to_vec()
}

/// Lower-case hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
