//! When an account was last used: what decides whether its token and its connections are kept ready.
//!
//! What the keeper does itself is traffic, but no use; else it would keep an account ready for ever that nobody calls.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

pub(crate) struct Usage {
    /// An account that was used within this time is in use.
    in_use_for: Duration,
    times: Mutex<Times>,
    /// Whether it is the keeper who asks for tokens at the moment. A call that comes just then is not noticed as use;
    /// the next one is.
    keeping: AtomicBool,
    /// Wakes the keeper: the account is used again, has a new consent, or is gone.
    pub(crate) wake: Arc<Notify>,
}

#[derive(Default)]
struct Times {
    /// The last call of somebody.
    used: Option<Instant>,
    /// The last call of anybody, the keeper included.
    traffic: Option<Instant>,
}

impl Usage {
    pub(super) fn new(in_use_for: Duration) -> Self {
        Self {
            in_use_for,
            times: Mutex::default(),
            keeping: AtomicBool::new(false),
            wake: Arc::default(),
        }
    }

    /// Notes that somebody begins to use the account, before there is any traffic.
    pub(crate) fn begin(&self) {
        self.times().used = Some(Instant::now());
        self.wake.notify_one();
    }

    /// Notes that a token is asked for at `now`.
    pub(super) fn note(&self, now: Instant) {
        let mut times = self.times();
        let was_in_use = self.is_recent(times.used, now);
        times.traffic = Some(now);
        if self.keeping.load(Ordering::Relaxed) {
            return;
        }
        times.used = Some(now);
        if !was_in_use {
            self.wake.notify_one();
        }
    }

    pub(crate) fn in_use(&self, now: Instant) -> bool {
        self.is_recent(self.times().used, now)
    }

    fn is_recent(&self, used: Option<Instant>, now: Instant) -> bool {
        used.is_some_and(|used| now.saturating_duration_since(used) < self.in_use_for)
    }

    pub(crate) fn last_traffic(&self) -> Option<Instant> {
        self.times().traffic
    }

    /// Counts what is asked for as the keeper's until the guard is dropped.
    pub(crate) fn keeping(&self) -> impl Drop + '_ {
        self.keeping.store(true, Ordering::Relaxed);
        Keeping(self)
    }

    fn times(&self) -> MutexGuard<'_, Times> {
        self.times.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Keeping<'a>(&'a Usage);

impl Drop for Keeping<'_> {
    fn drop(&mut self) {
        self.0.keeping.store(false, Ordering::Relaxed);
    }
}
