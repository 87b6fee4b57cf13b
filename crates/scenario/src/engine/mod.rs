//! Walks a plan for one call: fills in properties, runs blocks, carries out their effects, takes their exits.
//!
//! `step` takes one step, `close` leads the run on from it, `results` keeps the variables that say how it went. Between
//! two steps all that a run is can be put down as a [`Checkpoint`] and taken up again.

mod checkpoint;
mod close;
mod frame;
mod results;
mod step;

use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_runtime::ScreenPop;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use checkpoint::{Checkpoint, ResumeError};

use crate::blocks::Catalog;
use crate::call::{Call, Finished};
use crate::core::CANCELLED;
use crate::observer::{Layer, Observer};
use crate::plan::{Plan, PlannedStep};
use crate::substitute::MOST_BYTES;
use crate::trace::{FailureKind, StepTrace, place};
use crate::variables::Variables;

use close::Ending;
use frame::{Frame, Suspended};
use step::Taken;

/// Most steps that a run may take, those of the scenarios that it starts among them: what a loop can cost.
const MOST_STEPS: usize = 1_000;

/// Walks `plan` for one call. Always returns, whatever the blocks do; by the deadline as far as they keep theirs.
pub async fn run(plan: &Arc<Plan>, catalog: &dyn Catalog, call: Call) -> Finished {
    Walk::new(plan, catalog, call).finish().await
}

/// Walks `plan` until the run comes to a step, as its trace will name it, for so many times.
pub async fn run_to(
    plan: &Arc<Plan>,
    catalog: &dyn Catalog,
    call: Call,
    step: &str,
    visit: u32,
) -> Reached {
    Walk::new(plan, catalog, call).to(step, visit).await
}

/// Where a walk stopped.
#[derive(Debug)]
pub enum Reached {
    /// Before the step.
    Step(Box<Checkpoint>),
    /// At its end, without coming to the step.
    End(Box<Finished>),
}

/// Goes on with a run from a checkpoint. Its variables and its locale are those of the checkpoint, everything else is
/// the call's. It walks the versions of the scenarios with which it began.
///
/// # Errors
/// The catalogue has no such version any more, or it is another one than that.
pub async fn resume(
    checkpoint: Checkpoint,
    catalog: &dyn Catalog,
    call: Call,
) -> Result<Finished, ResumeError> {
    Ok(checkpoint.walk(catalog, call)?.finish().await)
}

/// As [`resume`], until the run comes to a step, as its trace will name it, for so many times.
///
/// # Errors
/// As [`resume`].
pub async fn resume_to(
    checkpoint: Checkpoint,
    catalog: &dyn Catalog,
    call: Call,
    step: &str,
    visit: u32,
) -> Result<Reached, ResumeError> {
    Ok(checkpoint.walk(catalog, call)?.to(step, visit).await)
}

/// What a run does not change.
struct Around<'a> {
    catalog: &'a dyn Catalog,
    run: Uuid,
    deadline: Instant,
    locale: String,
    observer: Arc<dyn Observer>,
    layer: Option<Arc<dyn Layer>>,
    waits: bool,
    counted: bool,
    cancelled: CancellationToken,
    /// When it began, or went on.
    began: Instant,
    /// How long it had been under way before it went on.
    before: Duration,
}

impl<'a> Around<'a> {
    fn new(catalog: &'a dyn Catalog, call: Call, before: Duration) -> Self {
        let Call { run, deadline, locale, observer, layer, waits, counted, cancelled, .. } = call;
        Self {
            catalog,
            run,
            deadline,
            locale,
            observer,
            layer,
            waits,
            counted,
            cancelled,
            began: Instant::now(),
            before,
        }
    }

    fn elapsed(&self) -> Duration {
        self.before + self.began.elapsed()
    }
}

struct Walk<'a> {
    around: Around<'a>,
    /// The scenario that is walked now.
    frame: Frame,
    /// Those that wait for it, outermost first.
    outer: Vec<Suspended>,
    ended: Option<Ending>,
    variables: Variables,
    /// The account selected last, or the default one.
    account: Option<String>,
    screen_pop: Option<ScreenPop>,
    steps: Vec<StepTrace>,
    /// Bytes of variables that properties may still take.
    left: usize,
}

impl<'a> Walk<'a> {
    fn new(plan: &Arc<Plan>, catalog: &'a dyn Catalog, mut call: Call) -> Self {
        let variables = std::mem::take(&mut call.variables);
        Self {
            around: Around::new(catalog, call, Duration::ZERO),
            frame: Frame::new(Arc::clone(plan)),
            outer: Vec::new(),
            ended: None,
            variables,
            account: catalog.default_account(),
            screen_pop: None,
            steps: Vec::new(),
            left: MOST_BYTES,
        }
    }
}

impl Walk<'_> {
    async fn to(mut self, step: &str, visit: u32) -> Reached {
        loop {
            if let Some(ending) = self.ended.take() {
                return Reached::End(Box::new(self.finished(ending)));
            }
            if self.next_visit() == visit && self.next_place() == step {
                return Reached::Step(Box::new(self.checkpoint()));
            }
            self.turn().await;
        }
    }

    /// The step that comes next, as its trace will name it.
    fn next_place(&self) -> String {
        let within = self.outer.last().map(|outer| outer.within.as_str());
        place(within, &self.frame.plan.steps[self.frame.place].id)
    }

    /// How often the run will have come there.
    fn next_visit(&self) -> u32 {
        self.frame.visits[self.frame.place] + 1
    }

    async fn finish(mut self) -> Finished {
        loop {
            match self.ended.take() {
                Some(ending) => return self.finished(ending),
                None => self.turn().await,
            }
        }
    }

    /// Takes one step and leads the run on.
    async fn turn(&mut self) {
        let plan = Arc::clone(&self.frame.plan);
        let step = &plan.steps[self.frame.place];
        if self.around.cancelled.is_cancelled() {
            return self.stop(step, FailureKind::Cancelled, CANCELLED.to_owned());
        }
        if self.steps.len() >= MOST_STEPS {
            let message =
                format!("the run took {MOST_STEPS} steps without coming to an Exit block");
            return self.stop(step, FailureKind::Failed, message);
        }
        let mut trace = self.open(step);
        self.around.observer.step_began(&trace.place(), &trace.block, trace.visit);
        let Taken { way, host_calls, log } = self.take(step, &trace).await;
        self.frame.visits[self.frame.place] += 1;
        (trace.host_calls, trace.log) = (host_calls, log);
        self.close(trace, way);
    }

    /// The trace of a step that is about to begin.
    fn open(&self, step: &PlannedStep) -> StepTrace {
        let inner = self.outer.last();
        StepTrace {
            id: step.id.clone(),
            scenario: inner.map(|_| self.frame.plan.reference()),
            within: inner.map(|outer| outer.within.clone()),
            block: step.block_name.clone(),
            title: step.title.clone(),
            visit: self.next_visit(),
            exit: None,
            caught_by: None,
            failure: None,
            started_us: micros(self.around.elapsed()),
            elapsed_us: 0,
            host_calls: Vec::new(),
            log: Vec::new(),
            changed: Default::default(),
        }
    }

    fn finished(self, ending: Ending) -> Finished {
        Finished {
            result: ending.result,
            failure: ending.failure,
            answer: ending.answer,
            variables: self.variables,
            screen_pop: self.screen_pop,
            elapsed: self.around.elapsed(),
            steps: self.steps,
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
