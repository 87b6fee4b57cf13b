//! What all requests share: the two emulated services, the limits, the faults, the log, the counters.
//!
//! Everything that belongs to one emulator hangs here, so that two can live in one process.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::config::Setup;
use crate::dataverse::Dataverse;
use crate::entra::Entra;
use crate::faults::queue::Faults;
use crate::limits::ServiceProtection;
use crate::log::{CounterCells, RequestLog};

pub(crate) struct State {
    pub(crate) setup: Setup,
    pub(crate) entra: Entra,
    pub(crate) dataverse: Dataverse,
    pub(crate) limits: ServiceProtection,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) counters: CounterCells,
    /// Seconds by which Entra ID's clock is wrong.
    pub(crate) clock_offset: AtomicI64,
}

impl State {
    pub(crate) fn set_clock_offset(&self, seconds: i64) {
        self.clock_offset.store(seconds, Ordering::Relaxed);
    }
}
