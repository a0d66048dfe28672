//! HKDF-SHA256 (RFC 5869) and SHA-256 (FIPS 180-4) in the few shapes that the vault uses.

use aws_lc_rs::{digest, hkdf, hmac};
use zeroize::Zeroizing;

/// 32 bytes derived from a secret; other labels or contexts give unrelated bytes.
pub(super) fn derive(secret: &[u8], salt: &[u8], info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
    Extracted::new(secret, salt).expand(info)
}

/// What HKDF extracts from a secret and a salt (RFC 5869 section 2.2), for several derivations.
pub(super) struct Extracted(hkdf::Prk);

impl Extracted {
    pub(super) fn new(secret: &[u8], salt: &[u8]) -> Self {
        // `hkdf::Salt::extract` would only remember its input, and extract it anew for each derivation.
        let mut extracted = Zeroizing::new([0; 32]);
        hmac::sign_to_buffer(&hmac::Key::new(hmac::HMAC_SHA256, salt), secret, extracted.as_mut_slice())
            .expect("the buffer is as long as the tag");
        Self(hkdf::Prk::new_less_safe(hkdf::HKDF_SHA256, extracted.as_slice()))
    }

    /// As [`derive()`].
    pub(super) fn expand(&self, info: &[&[u8]]) -> Zeroizing<[u8; 32]> {
        let mut out = Zeroizing::new([0; 32]);
        self.0
            .expand(info, hkdf::HKDF_SHA256)
            .and_then(|bytes| bytes.fill(out.as_mut_slice()))
            .expect("HKDF gives 32 bytes for every input");
        out
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derivations_are_those_of_rfc_5869() {
        let (salt, info): (Vec<u8>, Vec<u8>) = ((0..=0x0c).collect(), (0xf0..=0xf9).collect());
        let first = derive(&[0x0b; 22], &salt, &[&info[..4], &info[4..]]);
        assert_eq!(
            hex(first.as_slice()),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
            "appendix A.1"
        );
        let third = derive(&[0x0b; 22], &[], &[]);
        assert_eq!(
            hex(third.as_slice()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d",
            "appendix A.3"
        );
    }
}
