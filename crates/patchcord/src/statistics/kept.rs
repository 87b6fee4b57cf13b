//! Minutes on disk: each is written when it is over, in the background, and read again when the host is started, so that a
//! restart loses nothing that was counted. A host that is killed loses the minute that goes on.
//!
//! The traces of runs would tell the same, but there may be hundreds of thousands of them in a day.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use patchcord_store::{Batch, Search, Store, StoreError};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::MOST_MINUTES;
use super::minute::{MinuteKept, beginning};
use super::window::Window;

const STATISTICS: &str = "statistics";
/// How often it is looked whether a minute is over.
const EVERY: Duration = Duration::from_secs(10);
/// A minute in which the host was started again is there once for each start.
const MOST_READ: u32 = 2 * MOST_MINUTES;

/// What writes minutes.
#[derive(Clone)]
pub(super) struct Keeping {
    store: Store,
    window: Arc<Mutex<Window>>,
    /// Tells the minutes of this process from those of the one before, which may have been in the same minute.
    process: Uuid,
    ended: CancellationToken,
    /// Held by who writes.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl Keeping {
    /// Reads what is there and writes what becomes old, until `ended`.
    pub(super) fn start(
        store: Store,
        window: Arc<Mutex<Window>>,
        ended: CancellationToken,
    ) -> Self {
        let (process, writing) = (Uuid::now_v7(), Arc::default());
        let keeping = Self { store, window, process, ended, writing };
        let (kept, began) = (keeping.clone(), Timestamp::now());
        tokio::spawn(async move { kept.go_on(began).await });
        keeping
    }

    async fn go_on(&self, began: Timestamp) {
        match self.ended.run_until_cancelled(self.read(began)).await {
            Some(Ok(before)) => self.window(|window| window.take_in(before)),
            Some(Err(error)) => {
                tracing::error!(%error, "the statistics of the last hours cannot be read");
            }
            None => return,
        }
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // What is being written is not given up: it would be lost.
        while self.ended.run_until_cancelled(ticks.tick()).await.is_some() {
            self.write().await;
        }
    }

    fn window<T>(&self, work: impl FnOnce(&mut Window) -> T) -> T {
        work(&mut self.window.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What was counted in the day before `began`, oldest first.
    async fn read(&self, began: Timestamp) -> Result<Vec<MinuteKept>, StoreError> {
        let span = SignedDuration::from_mins(MOST_MINUTES.into());
        let from = beginning(began - span, 1);
        let search = Search { from: Some(from.to_string()), limit: MOST_READ, ..Search::default() };
        let found = self.store.search::<MinuteKept>(STATISTICS, &search).await?;
        let own = self.process.to_string();
        let others = found.into_iter().rev().filter(|document| !document.key.ends_with(&own));
        Ok(others.map(|document| document.value).collect())
    }

    async fn write(&self) {
        let _writing = self.writing.lock().await;
        let minutes = self.window(|window| window.take_unwritten(Timestamp::now()));
        if let Err(error) = self.write_down(minutes.iter().map(AsRef::as_ref)).await {
            tracing::error!(%error, "the statistics of a minute cannot be written; this is tried again");
            self.window(|window| window.give_back(minutes));
        }
    }

    async fn write_down(
        &self,
        minutes: impl Iterator<Item = &MinuteKept>,
    ) -> Result<(), StoreError> {
        let (mut batch, mut some) = (Batch::new(), false);
        for minute in minutes {
            // In the order of time, so that a span of time is a span of keys.
            batch.put(STATISTICS, &format!("{}/{}", minute.at, self.process), minute)?;
            some = true;
        }
        if !some {
            return Ok(());
        }
        let span = SignedDuration::from_mins(MOST_MINUTES.into());
        batch.prune(STATISTICS, Timestamp::now() - span);
        self.store.write(batch).await
    }

    /// Writes all that is not on disk, the minute that goes on included, and ends what is done in the background.
    pub(super) async fn close(&self) {
        self.ended.cancel();
        self.write().await;
        let so_far = self.window(|window| window.so_far());
        if let Err(error) = self.write_down(so_far.iter()).await {
            tracing::error!(%error, "the statistics of the last minute cannot be written");
        }
    }
}
