//! KMS for RSA keys that sign: `Sign` and `GetPublicKey` of an `RSA_2048` key with usage `SIGN_VERIFY`.
//!
//! The private key never leaves, as at AWS. Making one costs a tenth of a second, so all stacks of a process share
//! them: the first signing key of one is the first of every other.

use super::kms::{Kms, Refusal, blob, key_id, validation};
use crate::lock;
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// `Sign` takes a raw message of at most so many bytes.
const LARGEST_MESSAGE: usize = 4096;
/// What a key of this sort can do; of these the stand-in knows the first two.
const ALGORITHMS: [&str; 6] = [
    "RSASSA_PSS_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
];

static MADE: Mutex<Vec<Arc<KeyPair>>> = Mutex::new(Vec::new());

/// The signing key with this number.
pub(super) fn pair(number: usize) -> Arc<KeyPair> {
    let mut made = lock(&MADE);
    while made.len() <= number {
        made.push(Arc::new(KeyPair::generate(KeySize::Rsa2048).expect("an RSA key can be made")));
    }
    Arc::clone(&made[number])
}

impl Kms {
    pub(super) fn sign(&self, request: &Value) -> Result<Value, Refusal> {
        let id = self.usable(key_id(request)?)?;
        let pair = self.pair(&id).ok_or_else(|| wrong_usage("ENCRYPT_DECRYPT", "Sign"))?;
        let algorithm = request["SigningAlgorithm"]
            .as_str()
            .ok_or_else(|| validation("SigningAlgorithm must not be null."))?;
        let encoding: &'static dyn RsaEncoding = match algorithm {
            "RSASSA_PSS_SHA_256" => &RSA_PSS_SHA256,
            "RSASSA_PKCS1_V1_5_SHA_256" => &RSA_PKCS1_SHA256,
            other => {
                let text = format!("Algorithm {other} is incompatible with key spec RSA_2048.");
                return Err(("InvalidKeyUsageException", text));
            }
        };
        if request["MessageType"].as_str().is_some_and(|kind| kind != "RAW") {
            return Err(validation("The stand-in hashes messages itself: MessageType RAW."));
        }
        let message = blob(request, "Message")?;
        if message.is_empty() || message.len() > LARGEST_MESSAGE {
            return Err(validation("Message must have length between 1 and 4096."));
        }
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(encoding, &SystemRandom::new(), &message, &mut signature).expect("an RSA key signs");
        if algorithm == "RSASSA_PSS_SHA_256" {
            // Whoever holds it may speak for the app: in this spelling it would be in a leaked assertion.
            self.remember(URL_SAFE_NO_PAD.encode(&signature).as_bytes());
        }
        Ok(json!({"KeyId": self.arn(&id), "Signature": STANDARD.encode(signature),
            "SigningAlgorithm": algorithm}))
    }

    pub(super) fn public_key(&self, request: &Value) -> Result<Value, Refusal> {
        let id = self.usable(key_id(request)?)?;
        let Some(pair) = self.pair(&id) else {
            let text = format!("{} is a symmetric key: it has no public part.", self.arn(&id));
            return Err(("UnsupportedOperationException", text));
        };
        let der = pair.public_key().as_der().expect("a public key has a DER form");
        Ok(json!({"KeyId": self.arn(&id), "PublicKey": STANDARD.encode(der.as_ref()), "KeySpec": "RSA_2048",
            "CustomerMasterKeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "SigningAlgorithms": ALGORITHMS}))
    }
}

/// A key is for encryption or for signatures, never both.
pub(super) fn wrong_usage(usage: &str, operation: &str) -> Refusal {
    ("InvalidKeyUsageException", format!("The key's usage is {usage}, which is not valid for {operation}."))
}
