//! Runs: a call comes in, a scenario answers it, and what happened is written down afterwards.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use patchcord_runtime::ScreenPop;
use patchcord_scenario::{Call, Failure, Finished, Path, Plan, StepTrace, Variables};
use patchcord_store::{Batch, Store};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::{RwLock, mpsc, oneshot};
use uuid::Uuid;

use crate::detached::to_the_end;
use crate::invoke::deadline_is_wrong;
use crate::plans::Ready;
use crate::recent::{Recent, weight};
use crate::scenarios::Scenarios;
use crate::{CallError, Error};

const RUNS: &str = "runs";
/// How long a call may take where neither the call flow nor the scenario says so.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);
/// Longest deadline that a call flow may ask for.
pub(crate) const LONGEST_DEADLINE: Duration = Duration::from_secs(600);
pub(crate) const LOCALE: &str = "en-US";
/// Runs that wait to be written; past it traces are lost rather than calls slowed down.
const WAITING: usize = 4_096;
/// What they take at most, roughly, in bytes: blocks say how long the trace of a run is.
const WAITING_BYTES: usize = 128 << 20;
/// Runs written in one go.
const AT_ONCE: usize = 256;
/// How long a trace waits for others to be written with it: a durable write costs as much for one as for many.
const GATHERED: Duration = Duration::from_millis(100);
/// Runs that can be read before they are on disk.
const RECENT: usize = WAITING;
const KEPT: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// What a call flow asks for.
#[derive(Debug, Clone, Default)]
pub struct CallRequest {
    /// Name of the scenario.
    pub scenario: String,
    /// What the call flow knows: `item.from` and the like.
    pub variables: Map<String, Value>,
    /// Within what time an answer is of use: more than nothing, and ten minutes at most.
    pub deadline: Option<Duration>,
    /// The variables wanted; none for all that the scenario sets.
    pub want: Option<Vec<String>>,
    /// Language of the call, a BCP 47 tag.
    pub locale: Option<String>,
}

/// What a call flow is answered.
#[derive(Debug, Clone, Serialize)]
pub struct CallAnswer {
    /// Id of the run.
    pub run: Uuid,
    /// What the Exit block said; `failed` where a failure ended the run.
    pub result: String,
    /// The failure that ended the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// The variables asked for.
    pub variables: Map<String, Value>,
    /// The record to show to the agent.
    pub screen_pop: Option<ScreenPop>,
    /// Milliseconds from the call to the answer.
    pub elapsed_ms: f64,
}

/// What is written down of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    /// Its id.
    pub run: Uuid,
    /// Name of the scenario.
    pub scenario: String,
    /// The version that answered.
    pub version: u64,
    /// When the call came in.
    pub started_at: Timestamp,
    /// Milliseconds from the call to the answer.
    pub elapsed_ms: f64,
    /// What the call flow was answered.
    pub result: String,
    /// The failure that ended the run.
    pub failure: Option<Failure>,
    /// The record shown to the agent.
    pub screen_pop: Option<ScreenPop>,
    /// The steps, in order.
    pub steps: Vec<StepTrace>,
}

pub(crate) struct Runs {
    store: Store,
    scenarios: Arc<Scenarios>,
    recent: Recent,
    writer: mpsc::Sender<ToWrite>,
    waiting_bytes: Arc<AtomicUsize>,
    /// Every run holds it shared until its trace is noted; who gets it alone knows that none is under way.
    under_way: Arc<RwLock<()>>,
}

/// A call that was found good and waits to be run.
struct Taken {
    began: Instant,
    started_at: Timestamp,
    scenario: String,
    version: u64,
    plan: Arc<Plan>,
    want: Option<Vec<Path>>,
    call: Call,
}

enum ToWrite {
    Run(Arc<Run>),
    /// Answered once everything before it is written.
    Flush(oneshot::Sender<()>),
}

impl Runs {
    /// Starts the writer, so this needs a Tokio runtime.
    pub(crate) fn new(store: Store, scenarios: Arc<Scenarios>) -> Self {
        let (writer, waiting) = mpsc::channel(WAITING);
        let waiting_bytes = Arc::default();
        tokio::spawn(write_down(store.clone(), waiting, Arc::clone(&waiting_bytes)));
        let (recent, under_way) = (Recent::new(RECENT), Arc::default());
        Self { store, scenarios, recent, writer, waiting_bytes, under_way }
    }

    pub(crate) async fn call(
        self: &Arc<Self>,
        request: CallRequest,
    ) -> Result<CallAnswer, CallError> {
        let taken = self.take(request)?;
        let under_way = Arc::clone(&self.under_way).read_owned().await;
        let runs = Arc::clone(self);
        let answer = to_the_end(async move {
            let answer = runs.walk(taken).await;
            drop(under_way);
            answer
        });
        answer.await.ok_or(CallError::Interrupted)
    }

    fn take(&self, request: CallRequest) -> Result<Taken, CallError> {
        let (began, started_at) = (Instant::now(), Timestamp::now());
        let scenario = request.scenario;
        let ready = self.scenarios.ready(&scenario);
        let (version, plan) = match ready.as_deref() {
            Some(Ready::Runs(plan)) => (plan.version(), Arc::clone(plan)),
            Some(Ready::Broken(problems)) => {
                return Err(CallError::Broken { name: scenario, problems: problems.clone() });
            }
            None => return Err(CallError::UnknownScenario(scenario)),
        };
        let want = request.want.as_deref().map(paths).transpose()?;
        let variables = Variables::from_call(&request.variables)
            .map_err(|problem| CallError::Invalid { at: "/variables".into(), problem })?;
        let deadline = request.deadline.or(plan.deadline()).unwrap_or(DEADLINE);
        if deadline.is_zero() || deadline > LONGEST_DEADLINE {
            let problem = deadline_is_wrong();
            return Err(CallError::Invalid { at: "/deadline_ms".into(), problem });
        }
        let locale = request.locale.unwrap_or_else(|| LOCALE.to_owned());
        let call = Call::new(Uuid::now_v7(), began + deadline, locale, variables);
        Ok(Taken { began, started_at, scenario, version, plan, want, call })
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

    /// Returns once no run is under way.
    pub(crate) async fn ended(&self) {
        drop(self.under_way.write().await);
    }

    fn note(&self, run: Run) {
        let run = Arc::new(run);
        self.recent.push(Arc::clone(&run));
        let bytes = weight(&run);
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        if before + bytes > WAITING_BYTES || self.writer.try_send(ToWrite::Run(run)).is_err() {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            lost(1);
        }
    }

    pub(crate) async fn get(&self, id: Uuid) -> Result<Run, Error> {
        if let Some(run) = self.recent.find(|run| run.run == id) {
            return Ok(run);
        }
        let stored = self.store.get::<Run>(RUNS, &id.to_string()).await?;
        let missing = || Error::NotFound { what: "run", name: id.to_string() };
        Ok(stored.ok_or_else(missing)?.value)
    }

    /// The last runs on disk, newest first.
    pub(crate) async fn newest(&self, limit: u32) -> Result<Vec<Run>, Error> {
        let documents = self.store.newest::<Run>(RUNS, limit).await?;
        Ok(documents.into_iter().map(|document| document.value).collect())
    }

    /// Returns once the trace of every run so far is on disk.
    pub(crate) async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.writer.send(ToWrite::Flush(done)).await.is_ok() {
            // An error means that the writer has ended, and with it all that waited.
            written.await.ok();
        }
    }
}

fn paths(names: &[String]) -> Result<Vec<Path>, CallError> {
    let path = |(index, name): (usize, &String)| {
        Path::parse(name)
            .map_err(|problem| CallError::Invalid { at: format!("/want/{index}"), problem })
    };
    names.iter().enumerate().map(path).collect()
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

fn lost(traces: u64) {
    metrics::counter!("patchcord_traces_lost_total").increment(traces);
}

/// Waits for something to write, then takes what comes within [`GATHERED`] as well, unless somebody waits for it to be
/// written. False once nothing will come any more.
async fn gather(waiting: &mut mpsc::Receiver<ToWrite>, taken: &mut Vec<ToWrite>) -> bool {
    let Some(first) = waiting.recv().await else { return false };
    let until = tokio::time::Instant::now() + GATHERED;
    let mut hurry = matches!(first, ToWrite::Flush(_));
    taken.push(first);
    while taken.len() < AT_ONCE && !hurry {
        let Ok(Some(next)) = tokio::time::timeout_at(until, waiting.recv()).await else { break };
        hurry = matches!(next, ToWrite::Flush(_));
        taken.push(next);
    }
    true
}

async fn write_down(
    store: Store,
    mut waiting: mpsc::Receiver<ToWrite>,
    waiting_bytes: Arc<AtomicUsize>,
) {
    let mut taken = Vec::with_capacity(AT_ONCE);
    while gather(&mut waiting, &mut taken).await {
        let mut flushed = Vec::new();
        let mut batch = Batch::new();
        let (mut traces, mut bytes) = (0, 0);
        for item in taken.drain(..) {
            match item {
                ToWrite::Run(run) => {
                    bytes += weight(&run);
                    match batch.put(RUNS, &run.run.to_string(), &*run) {
                        Ok(_) => traces += 1,
                        Err(error) => {
                            lost(1);
                            tracing::error!(%error, run = %run.run, "the trace of a run was lost");
                        }
                    }
                }
                ToWrite::Flush(done) => flushed.push(done),
            }
        }
        if traces > 0 {
            batch.prune(RUNS, Timestamp::now() - KEPT);
        }
        if let Err(error) = store.write(batch).await {
            lost(traces);
            tracing::error!(%error, traces, "traces of runs were lost");
        }
        waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
        for done in flushed {
            done.send(()).ok();
        }
    }
}
