//! One step: a fresh sandbox, its limits armed, the call, and what became of it. Two time-outs guard it, because
//! neither covers the other: the epoch interrupts a guest that computes, the deadline ends one that is parked in a host
//! call.

use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::SemaphorePermit;
use tokio::time::timeout_at;
use wasmtime::{Store, UpdateDeadline};

use crate::bindings::Failure;
use crate::block::Linked;
use crate::effects::{Declared, length};
use crate::host::{Allowed, State, Trace};
use crate::runtime::Shared;
use crate::ticker::Running;
use crate::{Invocation, Invoked, Limits, Outcome, StepError, crash};

/// A place in the pool. Must outlive the store that is made in it, or the pool may be found full.
pub(crate) struct Sandbox<'a> {
    shared: &'a Shared,
    _permit: SemaphorePermit<'a>,
    _running: Running<'a>,
}

impl Shared {
    /// Waits for a place in the pool.
    pub(crate) async fn sandbox(&self, deadline: Instant) -> Result<Sandbox<'_>, StepError> {
        let permit = match self.sandboxes.try_acquire() {
            Ok(permit) => permit,
            Err(_) => until(deadline, self.sandboxes.acquire())
                .await
                .and_then(Result::ok)
                .ok_or(StepError::Busy)?,
        };
        Ok(Sandbox { shared: self, _permit: permit, _running: self.ticker.running() })
    }
}

impl Sandbox<'_> {
    /// An empty store with all limits armed.
    pub(crate) fn store(&self, state: State) -> Store<State> {
        let copied = engine_copies(&state.limits);
        let mut store = Store::new(&self.shared.engine, state);
        store.limiter(|state| &mut state.memory);
        store.set_hostcall_fuel(copied);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            store.data().check_cpu()?;
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        store
    }
}

/// How much the engine copies for one call before it gives up without a typed reason. A single text, however long,
/// stays below, so that it is found past its own limit; many texts in one place of memory do not.
fn engine_copies(limits: &Limits) -> usize {
    let crossing = usize::try_from(limits.bytes_crossing).unwrap_or(usize::MAX);
    crossing.max(limits.memory_bytes).saturating_mul(2)
}

/// The answer of `work`, or none where `deadline` comes first. Work that is ready at once is never late.
pub(crate) async fn until<F: Future>(deadline: Instant, work: F) -> Option<F::Output> {
    timeout_at(deadline.into(), work).await.ok()
}

pub(crate) async fn invoke(
    shared: &Shared,
    linked: &Linked,
    allowed: Allowed,
    invocation: Invocation,
) -> Invoked {
    let begun = Instant::now();
    let (result, trace) = step(shared, linked, allowed, invocation).await;
    Invoked {
        result,
        host_calls: trace.host_calls,
        last_answer: trace.last_answer,
        log: trace.log,
        elapsed: begun.elapsed(),
    }
}

async fn step(
    shared: &Shared,
    linked: &Linked,
    allowed: Allowed,
    mut invocation: Invocation,
) -> (Result<Outcome, StepError>, Trace) {
    let deadline = invocation.deadline;
    if deadline <= Instant::now() {
        return (Err(StepError::Timeout), Trace::default());
    }
    let sandbox = match shared.sandbox(deadline).await {
        Ok(sandbox) => sandbox,
        Err(error) => return (Err(error), Trace::default()),
    };
    let properties = std::mem::take(&mut invocation.properties);
    let manifest = Arc::clone(&allowed.manifest);
    let declared = Declared { manifest: &manifest, properties: &properties };
    let state = State::new(shared.config.limits.clone(), Some((invocation, allowed)));
    let meter = Arc::clone(&state.meter);
    let mut store = sandbox.store(state);
    let work = meter.counting(run(&mut store, linked, &declared));
    let result = until(deadline, work).await.unwrap_or(Err(StepError::Timeout));
    let mut trace = store.into_data().into_trace();
    trace.close();
    (result, trace)
}

async fn run(
    store: &mut Store<State>,
    linked: &Linked,
    declared: &Declared<'_>,
) -> Result<Outcome, StepError> {
    let crashed = |error: wasmtime::Error| crash::step_error(&error);
    let properties = declared.properties.to_string();
    store.data_mut().cross(properties.len()).map_err(crashed)?;
    let instance = linked.instance.instantiate_async(&mut *store).await.map_err(crashed)?;
    let block = linked.exports.load(&mut *store, &instance).map_err(crashed)?;
    let answered = block.call_run(&mut *store, &properties).await.map_err(crashed)?;
    store.data_mut().cross(length(&answered)).map_err(crashed)?;
    match answered {
        Ok(outcome) => declared.accept(outcome, &mut store.data_mut().table),
        Err(Failure::Dynamics(error)) => Err(StepError::Crm(error.into())),
        Err(Failure::InvalidProperties(text)) => Err(StepError::InvalidProperties(text)),
        Err(Failure::Other(text)) => Err(StepError::Failed(text)),
    }
}
