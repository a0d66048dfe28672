//! Customer keys: made and unwrapped by KMS, kept in memory for minutes.
//!
//! One Decrypt per customer and container, however many calls want the key at once. KMS opens a key only under
//! the encryption context it was wrapped with, so a key that was copied to another customer stays shut.

use std::sync::Arc;

use futures::future::BoxFuture;
use jiff::SignedDuration;
use uuid::Uuid;

use super::cache::KeyCache;
use super::customer_key::CustomerKey;
use super::kms::{KeyWrapper, VaultError};
use crate::clock::{Clock, Entropy};
use crate::concurrent::Flights;
use crate::domain::ids::{CustomerId, uuid_v7};
use crate::domain::key::WrappedKey;
use crate::domain::secret::ClientSecret;

type Unwrapped = Result<Arc<CustomerKey>, VaultError>;

/// Hands out customer keys.
pub struct Vault {
    wrapper: KeyWrapper,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    cache: Arc<KeyCache>,
    flights: Flights<(CustomerId, Uuid), Unwrapped>,
}

impl Vault {
    /// A vault whose keys stay in memory for `lifetime` at most.
    pub fn new(
        kms: aws_sdk_kms::Client,
        token_key_id: String,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        lifetime: SignedDuration,
    ) -> Self {
        Self {
            wrapper: KeyWrapper::new(kms, token_key_id),
            clock,
            entropy,
            cache: Arc::new(KeyCache::new(lifetime)),
            flights: Flights::default(),
        }
    }

    /// The key itself: from memory, else from KMS. Callers at the same time share one call and its result.
    pub async fn unwrap(&self, customer: &CustomerId, wrapped: &WrappedKey) -> Unwrapped {
        if let Some(key) = self.cache.get(customer, wrapped.version, self.clock.now()) {
            return Ok(key);
        }
        let name = (customer.clone(), wrapped.version);
        self.flights.join(name, || self.fetch(customer.clone(), wrapped.clone())).await
    }

    /// The newest version in memory, without asking anyone.
    pub fn cached(&self, customer: &CustomerId) -> Option<Arc<CustomerKey>> {
        self.cache.newest(customer, self.clock.now())
    }

    /// Makes a new key. It must not be used before [`Vault::adopt`] has learned which key was stored.
    pub async fn mint(&self, customer: &CustomerId) -> Result<(Arc<CustomerKey>, WrappedKey), VaultError> {
        let version = uuid_v7(self.clock.now(), &*self.entropy);
        let (key, wrapped) = self.wrapper.generate(customer, version).await?;
        Ok((Arc::new(key), wrapped))
    }

    /// The key to use after a mint: the minted one if it was stored, else the one that was stored before it.
    pub async fn adopt(
        &self,
        customer: &CustomerId,
        minted: Arc<CustomerKey>,
        stored: &WrappedKey,
    ) -> Unwrapped {
        if minted.version() != stored.version {
            return self.unwrap(customer, stored).await;
        }
        self.cache.put(customer, &minted, self.clock.now());
        Ok(minted)
    }

    /// Drops every key of a customer from memory.
    pub fn forget(&self, customer: &CustomerId) {
        self.cache.forget(customer);
    }

    /// Drops every key whose time is over, whether or not anyone asks for it again.
    pub fn forget_expired(&self) {
        self.cache.forget_expired(self.clock.now());
    }

    /// Our own client secret.
    pub async fn client_secret(&self, ciphertext: &[u8]) -> Result<ClientSecret, VaultError> {
        self.wrapper.client_secret(ciphertext).await
    }

    /// A signature by a key that never leaves KMS: PS256 over `text`.
    pub async fn sign(&self, signing_key: &str, text: &str) -> Result<Vec<u8>, VaultError> {
        self.wrapper.sign(signing_key, text).await
    }

    fn fetch(&self, customer: CustomerId, stored: WrappedKey) -> BoxFuture<'static, Unwrapped> {
        let (wrapper, cache, clock) =
            (self.wrapper.clone(), Arc::clone(&self.cache), Arc::clone(&self.clock));
        Box::pin(async move {
            let key = Arc::new(wrapper.unwrap(&customer, &stored).await?);
            cache.put(&customer, &key, clock.now());
            Ok(key)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use aws_sdk_kms::config::{BehaviorVersion, Config, Region};
    use jiff::Timestamp;

    use super::*;
    use crate::clock::SystemEntropy;

    /// A clock that stands where it was put.
    struct Hand(Mutex<Timestamp>);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            *self.0.lock().expect("no test panicked with it")
        }
        fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    /// A vault whose KMS has no credentials: whatever asks it is refused before anything is sent.
    fn vault() -> (Vault, Arc<Hand>, CustomerId) {
        let config = Config::builder().behavior_version(BehaviorVersion::latest());
        let kms = aws_sdk_kms::Client::from_conf(config.region(Region::new("eu-west-1")).build());
        let clock = Arc::new(Hand(Mutex::new(Timestamp::UNIX_EPOCH)));
        let (time, entropy) = (Arc::clone(&clock) as Arc<dyn Clock>, Arc::new(SystemEntropy));
        let vault = Vault::new(kms, "key".to_owned(), time, entropy, SignedDuration::from_mins(5));
        (vault, clock, "acme".parse().expect("id"))
    }

    fn key(version: u128) -> (Arc<CustomerKey>, WrappedKey) {
        let version = Uuid::from_u128(version);
        let key = CustomerKey::new(version, &[1; 32]).expect("a key");
        (Arc::new(key), WrappedKey { version, blob: vec![2] })
    }

    #[tokio::test]
    async fn a_minted_key_that_was_stored_is_used_and_one_that_came_too_late_is_not() {
        let (vault, _, acme) = vault();
        let ((first, stored), (late, _)) = (key(1), key(2));
        let used = vault.adopt(&acme, Arc::clone(&first), &stored).await.expect("no call is needed");
        assert!(Arc::ptr_eq(&used, &first));
        let used = vault.adopt(&acme, late, &stored).await.expect("the stored one is in memory");
        assert!(Arc::ptr_eq(&used, &first));
        assert_eq!(vault.cached(&acme).expect("kept").version(), stored.version);
    }

    #[tokio::test]
    async fn what_is_forgotten_or_out_of_date_is_in_memory_no_more() {
        let (vault, clock, acme) = vault();
        let (key, stored) = key(1);
        let adopted = vault.adopt(&acme, Arc::clone(&key), &stored).await.expect("no call is needed");
        drop(adopted);
        assert_eq!(Arc::strong_count(&key), 2);
        vault.forget(&acme);
        assert!(vault.cached(&acme).is_none() && Arc::strong_count(&key) == 1);

        let adopted = vault.adopt(&acme, Arc::clone(&key), &stored).await.expect("no call is needed");
        drop(adopted);
        *clock.0.lock().expect("the clock") += SignedDuration::from_mins(5);
        vault.forget_expired();
        assert_eq!(Arc::strong_count(&key), 1, "nobody had to ask for it");
        assert!(vault.unwrap(&acme, &stored).await.is_err(), "KMS is asked again");
    }
}
