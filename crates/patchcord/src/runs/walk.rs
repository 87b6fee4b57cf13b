//! One run, from the moment it is taken to the moment when all that is known of it is kept.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use patchcord_scenario::{Finished, Layer, OnHangUp, Path, Plan};
use patchcord_store::Batch;
use tokio::sync::{OwnedRwLockReadGuard, oneshot};

use super::journal::Journaled;
use super::keys::Claim;
use super::mask::{Mask, RunMask};
use super::progress::Progress;
use super::request::Taken;
use super::under_way::Registered;
use super::watcher::Watcher;
use super::writer::Ended;
use super::{CallAnswer, Run, RunEvent, Runs};
use crate::CallError;
use crate::rehearsal::Recorder;

/// What is known of a run besides what the engine knows.
pub(super) struct Job {
    pub(super) registered: Registered,
    pub(super) version: u64,
    pub(super) began: Began,
    pub(super) want: Option<Vec<Path>>,
    /// How often it was taken up again.
    pub(super) resumed: u32,
    pub(super) mask: Arc<RunMask>,
    /// None where runs are not recorded.
    pub(super) recorder: Option<Arc<Recorder>>,
    /// What stands between its steps and what is outside of it.
    pub(super) layer: Option<Arc<dyn Layer>>,
    pub(super) journaled: Option<Arc<Journaled>>,
    pub(super) claim: Option<Claim>,
    /// Held until everything is kept.
    pub(super) _under_way: OwnedRwLockReadGuard<()>,
}

/// When a call came in.
pub(super) struct Began {
    pub(super) at: Timestamp,
    /// None where that was before the host was started.
    pub(super) instant: Option<Instant>,
}

/// The way back to whoever waits for the answer.
type Tell = oneshot::Sender<Result<CallAnswer, CallError>>;

impl Began {
    fn elapsed(&self) -> Duration {
        let by_clock = || Timestamp::now().duration_since(self.at).max(SignedDuration::ZERO);
        let since = |instant: Instant| instant.elapsed();
        self.instant.map_or_else(|| by_clock().unsigned_abs(), since)
    }
}

impl Runs {
    pub(super) async fn start(
        self: &Arc<Self>,
        taken: Taken,
        claim: Option<Claim>,
    ) -> Result<CallAnswer, CallError> {
        let under_way = Arc::clone(&self.under_way).read_owned().await;
        let plan = Arc::clone(&taken.plan);
        let registered = self.registry.register(taken.call.run, &taken.request.scenario);
        let cancelled = registered.watched.cancelled.clone();
        // Who has a key will ask again.
        let ends_with_caller = claim.is_none() && plan.on_hang_up() == OnHangUp::Cancel;
        let (tell, told) = oneshot::channel();
        let runs = Arc::clone(self);
        tokio::spawn(async move {
            runs.carry_out(taken, claim, registered, under_way, tell).await;
        });
        let hang_up = ends_with_caller.then(|| cancelled.drop_guard());
        let answer = told.await.unwrap_or(Err(CallError::Interrupted));
        hang_up.map(tokio_util::sync::DropGuard::disarm);
        answer
    }

    async fn carry_out(
        &self,
        taken: Taken,
        claim: Option<Claim>,
        registered: Registered,
        under_way: OwnedRwLockReadGuard<()>,
        tell: Tell,
    ) {
        let journaled = self.journaled(&taken, claim.as_ref());
        let Taken { began, started_at, plan, want, mut call, request, .. } = taken;
        let recorder = || Recorder::new(request.variables, call.locale.clone(), None);
        let recorder = self.records().then(|| Arc::new(recorder()));
        let job = Job {
            version: plan.version(),
            began: Began { at: started_at, instant: Some(began) },
            want,
            resumed: 0,
            mask: self.mask(&plan, &call.variables),
            layer: recorder.clone().map(|recorder| recorder as Arc<dyn Layer>),
            recorder,
            journaled,
            claim,
            registered,
            _under_way: under_way,
        };
        if let Err(error) = self.begin(&job).await {
            tell.send(Err(error)).ok();
            return;
        }
        (call.observer, call.cancelled) =
            (self.watch(&job), job.registered.watched.cancelled.clone());
        call.layer = job.layer.clone();
        let finished = patchcord_scenario::run(&plan, self.scenarios.catalog(), call).await;
        self.conclude(job, finished, Some(tell)).await;
    }

    /// Makes the key of a run durable, and with it what it takes to go on.
    async fn begin(&self, job: &Job) -> Result<(), CallError> {
        if let Some(claim) = &job.claim {
            let mut batch = Batch::new();
            claim.begin(&mut batch, job.registered.watched.run)?;
            if let Some(journaled) = &job.journaled {
                journaled.begin(&mut batch)?;
            }
            self.store.write(batch).await?;
        }
        Ok(())
    }

    /// What looks on at a run, which is thereby said to have begun.
    pub(super) fn watch(&self, job: &Job) -> Arc<Watcher> {
        let watched = Arc::clone(&job.registered.watched);
        let (version, started_at) = (job.version, job.began.at);
        watched.begin(Progress::new(version, started_at, job.resumed, Arc::clone(&job.mask)));
        self.events.tell(|| RunEvent::RunBegan {
            run: watched.run,
            scenario: watched.scenario.clone(),
            version,
            started_at,
        });
        let (events, mask) = (Arc::clone(&self.events), Arc::clone(&job.mask));
        Arc::new(Watcher { watched, events, mask, journaled: job.journaled.clone() })
    }

    /// What masks a run of `plan` that is brought these variables.
    pub(crate) fn mask(
        &self,
        plan: &Plan,
        variables: &patchcord_scenario::Variables,
    ) -> Arc<RunMask> {
        let columns = self.scenarios.catalog().accounts.sensitive_columns();
        let mask = Mask::new(&columns, &plan.scenario().sensitive, variables);
        RunMask::new(mask, Arc::clone(&self.scenarios))
    }

    /// Answers the call and keeps what is known of the run: after the answer, unless asking again must give the same.
    pub(super) async fn conclude(&self, job: Job, finished: Finished, mut tell: Option<Tell>) {
        let watched = &job.registered.watched;
        super::count(&watched.scenario, &finished);
        if let Some(record) = &finished.screen_pop {
            self.tells.agents.pop(&finished.variables, watched.run, &watched.scenario, record);
        }
        let (answer, mut run) = job.record(finished);
        let mut answer_now = |answer: &CallAnswer| {
            job.registered.watched.answered();
            if let Some(tell) = tell.take() {
                tell.send(Ok(answer.clone())).ok();
            }
        };
        if job.claim.is_none() {
            answer_now(&answer);
        }
        job.mask.learn(&run.steps).cover_run(&mut run);
        let run = Arc::new(run);
        self.recent.push(Arc::clone(&run));
        self.keep(&job, &run, &answer).await;
        if let Some(claim) = &job.claim {
            answer_now(&answer);
            claim.answer(&answer);
        }
        self.tells.counted.count(&run);
        self.events.tell(|| RunEvent::of_the_end(&run));
    }

    async fn keep(&self, job: &Job, run: &Arc<Run>, answer: &CallAnswer) {
        let ended = Ended { run: Arc::clone(run), recorder: job.recorder.clone() };
        let journaled = job.journaled.as_ref().filter(|journaled| journaled.is_open());
        if job.claim.is_none() && journaled.is_none() {
            return self.writer.write(ended);
        }
        let mut batch = Batch::new();
        ended.put(&mut batch);
        self.kept.prune(&mut batch);
        if let Some(Err(error)) = job.claim.as_ref().map(|claim| claim.end(&mut batch, answer)) {
            tracing::error!(%error, run = %run.run, "the answer of an idempotency key was not kept");
        }
        if let Some(journaled) = journaled {
            journaled.end(&mut batch);
        }
        if let Err(error) = self.journal.commit(batch).await {
            tracing::error!(%error, run = %run.run, "the end of a run was not kept");
        }
    }
}

impl Job {
    fn record(&self, finished: Finished) -> (CallAnswer, Run) {
        let elapsed_ms = super::milliseconds(self.began.elapsed());
        let answer = CallAnswer {
            run: self.registered.watched.run,
            result: finished.result.clone(),
            failure: finished.failure.clone(),
            variables: finished.variables_for(self.want.as_deref()),
            screen_pop: finished.screen_pop.clone(),
            elapsed_ms,
        };
        let run = Run {
            run: self.registered.watched.run,
            scenario: self.registered.watched.scenario.clone(),
            version: self.version,
            started_at: self.began.at,
            elapsed_ms,
            result: finished.result,
            failure: finished.failure,
            screen_pop: finished.screen_pop,
            steps: finished.steps,
            resumed: self.resumed,
        };
        (answer, run)
    }
}
