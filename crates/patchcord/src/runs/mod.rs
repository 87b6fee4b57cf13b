//! Runs: a call comes in, a scenario answers it, and what happened is written down afterwards.
//!
//! `request` what is asked and answered, `keys` that the same key runs once, `record` and `query` what is known of a run
//! afterwards, `recent` and `writer` the two places where that is until it is on disk.

mod keys;
mod query;
mod recent;
mod record;
mod request;
mod writer;

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use patchcord_scenario::Finished;
use patchcord_store::{Batch, Store, StoreError};
use tokio::sync::{OwnedRwLockReadGuard, RwLock};
use tokio::time::Instant;

use crate::CallError;
use crate::detached::to_the_end;
use crate::scenarios::Scenarios;
use keys::{Claim, Keys, Turn};
use recent::Recent;
use request::Taken;
use writer::Writer;

pub use keys::KeyError;
pub use query::RunQuery;
pub use record::Run;
pub use request::{CallAnswer, CallRequest};
pub(crate) use request::{DEADLINE, LOCALE, LONGEST_DEADLINE};

const RUNS: &str = "runs";

/// For how long what is kept of runs is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSettings {
    /// Days after which a trace is removed.
    pub trace_days: u16,
    /// Hours after which an idempotency key may be used for another run.
    pub key_hours: u16,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self { trace_days: 30, key_hours: 24 }
    }
}

pub(crate) struct Runs {
    store: Store,
    scenarios: Arc<Scenarios>,
    recent: Recent,
    writer: Writer,
    keys: Arc<Keys>,
    /// Every run holds it shared until its trace is noted; who gets it alone knows that none is under way.
    under_way: Arc<RwLock<()>>,
}

impl Runs {
    /// Starts the writer, so this needs a Tokio runtime.
    pub(crate) fn new(store: Store, scenarios: Arc<Scenarios>, settings: &RunSettings) -> Self {
        let kept = SignedDuration::from_hours(24 * i64::from(settings.trace_days));
        let keys_kept = SignedDuration::from_hours(settings.key_hours.into());
        Self {
            scenarios,
            recent: Recent::new(writer::WAITING),
            writer: Writer::start(store.clone(), kept),
            keys: Keys::new(store.clone(), keys_kept),
            under_way: Arc::default(),
            store,
        }
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

    async fn start(
        self: &Arc<Self>,
        taken: Taken,
        claim: Option<Claim>,
    ) -> Result<CallAnswer, CallError> {
        let under_way = Arc::clone(&self.under_way).read_owned().await;
        let runs = Arc::clone(self);
        let answer = to_the_end(async move { runs.carry_out(taken, claim, under_way).await });
        answer.await.unwrap_or(Err(CallError::Interrupted))
    }

    async fn carry_out(
        &self,
        taken: Taken,
        claim: Option<Claim>,
        _under_way: OwnedRwLockReadGuard<()>,
    ) -> Result<CallAnswer, CallError> {
        let Some(claim) = claim else { return Ok(self.walk(taken).await) };
        let mut batch = Batch::new();
        claim.begin(&mut batch, taken.call.run)?;
        self.store.write(batch).await?;
        let answer = self.walk(taken).await;
        self.keep_answer(&claim, &answer).await;
        claim.answer(&answer);
        Ok(answer)
    }

    /// What cannot be kept is told all the same: the run has ended, and its caller waits.
    async fn keep_answer(&self, claim: &Claim, answer: &CallAnswer) {
        let mut batch = Batch::new();
        let kept = match claim.end(&mut batch, answer) {
            Ok(()) => self.store.write(batch).await,
            Err(error) => Err(error),
        };
        if let Err(error) = kept {
            tracing::error!(%error, run = %answer.run, "the answer of an idempotency key was not kept");
        }
    }

    async fn walk(&self, taken: Taken) -> CallAnswer {
        let Taken { began, started_at, scenario, version, plan, want, call } = taken;
        let run = call.run;
        let finished = patchcord_scenario::run(&plan, self.scenarios.catalog(), call).await;
        let elapsed_ms = milliseconds(began.elapsed());
        count(&scenario, &finished);
        let answer = CallAnswer {
            run,
            result: finished.result.clone(),
            failure: finished.failure.clone(),
            variables: finished.variables_for(want.as_deref()),
            screen_pop: finished.screen_pop.clone(),
            elapsed_ms,
        };
        self.note(Run {
            run,
            scenario,
            version,
            started_at,
            elapsed_ms,
            result: finished.result,
            failure: finished.failure,
            screen_pop: finished.screen_pop,
            steps: finished.steps,
        });
        answer
    }

    fn note(&self, run: Run) {
        let run = Arc::new(run);
        self.recent.push(Arc::clone(&run));
        self.writer.write(run);
    }

    /// Returns once no run is under way.
    pub(crate) async fn ended(&self) {
        drop(self.under_way.write().await);
    }

    /// Returns once the trace of every run so far is on disk.
    pub(crate) async fn flush(&self) {
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
