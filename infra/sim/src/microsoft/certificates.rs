//! Certificates of the app registration (RFC 5280, as far as Entra looks): any number at a time, so that a new one
//! can be uploaded before the old one goes.

use super::Microsoft;
use super::tenant::State;
use crate::der::{element, whole};
use crate::random::sha256;
use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// `sha256WithRSAEncryption` (RFC 8017 A.2.4): the object identifier and its NULL.
const SHA256_WITH_RSA: [u8; 13] = [6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 11, 5, 0];

/// What Entra keeps of an uploaded certificate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Certificate {
    /// base64url of SHA-256 over the DER: `x5t#S256` (RFC 7515 4.1.8).
    pub(crate) thumbprint: String,
    /// `SubjectPublicKeyInfo`.
    pub(crate) key: Vec<u8>,
    pub(crate) from: Timestamp,
    pub(crate) until: Timestamp,
}

/// Our own credential as Entra sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) enum VendorSecret {
    Ok,
    Expired,
    Wrong,
}

/// What the app may prove itself with besides its secret.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(crate) struct Certificates {
    pub(crate) uploaded: Vec<Certificate>,
    /// `jti` of every assertion that was taken.
    #[serde(skip)]
    pub(crate) used: BTreeSet<String>,
}

impl Microsoft {
    /// Uploads a certificate (PEM) to the registration; gives its thumbprint as `x5t#S256` spells it.
    pub fn upload_certificate(&self, pem: &str) -> Result<String, String> {
        self.write(|state| upload(state, pem))
    }
}

pub(crate) fn upload(state: &mut State, pem: &str) -> Result<String, String> {
    let certificate = read(pem).ok_or("that is no self-signed RSA certificate in PEM")?;
    let thumbprint = certificate.thumbprint.clone();
    remove(state, &thumbprint);
    state.certificates.uploaded.push(certificate);
    Ok(thumbprint)
}

pub(crate) fn remove(state: &mut State, thumbprint: &str) -> bool {
    let uploaded = &mut state.certificates.uploaded;
    let before = uploaded.len();
    uploaded.retain(|known| known.thumbprint != thumbprint);
    uploaded.len() < before
}

/// A certificate whose signature holds under its own key; none if it is anything else.
fn read(pem: &str) -> Option<Certificate> {
    let (_, rest) = pem.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    let der = STANDARD.decode(body.split_ascii_whitespace().collect::<String>()).ok()?;
    let (0x30, certificate, []) = element(&der)? else { return None };
    let (signed, rest) = whole(certificate)?;
    let (0x30, algorithm, rest) = element(rest)? else { return None };
    let (0x03, [0, signature @ ..], []) = element(rest)? else { return None };

    let (0x30, fields, _) = element(signed)? else { return None };
    let (0xa0, _, fields) = element(fields)? else { return None }; // version
    let (0x02, _, fields) = element(fields)? else { return None }; // serial number
    let (0x30, inner, fields) = element(fields)? else { return None };
    let (issuer, fields) = whole(fields)?;
    let (0x30, validity, fields) = element(fields)? else { return None };
    let (subject, fields) = whole(fields)?;
    let (key, _) = whole(fields)?;
    if issuer != subject || inner != algorithm || algorithm != SHA256_WITH_RSA {
        return None;
    }
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(signed, signature).ok()?;
    let (from, rest) = time(validity)?;
    let (until, _) = time(rest)?;
    let thumbprint = URL_SAFE_NO_PAD.encode(sha256(&[&der]));
    Some(Certificate { thumbprint, key: key.to_vec(), from, until })
}

/// `UTCTime` or `GeneralizedTime` (RFC 5280 4.1.2.5): two digits of a year are those before 2050.
fn time(der: &[u8]) -> Option<(Timestamp, &[u8])> {
    let (tag, text, rest) = element(der)?;
    let text = std::str::from_utf8(text).ok()?;
    let full = match tag {
        0x17 if text < "50" => format!("20{text}"),
        0x17 => format!("19{text}"),
        0x18 => text.to_owned(),
        _ => return None,
    };
    let at = DateTime::strptime("%Y%m%d%H%M%SZ", full).ok()?;
    Some((TimeZone::UTC.to_timestamp(at).ok()?, rest))
}
