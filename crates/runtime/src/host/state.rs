//! What the host keeps for one sandbox: its limits, the records it holds, and the trace of the step.

use std::sync::Arc;
use std::time::{Duration, Instant};

use uuid::Uuid;
use wasmtime::component::ResourceTable;

use super::beside::Beside;
use super::log::Log;
use crate::invoke::wall;
use crate::limits::size;
use crate::meter::Meter;
use crate::stop::{GrowthLimit, Stop};
use crate::{
    CrmErrorKind, HostCall, HostFunction, Invocation, LastAnswer, LimitKind, Limits, Manifest,
    RowId,
};

pub(crate) struct State {
    pub(crate) table: ResourceTable,
    pub(crate) growth: GrowthLimit,
    pub(crate) meter: Arc<Meter>,
    pub(crate) beside: Beside,
    pub(crate) limits: Limits,
    crossed_in: u64,
    crossed_out: u64,
    received: u64,
    /// When the step ends by its wall time, where that is before the deadline of the run.
    wall: Option<Instant>,
    step: Option<Step>,
}

/// The step that the sandbox works for; there is none during `describe`.
pub(super) struct Step {
    pub(super) invocation: Invocation,
    pub(super) allowed: Allowed,
    pub(super) trace: Trace,
    pub(super) calls: u32,
    creates: u32,
    /// When it began.
    pub(super) began: Instant,
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
    pub(crate) log: Log,
    /// The call of the CRM that the guest is parked in.
    pub(super) pending: Option<Pending>,
}

/// A call of the CRM that is not answered yet.
pub(super) struct Pending {
    pub(super) function: HostFunction,
    pub(super) table: String,
    pub(super) shape: String,
    pub(super) bytes_out: u64,
    pub(super) begun: Instant,
    /// From the beginning of its step.
    pub(super) after: Duration,
}

impl State {
    /// `step` is what it works for, and when that began.
    pub(crate) fn new(limits: Limits, step: Option<(Invocation, Allowed, Instant)>) -> Self {
        Self {
            table: ResourceTable::new(),
            growth: GrowthLimit::new(limits.memory_bytes),
            meter: Arc::default(),
            beside: Beside::default(),
            limits,
            crossed_in: 0,
            crossed_out: 0,
            received: 0,
            wall: None,
            step: step.map(|(invocation, allowed, began)| Step {
                invocation,
                allowed,
                trace: Trace::default(),
                calls: 0,
                creates: 0,
                began,
            }),
        }
    }

    /// The step ends at `end` at the latest, and `by_wall` says that this is not the deadline of its run.
    pub(crate) fn with_wall(self, end: Instant, by_wall: bool) -> Self {
        Self { wall: by_wall.then_some(end), ..self }
    }

    /// For a further step of an instance whose state so far is `before`.
    pub(crate) fn after(self, before: &Self) -> Self {
        Self { growth: self.growth.continuing(&before.growth), ..self }
    }

    /// What was seen of the step, which is over.
    pub(crate) fn take_trace(&mut self) -> Trace {
        self.step.take().map_or_else(Trace::default, |step| step.trace)
    }

    /// Counts bytes that the guest is given.
    pub(crate) fn cross_in(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.crossed_in = self.crossed_in.saturating_add(bytes as u64);
        if self.crossed_in > self.limits.bytes_in {
            let limit = format!("{} into it", size(self.limits.bytes_in));
            return Err(Stop::limit(LimitKind::BytesIn, limit));
        }
        Ok(())
    }

    /// Counts bytes that the guest gives.
    pub(crate) fn cross_out(&mut self, bytes: usize) -> wasmtime::Result<()> {
        self.crossed_out = self.crossed_out.saturating_add(bytes as u64);
        if self.crossed_out > self.limits.bytes_out {
            let limit = format!("{} out of it", size(self.limits.bytes_out));
            return Err(Stop::limit(LimitKind::BytesOut, limit));
        }
        Ok(())
    }

    /// Counts records that the CRM answered with.
    pub(super) fn receive(&mut self, records: usize) -> wasmtime::Result<()> {
        self.received = self.received.saturating_add(records as u64);
        if self.received > u64::from(self.limits.records) {
            let limit = format!("{} records", self.limits.records);
            return Err(Stop::limit(LimitKind::Records, limit));
        }
        Ok(())
    }

    /// How many records to ask for at most: one more than the guest may still have, so that it is found past its limit
    /// without all of them being read.
    pub(super) fn worth_reading(&self) -> u32 {
        let left = u64::from(self.limits.records).saturating_sub(self.received);
        u32::try_from(left).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// An error once the step's own time has passed, though that of its run has not.
    pub(super) fn check_wall(&self) -> wasmtime::Result<()> {
        if self.wall.is_some_and(|end| end <= Instant::now()) {
            return Err(Stop::limit(LimitKind::Wall, wall(&self.limits)));
        }
        Ok(())
    }

    /// An error once the guest has computed for longer than it may.
    pub(crate) fn check_cpu(&self) -> wasmtime::Result<()> {
        if self.meter.used() > self.limits.cpu {
            return Err(Stop::limit(LimitKind::Cpu, format!("{:?} of CPU time", self.limits.cpu)));
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
        let Some(pending) = self.pending.take() else {
            return;
        };
        self.host_calls.push(HostCall {
            error: Some(CrmErrorKind::Timeout),
            message: Some("not answered by the deadline".into()),
            ..pending.ended()
        });
    }
}

impl Pending {
    /// The call as one that ends now, its answer still to be filled in.
    pub(super) fn ended(self) -> HostCall {
        HostCall {
            started_us: micros(self.after),
            method: None,
            gate_us: 0,
            token_us: 0,
            attempts: Vec::new(),
            operation: self.function,
            entity_set: self.table,
            shape: self.shape,
            status: None,
            error: None,
            code: None,
            message: None,
            elapsed_us: micros(self.begun.elapsed()),
            requests: 0,
            bytes_out: self.bytes_out,
            bytes_in: 0,
            age_ms: None,
            stale: false,
        }
    }
}

/// A duration in the unit of traces.
pub(super) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
