//! What all requests share: the two emulated services, the limits, the faults, the log, the counters.
//!
//! Everything that belongs to one emulator hangs here, so that two can live in one process.

use crate::config::Setup;
use crate::dataverse::Dataverse;
use crate::entra::Entra;
use crate::faults::queue::Faults;
use crate::limits::ServiceProtection;
use crate::log::{CounterCells, RequestLog};
use crate::observe::witness::Witness;
use crate::portal::Portal;

pub(crate) struct State {
    pub(crate) setup: Setup,
    pub(crate) entra: Entra,
    pub(crate) dataverse: Dataverse,
    pub(crate) limits: ServiceProtection,
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) counters: CounterCells,
    pub(crate) witness: Witness,
    pub(crate) portal: Portal,
}
