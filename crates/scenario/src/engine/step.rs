//! One step: its properties are filled in, its block is run, its effects are carried out.

use std::time::{Duration, Instant};

use patchcord_runtime::{Effect, HostCall, Invoked, LogLevel, LogLine, StepError};
use serde_json::{Map, Value};
use tracing::Instrument;
use uuid::Uuid;

use super::Walk;
use super::close::Way;
use crate::blocks::{ScenarioBlock, StepCall};
use crate::breach::{NEXT, accounts_in, kept};
use crate::core::{CANCELLED, Context, CoreBlock, CoreOutcome};
use crate::plan::{PlannedStep, Work};
use crate::substitute::Source;
use crate::trace::{FailureKind, StepTrace};

/// What is known of a step once it is over.
pub(super) struct Taken {
    pub(super) way: Way,
    pub(super) host_calls: Vec<HostCall>,
    pub(super) log: Vec<LogLine>,
}

impl Taken {
    fn plain(way: Way) -> Self {
        Self { way, host_calls: Vec::new(), log: Vec::new() }
    }
}

/// Why a block is not run.
type NotRun = (FailureKind, String);

impl Walk<'_> {
    pub(super) async fn take(&mut self, step: &PlannedStep, trace: &StepTrace) -> Taken {
        let deadline = self.step_deadline(step.timeout);
        let properties = match self.ready(step, deadline).await {
            Ok(properties) => properties,
            Err((kind, message)) => {
                self.leave_result(step, None, Some((kind, &message)));
                return Taken::plain(Way::Fail(kind, message));
            }
        };
        let (run, visit, block) = (self.around.run, trace.visit, &step.block_name);
        let span = tracing::info_span!("step", %run, step = step.id, visit, block);
        match &step.work {
            Work::Core(block) => {
                self.core(*block, trace, properties, deadline).instrument(span).await
            }
            Work::Block(block) => {
                let call = self.call(step, trace, properties, deadline);
                self.block(block.as_ref(), step, call).instrument(span).await
            }
        }
    }

    /// The properties, filled in, once nothing stands in the way of the step.
    async fn ready(&mut self, step: &PlannedStep, deadline: Instant) -> Result<Value, NotRun> {
        let only_steers = matches!(&step.work, Work::Core(block) if block.only_steers());
        if !only_steers && Instant::now() >= deadline {
            let message = "the deadline passed before the step began".to_owned();
            return Err((FailureKind::Timeout, message));
        }
        if step.may_write() {
            self.announce_write(deadline).await?;
        }
        // A loop goes through what there was when it began.
        if self.frame.steering.is_in_loop(self.frame.place) {
            return Ok(Value::Null);
        }
        self.fill(step).map_err(|message| (FailureKind::InvalidRequest, message))
    }

    /// Lets the observer keep what it takes to go on, but not past the step's deadline.
    async fn announce_write(&self, deadline: Instant) -> Result<(), NotRun> {
        let kept = self.around.observer.before_write(self.checkpoint());
        match tokio::time::timeout_at(deadline.into(), kept).await {
            Ok(kept) => kept.map_err(|message| (FailureKind::Unavailable, message)),
            Err(_) => {
                let message = "the deadline passed before the run was safe to write".to_owned();
                Err((FailureKind::Timeout, message))
            }
        }
    }

    /// When a step that may take so long must have ended.
    pub(super) fn step_deadline(&self, timeout: Option<Duration>) -> Instant {
        let outer = self.outer.last().and_then(|outer| outer.deadline);
        let own = timeout.map(|timeout| Instant::now() + timeout);
        [outer, own].into_iter().flatten().fold(self.around.deadline, Instant::min)
    }

    fn fill(&mut self, step: &PlannedStep) -> Result<Value, String> {
        let source = Source::new(&self.variables, self.left);
        let mut filled = Map::with_capacity(step.properties.len());
        for (name, property) in &step.properties {
            let value = property.fill(&source, |name| self.around.catalog.account(name));
            filled.insert(
                name.clone(),
                value.map_err(|error| format!("property `{name}`: {error}"))?,
            );
        }
        self.left = source.left();
        Ok(Value::Object(filled))
    }

    /// Names this step and visit of this run and no other.
    fn step_key(&self, trace: &StepTrace) -> Uuid {
        let name = format!("{}/{}", trace.place(), trace.visit);
        Uuid::new_v5(&self.around.run, name.as_bytes())
    }

    async fn core(
        &mut self,
        block: CoreBlock,
        trace: &StepTrace,
        properties: Value,
        deadline: Instant,
    ) -> Taken {
        let mut context = Context {
            deadline,
            key: self.step_key(trace),
            cancelled: &self.around.cancelled,
            catalog: self.around.catalog,
            layer: self.around.layer.as_deref(),
            waits: self.around.waits,
            trace,
            place: self.frame.place,
            steering: &mut self.frame.steering,
            variables: &mut self.variables,
            log: Vec::new(),
        };
        let way = match block.run(properties, &mut context).await {
            Ok(CoreOutcome::Leave(exit)) => Way::Exit(exit.to_owned()),
            Ok(CoreOutcome::Branch(exit)) => Way::Exit(exit),
            Ok(CoreOutcome::Start(start)) => Way::Start(start),
            Ok(CoreOutcome::End { result, answer }) => Way::End { result, answer },
            Err(failure) => Way::Fail(failure.kind, failure.message),
        };
        Taken { way, host_calls: Vec::new(), log: context.log }
    }

    fn call(
        &self,
        step: &PlannedStep,
        trace: &StepTrace,
        properties: Value,
        deadline: Instant,
    ) -> StepCall {
        StepCall {
            run: self.around.run.to_string(),
            step: trace.place(),
            visit: trace.visit,
            step_key: self.step_key(trace),
            locale: self.around.locale.clone(),
            deadline,
            account: step.account.clone().or_else(|| self.account.clone()),
            properties,
            layer: self.around.layer.clone(),
            counted: self.around.counted,
        }
    }

    async fn block(
        &mut self,
        block: &dyn ScenarioBlock,
        step: &PlannedStep,
        call: StepCall,
    ) -> Taken {
        let offered = accounts_in(step, &call.properties);
        let Some(invoked) = self.invoked(block, step, call).await else {
            return Taken::plain(Way::Fail(FailureKind::Cancelled, CANCELLED.to_owned()));
        };
        let Invoked { result, host_calls, last_answer, mut log, .. } = invoked;
        let way = match result.and_then(|outcome| kept(step, outcome, &offered)) {
            Ok(outcome) => {
                for effect in outcome.effects {
                    self.carry_out(effect);
                }
                self.leave_result(step, last_answer, None);
                Way::Exit(outcome.exit.unwrap_or_else(|| NEXT.to_owned()))
            }
            Err(error) => {
                let (kind, message) = (FailureKind::of(&error), error.to_string());
                self.leave_result(step, last_answer, Some((kind, &message)));
                if let StepError::Crashed { backtrace, .. } = error {
                    let line = |message| LogLine { level: LogLevel::Error, message };
                    log.extend(backtrace.into_iter().map(line));
                }
                Way::Fail(kind, message)
            }
        };
        Taken { way, host_calls, log }
    }

    /// What came of the block; none where it was given up because nobody waits any more.
    async fn invoked(
        &self,
        block: &dyn ScenarioBlock,
        step: &PlannedStep,
        call: StepCall,
    ) -> Option<Invoked> {
        let running = block.run(call);
        // What may have been written is waited for, so that the trace says whether it was.
        if step.may_write() {
            return Some(running.await);
        }
        tokio::select! {
            biased;
            invoked = running => Some(invoked),
            () = self.around.cancelled.cancelled() => None,
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::SetVariable { name, value } => self.variables.set(&name, value),
            Effect::SetRecordset { name, records } => self.variables.set_recordset(&name, records),
            Effect::SelectAccount(handle) => self.account = Some(handle),
            Effect::PopScreen(pop) => self.screen_pop = Some(pop),
        }
    }
}
