//! The calls to KMS, and nothing but them.

use std::collections::HashMap;
use std::fmt;

use aws_sdk_kms::Client;
use aws_sdk_kms::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::{DataKeySpec, MessageType, SigningAlgorithmSpec};
use tracing::warn;
use uuid::Uuid;

use super::customer_key::CustomerKey;
use crate::domain::ids::CustomerId;
use crate::domain::key::WrappedKey;
use crate::domain::secret::ClientSecret;
use crate::domain::wiped::Wiped;
use crate::metrics::{self, Metric};

/// KMS gave no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VaultError {
    /// Throttled or out of reach: try again.
    Unavailable,
    /// It will not: another context, a disabled key, or no right to use it.
    Refused,
}

impl fmt::Display for VaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unavailable => "KMS is out of reach",
            Self::Refused => "KMS refuses the key",
        })
    }
}
impl std::error::Error for VaultError {}

/// What KMS answers when asking again is no use.
const REFUSALS: [&str; 9] = [
    "AccessDeniedException",
    "DisabledException",
    "IncorrectKeyException",
    "InvalidCiphertextException",
    "InvalidGrantTokenException",
    "InvalidKeyUsageException",
    "KMSInvalidStateException",
    "NotFoundException",
    "ValidationException",
];

/// Wraps and unwraps under one KMS key.
#[derive(Debug, Clone)]
pub struct KeyWrapper {
    kms: Client,
    key_id: String,
}

impl KeyWrapper {
    /// A wrapper for the key with this id or ARN.
    pub fn new(kms: Client, key_id: String) -> Self {
        Self { kms, key_id }
    }

    pub(super) async fn generate(
        &self,
        customer: &CustomerId,
        version: Uuid,
    ) -> Result<(CustomerKey, WrappedKey), VaultError> {
        metrics::count(Metric::KmsCalls, 1);
        let answer = self
            .kms
            .generate_data_key()
            .key_id(&self.key_id)
            .key_spec(DataKeySpec::Aes256)
            .set_encryption_context(Some(of_customer(customer, version)))
            .send()
            .await
            .map_err(|error| judged("GenerateDataKey", &error))?;
        let plain = taken(answer.plaintext).ok_or(VaultError::Refused)?;
        let key = CustomerKey::new(version, &plain).ok_or(VaultError::Refused)?;
        let blob = answer.ciphertext_blob.ok_or(VaultError::Refused)?.into_inner();
        Ok((key, WrappedKey { version, blob }))
    }

    pub(super) async fn unwrap(
        &self,
        customer: &CustomerId,
        wrapped: &WrappedKey,
    ) -> Result<CustomerKey, VaultError> {
        let plain = self.decrypt(&wrapped.blob, of_customer(customer, wrapped.version)).await?;
        CustomerKey::new(wrapped.version, &plain).ok_or(VaultError::Refused)
    }

    pub(super) async fn client_secret(&self, ciphertext: &[u8]) -> Result<ClientSecret, VaultError> {
        let context = HashMap::from([("purpose".to_owned(), "client-secret".to_owned())]);
        let plain = self.decrypt(ciphertext, context).await?;
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError::Refused)?;
        Ok(ClientSecret::new(text.to_owned()))
    }

    /// PS256 (RFC 7518 section 3.5) by an RSA key that never leaves KMS. KMS hashes the text itself: it is shorter than
    /// the 4,096 bytes that it takes.
    pub(super) async fn sign(&self, signing_key: &str, text: &str) -> Result<Vec<u8>, VaultError> {
        metrics::count(Metric::KmsCalls, 1);
        let answer = self
            .kms
            .sign()
            .key_id(signing_key)
            .message_type(MessageType::Raw)
            .message(Blob::new(text))
            .signing_algorithm(SigningAlgorithmSpec::RsassaPssSha256)
            .send()
            .await
            .map_err(|error| judged("Sign", &error))?;
        answer.signature.map(Blob::into_inner).ok_or(VaultError::Refused)
    }

    async fn decrypt(
        &self,
        ciphertext: &[u8],
        context: HashMap<String, String>,
    ) -> Result<Wiped<Vec<u8>>, VaultError> {
        metrics::count(Metric::KmsCalls, 1);
        let answer = self
            .kms
            .decrypt()
            .key_id(&self.key_id)
            .ciphertext_blob(Blob::new(ciphertext))
            .set_encryption_context(Some(context))
            .send()
            .await
            .map_err(|error| judged("Decrypt", &error))?;
        taken(answer.plaintext).ok_or(VaultError::Refused)
    }
}

fn taken(plain: Option<Blob>) -> Option<Wiped<Vec<u8>>> {
    plain.map(|blob| Wiped::new(blob.into_inner()))
}

/// The encryption context: key policies and roles name these words too.
fn of_customer(customer: &CustomerId, version: Uuid) -> HashMap<String, String> {
    HashMap::from([
        ("purpose".to_owned(), "customer-key".to_owned()),
        ("customer".to_owned(), customer.as_str().to_owned()),
        ("version".to_owned(), version.hyphenated().to_string()),
    ])
}

fn judged<E, R>(operation: &str, error: &SdkError<E, R>) -> VaultError
where
    SdkError<E, R>: ProvideErrorMetadata,
{
    let code = error.code().unwrap_or("no answer");
    let verdict = if REFUSALS.contains(&code) { VaultError::Refused } else { VaultError::Unavailable };
    warn!(operation, code, "KMS did not do {operation}: {code}");
    verdict
}
