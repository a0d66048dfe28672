//! KMS for symmetric keys: `GenerateDataKey`, `Encrypt`, `Decrypt`. Keys that sign: `signing.rs`.
//!
//! Source: AWS KMS API reference (JSON 1.1, `TrentService`). The encryption context is the AAD, so a differing one
//! does not open; the ciphertext names its key, so a wrong `KeyId` is noticed before that.

use super::signing::{pair, wrong_usage};
use super::{Aws, unknown};
use crate::faults::text_answer;
use crate::lock;
use crate::random::{fresh, sha256};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::KeyPair;
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// First byte of every blob: format 1.
const FORMAT: u8 = 1;
const NONCE: usize = 12;
/// `Encrypt` takes at most this many bytes for a symmetric key.
const LARGEST_PLAINTEXT: usize = 4096;
const ARN: &str = "arn:aws:kms:us-east-1:000000000000:key/";

/// What an operator may have done to a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Works.
    Enabled,
    /// `DisabledException`.
    Disabled,
    /// Scheduled for deletion: `KMSInvalidStateException`.
    PendingDeletion,
}

pub(super) struct Kms {
    seed: [u8; 32],
    keys: Mutex<BTreeMap<String, KeyState>>,
    /// Those of them that sign, with the number of their key pair.
    signing: Mutex<BTreeMap<String, usize>>,
    secrets: Mutex<Vec<Vec<u8>>>,
}

pub(super) type Refusal = (&'static str, String);

impl Kms {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self { seed, keys: Mutex::default(), signing: Mutex::default(), secrets: Mutex::default() }
    }

    pub(super) fn create(&self, id: &str) -> String {
        lock(&self.keys).entry(id.to_owned()).or_insert(KeyState::Enabled);
        self.arn(id)
    }

    pub(super) fn create_signing(&self, id: &str) -> String {
        let mut signing = lock(&self.signing);
        let next = signing.len();
        signing.entry(id.to_owned()).or_insert(next);
        self.create(id)
    }

    #[expect(clippy::unused_self, reason = "it is the address of a key of this KMS")]
    pub(super) fn arn(&self, id: &str) -> String {
        format!("{ARN}{id}")
    }

    pub(super) fn pair(&self, id: &str) -> Option<Arc<KeyPair>> {
        let number = lock(&self.signing).get(id).copied()?;
        Some(pair(number))
    }

    pub(super) fn set_state(&self, id: &str, state: KeyState) {
        lock(&self.keys).insert(id.to_owned(), state);
    }

    pub(super) fn secrets(&self) -> Vec<Vec<u8>> {
        lock(&self.secrets).clone()
    }

    /// The id behind a key id or ARN, if that key may be used.
    pub(super) fn usable(&self, named: &str) -> Result<String, Refusal> {
        let id = named.strip_prefix(ARN).unwrap_or(named);
        let arn = format!("{ARN}{id}");
        match lock(&self.keys).get(id) {
            None => Err(("NotFoundException", format!("Key '{arn}' does not exist"))),
            Some(KeyState::Disabled) => Err(("DisabledException", format!("{arn} is disabled."))),
            Some(KeyState::PendingDeletion) => {
                Err(("KMSInvalidStateException", format!("{arn} is pending deletion.")))
            }
            Some(KeyState::Enabled) => Ok(id.to_owned()),
        }
    }

    /// As [`Kms::usable`], for what only a symmetric key can do.
    fn symmetric(&self, named: &str, operation: &str) -> Result<String, Refusal> {
        let id = self.usable(named)?;
        if lock(&self.signing).contains_key(&id) {
            return Err(wrong_usage("SIGN_VERIFY", operation));
        }
        Ok(id)
    }

    fn cipher(&self, id: &str) -> LessSafeKey {
        let secret = sha256(&[b"kms key", &self.seed, id.as_bytes()]);
        LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &secret).expect("32 bytes are an AES-256 key"))
    }

    fn seal(&self, id: &str, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&fresh()[..NONCE]);
        let mut sealed = plain.to_vec();
        self.cipher(id)
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut sealed)
            .expect("a short text can be sealed");
        let length = u8::try_from(id.len()).expect("key ids are short");
        [&[FORMAT, length], id.as_bytes(), &nonce, &sealed].concat()
    }

    fn open(&self, blob: &[u8], context: &[u8], named: Option<&str>) -> Result<(String, Vec<u8>), Refusal> {
        let invalid = || ("InvalidCiphertextException", String::new());
        let [FORMAT, length, rest @ ..] = blob else { return Err(invalid()) };
        let (id, rest) = rest.split_at_checked(usize::from(*length)).ok_or_else(invalid)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or_else(invalid)?;
        let id = std::str::from_utf8(id).map_err(|_| invalid())?;
        if named.map(|named| self.symmetric(named, "Decrypt")).transpose()?.is_some_and(|named| named != id) {
            let text = "The key ID in the request does not identify a CMK that can perform this operation.";
            return Err(("IncorrectKeyException", text.to_owned()));
        }
        let id = self.usable(id)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| invalid())?;
        let mut plain = sealed.to_vec();
        let opened =
            self.cipher(&id).open_in_place(nonce, Aad::from(context), &mut plain).map_err(|_| invalid())?;
        let length = opened.len();
        plain.truncate(length);
        Ok((id, plain))
    }

    pub(super) fn remember(&self, secret: &[u8]) {
        let mut secrets = lock(&self.secrets);
        if !secrets.iter().any(|known| known == secret) {
            secrets.push(secret.to_vec());
        }
    }

    fn generate_data_key(&self, request: &Value) -> Result<Value, Refusal> {
        let id = self.symmetric(key_id(request)?, "GenerateDataKey")?;
        let length = match (request["KeySpec"].as_str(), request["NumberOfBytes"].as_u64()) {
            (Some("AES_256"), None) | (None, Some(32)) => 32,
            (Some("AES_128"), None) | (None, Some(16)) => 16,
            _ => return Err(validation("Please specify either number of bytes or key spec.")),
        };
        let plain = &fresh()[..length];
        self.remember(plain);
        let blob = self.seal(&id, &context(request)?, plain);
        Ok(json!({"KeyId": self.arn(&id), "CiphertextBlob": STANDARD.encode(blob),
            "Plaintext": STANDARD.encode(plain)}))
    }

    fn encrypt(&self, request: &Value) -> Result<Value, Refusal> {
        let id = self.symmetric(key_id(request)?, "Encrypt")?;
        let plain = blob(request, "Plaintext")?;
        if plain.is_empty() || plain.len() > LARGEST_PLAINTEXT {
            return Err(validation("Plaintext must have length between 1 and 4096."));
        }
        self.remember(&plain);
        let sealed = self.seal(&id, &context(request)?, &plain);
        Ok(json!({"KeyId": self.arn(&id), "CiphertextBlob": STANDARD.encode(sealed),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}))
    }

    fn decrypt(&self, request: &Value) -> Result<Value, Refusal> {
        let sealed = blob(request, "CiphertextBlob")?;
        let (id, plain) = self.open(&sealed, &context(request)?, request["KeyId"].as_str())?;
        Ok(json!({"KeyId": self.arn(&id), "Plaintext": STANDARD.encode(plain),
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}))
    }
}

pub(super) fn call(aws: &Aws, operation: &str, body: &str) -> Response {
    let Ok(request) = serde_json::from_str::<Value>(body) else {
        return refused(&("SerializationException", String::new()));
    };
    let outcome = match operation {
        "GenerateDataKey" => aws.kms.generate_data_key(&request),
        "Encrypt" => aws.kms.encrypt(&request),
        "Decrypt" => aws.kms.decrypt(&request),
        "Sign" => aws.kms.sign(&request),
        "GetPublicKey" => aws.kms.public_key(&request),
        _ => return unknown(aws, operation),
    };
    match outcome {
        Ok(answer) => text_answer(200, JSON_1_1, answer.to_string()),
        Err(refusal) => refused(&refusal),
    }
}

/// The content type of the AWS JSON 1.1 protocol.
const JSON_1_1: &str = "application/x-amz-json-1.1";

fn refused((kind, message): &Refusal) -> Response {
    let body = if message.is_empty() {
        json!({"__type": kind})
    } else {
        json!({"__type": kind, "message": message})
    };
    text_answer(400, JSON_1_1, body.to_string())
}

pub(super) fn validation(message: &str) -> Refusal {
    ("ValidationException", message.to_owned())
}

pub(super) fn key_id(request: &Value) -> Result<&str, Refusal> {
    request["KeyId"].as_str().ok_or_else(|| validation("KeyId must not be null."))
}

pub(super) fn blob(request: &Value, field: &str) -> Result<Vec<u8>, Refusal> {
    let text = request[field].as_str().ok_or_else(|| validation("A required blob is null."))?;
    STANDARD.decode(text).map_err(|_| ("SerializationException", String::new()))
}

/// The context in one spelling: sorted, every part with its length in front.
fn context(request: &Value) -> Result<Vec<u8>, Refusal> {
    let pairs: BTreeMap<String, String> = match &request["EncryptionContext"] {
        Value::Null => BTreeMap::new(),
        given => {
            serde_json::from_value(given.clone()).map_err(|_| ("SerializationException", String::new()))?
        }
    };
    let parts = pairs.iter().flat_map(|(name, value)| [name, value]);
    Ok(parts.flat_map(|part| [&part.len().to_be_bytes(), part.as_bytes()].concat()).collect())
}
