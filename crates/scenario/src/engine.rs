//! Walks a plan for one call: fills in properties, runs blocks, carries out their effects, takes their exits.

use std::time::{Duration, Instant};

use patchcord_runtime::{Effect, Invoked, LastAnswer, LogLevel, LogLine, ScreenPop, StepError};
use serde_json::{Map, Value};
use tracing::Instrument;
use uuid::Uuid;

use crate::blocks::{Catalog, ScenarioBlock, StepCall};
use crate::breach::{NEXT, accounts_in, kept};
use crate::call::{Call, Finished};
use crate::core::{CoreBlock, CoreOutcome};
use crate::plan::{Plan, PlannedStep, Work};
use crate::substitute::{MOST_BYTES, Source};
use crate::trace::{Failure, FailureKind, StepTrace};
use crate::variables::Variables;

/// Most steps that a run may take: what a loop in a scenario can cost.
const MOST_STEPS: usize = 1_000;

/// Status of the last answer of Dynamics 365.
const RESULT_CODE: &str = "integrationResultCode";
/// Body of the last answer of Dynamics 365.
const RESULT_BODY: &str = "integrationResultBody";
/// `ok`, or the cause of the failure of the last integration step.
const RESULT_KIND: &str = "integrationResultKind";
/// Seconds since Dynamics 365 gave the last answer: 0 unless it came from the cache.
const RESULT_AGE: &str = "integrationResultAge";
/// Whether the last answer stands in for one that Dynamics 365 could not give.
const RESULT_STALE: &str = "integrationResultStale";

/// Walks `plan` for one call. Always returns, whatever the blocks do; by the deadline as far as they keep theirs.
pub async fn run(plan: &Plan, catalog: &dyn Catalog, call: Call) -> Finished {
    let walk = Walk {
        catalog,
        run: call.run,
        deadline: call.deadline,
        locale: call.locale,
        variables: call.variables,
        account: catalog.default_account(),
        screen_pop: None,
        began: Instant::now(),
        visits: vec![0; plan.steps.len()],
        steps: Vec::new(),
        left: MOST_BYTES,
    };
    walk.finish(plan).await
}

struct Walk<'a> {
    catalog: &'a dyn Catalog,
    run: Uuid,
    deadline: Instant,
    locale: String,
    variables: Variables,
    /// The account selected last, or the default one.
    account: Option<String>,
    screen_pop: Option<ScreenPop>,
    began: Instant,
    visits: Vec<u32>,
    steps: Vec<StepTrace>,
    /// Bytes of variables that properties may still take.
    left: usize,
}

/// Where a step leads.
enum Way {
    Exit(String),
    End { result: String, answer: Map<String, Value> },
    Fail(FailureKind, String),
}

/// What is known of a step once it is over.
struct Taken {
    way: Way,
    host_calls: Vec<patchcord_runtime::HostCall>,
    log: Vec<LogLine>,
}

impl Taken {
    fn plain(way: Way) -> Self {
        Self { way, host_calls: Vec::new(), log: Vec::new() }
    }
}

impl Walk<'_> {
    async fn finish(mut self, plan: &Plan) -> Finished {
        let mut place = plan.start;
        loop {
            let step = &plan.steps[place];
            if self.steps.len() == MOST_STEPS {
                let message =
                    format!("the run took {MOST_STEPS} steps without coming to an Exit block");
                return self.failed(step, FailureKind::Failed, message);
            }
            self.visits[place] += 1;
            let started = self.began.elapsed();
            let taken = self.take(step, self.visits[place]).await;
            self.note(step, self.visits[place], started, &taken);
            match taken.way {
                Way::End { result, answer } => return self.finished(result, None, answer),
                Way::Exit(exit) => match step.exits.get(&exit) {
                    Some(next) => place = *next,
                    None => {
                        let message = format!("the exit `{exit}` is not wired");
                        return self.failed(step, FailureKind::Failed, message);
                    }
                },
                Way::Fail(kind, message) => match failure_exit(step, kind) {
                    Some((_, next)) => place = next,
                    None => return self.failed(step, kind, message),
                },
            }
        }
    }

    async fn take(&mut self, step: &PlannedStep, visit: u32) -> Taken {
        let properties = match self.fill(step) {
            Ok(properties) => properties,
            Err(message) => return self.not_run(step, FailureKind::InvalidRequest, message),
        };
        match &step.work {
            Work::Core(block) => Taken::plain(self.core(*block, properties)),
            // What only steers the run goes on, so that a wired `timeout` still comes to its answer.
            Work::Block(_) if Instant::now() >= self.deadline => {
                let message = "the deadline passed before the step began".to_owned();
                self.not_run(step, FailureKind::Timeout, message)
            }
            Work::Block(block) => self.block(block.as_ref(), step, visit, properties).await,
        }
    }

    fn not_run(&mut self, step: &PlannedStep, kind: FailureKind, message: String) -> Taken {
        if let Work::Block(block) = &step.work {
            self.leave_result(block.as_ref(), None, Some((kind, &message)));
        }
        Taken::plain(Way::Fail(kind, message))
    }

    fn fill(&mut self, step: &PlannedStep) -> Result<Value, String> {
        let source = Source::new(&self.variables, self.left);
        let mut filled = Map::with_capacity(step.properties.len());
        for (name, property) in &step.properties {
            let value = property.fill(&source, |name| self.catalog.account(name));
            filled.insert(
                name.clone(),
                value.map_err(|error| format!("property `{name}`: {error}"))?,
            );
        }
        self.left = source.left();
        Ok(Value::Object(filled))
    }

    fn core(&mut self, block: CoreBlock, properties: Value) -> Way {
        match block.run(properties, &mut self.variables) {
            Ok(CoreOutcome::Leave(exit)) => Way::Exit(exit.to_owned()),
            Ok(CoreOutcome::Branch(exit)) => Way::Exit(exit),
            Ok(CoreOutcome::End { result, answer }) => Way::End { result, answer },
            Err(message) => Way::Fail(FailureKind::InvalidRequest, message),
        }
    }

    async fn block(
        &mut self,
        block: &dyn ScenarioBlock,
        step: &PlannedStep,
        visit: u32,
        properties: Value,
    ) -> Taken {
        let offered = accounts_in(step, &properties);
        let call = StepCall {
            run: self.run.to_string(),
            step_key: Uuid::new_v5(&self.run, format!("{}/{visit}", step.id).as_bytes()),
            locale: self.locale.clone(),
            deadline: self.deadline,
            account: step.account.clone().or_else(|| self.account.clone()),
            properties,
        };
        let span = tracing::info_span!(
            "step", run = %self.run, step = step.id, visit, block = step.block_name
        );
        let invoked = block.run(call).instrument(span).await;
        let Invoked { result, host_calls, last_answer, mut log, .. } = invoked;
        let way = match result.and_then(|outcome| kept(step, outcome, &offered)) {
            Ok(outcome) => {
                for effect in outcome.effects {
                    self.carry_out(effect);
                }
                self.leave_result(block, last_answer, None);
                Way::Exit(outcome.exit.unwrap_or_else(|| NEXT.to_owned()))
            }
            Err(error) => {
                let (kind, message) = (FailureKind::of(&error), error.to_string());
                self.leave_result(block, last_answer, Some((kind, &message)));
                if let StepError::Crashed { backtrace, .. } = error {
                    let line = |message| LogLine { level: LogLevel::Error, message };
                    log.extend(backtrace.into_iter().map(line));
                }
                Way::Fail(kind, message)
            }
        };
        Taken { way, host_calls, log }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::SetVariable { name, value } => self.variables.set(&name, value),
            Effect::SetRecordset { name, records } => self.variables.set_recordset(&name, records),
            Effect::SelectAccount(handle) => self.account = Some(handle),
            Effect::PopScreen(pop) => self.screen_pop = Some(pop),
        }
    }

    /// Sets the `integrationResult…` variables after an integration step: one of a block that may call Dynamics 365.
    fn leave_result(
        &mut self,
        block: &dyn ScenarioBlock,
        answer: Option<LastAnswer>,
        failure: Option<(FailureKind, &str)>,
    ) {
        if block.manifest().operations.is_empty() {
            return;
        }
        let kind = failure.map_or("ok", |(kind, _)| kind.exit());
        self.variables.set(RESULT_KIND, kind.into());
        let age = answer.as_ref().map_or(0, |answer| answer.age.as_secs());
        let stale = answer.as_ref().is_some_and(|answer| answer.stale);
        self.variables.set(RESULT_AGE, age.into());
        self.variables.set(RESULT_STALE, stale.into());
        match answer {
            Some(LastAnswer { status, body, .. }) => {
                self.variables.set(RESULT_CODE, status.into());
                self.variables.set_text(RESULT_BODY, body);
            }
            None => {
                self.variables.set(RESULT_CODE, Value::Null);
                let message = failure.map_or("", |(_, message)| message);
                self.variables.set_text(RESULT_BODY, message.into());
            }
        }
    }

    fn note(&mut self, step: &PlannedStep, visit: u32, started: Duration, taken: &Taken) {
        let (exit, failure) = match &taken.way {
            Way::Exit(exit) => (Some(exit.clone()), None),
            Way::End { .. } => (None, None),
            Way::Fail(kind, message) => {
                let exit = failure_exit(step, *kind).map(|(exit, _)| exit.to_owned());
                (exit, Some(failure(step, *kind, message.clone())))
            }
        };
        self.steps.push(StepTrace {
            id: step.id.clone(),
            block: step.block_name.clone(),
            title: step.title.clone(),
            visit,
            exit,
            failure,
            started_us: micros(started),
            elapsed_us: micros(self.began.elapsed().saturating_sub(started)),
            host_calls: taken.host_calls.clone(),
            log: taken.log.clone(),
        });
    }

    fn failed(self, step: &PlannedStep, kind: FailureKind, message: String) -> Finished {
        let failure = failure(step, kind, message);
        self.finished("failed".to_owned(), Some(failure), Map::new())
    }

    fn finished(
        self,
        result: String,
        failure: Option<Failure>,
        answer: Map<String, Value>,
    ) -> Finished {
        Finished {
            result,
            failure,
            answer,
            variables: self.variables,
            screen_pop: self.screen_pop,
            steps: self.steps,
            elapsed: self.began.elapsed(),
        }
    }
}

/// The exit by which a failure leaves: its own where that is wired, `failed` otherwise.
fn failure_exit(step: &PlannedStep, kind: FailureKind) -> Option<(&'static str, usize)> {
    let wired = |exit: &'static str| Some((exit, *step.exits.get(exit)?));
    wired(kind.exit()).or_else(|| wired(FailureKind::Failed.exit()))
}

fn failure(step: &PlannedStep, kind: FailureKind, message: String) -> Failure {
    Failure { step: step.id.clone(), kind, message }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
