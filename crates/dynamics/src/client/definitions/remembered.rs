//! Definitions with their age, fetched once for all who want them.

use std::hash::Hash;
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use moka::sync::Cache;

use crate::client::flights::{Flight, Flights};
use crate::error::Error;
use crate::sent::Sent;

/// Age after which definitions are fetched again.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
/// Age after which they are forgotten.
const KEPT_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long a fetch may take.
const LONGEST_FETCH: Duration = Duration::from_secs(60);

/// How new a definition must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    /// Fetched now.
    New,
    /// An hour old at most.
    Recent,
    /// Whatever is there; what is older than an hour is renewed meanwhile.
    Any,
}

pub(super) struct Remembered<K, V: Clone> {
    known: Cache<K, (V, Instant)>,
    flights: Flights<K, V>,
}

impl<K, V> Remembered<K, V>
where
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(super) fn new(most: u64) -> Self {
        let known = Cache::builder().max_capacity(most).time_to_live(KEPT_FOR).build();
        Self { known, flights: Flights::default() }
    }

    /// What is known of `key`, however old.
    pub(super) fn peek(&self, key: &K) -> Option<V> {
        self.known.get(key).map(|(value, _)| value)
    }

    /// What is known of `key`, or what `fetch` finds out by the time that it is given.
    pub(super) async fn get<F>(
        &self,
        key: K,
        want: Want,
        sent: &Sent,
        deadline: Instant,
        fetch: F,
    ) -> Result<V, Error>
    where
        F: FnOnce(Sent, Instant) -> BoxFuture<'static, Result<V, Error>>,
    {
        let known = self.known.get(&key).filter(|_| want != Want::New);
        if let Some((value, at)) = known {
            let is_recent = at.elapsed() <= MAX_AGE;
            if is_recent || want == Want::Any {
                if !is_recent {
                    // It serves those who come later, so its requests are nobody's.
                    tokio::spawn(self.fetch(key, Sent::default(), fetch));
                }
                return Ok(value);
            }
        }
        let flight = self.fetch(key, sent.clone(), fetch);
        match tokio::time::timeout_at(deadline.into(), flight).await {
            Ok(result) => result,
            Err(_) => Err(Error::timeout("reading the definitions of tables")),
        }
    }

    /// The fetch under way, or a new one, whose requests count as `sent`.
    fn fetch<F>(&self, key: K, sent: Sent, fetch: F) -> Flight<V>
    where
        F: FnOnce(Sent, Instant) -> BoxFuture<'static, Result<V, Error>>,
    {
        let (cache, own) = (self.known.clone(), key.clone());
        let begin = || {
            let work = fetch(sent, Instant::now() + LONGEST_FETCH);
            async move {
                let value = work.await?;
                cache.insert(own, (value.clone(), Instant::now()));
                Ok(value)
            }
            .boxed()
        };
        self.flights.join(key, begin).0
    }
}
