//! What the host keeps for one sandbox: its limits, the records it holds, and the trace of the step.

use std::sync::Arc;
use std::time::Instant;

use uuid::Uuid;
use wasmtime::component::ResourceTable;

use crate::limits::{MemoryLimit, Stop, size};
use crate::meter::Meter;
use crate::{
    CrmErrorKind, HostCall, HostFunction, Invocation, LastAnswer, Limits, LogLine, Manifest, RowId,
};

pub(crate) struct State {
    pub(crate) table: ResourceTable,
    pub(crate) memory: MemoryLimit,
    pub(crate) meter: Arc<Meter>,
    pub(crate) limits: Limits,
    crossed: u64,
    step: Option<Step>,
}

/// The step that the sandbox works for; there is none during `describe`.
pub(super) struct Step {
    pub(super) invocation: Invocation,
    pub(super) allowed: Allowed,
    pub(super) trace: Trace,
    pub(super) calls: u32,
    creates: u32,
}

/// What the block of a step may do.
pub(crate) struct Allowed {
    pub(crate) manifest: Arc<Manifest>,
    /// The tables within its reach; none are all.
    pub(crate) tables: Option<Vec<String>>,
}

/// What was seen of a step.
#[derive(Default)]
pub(crate) struct Trace {
    pub(crate) host_calls: Vec<HostCall>,
    pub(crate) last_answer: Option<LastAnswer>,
    pub(crate) log: Vec<LogLine>,
    /// The call of the CRM that the guest is parked in.
    pub(crate) pending: Option<(HostFunction, String, Instant)>,
}

impl State {
    pub(crate) fn new(limits: Limits, step: Option<(Invocation, Allowed)>) -> Self {
        Self {
            table: ResourceTable::new(),
            memory: MemoryLimit::new(limits.memory_bytes),
            meter: Arc::default(),
            limits,
            crossed: 0,
            step: step.map(|(invocation, allowed)| Step {
                invocation,
                allowed,
                trace: Trace::default(),
                calls: 0,
                creates: 0,
            }),
        }
    }

    pub(crate) fn into_trace(self) -> Trace {
        self.step.map_or_else(Trace::default, |step| step.trace)
    }

    /// Counts bytes of text that cross between host and guest.
    pub(crate) fn cross(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.crossed = self.crossed.saturating_add(bytes as u64);
        if self.crossed > self.limits.bytes_crossing {
            let limit = format!("{} crossing its border", size(self.limits.bytes_crossing));
            return Err(Stop::limit(limit));
        }
        Ok(())
    }

    /// An error once the guest has computed for longer than it may.
    pub(crate) fn check_cpu(&self) -> wasmtime::Result<()> {
        if self.meter.used() > self.limits.cpu {
            return Err(Stop::limit(format!("{:?} of CPU time", self.limits.cpu)));
        }
        Ok(())
    }

    pub(super) fn step(&mut self) -> wasmtime::Result<&mut Step> {
        self.step
            .as_mut()
            .ok_or_else(|| Stop::forbidden("the host functions are not at hand during describe"))
    }
}

impl Step {
    /// The key for the record that the next create makes: the same whenever this step is repeated.
    pub(super) fn next_row(&mut self) -> RowId {
        self.creates += 1;
        let name = format!("create/{}", self.creates);
        Uuid::new_v5(&self.invocation.step_key, name.as_bytes())
    }
}

impl Trace {
    /// Records the call that the guest was parked in when its time ran out.
    pub(crate) fn close(&mut self) {
        let Some((operation, entity_set, begun)) = self.pending.take() else {
            return;
        };
        self.host_calls.push(HostCall {
            error: Some(CrmErrorKind::Timeout),
            message: Some("not answered by the deadline".into()),
            ..HostCall::begun(operation, entity_set, begun)
        });
    }
}

impl HostCall {
    /// A call that ends now, its answer still to be filled in.
    pub(super) fn begun(operation: HostFunction, entity_set: String, begun: Instant) -> Self {
        let elapsed_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        let (status, error, code, message) = (None, None, None, None);
        let (requests, age_ms, stale) = (0, None, false);
        Self {
            operation,
            entity_set,
            status,
            error,
            code,
            message,
            elapsed_us,
            requests,
            age_ms,
            stale,
        }
    }
}
