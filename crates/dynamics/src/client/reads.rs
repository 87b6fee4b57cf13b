//! Reads that need no request of their own: identical ones under way are joined, and answers are kept for those who
//! allow it.
//!
//! Both are opt-in by each read. An answer belongs to one account, so it was given with the rights of its consenting
//! user. A write through this client drops what is kept of its table, not what other tables' reads have expanded, and
//! not what others write: that is what the age is for.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use moka::sync::Cache;

use crate::client::Client;
use crate::client::answer::{Answer, Page};
use crate::client::core::Core;
use crate::client::flights::Flights;
use crate::client::list::ListRequest;
use crate::client::options::ReadOptions;
use crate::client::retrieve::RecordRequest;
use crate::error::{Error, ErrorKind};
use crate::sent::{Sent, Spent};
use crate::telemetry;

/// Bytes of the answers kept for one account; past them the least used go.
const KEPT_BYTES: u64 = 16 * 1024 * 1024;
/// No answer is kept longer.
const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);
/// How long a shared request may take at most; Dataverse itself gives up after two minutes.
const LONGEST_FLIGHT: Duration = Duration::from_secs(120);
/// How long before its deadline a read that may be answered from the cache gives up, so that the answer is in time.
const STAND_IN_TAKES: Duration = Duration::from_millis(20);

/// Something to be read.
#[derive(Debug, Clone)]
pub(crate) enum Reading {
    List(ListRequest),
    Record(RecordRequest),
}

impl Reading {
    fn table(&self) -> &str {
        match self {
            Self::List(request) => request.table(),
            Self::Record(request) => request.table(),
        }
    }

    fn identity(&self) -> String {
        match self {
            Self::List(request) => request.identity(),
            Self::Record(request) => request.identity(),
        }
    }

    async fn perform(
        &self,
        core: &Core,
        sent: &Sent,
        deadline: Instant,
    ) -> Result<Answer<Page>, Error> {
        match self {
            Self::List(request) => core.list(request, sent, deadline).await,
            Self::Record(request) => core.record(request, sent, deadline).await,
        }
    }
}

/// Two reads with the same key would be answered alike, as far as this client knows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    /// How often the table has been written to. It makes what was read before a write unreachable.
    writes: (u64, u64),
    identity: String,
}

struct Kept {
    answer: Answer<Page>,
    at: Instant,
}

/// What a client knows of reads under way and done.
pub(crate) struct Reads {
    flights: Flights<Key, Answer<Page>>,
    cache: Cache<Key, Arc<Kept>>,
    writes: Mutex<HashMap<String, u64>>,
    /// How often everything was forgotten.
    epoch: AtomicU64,
}

impl Default for Reads {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(KEPT_BYTES)
            .weigher(|key: &Key, kept: &Arc<Kept>| weight(key, &kept.answer))
            .time_to_live(KEPT_FOR)
            .build();
        Self {
            flights: Flights::default(),
            cache,
            writes: Mutex::default(),
            epoch: AtomicU64::default(),
        }
    }
}

/// Bytes that an answer takes, about.
fn weight(key: &Key, answer: &Answer<Page>) -> u32 {
    const EACH: usize = 32;
    let records = answer.value.records.iter().map(|record| record.get().len() + EACH);
    let bytes = key.identity.len() + answer.body.len() + records.sum::<usize>() + 8 * EACH;
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

impl Reads {
    fn key(&self, reading: &Reading) -> Key {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        let table = writes.get(reading.table()).copied().unwrap_or_default();
        Key { writes: (self.epoch.load(Ordering::Acquire), table), identity: reading.identity() }
    }

    /// Makes everything that is known of `table` until the end of the write unreachable.
    pub(crate) fn forget_after<'a>(&'a self, table: &'a str) -> Forgetting<'a> {
        Forgetting { reads: self, table }
    }

    /// Makes everything that is known unreachable.
    pub(crate) fn forget_all(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.cache.invalidate_all();
    }

    fn kept(&self, key: &Key, max_age: Duration) -> Option<Answer<Page>> {
        let kept = self.cache.get(key)?;
        let age = kept.at.elapsed();
        (age <= max_age).then(|| Answer { age: Some(age), ..kept.answer.clone().unsent() })
    }

    fn keep(&self, key: Key, answer: &Answer<Page>) {
        let kept = Kept { answer: answer.clone(), at: Instant::now() };
        self.cache.insert(key, Arc::new(kept));
    }
}

/// Forgets a table when it is dropped: at the end of a write, however it ended.
pub(crate) struct Forgetting<'a> {
    reads: &'a Reads,
    table: &'a str,
}

impl Drop for Forgetting<'_> {
    fn drop(&mut self) {
        let mut writes = self.reads.writes.lock().unwrap_or_else(PoisonError::into_inner);
        *writes.entry(self.table.to_owned()).or_default() += 1;
    }
}

impl Client {
    /// Reads, or answers from what is known, as `read` allows.
    pub(crate) async fn read(
        &self,
        reading: &Reading,
        read: &ReadOptions,
        deadline: Instant,
    ) -> Result<Answer<Page>, Error> {
        if read.share || read.max_age.is_some() || read.stale_for.is_some() {
            // In a box of its own, so that it is no burden to those who want none of it.
            return Box::pin(self.read_or_recall(reading, read, deadline)).await;
        }
        reading.perform(&self.core, &Sent::default(), deadline).await
    }

    async fn read_or_recall(
        &self,
        reading: &Reading,
        read: &ReadOptions,
        deadline: Instant,
    ) -> Result<Answer<Page>, Error> {
        let key = self.reads.key(reading);
        if let Some(answer) = read.max_age.and_then(|max_age| self.reads.kept(&key, max_age)) {
            telemetry::read_spared("fresh");
            return Ok(answer);
        }
        let stand_in = || read.stale_for.and_then(|stale_for| self.reads.kept(&key, stale_for));
        let until = if stand_in().is_some() { earlier(deadline) } else { deadline };
        let result = if read.share {
            self.share(key.clone(), reading, until).await
        } else {
            reading.perform(&self.core, &Sent::default(), until).await
        };
        match result {
            Ok(answer) => {
                if read.max_age.is_some() || read.stale_for.is_some() {
                    self.reads.keep(key, &answer);
                }
                Ok(answer)
            }
            Err(error) if is_passing(error.kind) => match stand_in() {
                Some(answer) => {
                    telemetry::read_spared("stale");
                    Ok(Answer {
                        stale: true,
                        requests: error.requests,
                        spent: error.spent,
                        ..answer
                    })
                }
                None => Err(error),
            },
            Err(error) => Err(error),
        }
    }

    /// Waits for the answer to an identical read, which is begun where there is none under way.
    async fn share(
        &self,
        key: Key,
        reading: &Reading,
        deadline: Instant,
    ) -> Result<Answer<Page>, Error> {
        if deadline <= Instant::now() {
            return Err(Error::timeout("waiting to send the request"));
        }
        let (core, sent, reading) = (Arc::clone(&self.core), Sent::default(), reading.clone());
        let counter = sent.clone();
        let (flight, is_own) = self.reads.flights.join(key, || {
            // The deadline is that of whoever waits longest, and who that will be is not known yet.
            let until = Instant::now() + LONGEST_FLIGHT;
            async move { reading.perform(&core, &counter, until).await }.boxed()
        });
        let result = tokio::select! {
            biased;
            result = flight => result,
            error = self.core.exchange.gate.barred(deadline.into()) => Err(error),
            () = tokio::time::sleep_until(deadline.into()) => {
                Err(Error::timeout("waiting for the answer of Dynamics 365"))
            }
        };
        if !is_own {
            telemetry::read_spared("shared");
        }
        // Only the one who began it has sent anything.
        match result {
            Ok(answer) if is_own => Ok(answer),
            Ok(answer) => Ok(answer.unsent()),
            Err(error) if is_own => {
                Err(Error { requests: sent.count(), spent: sent.spent(), ..error })
            }
            Err(error) => Err(Error { requests: 0, spent: Spent::default(), ..error }),
        }
    }

    /// Drops every answer that was kept: they were given to another user.
    pub(crate) fn forget_answers(&self) {
        self.reads.forget_all();
    }
}

/// Whether another try may succeed.
fn is_passing(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Unavailable | ErrorKind::Timeout | ErrorKind::Throttled(_))
}

fn earlier(deadline: Instant) -> Instant {
    let left = deadline.saturating_duration_since(Instant::now());
    deadline.checked_sub(STAND_IN_TAKES.min(left / 4)).unwrap_or(deadline)
}
