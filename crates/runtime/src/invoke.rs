//! One step: a sandbox, its limits armed, the call, and what became of it. Two time-outs guard it, because
//! neither covers the other: the epoch interrupts a guest that computes, the deadline ends one that is parked in a host
//! call.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout_at;

use crate::bindings::Failure;
use crate::block::Linked;
use crate::effects::{Declared, length};
use crate::host::{Allowed, State, Trace};
use crate::instance::{Instance, Place};
use crate::limits::size;
use crate::runtime::Shared;
use crate::shelf::Label;
use crate::stop::Stop;
use crate::tables::TableRule;
use crate::telemetry::StepMeters;
use crate::text::{MESSAGE_BYTES, cut};
use crate::{
    CrmError, Invocation, Invoked, LimitKind, Limits, Manifest, Outcome, StepError, crash,
    telemetry,
};

/// Waits for a permit, first come, first served; `of` is what metrics call those that wait.
pub(crate) async fn turn(
    permits: &Arc<Semaphore>,
    deadline: Instant,
    of: &'static str,
) -> Result<OwnedSemaphorePermit, StepError> {
    // None is to be had while others wait, so that nobody overtakes them here.
    if let Ok(permit) = Arc::clone(permits).try_acquire_owned() {
        return Ok(permit);
    }
    let begun = Instant::now();
    let waiting = Arc::clone(permits).acquire_owned();
    let permit = until(deadline, waiting).await.and_then(Result::ok);
    telemetry::waited(of, begun.elapsed());
    permit.ok_or(StepError::Busy)
}

/// The answer of `work`, or none where `deadline` comes first. Work that is ready at once is never late.
pub(crate) async fn until<F: Future>(deadline: Instant, work: F) -> Option<F::Output> {
    timeout_at(deadline.into(), work).await.ok()
}

/// What a step runs in.
enum Sandbox {
    Used(Instance),
    Fresh(Place),
}

/// What a step of one block needs.
pub(crate) struct Step<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) linked: &'a Linked,
    pub(crate) tables: &'a TableRule,
    pub(crate) manifest: &'a Arc<Manifest>,
    pub(crate) meters: &'a StepMeters,
    pub(crate) limits: &'a Limits,
    /// How many steps of this block there may be at once.
    pub(crate) places: &'a Arc<Semaphore>,
    /// Its instances that may serve a further step.
    pub(crate) label: &'a Label,
}

impl Step<'_> {
    pub(crate) async fn invoke(&self, invocation: Invocation) -> Invoked {
        let (begun, counted) = (Instant::now(), invocation.counted);
        let (result, trace) = self.take(invocation, begun).await;
        let elapsed = begun.elapsed();
        if counted {
            self.meters.step_ended(self.manifest, &result, elapsed);
        }
        let Trace { host_calls, last_answer, log, .. } = trace;
        Invoked { result, host_calls, last_answer, log: log.lines, elapsed }
    }

    async fn take(
        &self,
        mut invocation: Invocation,
        begun: Instant,
    ) -> (Result<Outcome, StepError>, Trace) {
        let deadline = invocation.deadline;
        if deadline <= begun {
            return (Err(StepError::Timeout), Trace::default());
        }
        // In this order: steps that wait for their own kind hold no place that another block could use.
        let _place = match turn(self.places, deadline, "block").await {
            Ok(place) => place,
            Err(error) => return (Err(error), Trace::default()),
        };
        let sandbox = match self.sandbox(deadline).await {
            Ok(sandbox) => sandbox,
            Err(error) => return (Err(error), Trace::default()),
        };
        let _running = self.shared.ticker.running();
        let wall = Instant::now().checked_add(self.limits.wall).unwrap_or(deadline);
        let (end, by_wall) = (deadline.min(wall), wall < deadline);
        invocation.deadline = end;
        let properties = std::mem::take(&mut invocation.properties);
        let declared = Declared { manifest: self.manifest, properties: &properties };
        let allowed =
            Allowed { manifest: Arc::clone(self.manifest), tables: self.tables.reach(&properties) };
        let state = State::new(self.limits.clone(), Some((invocation, allowed, begun)))
            .with_wall(end, by_wall);
        let (meter, beside) = (Arc::clone(&state.meter), state.beside.clone());
        let mut instance = self.instance(sandbox, state);
        let result = {
            // Pinned here, once: each wrapper that took them by value would hold them twice.
            let guest = pin!(run(&mut instance, self.linked, &declared));
            let counted = pin!(meter.counting(guest));
            until(end, beside.attending(counted)).await
        };
        let result = result.unwrap_or_else(|| Err(self.late(by_wall)));
        let mut trace = instance.state().take_trace();
        trace.close();
        if result.is_ok() {
            self.keep(instance);
        }
        (result, trace)
    }

    /// An instance that waits for its next step, or else a place for a fresh one.
    async fn sandbox(&self, deadline: Instant) -> Result<Sandbox, StepError> {
        // Most blocks have fresh ones only, and their steps need not take turns at the shelf.
        if self.limits.steps_per_instance > 1
            && let Some(instance) = self.label.take()
        {
            return Ok(Sandbox::Used(instance));
        }
        Ok(Sandbox::Fresh(self.shared.place(deadline).await?))
    }

    fn instance(&self, sandbox: Sandbox, state: State) -> Instance {
        let copied = usize::try_from(self.limits.bytes_out).unwrap_or(usize::MAX);
        match sandbox {
            Sandbox::Used(instance) => instance.again(state, copied),
            Sandbox::Fresh(place) => self.shared.instance(place, state, copied),
        }
    }

    /// Lets an instance wait for a further step, where it may have one and no other step waits for a sandbox.
    fn keep(&self, instance: Instance) {
        if instance.may_go_on(self.limits) && self.shared.sandboxes.available_permits() > 0 {
            self.label.put(instance, self.limits.idle);
        }
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
    instance: &mut Instance,
    linked: &Linked,
    declared: &Declared<'_>,
) -> Result<Outcome, StepError> {
    let bytes_out = instance.state().limits.bytes_out;
    let copied = || Stop::Limit(LimitKind::BytesOut, format!("{} out of it", size(bytes_out)));
    let crashed = |error: wasmtime::Error| crash::step_error(&error, copied);
    let properties =
        serde_json::to_string(declared.properties).map_err(|error| crashed(error.into()))?;
    instance.state().cross_in(properties.len()).map_err(crashed)?;
    let (store, run) = instance.run(linked).await.map_err(crashed)?;
    let (answered,) = run.call_async(&mut *store, (properties,)).await.map_err(crashed)?;
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
