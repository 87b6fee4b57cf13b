//! Work that several callers want at the same moment, done once.
//!
//! It is driven by whoever waits for it and belongs to nobody: a caller who leaves does not take it away from the
//! others, and when the last one has left it is dropped, with the place and the connection that it holds. There is no
//! memory of what was done: that is a cache's.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared, WeakShared};

use crate::error::Error;

/// With so many entries, those are swept out whose callers have all left.
const SWEEP_AT: usize = 64;

type Work<V> = BoxFuture<'static, Result<V, Error>>;

/// A piece of work that can be waited for.
pub(crate) type Flight<V> = Shared<Work<V>>;

pub(crate) struct Flights<K, V: Clone>(Arc<Mutex<HashMap<K, WeakShared<Work<V>>>>>);

impl<K, V: Clone> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The work under way for `key`, or that of `begin`; and whether it is the latter.
    pub(crate) fn join(&self, key: K, begin: impl FnOnce() -> Work<V>) -> (Flight<V>, bool) {
        let mut flights = lock(&self.0);
        if let Some(flight) = flights.get(&key).and_then(WeakShared::upgrade) {
            return (flight, false);
        }
        if flights.len() >= SWEEP_AT {
            flights.retain(|_, flight| flight.upgrade().is_some());
        }
        let (all, work, own) = (Arc::clone(&self.0), begin(), key.clone());
        let flight = async move {
            let result = work.await;
            lock(&all).remove(&own);
            result
        }
        .boxed()
        .shared();
        if let Some(weak) = flight.downgrade() {
            flights.insert(key, weak);
        }
        (flight, true)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    fn work(ran: &Arc<AtomicUsize>) -> Work<u32> {
        let ran = Arc::clone(ran);
        async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            ran.fetch_add(1, Ordering::SeqCst);
            Ok(7)
        }
        .boxed()
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_done_once_for_all_who_come_in_time() {
        let (flights, ran) = (Flights::<&str, u32>::default(), Arc::new(AtomicUsize::new(0)));
        let (first, begun) = flights.join("a", || work(&ran));
        let (second, joined) = flights.join("a", || work(&ran));
        assert!(begun && !joined);
        // The one who began it leaves.
        drop(first);
        assert_eq!(second.await.unwrap(), 7);
        assert_eq!(ran.load(Ordering::SeqCst), 1);
        let (third, begun) = flights.join("a", || work(&ran));
        assert!(begun);
        third.await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn it_is_dropped_with_the_last_who_waited() {
        let (flights, ran) = (Flights::<u32, u32>::default(), Arc::new(AtomicUsize::new(0)));
        for key in 0..100 {
            let (flight, _) = flights.join(key, || work(&ran));
            drop(tokio::time::timeout(Duration::from_millis(10), flight).await);
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(ran.load(Ordering::SeqCst), 0);
        assert!(lock(&flights.0).len() <= SWEEP_AT);
    }
}
