//! The one place where callers of an account wait for Dynamics 365: for a free place among its concurrent
//! requests, and for the end of a wait that it asked for.
//!
//! The limits are per user and the account is one user, so the gate belongs to the account. It does not
//! count requests per window: Dataverse does, and says so with `429`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::error::{Error, ErrorKind};

/// Until when the account must not send; shared by successive clients of an account.
pub(crate) type Parking = Arc<Mutex<Option<Instant>>>;

pub(crate) struct Gate {
    places: Arc<Semaphore>,
    parking: Parking,
}

impl Gate {
    pub(crate) fn new(places: u32, parking: Parking) -> Self {
        let places = usize::try_from(places.max(1)).unwrap_or(Semaphore::MAX_PERMITS);
        Self { places: Arc::new(Semaphore::new(places)), parking }
    }

    /// Waits for a place that may be used at once. Dropping the permit frees it.
    ///
    /// # Errors
    /// [`ErrorKind::Throttled`] at once where the wait asked for cannot end by `deadline`;
    /// [`ErrorKind::Timeout`] at `deadline`.
    pub(crate) async fn enter(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, Error> {
        loop {
            self.sit_out(deadline).await?;
            let place = timeout_at(deadline, Arc::clone(&self.places).acquire_owned()).await;
            let Ok(Ok(permit)) = place else {
                return Err(Error::timeout("waiting for other requests of the account to end"));
            };
            if self.parked_until().is_none() {
                return Ok(permit);
            }
        }
    }

    /// Lets nobody of the account send for `wait`.
    pub(crate) fn park(&self, wait: Duration) {
        let until = Instant::now() + wait;
        let mut parking = self.parking.lock().unwrap_or_else(PoisonError::into_inner);
        *parking = Some(parking.map_or(until, |earlier| earlier.max(until)));
    }

    async fn sit_out(&self, deadline: Instant) -> Result<(), Error> {
        while let Some(until) = self.parked_until() {
            if until >= deadline {
                return Err(throttled(until.saturating_duration_since(Instant::now())));
            }
            sleep_until(until).await;
        }
        Ok(())
    }

    fn parked_until(&self) -> Option<Instant> {
        let parking = self.parking.lock().unwrap_or_else(PoisonError::into_inner);
        parking.filter(|until| *until > Instant::now())
    }
}

fn throttled(wait: Duration) -> Error {
    let ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
    Error::local(
        ErrorKind::Throttled(ms),
        format!("Dynamics 365 asked this account to wait {ms} ms, longer than the deadline allows"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(places: u32) -> Gate {
        Gate::new(places, Parking::default())
    }

    fn within(ms: u64) -> Instant {
        Instant::now() + Duration::from_millis(ms)
    }

    #[tokio::test]
    async fn a_parked_caller_goes_on_when_the_wait_is_over() {
        let gate = gate(1);
        gate.park(Duration::from_millis(50));
        let _place = gate.enter(within(20_000)).await.unwrap();
        assert!(gate.parked_until().is_none());
    }

    #[tokio::test]
    async fn a_wait_past_the_deadline_is_refused_at_once() {
        let gate = gate(1);
        gate.park(Duration::from_secs(60));
        let error = gate.enter(within(20_000)).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Throttled(ms) if ms > 0 && ms <= 60_000));
        assert!(gate.parked_until().is_some());
    }

    #[tokio::test]
    async fn a_shorter_wait_does_not_end_a_longer_one() {
        let gate = gate(1);
        gate.park(Duration::from_secs(60));
        gate.park(Duration::from_millis(100));
        let error = gate.enter(within(20_000)).await.unwrap_err();
        assert!(matches!(error.kind, ErrorKind::Throttled(ms) if ms > 20_000));
    }

    #[tokio::test]
    async fn a_caller_who_got_a_place_meanwhile_waits_too() {
        let gate = Arc::new(gate(1));
        let permit = gate.enter(within(20_000)).await.unwrap();
        let waiting = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move {
                let _place = gate.enter(within(20_000)).await.unwrap();
                gate.parked_until()
            }
        });
        tokio::task::yield_now().await;
        gate.park(Duration::from_millis(50));
        drop(permit);
        assert!(waiting.await.unwrap().is_none());
    }

    #[tokio::test]
    async fn the_deadline_ends_the_wait_and_the_place_is_not_lost() {
        let gate = gate(1);
        let permit = gate.enter(within(20_000)).await.unwrap();
        let error = gate.enter(within(50)).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Timeout);
        drop(permit);
        assert!(gate.enter(within(50)).await.is_ok());
    }
}
