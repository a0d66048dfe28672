//! Customer keys in memory, each for a limited time.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::customer_key::CustomerKey;
use crate::domain::ids::CustomerId;

/// Versions sort by time, so the last is the newest.
type Versions = BTreeMap<Uuid, (Arc<CustomerKey>, Timestamp)>;

/// The keys that were unwrapped lately.
pub(super) struct KeyCache {
    lifetime: SignedDuration,
    keys: Mutex<HashMap<CustomerId, Versions>>,
}

impl KeyCache {
    pub(super) fn new(lifetime: SignedDuration) -> Self {
        Self { lifetime, keys: Mutex::default() }
    }

    pub(super) fn put(&self, customer: &CustomerId, key: &Arc<CustomerKey>, now: Timestamp) {
        let until = now.saturating_add(self.lifetime).unwrap_or(now);
        self.lock().entry(customer.clone()).or_default().insert(key.version(), (Arc::clone(key), until));
    }

    pub(super) fn get(
        &self,
        customer: &CustomerId,
        version: Uuid,
        now: Timestamp,
    ) -> Option<Arc<CustomerKey>> {
        let mut keys = self.lock();
        let versions = keys.get_mut(customer)?;
        versions.retain(|_, (_, until)| *until > now);
        versions.get(&version).map(|(key, _)| Arc::clone(key))
    }

    pub(super) fn newest(&self, customer: &CustomerId, now: Timestamp) -> Option<Arc<CustomerKey>> {
        let mut keys = self.lock();
        let versions = keys.get_mut(customer)?;
        versions.retain(|_, (_, until)| *until > now);
        versions.last_key_value().map(|(_, (key, _))| Arc::clone(key))
    }

    pub(super) fn forget(&self, customer: &CustomerId) {
        self.lock().remove(customer);
    }

    pub(super) fn forget_expired(&self, now: Timestamp) {
        self.lock().retain(|_, versions| {
            versions.retain(|_, (_, until)| *until > now);
            !versions.is_empty()
        });
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<CustomerId, Versions>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_700_000_000 + second).expect("time")
    }

    fn key(version: u128) -> Arc<CustomerKey> {
        Arc::new(CustomerKey::new(Uuid::from_u128(version), &[1; 32]).expect("key"))
    }

    #[test]
    fn a_key_is_dropped_when_its_time_is_over() {
        let (cache, acme) = (KeyCache::new(SignedDuration::from_mins(5)), "acme".parse().expect("id"));
        let kept = key(1);
        cache.put(&acme, &kept, at(0));
        assert!(cache.get(&acme, Uuid::from_u128(1), at(299)).is_some());
        assert_eq!(Arc::strong_count(&kept), 2);
        assert!(cache.get(&acme, Uuid::from_u128(1), at(300)).is_none());
        assert_eq!(Arc::strong_count(&kept), 1, "the cache holds nothing any more");
    }

    #[test]
    fn the_newest_version_in_memory_is_used() {
        let (cache, acme) = (KeyCache::new(SignedDuration::from_mins(5)), "acme".parse().expect("id"));
        cache.put(&acme, &key(2), at(0));
        cache.put(&acme, &key(1), at(60));
        assert_eq!(cache.newest(&acme, at(61)).expect("key").version(), Uuid::from_u128(2));
        assert_eq!(cache.newest(&acme, at(299)).expect("key").version(), Uuid::from_u128(2));
        assert_eq!(cache.newest(&acme, at(300)).expect("key").version(), Uuid::from_u128(1));
        assert!(cache.newest(&"other".parse().expect("id"), at(61)).is_none());
    }

    #[test]
    fn forgetting_drops_one_customer_and_sweeping_whatever_expired() {
        let cache = KeyCache::new(SignedDuration::from_mins(5));
        let (acme, base): (CustomerId, CustomerId) =
            ("acme".parse().expect("id"), "base".parse().expect("id"));
        let (first, second, third) = (key(1), key(1), key(2));
        cache.put(&acme, &first, at(0));
        cache.put(&base, &second, at(0));
        cache.forget(&acme);
        assert_eq!((Arc::strong_count(&first), Arc::strong_count(&second)), (1, 2));
        cache.put(&acme, &third, at(1));
        cache.forget_expired(at(300));
        assert_eq!((Arc::strong_count(&second), Arc::strong_count(&third)), (1, 2));
        assert_eq!(cache.lock().len(), 1, "nothing is kept of a customer without keys");
    }
}
