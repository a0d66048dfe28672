//! A self-signed certificate for a key that never leaves KMS (RFC 5280): what Entra must be shown before it takes
//! assertions of that key. No private key is read, written or held here; KMS signs.

use std::error::Error;

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_kms::Client;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{KeySpec, KeyUsageType, MessageType, SigningAlgorithmSpec};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyIdMethod, KeyUsagePurpose, PKCS_RSA_SHA256,
    PublicKeyData, SerialNumber, SignatureAlgorithm, SigningKey,
};
use time::OffsetDateTime;

/// It begins so long before it is made: Entra's clock may be behind ours.
const BACK: SignedDuration = SignedDuration::from_mins(5);

/// Why there is no certificate.
pub type NotMade = Box<dyn Error + Send + Sync>;

/// What it says.
#[derive(Debug, Clone)]
pub struct Order {
    /// Common name; read by people only.
    pub name: String,
    /// Days that it is good for.
    pub days: i64,
    /// When it is made.
    pub now: Timestamp,
}

/// A certificate and what goes into the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// For the registration at Entra.
    pub pem: String,
    /// base64url of SHA-256 over the DER (`x5t#S256`).
    pub thumbprint: String,
    /// The last day (UTC) on which it is good.
    pub ends: Date,
}

impl Made {
    /// The value of `MICROSOFT_CLIENT_CERTIFICATE`.
    pub fn setting(&self) -> String {
        format!("{}@{}", self.thumbprint, self.ends)
    }
}

/// Makes one for the KMS key with this id or ARN, with two calls: `GetPublicKey` and `Sign`.
pub async fn make(kms: &Client, key_id: &str, order: &Order) -> Result<Made, NotMade> {
    if !(1..=3650).contains(&order.days) {
        return Err("a certificate is good for 1 to 3650 days".into());
    }
    let public = kms.get_public_key().key_id(key_id).send().await.map_err(told)?;
    if public.key_usage != Some(KeyUsageType::SignVerify) || public.key_spec != Some(KeySpec::Rsa2048) {
        return Err(format!("{key_id} is no RSA_2048 key for signatures").into());
    }
    let info = public.public_key.ok_or("KMS gave no public key")?.into_inner();
    let ends = order.now.checked_add(SignedDuration::from_hours(24 * order.days))?;
    let parameters = parameters(order, &info, ends)?;
    // rcgen signs without waiting, KMS does not: the first round shows what is to be signed, the second puts it in.
    let shown =
        Shown { key: bare(&info)?.to_vec(), signed: std::sync::Mutex::default(), signature: Vec::new() };
    parameters.self_signed(&shown)?;
    let signed = shown.signed.into_inner().map_err(|_| "the text to sign was lost")?;
    let answer = kms
        .sign()
        .key_id(key_id)
        .message_type(MessageType::Raw)
        .message(Blob::new(signed))
        .signing_algorithm(SigningAlgorithmSpec::RsassaPkcs1V15Sha256)
        .send()
        .await
        .map_err(told)?;
    let signature = answer.signature.ok_or("KMS gave no signature")?.into_inner();
    let certificate =
        parameters.self_signed(&Shown { key: shown.key, signed: std::sync::Mutex::default(), signature })?;
    Ok(Made {
        thumbprint: BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, certificate.der())),
        pem: certificate.pem(),
        ends: TimeZone::UTC.to_datetime(ends).date(),
    })
}

/// The SDK's own text is "service error"; what KMS said is below it.
fn told(error: impl Error + Send + Sync + 'static) -> NotMade {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        text = format!("{text}: {cause}");
        below = cause.source();
    }
    text.into()
}

fn parameters(order: &Order, info: &[u8], ends: Timestamp) -> Result<CertificateParams, NotMade> {
    let at = |instant: Timestamp| OffsetDateTime::from_unix_timestamp(instant.as_second());
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, order.name.as_str());
    // Two certificates of one key differ in their number: it follows from the key and the second it is made in.
    let seed = [info, &order.now.as_second().to_be_bytes()].concat();
    let mut serial = digest(&SHA256, &seed).as_ref()[..16].to_vec();
    serial[0] = serial[0] & 0x7f | 0x40; // positive, and not shorter
    let mut parameters = CertificateParams::default();
    parameters.not_before = at(order.now - BACK)?;
    parameters.not_after = at(ends)?;
    parameters.serial_number = Some(SerialNumber::from(serial));
    parameters.distinguished_name = name;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.key_identifier_method =
        KeyIdMethod::PreSpecified(digest(&SHA256, info).as_ref()[..20].to_vec());
    Ok(parameters)
}

/// `rsaEncryption` in front of every RSA key (RFC 8017 A.1), up to the BIT STRING's length.
const RSA: [u8; 15] = [0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];

/// The `RSAPublicKey` within a `SubjectPublicKeyInfo` of 2048 bits: rcgen writes the frame itself.
fn bare(info: &[u8]) -> Result<&[u8], NotMade> {
    let frame = info.get(..4).filter(|head| head[..2] == [0x30, 0x82]);
    let rest = frame.and(info.get(4..)).and_then(|rest| rest.strip_prefix(&RSA));
    // BIT STRING, two bytes of length, no unused bits.
    match rest {
        Some([0x03, 0x82, _, _, 0, key @ ..]) => Ok(key),
        _ => Err("KMS gave no RSA key of 2048 bits".into()),
    }
}

/// A key of which we have the public half, and one signature at most.
struct Shown {
    key: Vec<u8>,
    signed: std::sync::Mutex<Vec<u8>>,
    signature: Vec<u8>,
}

impl PublicKeyData for Shown {
    fn der_bytes(&self) -> &[u8] {
        &self.key
    }
    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Shown {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        *self.signed.lock().map_err(|_| rcgen::Error::RemoteKeyError)? = message.to_vec();
        Ok(self.signature.clone())
    }
}
