//! Service protection: how much one user may ask of the Web API, as Dataverse limits it.
//!
//! Off by default, so that a test of something else never meets it. The clock can be moved ahead,
//! so that nobody has to wait five minutes to see a window pass. One emulator is one web server;
//! the limits of several, and those of a day (entitlement), are not here.

pub(crate) mod answer;
pub(crate) mod control;
pub(crate) mod gate;
pub(crate) mod settings;
mod window;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use gate::{Gate, Refusal, Remaining, UserCounts};
pub use settings::{LimitValues, Limits};

/// The limits of one emulator with all that they counted.
pub(crate) struct ServiceProtection {
    started: Instant,
    inner: Mutex<Inner>,
}

struct Inner {
    gate: Option<Gate>,
    /// How far the clock was moved.
    ahead: Duration,
    /// Counted up with each change, so that a request that came in before is not counted out after.
    generation: u64,
}

/// A request that was let in.
#[derive(Debug)]
pub(crate) struct Entered {
    generation: u64,
    operations: u64,
    since: Instant,
}

impl ServiceProtection {
    pub(crate) fn new(limits: &Limits) -> Self {
        let inner = Inner { gate: gate_of(limits), ahead: Duration::ZERO, generation: 0 };
        Self { started: Instant::now(), inner: Mutex::new(inner) }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.lock().gate.is_some()
    }

    /// Sets the limits anew; what was counted is forgotten.
    pub(crate) fn set(&self, limits: &Limits) {
        let mut inner = self.lock();
        inner.gate = gate_of(limits);
        inner.generation += 1;
    }

    pub(crate) fn limits(&self) -> Limits {
        match &self.lock().gate {
            Some(gate) => Limits::On(gate.values.clone()),
            None => Limits::Off,
        }
    }

    /// Moves the clock of the windows ahead.
    pub(crate) fn advance(&self, by: Duration) {
        let mut inner = self.lock();
        inner.ahead = inner.ahead.saturating_add(by);
    }

    /// Lets a request with `operations` of `user` in; `None` when the limits are off.
    pub(crate) fn enter(
        &self,
        user: &str,
        operations: u64,
    ) -> Result<Option<Entered>, (Refusal, LimitValues)> {
        let mut inner = self.lock();
        let (now, generation) = (self.now(&inner), inner.generation);
        let Some(gate) = &mut inner.gate else {
            return Ok(None);
        };
        let requests = if gate.values.count_batch_operations { operations } else { 1 };
        gate.enter(now, user, requests).map_err(|refusal| (refusal, gate.values.clone()))?;
        Ok(Some(Entered { generation, operations, since: Instant::now() }))
    }

    /// Counts a request out. `None` when the limits were set anew meanwhile.
    pub(crate) fn leave(&self, user: &str, entered: &Entered) -> Option<(Remaining, LimitValues)> {
        let mut inner = self.lock();
        let now = self.now(&inner);
        if inner.generation != entered.generation {
            return None;
        }
        let gate = inner.gate.as_mut()?;
        let ms = match gate.values.request_ms {
            Some(ms) => u64::from(ms).saturating_mul(entered.operations),
            None => u64::try_from(entered.since.elapsed().as_millis()).unwrap_or(u64::MAX),
        };
        Some((gate.leave(now, user, ms), gate.values.clone()))
    }

    pub(crate) fn counts(&self) -> Vec<UserCounts> {
        let mut inner = self.lock();
        let now = self.now(&inner);
        inner.gate.as_mut().map(|gate| gate.counts(now)).unwrap_or_default()
    }

    fn now(&self, inner: &Inner) -> Duration {
        self.started.elapsed().saturating_add(inner.ahead)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gate_of(limits: &Limits) -> Option<Gate> {
    match limits {
        Limits::Off => None,
        Limits::On(values) => Some(Gate::new(values.clone())),
    }
}
