//! Work that a guest waits for, done beside it: by the task of its step, but not on the guest's own stack.
//!
//! The stack of a guest is a mapping of its own that the step before used for something else. What runs there finds none
//! of its memory in the processor's caches, and leaves behind pages that a parked guest then holds. Besides, a guest need
//! not be resumed only to learn that its answer is not there yet.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The place where a guest leaves its work; clones are the same place.
#[derive(Clone, Default)]
pub(crate) struct Beside(Arc<Mutex<Option<Work>>>);

impl Beside {
    /// Has `work` done, for the guest, and gives it the answer. Waits for ever unless the guest runs in
    /// [`attending`](Self::attending).
    pub(crate) async fn done<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let answer = Arc::new(Mutex::new(None));
        let answered = Arc::clone(&answer);
        *lock(&self.0) = Some(Box::pin(async move {
            let value = work.await;
            *lock(&answered) = Some(value);
        }));
        poll_fn(|_| lock(&answer).take().map_or(Poll::Pending, Poll::Ready)).await
    }

    /// Runs the guest, and does what it waits for in between.
    pub(crate) fn attending<F: Future>(
        &self,
        mut guest: Pin<&mut F>,
    ) -> impl Future<Output = F::Output> {
        poll_fn(move |context| {
            loop {
                ready!(self.poll(context));
                let polled = guest.as_mut().poll(context);
                if polled.is_ready() || lock(&self.0).is_none() {
                    return polled;
                }
            }
        })
    }

    /// Ready where there is no work, or none any more.
    fn poll(&self, context: &mut Context<'_>) -> Poll<()> {
        let mut work = lock(&self.0);
        if let Some(future) = work.as_mut() {
            ready!(future.as_mut().poll(context));
            *work = None;
        }
        Poll::Ready(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
