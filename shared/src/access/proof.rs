//! What we prove ourselves to Entra with: decrypted or signed by KMS, and kept.
//!
//! A secret is decrypted once per container. An assertion is good for one token endpoint, so there is one per tenant;
//! each is used for eight minutes. However many callers want one at once, KMS is asked once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use jiff::Timestamp;

use crate::clock::Clock;
use crate::concurrent::Flights;
use crate::microsoft::{ClientProof, Identity};
use crate::settings::{Certificate, Credential};
use crate::vault::{Vault, VaultError};

type Proof = Arc<ClientProof>;
type Made = Result<Proof, VaultError>;
/// A proof, and until when it is used; a secret has no end.
type Kept = (Proof, Option<Timestamp>);

/// The proofs of one container.
pub(super) struct Proofs {
    credential: Credential,
    vault: Arc<Vault>,
    identity: Arc<Identity>,
    clock: Arc<dyn Clock>,
    /// By authority; a secret under the empty name, for it is good everywhere.
    kept: Arc<Mutex<HashMap<String, Kept>>>,
    flights: Flights<String, Made>,
}

impl Proofs {
    pub(super) fn new(
        credential: Credential,
        vault: Arc<Vault>,
        identity: Arc<Identity>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { credential, vault, identity, clock, kept: Arc::default(), flights: Flights::default() }
    }

    /// What to send to the token endpoint of this authority now.
    pub(super) async fn for_authority(&self, authority: &str) -> Made {
        let name = match &self.credential {
            Credential::SecretCiphertext(_) => "",
            Credential::SigningKey { .. } => authority,
        };
        match self.kept(name) {
            Some(proof) => Ok(proof),
            None => self.flights.join(name.to_owned(), || self.make(name)).await,
        }
    }

    /// The certificate of the signing key, if there is one.
    pub(super) fn certificate(&self) -> Option<&Certificate> {
        match &self.credential {
            Credential::SecretCiphertext(_) => None,
            Credential::SigningKey { certificate, .. } => Some(certificate),
        }
    }

    fn kept(&self, name: &str) -> Option<Proof> {
        let now = self.clock.now();
        let kept = lock(&self.kept);
        let (proof, until) = kept.get(name)?;
        until.is_none_or(|until| now < until).then(|| Arc::clone(proof))
    }

    fn make(&self, name: &str) -> BoxFuture<'static, Made> {
        let (vault, identity, clock) =
            (Arc::clone(&self.vault), Arc::clone(&self.identity), Arc::clone(&self.clock));
        let (kept, name, credential) = (Arc::clone(&self.kept), name.to_owned(), self.credential.clone());
        Box::pin(async move {
            let (proof, until) = match credential {
                Credential::SecretCiphertext(ciphertext) => {
                    (ClientProof::Secret(vault.client_secret(&ciphertext).await?), None)
                }
                Credential::SigningKey { key_id, certificate } => {
                    let unsigned = identity.assertion(&name, &certificate.thumbprint);
                    let until = unsigned.use_until;
                    let signature = vault.sign(&key_id, &unsigned.text).await?;
                    (unsigned.signed(&signature), Some(until))
                }
            };
            let (proof, now) = (Arc::new(proof), clock.now());
            let mut kept = lock(&kept);
            kept.retain(|_, (_, until)| until.is_none_or(|until| now < until));
            kept.insert(name, (Arc::clone(&proof), until));
            Ok(proof)
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
