//! Many things at once, but never too many, and none twice.

use std::collections::HashMap;
use std::future::Future;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::{BoxFuture, Shared, WeakShared};
use futures::stream::{self, FuturesUnordered};
use futures::{FutureExt, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Runs `work` over all items, at most `limit` at a time; results come in the order in which they end.
pub async fn bounded<T, R, F>(items: Vec<T>, limit: usize, work: impl Fn(T) -> F) -> Vec<R>
where
    F: Future<Output = R>,
{
    stream::iter(items.into_iter().map(work)).buffer_unordered(limit.max(1)).collect().await
}

/// Work that is under way at the same time, whoever adds to it meanwhile. It goes on while [`Self::next`] is awaited.
pub struct UnderWay<F>(FuturesUnordered<F>);

impl<F> Default for UnderWay<F> {
    fn default() -> Self {
        Self(FuturesUnordered::new())
    }
}

impl<F: Future> UnderWay<F> {
    /// How much of it has not ended.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Begins one more.
    pub fn begin(&self, work: F) {
        self.0.push(work);
    }

    /// The result of whichever ends next; none if there is nothing to wait for. Nothing is lost if the wait is given up.
    pub async fn next(&mut self) -> Option<F::Output> {
        self.0.next().await
    }
}

/// So many at a time in all, and so many of one kind; whoever waits gets a place in his turn.
pub struct Places<K> {
    all: Arc<Semaphore>,
    of_kinds: Mutex<HashMap<K, Arc<Semaphore>>>,
    of_a_kind: usize,
}

/// A place, until it is dropped.
pub struct Place {
    _of_kind: OwnedSemaphorePermit,
    _of_all: OwnedSemaphorePermit,
}

impl<K: Eq + Hash> Places<K> {
    /// So many places in all, and so many of a kind.
    pub fn new(in_all: usize, of_a_kind: usize) -> Self {
        Self { all: Arc::new(Semaphore::new(in_all)), of_kinds: Mutex::default(), of_a_kind }
    }

    /// Waits for a place.
    pub async fn take(&self, kind: K) -> Place {
        // First his kind's: whoever waits for that keeps no place from the others.
        let of_kind = taken(self.of_kind(kind)).await;
        Place { _of_kind: of_kind, _of_all: taken(Arc::clone(&self.all)).await }
    }

    fn of_kind(&self, kind: K) -> Arc<Semaphore> {
        let mut known = self.of_kinds.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(kind).or_insert_with(|| Arc::new(Semaphore::new(self.of_a_kind))))
    }
}

async fn taken(places: Arc<Semaphore>) -> OwnedSemaphorePermit {
    places.acquire_owned().await.expect("nobody closes them")
}

/// Calls that are under way, by name: whoever asks for the same one at the same time shares it and its result, also if
/// that is a failure. Nothing is kept for later.
pub struct Flights<K, T>(Mutex<HashMap<K, WeakShared<BoxFuture<'static, T>>>>)
where
    T: Clone;

impl<K, T: Clone> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, T: Clone> Flights<K, T> {
    /// The call of that name, or the one that `begin` makes. Whoever waits drives it; when all have gone, it is gone too.
    pub fn join(
        &self,
        name: K,
        begin: impl FnOnce() -> BoxFuture<'static, T>,
    ) -> Shared<BoxFuture<'static, T>> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(&name).and_then(WeakShared::upgrade) {
            return flight;
        }
        flights.retain(|_, flight| flight.upgrade().is_some());
        let flight = begin().shared();
        if let Some(weak) = flight.downgrade() {
            flights.insert(name, weak);
        }
        flight
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn callers_at_the_same_time_share_a_call_and_later_ones_do_not() {
        let (flights, begun) = (Flights::default(), Arc::new(AtomicU32::new(0)));
        let ask = |name: &'static str| {
            let begun = Arc::clone(&begun);
            flights.join(name, || Box::pin(async move { begun.fetch_add(1, Ordering::Relaxed) }))
        };
        let (first, second, other) = (ask("a"), ask("a"), ask("b"));
        assert_eq!(tokio::join!(first, second, other), (0, 0, 1));
        assert_eq!(ask("a").await, 2);
        drop(ask("c"));
        assert_eq!(ask("c").await, 3, "a call that everybody left was never made");
    }

    #[tokio::test]
    async fn whoever_waits_for_his_kind_keeps_no_place_from_others() {
        let places = Places::new(3, 1);
        let first = places.take("a").await;
        let mut second = Box::pin(places.take("a"));
        assert!(second.as_mut().now_or_never().is_none(), "one of a kind");
        let (b, c) = (places.take("b").await, places.take("c").await);
        let mut d = Box::pin(places.take("d"));
        assert!(d.as_mut().now_or_never().is_none(), "three in all");
        drop(b);
        assert!(d.as_mut().now_or_never().is_some());
        drop(first);
        assert!(second.as_mut().now_or_never().is_some());
        drop(c);
    }
}
