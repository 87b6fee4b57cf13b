//! Statistics of the last 24 hours: how many calls ended in each minute, with which failures and how fast, by scenario and by
//! block; and how much more each integration account may ask of Dynamics 365.
//!
//! A run is counted after its answer, in the minute in which it ended; trials are not counted. `figures` is what is counted
//! of anything, `minute` what is kept of one minute, `window` the minutes of a day, `summary` what is told of them. A minute
//! that is over is written to the store, from which the next start takes it (`kept`). `accounts` is their head-room. For
//! machines there are the metrics, which have no window and no bound on names.

mod accounts;
mod figures;
mod kept;
mod minute;
mod summary;
mod window;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use patchcord_store::Store;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::runs::Run;
use kept::Keeping;
use window::Window;

pub use accounts::{AccountHeadRoom, Concurrency, Left, ThrottledCount};
pub use summary::{
    BlockFigures, Figures, Latency, Others, Point, ScenarioFigures, Statistics, Summary,
};

/// Minutes that are kept.
pub const MOST_MINUTES: u32 = 24 * 60;
/// Most minutes of a point.
pub const LONGEST_INTERVAL: u32 = 60;

/// Which statistics are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatisticsQuery {
    /// Of so many minutes, the one that goes on included: 1 to [`MOST_MINUTES`].
    pub minutes: u32,
    /// So many minutes to a point: 1 to [`LONGEST_INTERVAL`].
    pub interval: u32,
}

/// What is counted.
pub(crate) struct Counted {
    /// Taken by runs after their answer, for as long as it takes to count their steps.
    window: Arc<Mutex<Window>>,
    keeping: Keeping,
    _alive: DropGuard,
}

impl Counted {
    /// Starts what keeps the minutes, so this needs a Tokio runtime. What was kept before is taken in soon after.
    pub(crate) fn start(store: Store) -> Self {
        let window = Arc::new(Mutex::new(Window::new(Timestamp::now())));
        let ended = CancellationToken::new();
        let keeping = Keeping::start(store, Arc::clone(&window), ended.clone());
        Self { window, keeping, _alive: ended.drop_guard() }
    }

    /// Counts a run that has ended.
    pub(crate) fn count(&self, run: &Run) {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        window.minute(Timestamp::now()).count(run);
    }

    pub(crate) fn summary(&self, query: StatisticsQuery) -> Summary {
        let now = Timestamp::now();
        let (minutes, since) = {
            let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
            (window.minutes(now), window.since(now))
        };
        Summary::of(&minutes, query, since, now)
    }

    /// Returns once the minute that goes on is on disk as well. Nothing is written after that.
    pub(crate) async fn close(&self) {
        self.keeping.close().await;
    }
}
