//! The one place where callers of an account wait for Dynamics 365: for a free place among its concurrent
//! requests, and for the end of a wait that it asked for.
//!
//! The limits are per user and the account is one user, so the gate belongs to the account. It does not
//! count requests per window: Dataverse does, and says so with `429`. After such a wait the places are opened one by
//! one, lest everybody who waited comes at once and is sent away again.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until};

use crate::error::{Error, ErrorKind};

/// Places that are open at once when a wait is over.
const FIRST_PLACES: usize = 4;
/// How long after a wait all places are open again.
const RAMP: Duration = Duration::from_secs(5);

/// Until when the account must not send; shared by successive clients of an account. It stays when the wait is over,
/// because the places that are open depend on it.
#[derive(Clone)]
pub(crate) struct Parking(Arc<watch::Sender<Option<Instant>>>);

impl Default for Parking {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(None)))
    }
}

pub(crate) struct Gate {
    places: usize,
    inside: Arc<Inside>,
    /// Held by the first in the queue, who alone looks for a place; it lets the others go first come, first served.
    turn: tokio::sync::Mutex<()>,
    waiting: AtomicUsize,
    parking: Parking,
}

/// How full a gate is.
pub(crate) struct Fullness {
    pub(crate) in_use: usize,
    pub(crate) places: usize,
    /// Places that are open now.
    pub(crate) open: usize,
    pub(crate) waiting: usize,
    /// How much longer nobody may send.
    pub(crate) wait: Option<Duration>,
}

/// Somebody who waits for a place; dropping it ends that.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn at(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Inside {
    count: AtomicUsize,
    left: Notify,
}

/// A place among the concurrent requests; dropping it frees it.
pub(crate) struct Place(Arc<Inside>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.count.fetch_sub(1, Ordering::AcqRel);
        self.0.left.notify_one();
    }
}

impl Gate {
    pub(crate) fn new(places: u32, parking: Parking) -> Self {
        Self {
            places: usize::try_from(places.max(1)).unwrap_or(usize::MAX),
            inside: Arc::default(),
            turn: tokio::sync::Mutex::default(),
            waiting: AtomicUsize::new(0),
            parking,
        }
    }

    /// A place, where one is free at `now` and nobody waits for it.
    pub(crate) fn enter_at_once(&self, now: Instant) -> Option<Place> {
        let _turn = self.turn.try_lock().ok()?;
        self.look(now).ok()
    }

    /// Waits for a place that may be used at once.
    ///
    /// # Errors
    /// [`ErrorKind::Throttled`] as soon as it is known that the wait asked for cannot end by `deadline`;
    /// [`ErrorKind::Timeout`] at `deadline`.
    pub(crate) async fn enter(&self, deadline: Instant) -> Result<Place, Error> {
        if let Some(place) = self.enter_at_once(Instant::now()) {
            return Ok(place);
        }
        let _waiting = Waiting::at(&self.waiting);
        let mut place = pin!(self.place());
        tokio::select! {
            biased;
            error = self.barred(deadline) => Err(error),
            place = &mut place => Ok(place),
            () = sleep_until(deadline) => {
                Err(Error::timeout("waiting for other requests of the account to end"))
            }
        }
    }

    /// Ends as soon as the wait asked for cannot end by `deadline`.
    pub(crate) async fn barred(&self, deadline: Instant) -> Error {
        let mut changes = self.parking.0.subscribe();
        loop {
            let until = *changes.borrow_and_update();
            let now = Instant::now();
            if let Some(until) = until.filter(|until| *until > now && *until >= deadline) {
                return throttled(until - now);
            }
            if changes.changed().await.is_err() {
                // The sender is this gate's own, so it is there as long as anybody asks.
                std::future::pending::<()>().await;
            }
        }
    }

    /// Lets nobody of the account send for `wait`.
    pub(crate) fn park(&self, wait: Duration) {
        let until = Instant::now() + wait;
        self.parking.0.send_if_modified(|parked| {
            let is_later = parked.is_none_or(|earlier| earlier < until);
            if is_later {
                *parked = Some(until);
            }
            is_later
        });
    }

    pub(crate) fn fullness(&self) -> Fullness {
        let (now, parked) = (Instant::now(), *self.parking.0.borrow());
        let wait = parked.and_then(|until| until.checked_duration_since(now));
        let wait = wait.filter(|wait| !wait.is_zero());
        Fullness {
            in_use: self.inside.count.load(Ordering::Relaxed),
            places: self.places,
            open: if wait.is_some() { 0 } else { open_places(self.places, parked, now).0 },
            waiting: self.waiting.load(Ordering::Relaxed),
            wait,
        }
    }

    async fn place(&self) -> Place {
        let _turn = self.turn.lock().await;
        loop {
            match self.look(Instant::now()) {
                Ok(place) => return place,
                Err(Taken::Parked(until)) => sleep_until(until).await,
                Err(Taken::Full(None)) => self.inside.left.notified().await,
                Err(Taken::Full(Some(at))) => tokio::select! {
                    () = self.inside.left.notified() => {}
                    () = sleep_until(at) => {}
                },
            }
        }
    }

    /// A place, where there is one at `now`. Only whoever has the turn may look, for only he adds to the count.
    fn look(&self, now: Instant) -> Result<Place, Taken> {
        let parked = *self.parking.0.borrow();
        if let Some(until) = parked.filter(|until| *until > now) {
            return Err(Taken::Parked(until));
        }
        let (open, more_at) = open_places(self.places, parked, now);
        if self.inside.count.load(Ordering::Acquire) >= open {
            return Err(Taken::Full(more_at));
        }
        self.inside.count.fetch_add(1, Ordering::AcqRel);
        Ok(Place(Arc::clone(&self.inside)))
    }
}

/// Why there is no place.
enum Taken {
    /// Nobody may send until then.
    Parked(Instant),
    /// All that are open are in use; when another one opens, where one will.
    Full(Option<Instant>),
}

/// How many of `places` are open at `now`, and when the next one will be.
fn open_places(places: usize, parked: Option<Instant>, now: Instant) -> (usize, Option<Instant>) {
    let first = FIRST_PLACES.min(places);
    let Some(since) = parked else { return (places, None) };
    let closed = places - first;
    let elapsed = now.saturating_duration_since(since);
    if closed == 0 || elapsed >= RAMP {
        return (places, None);
    }
    let step = RAMP / u32::try_from(closed).unwrap_or(u32::MAX);
    let steps = elapsed.as_nanos() / step.as_nanos().max(1);
    let opened = usize::try_from(steps).unwrap_or(closed).min(closed);
    let next = u32::try_from(opened + 1).unwrap_or(u32::MAX);
    (first + opened, Some(since + step.saturating_mul(next)))
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
    use proptest::prelude::*;

    fn gate(places: u32) -> Arc<Gate> {
        Arc::new(Gate::new(places, Parking::default()))
    }

    fn within(ms: u64) -> Instant {
        Instant::now() + Duration::from_millis(ms)
    }

    fn elapsed(since: Instant) -> u64 {
        u64::try_from(since.elapsed().as_millis()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_parked_caller_goes_on_when_the_wait_is_over() {
        let (gate, begun) = (gate(1), Instant::now());
        gate.park(Duration::from_secs(7));
        let _place = gate.enter(within(20_000)).await.unwrap();
        assert_eq!(elapsed(begun), 7_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_past_the_deadline_is_refused_at_once() {
        let (gate, begun) = (gate(1), Instant::now());
        gate.park(Duration::from_secs(60));
        gate.park(Duration::from_secs(1));
        let error = gate.enter(within(20_000)).await.err().unwrap();
        assert_eq!((error.kind, elapsed(begun)), (ErrorKind::Throttled(60_000), 0));
    }

    #[tokio::test(start_paused = true)]
    async fn those_in_the_queue_are_refused_as_soon_as_it_is_known() {
        let (gate, begun) = (gate(1), Instant::now());
        let place = gate.enter(within(20_000)).await.unwrap();
        let waiting: Vec<_> = [20_000, 90_000]
            .map(|ms| {
                let gate = Arc::clone(&gate);
                tokio::spawn(async move {
                    let result = gate.enter(within(ms)).await.map(drop).map_err(|error| error.kind);
                    (result, elapsed(begun))
                })
            })
            .into();
        tokio::time::sleep(Duration::from_secs(1)).await;
        gate.park(Duration::from_secs(60));
        drop(place);
        let mut ends = Vec::new();
        for task in waiting {
            ends.push(task.await.unwrap());
        }
        assert_eq!(ends, [(Err(ErrorKind::Throttled(60_000)), 1_000), (Ok(()), 61_000)]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_ends_the_wait_and_the_place_is_not_lost() {
        let (gate, begun) = (gate(1), Instant::now());
        let place = gate.enter(within(20_000)).await.unwrap();
        let error = gate.enter(within(50)).await.err().unwrap();
        assert_eq!((error.kind, elapsed(begun)), (ErrorKind::Timeout, 50));
        drop(place);
        assert!(gate.enter(within(50)).await.is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_to_come_is_the_first_to_go() {
        let gate = gate(2);
        let (sender, mut order) = tokio::sync::mpsc::unbounded_channel();
        for number in 0..6 {
            let (gate, sender) = (Arc::clone(&gate), sender.clone());
            tokio::spawn(async move {
                let _place = gate.enter(within(60_000)).await.unwrap();
                sender.send(number).unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
            });
        }
        drop(sender);
        let mut went = Vec::new();
        while let Some(number) = order.recv().await {
            went.push(number);
        }
        assert_eq!(went, [0, 1, 2, 3, 4, 5]);
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_wait_the_places_open_one_by_one() {
        let (gate, begun) = (gate(52), Instant::now());
        gate.park(Duration::from_secs(10));
        let entered = (0..52).map(|_| gate.enter(within(60_000)));
        let mut at = Vec::new();
        let mut places = Vec::new();
        for entering in entered {
            places.push(entering.await.unwrap());
            at.push(elapsed(begun));
        }
        assert_eq!(at[..4], [10_000; 4]);
        assert!(at[4] > 10_050, "{at:?}");
        assert!(at.is_sorted());
        assert!((14_900..=15_000).contains(&at[51]), "{at:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_says_how_full_it_is() {
        let gate = gate(6);
        let told = |gate: &Gate| {
            let Fullness { in_use, places, open, waiting, wait } = gate.fullness();
            (in_use, places, open, waiting, wait.map(|wait| wait.as_secs()))
        };
        let place = gate.enter(within(20_000)).await.unwrap();
        assert_eq!(told(&gate), (1, 6, 6, 0, None));
        gate.park(Duration::from_secs(10));
        let entering = tokio::spawn({
            let gate = Arc::clone(&gate);
            async move { gate.enter(within(20_000)).await.map(drop) }
        });
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(told(&gate), (1, 6, 0, 1, Some(9)));
        tokio::time::sleep(Duration::from_secs(9)).await;
        entering.await.unwrap().unwrap();
        assert_eq!(told(&gate), (1, 6, 4, 0, None));
        drop(place);
        tokio::time::sleep(RAMP).await;
        assert_eq!(told(&gate), (0, 6, 6, 0, None));
    }

    proptest! {
        #[test]
        fn places_only_grow_and_are_never_more_than_there_are(
            places in 1_usize..2_000, one in 0_u64..8_000, other in 0_u64..8_000,
        ) {
            let since = Instant::now();
            let at = |ms: u64| open_places(places, Some(since), since + Duration::from_millis(ms));
            let (earlier, later) = (one.min(other), one.max(other));
            let ((a, next), (b, _)) = (at(earlier), at(later));
            prop_assert!(a >= FIRST_PLACES.min(places) && a <= b && b <= places);
            prop_assert_eq!(at(5_000), (places, None));
            if let Some(next) = next {
                prop_assert!(next > since + Duration::from_millis(earlier));
                prop_assert!(open_places(places, Some(since), next).0 > a);
            }
        }
    }
}
