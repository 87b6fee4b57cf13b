//! Runs: a call comes in, a scenario answers it, and what happened is written down afterwards.
//!
//! `request` what is asked and answered, `keys` that the same key runs once, `walk` the run itself. `watcher` looks on at it:
//! for `events`, who hear of it while it happens, and for the `journal`, out of which `resume` takes it up again after a
//! crash, its first step `doubt`ed. `under_way` the runs that can be cancelled, `progress` what is known of them. `record`
//! and `query` what is known of a run afterwards, less what the `mask` hides; `recent` and `writer` the two places where
//! that is until it is on disk. What it was answered from outside is recorded beside (`crate::rehearsal`), sealed. `trial` is
//! a run that only somebody who tries a scenario hears of.

mod doubt;
mod events;
mod journal;
mod keys;
mod mask;
mod progress;
mod query;
mod recent;
mod record;
mod request;
mod resume;
mod trial;
mod under_way;
mod walk;
mod watcher;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use patchcord_scenario::Finished;
use patchcord_store::{Store, StoreError};
use tokio::sync::RwLock;
use tokio::time::Instant;

use crate::agents::Agents;
use crate::scenarios::Scenarios;
use crate::statistics::Counted;
use crate::{CallError, Error};
use events::Events;
use journal::Journal;
use keys::{Keys, Turn};
use recent::Recent;
use trial::Trials;
use under_way::UnderWay;
use writer::{Kept, Writer};

pub use events::{RunEvent, RunEvents};
pub use keys::KeyError;
pub(crate) use mask::RunMask;
pub use progress::{RunUnderWay, RunView};
pub use query::RunQuery;
pub use record::Run;
pub use request::{CallAnswer, CallRequest};
pub(crate) use request::{DEADLINE, LOCALE, LONGEST_DEADLINE};
pub use trial::{Replay, TryAnswer, TryRequest};

const RUNS: &str = "runs";
const RECORDINGS: &str = "recordings";

/// For how long what is kept of runs is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSettings {
    /// Days after which a trace is removed.
    pub trace_days: u16,
    /// Days after which the recording of a run is removed, which is no later than its trace is. With 0, none is made.
    pub recording_days: u16,
    /// Hours after which an idempotency key may be used for another run.
    pub key_hours: u16,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self { trace_days: 30, recording_days: 30, key_hours: 24 }
    }
}

/// Who is told of runs besides those who asked for them.
pub(crate) struct Tells {
    /// The desktops of agents, on which screens pop.
    pub(crate) agents: Arc<Agents>,
    /// The statistics.
    pub(crate) counted: Arc<Counted>,
}

pub(crate) struct Runs {
    store: Store,
    scenarios: Arc<Scenarios>,
    tells: Tells,
    registry: Arc<UnderWay>,
    trials: Trials,
    events: Arc<Events>,
    recent: Recent,
    writer: Writer,
    kept: Kept,
    keys: Arc<Keys>,
    journal: Arc<Journal>,
    /// Every run holds it shared until its trace is noted; who gets it alone knows that none is under way.
    under_way: Arc<RwLock<()>>,
}

impl Runs {
    /// Starts what writes, so this needs a Tokio runtime.
    pub(crate) fn new(
        store: Store,
        scenarios: Arc<Scenarios>,
        tells: Tells,
        settings: &RunSettings,
    ) -> Result<Self, Error> {
        let days = |days: u16| SignedDuration::from_hours(24 * i64::from(days));
        let (traces, recordings) = (days(settings.trace_days), days(settings.recording_days));
        let kept = Kept { traces, recordings: recordings.min(traces) };
        let keys_kept = SignedDuration::from_hours(settings.key_hours.into());
        Ok(Self {
            scenarios,
            tells,
            registry: Arc::default(),
            trials: Trials::default(),
            events: Arc::new(Events::new()),
            recent: Recent::new(writer::WAITING),
            writer: Writer::start(store.clone(), kept),
            kept,
            keys: Keys::new(store.clone(), keys_kept),
            journal: Journal::open(store.clone())?,
            under_way: Arc::default(),
            store,
        })
    }

    pub(crate) async fn call(
        self: &Arc<Self>,
        request: CallRequest,
    ) -> Result<CallAnswer, CallError> {
        match request.idempotency_key.clone() {
            Some(key) => self.call_once(&key, request).await,
            None => self.start(self.take(request)?, None).await,
        }
    }

    async fn call_once(
        self: &Arc<Self>,
        key: &str,
        request: CallRequest,
    ) -> Result<CallAnswer, CallError> {
        let deadline = Instant::now() + self.allowance(&request).min(LONGEST_DEADLINE);
        loop {
            let claim = match self.keys.turn(key, &request, deadline).await? {
                Turn::Answered(answer) => return Ok(answer),
                Turn::First(claim) => claim,
            };
            let taken = self.take(request.clone())?;
            match self.start(taken, Some(claim)).await {
                // Another process has taken the key at the same moment.
                Err(CallError::Store(StoreError::Conflict { .. })) => {}
                ended => return ended,
            }
        }
    }

    /// Whether runs are recorded.
    fn records(&self) -> bool {
        !self.kept.recordings.is_zero()
    }

    /// Returns once no run is under way and everything is on disk; another process may take over from here.
    pub(crate) async fn close(&self) {
        drop(self.under_way.write().await);
        self.writer.flush().await;
        self.journal.release();
    }

    /// Returns once every run that has been answered is counted and can be read.
    pub(crate) async fn settle(&self) {
        self.registry.settle().await;
    }

    /// Returns once the trace of every run that has been answered is on disk.
    pub(crate) async fn flush(&self) {
        self.settle().await;
        self.writer.flush().await;
    }
}

/// Milliseconds with three decimals: what people compare.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

fn count(scenario: &str, finished: &Finished) {
    // Not the result: it may hold what the call brought, which is nobody's business here and has no end of values.
    let outcome = finished.failure.as_ref().map_or("answered", |failure| failure.kind.exit());
    let labels = [("scenario", scenario.to_owned()), ("outcome", outcome.to_owned())];
    metrics::histogram!("patchcord_run_seconds", &labels).record(finished.elapsed.as_secs_f64());
    for step in &finished.steps {
        let exit = step.exit.clone().unwrap_or_else(|| "end".to_owned());
        let labels = [("block", step.block.clone()), ("exit", exit)];
        metrics::histogram!("patchcord_step_seconds", &labels).record(step.elapsed_us as f64 / 1e6);
    }
}
