//! Measures how long a guest computes: the time in which its future is polled. What it waits for is polled elsewhere, so
//! time parked costs nothing. It is the thread's wall clock, so a guest pays for being preempted
//! by the operating system; the limit is generous enough for that.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Default)]
pub(crate) struct Meter(Mutex<Reading>);

#[derive(Default)]
struct Reading {
    used: Duration,
    since: Option<Instant>,
}

impl Meter {
    /// Time counted so far.
    pub(crate) fn used(&self) -> Duration {
        let reading = self.reading();
        reading.used + reading.since.map_or(Duration::ZERO, |since| since.elapsed())
    }

    /// Counts the time in which `future` computes.
    pub(crate) fn counting<F: Future>(
        &self,
        mut future: Pin<&mut F>,
    ) -> impl Future<Output = F::Output> {
        std::future::poll_fn(move |context| {
            self.resume();
            let polled = future.as_mut().poll(context);
            self.pause();
            polled
        })
    }

    fn resume(&self) {
        self.reading().since = Some(Instant::now());
    }

    fn pause(&self) {
        let mut reading = self.reading();
        if let Some(since) = reading.since.take() {
            reading.used += since.elapsed();
        }
    }

    fn reading(&self) -> MutexGuard<'_, Reading> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    const STEP: Duration = Duration::from_millis(1);

    /// Computes until `time` more is counted.
    fn compute(meter: &Meter, time: Duration) {
        let until = meter.used() + time;
        while meter.used() < until {
            std::hint::spin_loop();
        }
    }

    #[test]
    fn the_clock_runs_while_computing_and_stands_still_while_parked() {
        let meter = Meter::default();
        let computing = pin!(async {
            compute(&meter, STEP);
            yield_once().await;
            compute(&meter, STEP);
        });
        let mut work = pin!(meter.counting(computing));
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(meter.used(), Duration::ZERO);
        assert_eq!(work.as_mut().poll(&mut context), Poll::Pending);
        let parked = meter.used();
        assert!(parked >= STEP);
        std::thread::sleep(STEP);
        assert_eq!(meter.used(), parked, "waiting for the host");
        assert_eq!(work.as_mut().poll(&mut context), Poll::Ready(()));
        assert!(meter.used() >= parked + STEP);
    }

    async fn yield_once() {
        let mut yielded = false;
        std::future::poll_fn(|_| {
            let done = std::mem::replace(&mut yielded, true);
            if done { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
}
