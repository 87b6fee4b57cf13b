//! Instances that may serve a further step, while they wait for it. An operator lets a block have them; without, every
//! step has a fresh one and nothing ever lies here.
//!
//! Who waits here holds a sandbox, so an instance gives way to a step that finds none, and does not wait for ever.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::instance::Instance;

#[derive(Default)]
pub(crate) struct Shelf {
    content: Mutex<Content>,
    labels: AtomicU64,
}

#[derive(Default)]
struct Content {
    /// Those that came first are first.
    waiting: Vec<Waiting>,
    /// A task sees to it that none waits for too long.
    watched: bool,
}

struct Waiting {
    label: u64,
    until: Instant,
    instance: Instance,
}

/// Whose instances they are. Those that still wait end with it.
pub(crate) struct Label {
    number: u64,
    shelf: Arc<Shelf>,
}

impl Shelf {
    pub(crate) fn label(self: &Arc<Self>) -> Label {
        Label { number: self.labels.fetch_add(1, Ordering::Relaxed), shelf: Arc::clone(self) }
    }

    /// Ends the instance that has waited longest, where one waits.
    pub(crate) fn make_room(&self) {
        let mut content = self.content();
        let oldest = (!content.waiting.is_empty()).then(|| content.waiting.remove(0));
        // Ending one takes longer than others should wait for the shelf.
        drop(content);
        drop(oldest);
    }

    /// Ends those for which `ends` holds.
    fn end(&self, ends: impl Fn(&Waiting) -> bool) {
        let ended: Vec<_> =
            self.content().waiting.extract_if(.., |waiting| ends(waiting)).collect();
        drop(ended);
    }

    /// When the next one has waited for too long; none where none waits, and nobody watches any more then.
    fn next_end(&self) -> Option<Instant> {
        let mut content = self.content();
        let next = content.waiting.iter().map(|waiting| waiting.until).min();
        content.watched = next.is_some();
        next
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Label {
    /// The instance that came last: its memory is the likeliest to be in the processor's caches.
    pub(crate) fn take(&self) -> Option<Instance> {
        let mut content = self.shelf.content();
        let at = content.waiting.iter().rposition(|waiting| waiting.label == self.number)?;
        Some(content.waiting.remove(at).instance)
    }

    /// Lets `instance` wait for so long.
    pub(crate) fn put(&self, instance: Instance, idle: Duration) {
        let now = Instant::now();
        let until = now.checked_add(idle).unwrap_or(now);
        let mut content = self.shelf.content();
        content.waiting.push(Waiting { label: self.number, until, instance });
        if !std::mem::replace(&mut content.watched, true) {
            tokio::spawn(watch(Arc::downgrade(&self.shelf)));
        }
    }
}

impl Drop for Label {
    fn drop(&mut self) {
        self.shelf.end(|waiting| waiting.label == self.number);
    }
}

async fn watch(shelf: Weak<Shelf>) {
    while let Some(next) = shelf.upgrade().and_then(|shelf| shelf.next_end()) {
        tokio::time::sleep_until(next.into()).await;
        if let Some(shelf) = shelf.upgrade() {
            let now = Instant::now();
            shelf.end(|waiting| waiting.until <= now);
        }
    }
}
