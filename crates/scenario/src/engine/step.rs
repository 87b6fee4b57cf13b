//! One step: its properties are filled in, its block is run, its effects are carried out.

use std::time::{Duration, Instant};

use patchcord_runtime::{Effect, HostCall, Invoked, LogLevel, LogLine, StepError};
use serde_json::{Map, Value};
use tracing::Instrument;
use uuid::Uuid;

use super::close::Way;
use super::{CANCELLED, Walk};
use crate::blocks::{ScenarioBlock, StepCall};
use crate::breach::{NEXT, accounts_in, kept};
use crate::core::{Context, CoreBlock, CoreOutcome};
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
        let properties = match self.ready(step).await {
            Ok(properties) => properties,
            Err((kind, message)) => {
                self.leave_result(step, None, Some((kind, &message)));
                return Taken::plain(Way::Fail(kind, message));
            }
        };
        match &step.work {
            Work::Core(block) => self.core(*block, properties).await,
            Work::Block(block) => self.block(block.as_ref(), step, trace, properties).await,
        }
    }

    /// The properties, filled in, once nothing stands in the way of the step.
    async fn ready(&mut self, step: &PlannedStep) -> Result<Value, NotRun> {
        // What only steers the run goes on, so that a wired `timeout` still comes to its answer.
        if matches!(step.work, Work::Block(_)) && Instant::now() >= self.step_deadline(None) {
            let message = "the deadline passed before the step began".to_owned();
            return Err((FailureKind::Timeout, message));
        }
        if step.may_write() {
            let kept = self.around.observer.before_write(self.checkpoint()).await;
            kept.map_err(|message| (FailureKind::Unavailable, message))?;
        }
        self.fill(step).map_err(|message| (FailureKind::InvalidRequest, message))
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

    async fn core(&mut self, block: CoreBlock, properties: Value) -> Taken {
        let mut context = Context { variables: &mut self.variables, log: Vec::new() };
        let way = match block.run(properties, &mut context).await {
            Ok(CoreOutcome::Leave(exit)) => Way::Exit(exit.to_owned()),
            Ok(CoreOutcome::Branch(exit)) => Way::Exit(exit),
            Ok(CoreOutcome::Start(start)) => Way::Start(start),
            Ok(CoreOutcome::End { result, answer }) => Way::End { result, answer },
            Err(failure) => Way::Fail(failure.kind, failure.message),
        };
        Taken { way, host_calls: Vec::new(), log: context.log }
    }

    async fn block(
        &mut self,
        block: &dyn ScenarioBlock,
        step: &PlannedStep,
        trace: &StepTrace,
        properties: Value,
    ) -> Taken {
        let offered = accounts_in(step, &properties);
        let Some(invoked) = self.invoked(block, step, trace, properties).await else {
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
        trace: &StepTrace,
        properties: Value,
    ) -> Option<Invoked> {
        let call = StepCall {
            run: self.around.run.to_string(),
            step: trace.place(),
            visit: trace.visit,
            step_key: self.step_key(trace),
            locale: self.around.locale.clone(),
            deadline: self.step_deadline(step.timeout),
            account: step.account.clone().or_else(|| self.account.clone()),
            properties,
            layer: self.around.layer.clone(),
        };
        let span = tracing::info_span!(
            "step", run = %self.around.run, step = step.id, visit = trace.visit, block = step.block_name
        );
        let running = block.run(call).instrument(span);
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
