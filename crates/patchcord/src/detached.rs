//! Work that goes on to its end even if whoever asked for it stops waiting.
//!
//! A server drops a request's future when the connection closes. Between two steps of a change, or within a run, that
//! would leave store and memory apart, or a record made in Dynamics 365 without a trace of it.

use std::future::Future;

/// The outcome of `work`; none where the Tokio runtime is shut down before it ends.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> Option<T> {
    match tokio::spawn(work).await {
        Ok(outcome) => Some(outcome),
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_goes_on_when_nobody_waits_for_it() {
        let (start, started) = tokio::sync::oneshot::channel::<()>();
        let (done, finished) = tokio::sync::oneshot::channel();
        let work = to_the_end(async move {
            started.await.unwrap();
            done.send(()).unwrap();
        });
        let mut work = Box::pin(work);
        let one_look = std::future::poll_fn(|context| {
            assert!(work.as_mut().poll(context).is_pending());
            std::task::Poll::Ready(())
        });
        one_look.await;
        drop(work);
        start.send(()).unwrap();
        finished.await.unwrap();
    }
}
