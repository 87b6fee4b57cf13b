//! One step: a fresh sandbox, its limits armed, the call, and what became of it. Two time-outs guard it, because
//! neither covers the other: the epoch interrupts a guest that computes, the deadline ends one that is parked in a host
//! call.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::timeout_at;
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::Failure;
use crate::block::Linked;
use crate::effects::{Declared, length};
use crate::host::{Allowed, State, Trace};
use crate::limits::size;
use crate::runtime::Shared;
use crate::stop::Stop;
use crate::tables::TableRule;
use crate::text::{MESSAGE_BYTES, cut};
use crate::ticker::Running;
use crate::{
    CrmError, Invocation, Invoked, LimitKind, Limits, Manifest, Outcome, StepError, crash,
    telemetry,
};

/// A place in the pool. Must outlive the store that is made in it, or the pool may be found full.
pub(crate) struct Sandbox<'a> {
    shared: &'a Shared,
    _permit: SemaphorePermit<'a>,
    _running: Running<'a>,
}

impl Shared {
    /// Waits for a place in the pool.
    pub(crate) async fn sandbox(&self, deadline: Instant) -> Result<Sandbox<'_>, StepError> {
        let permit = turn(&self.sandboxes, deadline, "pool").await?;
        Ok(Sandbox { shared: self, _permit: permit, _running: self.ticker.running() })
    }
}

/// Waits for a permit, first come, first served; `of` is what metrics call those that wait.
async fn turn<'a>(
    permits: &'a Semaphore,
    deadline: Instant,
    of: &'static str,
) -> Result<SemaphorePermit<'a>, StepError> {
    // None is to be had while others wait, so that nobody overtakes them here.
    if let Ok(permit) = permits.try_acquire() {
        return Ok(permit);
    }
    let begun = Instant::now();
    let permit = until(deadline, permits.acquire()).await.and_then(Result::ok);
    telemetry::waited(of, begun.elapsed());
    permit.ok_or(StepError::Busy)
}

impl Sandbox<'_> {
    /// An empty store with all limits armed. `copied` is how much the guest may give to the host in one call.
    pub(crate) fn store(&self, state: State, copied: usize) -> Store<State> {
        let mut store = Store::new(&self.shared.engine, state);
        store.limiter(|state| &mut state.growth);
        store.set_hostcall_fuel(copied);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().check_cpu()?;
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        store
    }
}

/// The answer of `work`, or none where `deadline` comes first. Work that is ready at once is never late.
pub(crate) async fn until<F: Future>(deadline: Instant, work: F) -> Option<F::Output> {
    timeout_at(deadline.into(), work).await.ok()
}

/// What a step of one block needs.
pub(crate) struct Step<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) linked: &'a Linked,
    pub(crate) tables: &'a TableRule,
    pub(crate) manifest: &'a Arc<Manifest>,
    pub(crate) limits: &'a Limits,
    /// How many steps of this block there may be at once.
    pub(crate) places: &'a Semaphore,
}

impl Step<'_> {
    pub(crate) async fn invoke(&self, invocation: Invocation) -> Invoked {
        let begun = Instant::now();
        let (result, trace) = self.take(invocation).await;
        let elapsed = begun.elapsed();
        telemetry::step_ended(self.manifest, &result, elapsed);
        let Trace { host_calls, last_answer, log, .. } = trace;
        Invoked { result, host_calls, last_answer, log: log.lines, elapsed }
    }

    async fn take(&self, mut invocation: Invocation) -> (Result<Outcome, StepError>, Trace) {
        let deadline = invocation.deadline;
        if deadline <= Instant::now() {
            return (Err(StepError::Timeout), Trace::default());
        }
        // In this order: steps that wait for their own kind hold no place that another block could use.
        let _place = match turn(self.places, deadline, "block").await {
            Ok(place) => place,
            Err(error) => return (Err(error), Trace::default()),
        };
        let sandbox = match self.shared.sandbox(deadline).await {
            Ok(sandbox) => sandbox,
            Err(error) => return (Err(error), Trace::default()),
        };
        let wall = Instant::now().checked_add(self.limits.wall).unwrap_or(deadline);
        let (end, by_wall) = (deadline.min(wall), wall < deadline);
        invocation.deadline = end;
        let properties = std::mem::take(&mut invocation.properties);
        let declared = Declared { manifest: self.manifest, properties: &properties };
        let allowed =
            Allowed { manifest: Arc::clone(self.manifest), tables: self.tables.reach(&properties) };
        let state =
            State::new(self.limits.clone(), Some((invocation, allowed))).with_wall(end, by_wall);
        let meter = Arc::clone(&state.meter);
        let copied = usize::try_from(self.limits.bytes_out).unwrap_or(usize::MAX);
        let mut store = sandbox.store(state, copied);
        let work = meter.counting(run(&mut store, self.linked, &declared));
        let result = until(end, work).await.unwrap_or_else(|| Err(self.late(by_wall)));
        let mut trace = store.into_data().into_trace();
        trace.close();
        (result, trace)
    }

    fn late(&self, by_wall: bool) -> StepError {
        if by_wall {
            StepError::LimitExceeded { kind: LimitKind::Wall, limit: wall(self.limits) }
        } else {
            StepError::Timeout
        }
    }
}

/// The limit of wall time, as its error names it.
pub(crate) fn wall(limits: &Limits) -> String {
    format!("{:?} of wall time", limits.wall)
}

async fn run(
    store: &mut Store<State>,
    linked: &Linked,
    declared: &Declared<'_>,
) -> Result<Outcome, StepError> {
    let bytes_out = store.data().limits.bytes_out;
    let copied = || Stop::Limit(LimitKind::BytesOut, format!("{} out of it", size(bytes_out)));
    let crashed = |error: wasmtime::Error| crash::step_error(&error, copied);
    let properties = declared.properties.to_string();
    store.data_mut().cross_in(properties.len()).map_err(crashed)?;
    let instance = linked.instance.instantiate_async(&mut *store).await.map_err(crashed)?;
    let block = linked.exports.load(&mut *store, &instance).map_err(crashed)?;
    let answered = block.call_run(&mut *store, &properties).await.map_err(crashed)?;
    store.data_mut().cross_out(length(&answered)).map_err(crashed)?;
    let message = |text: String| cut(text, MESSAGE_BYTES);
    match answered {
        Ok(outcome) => declared.accept(outcome, &mut store.data_mut().table),
        Err(Failure::Dynamics(error)) => {
            let error = CrmError::from(error);
            Err(StepError::Crm(CrmError {
                message: message(error.message),
                code: error.code.map(message),
                ..error
            }))
        }
        Err(Failure::InvalidProperties(text)) => Err(StepError::InvalidProperties(message(text))),
        Err(Failure::Other(text)) => Err(StepError::Failed(message(text))),
    }
}
