//! One call of the CRM on behalf of the guest, whatever it is: the capability is checked, the deadline handed on, the call
//! counted and recorded here. Accounts, tokens and HTTP are the [`Crm`]'s business.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Instant;

use serde::de::IgnoredAny;
use tracing::{Instrument, Span, field};
use wasmtime::component::Resource;

use super::State;
use super::state::{Allowed, Pending, Step, micros};
use crate::bindings::patchcord::block::dynamics::{Error, ReadOptions as WitReadOptions};
use crate::stop::Stop;
use crate::text::{MESSAGE_BYTES, MOST_LEVELS, NAME_BYTES, cut, levels};
use crate::{
    Answer, Crm, CrmError, CrmErrorKind, HostCall, HostFunction, LastAnswer, LimitKind, Manifest,
    ReadOptions, RecordSet, Spent, TracedAttempt,
};

/// Pages that one read may follow where the guest chose how long they are: each is a request.
const MOST_PAGES: u32 = 64;

/// One call of the CRM as the trace names it.
pub(super) struct Asked {
    pub(super) function: HostFunction,
    /// The tables that it works on.
    pub(super) tables: Vec<String>,
    /// Its form, without a value.
    pub(super) shape: String,
    /// How long its query or its columns are, in bytes.
    pub(super) bytes: usize,
}

/// What a host function gives to the guest; the outer error ends the guest.
pub(super) type Answered<T> = wasmtime::Result<Result<T, Error>>;

impl State {
    /// Makes one call of the CRM; the trace names all its tables. A call that the manifest or the account's
    /// policy does not allow ends the step, whatever the guest would make of the error.
    pub(super) async fn crm<T, F>(
        &mut self,
        asked: Asked,
        call: impl FnOnce(Arc<dyn Crm>, Instant) -> F,
    ) -> wasmtime::Result<Result<Answer<T>, CrmError>>
    where
        T: Send + 'static,
        F: Future<Output = Result<Answer<T>, CrmError>> + Send + 'static,
    {
        self.count_calls(1)?;
        let beside = self.beside.clone();
        let step = self.step()?;
        let Asked { function, tables, shape, bytes } = asked;
        let table = cut(tables.join(", "), NAME_BYTES);
        let (bytes_out, begun) = (bytes as u64, Instant::now());
        let after = begun.saturating_duration_since(step.began);
        let pending = Pending { function, table, shape, bytes_out, begun, after };
        let span = span(function, &pending.table);
        step.trace.pending = Some(pending);
        let answered = match step.refusal(function, &tables) {
            Some(refusal) => Err(refusal),
            None => {
                let crm = Arc::clone(&step.invocation.crm);
                let called = call(crm, step.invocation.deadline);
                beside.done(called.instrument(span.clone())).await
            }
        };
        if let Some(pending) = step.trace.pending.take() {
            let begun = pending.begun;
            let call = match &answered {
                Ok(answer) => spent(pending.ended(), &answer.spent, begun),
                Err(error) => spent(pending.ended(), &error.spent, begun),
            };
            step.record(call, &answered, &span);
        }
        if let Err(error) = &answered
            && error.kind == CrmErrorKind::PolicyDenied
        {
            step.audit(function, &tables, error);
            return Err(wasmtime::Error::new(Stop::Denied(error.clone())));
        }
        self.check_wall()?;
        Ok(answered)
    }

    /// Keeps the records of an answer for the guest, which gets a handle.
    pub(super) fn keep(
        &mut self,
        answered: Result<Answer<RecordSet>, CrmError>,
    ) -> Answered<Resource<RecordSet>> {
        match answered {
            Ok(answer) => Ok(Ok(self.hold(answer)?)),
            Err(error) => self.refuse(error),
        }
    }

    pub(super) fn hold(
        &mut self,
        answer: Answer<RecordSet>,
    ) -> wasmtime::Result<Resource<RecordSet>> {
        self.receive(answer.value.count())?;
        Ok(self.table.push(answer.value.aged(answer.age, answer.stale))?)
    }

    /// As [`Self::hold`], for the one record that a write gave back.
    pub(super) fn hold_row(
        &mut self,
        row: Option<RecordSet>,
    ) -> wasmtime::Result<Option<Resource<RecordSet>>> {
        let Some(row) = row else { return Ok(None) };
        self.receive(row.count())?;
        Ok(Some(self.table.push(row)?))
    }

    pub(super) fn refuse<T>(&mut self, error: CrmError) -> Answered<T> {
        self.cross_in(error.message.len())?;
        Ok(Err(error.into()))
    }
}

impl State {
    /// Counts calls of the CRM: one for each request that the guest can bring about with one call.
    pub(super) fn count_calls(&mut self, calls: usize) -> wasmtime::Result<()> {
        let allowed = self.limits.host_calls;
        let step = self.step()?;
        step.calls = step.calls.saturating_add(u32::try_from(calls).unwrap_or(u32::MAX));
        if step.calls > allowed {
            return Err(Stop::limit(LimitKind::HostCalls, format!("{allowed} calls of the CRM")));
        }
        Ok(())
    }

    /// How a read may be answered: with no more records than the guest may have, and where pages are followed without a
    /// request for every few of them.
    pub(super) fn capped(&self, read: WitReadOptions) -> ReadOptions {
        let read = ReadOptions::from(read);
        let max_records = read.max_records.map(|asked| asked.min(self.worth_reading()));
        let least = max_records.map_or(0, |records| records.div_ceil(MOST_PAGES));
        let page_size = read.page_size.map(|asked| asked.max(least));
        ReadOptions { max_records, page_size, ..read }
    }
}

/// What a call of the CRM is logged under. Tables are named, neither keys nor queries nor data.
fn span(function: HostFunction, table: &str) -> Span {
    let function = function.name();
    let (status, error, elapsed_us) = (field::Empty, field::Empty, field::Empty);
    tracing::debug_span!("host_call", function, ?table, status, error, elapsed_us)
}

impl Step {
    /// Why the block's manifest does not allow this.
    fn refusal(&self, function: HostFunction, tables: &[String]) -> Option<CrmError> {
        let Allowed { manifest, tables: reach } = &self.allowed;
        let unlisted = function.needs().iter().find(|needed| !manifest.operations.contains(needed));
        let missing = unlisted.map(|operation| operation.name()).or_else(|| {
            let reach = reach.as_ref()?;
            tables.iter().find(|table| !reach.contains(table)).map(String::as_str)
        })?;
        let missing = cut(missing.to_owned(), NAME_BYTES);
        let message = format!("the manifest of {} does not list {missing}", manifest.id);
        Some(CrmError::local(CrmErrorKind::PolicyDenied, message))
    }

    /// Tells whoever watches over blocks. Names only: what the block wanted to write may be a caller's data.
    fn audit(&self, function: HostFunction, tables: &[String], error: &CrmError) {
        let Manifest { id, version, .. } = &*self.allowed.manifest;
        let tables = cut(tables.join(", "), NAME_BYTES);
        tracing::warn!(
            target: "patchcord::audit",
            block = id, version, run = self.invocation.run, function = function.name(), ?tables,
            reason = error.message, "a block was refused what it may not do"
        );
    }

    fn record<T>(&mut self, call: HostCall, answered: &Result<Answer<T>, CrmError>, span: &Span) {
        let call = match answered {
            Ok(answer) => {
                self.note(answer);
                let age_ms = answer.age.map(millis);
                let (status, requests, stale) = (answer.status, answer.requests, answer.stale);
                let bytes_in = answer.body.len() as u64;
                HostCall { status, requests, age_ms, stale, bytes_in, ..call }
            }
            Err(error) => {
                if let Some(status) = error.status {
                    let body = error.body.clone().unwrap_or_else(|| Arc::from(""));
                    self.trace.last_answer = Some(LastAnswer::fresh(status, body));
                }
                HostCall {
                    status: error.status,
                    error: Some(error.kind),
                    code: error.code.clone(),
                    message: Some(cut(error.message.clone(), MESSAGE_BYTES)),
                    requests: error.requests,
                    bytes_in: error.body.as_ref().map_or(0, |body| body.len() as u64),
                    ..call
                }
            }
        };
        span.record("elapsed_us", call.elapsed_us);
        if let Some(status) = call.status {
            span.record("status", status);
        }
        if let Some(kind) = call.error {
            span.record("error", field::debug(kind));
        }
        tracing::debug!(parent: span, "answered");
        self.trace.host_calls.push(call);
    }

    fn note<T>(&mut self, answer: &Answer<T>) {
        if let Some(status) = answer.status {
            let (body, age) = (Arc::clone(&answer.body), answer.age.unwrap_or_default());
            self.trace.last_answer = Some(LastAnswer { status, body, age, stale: answer.stale });
        }
    }
}

/// Where the time of a call went that was made at `begun`.
fn spent(call: HostCall, spent: &Spent, begun: Instant) -> HostCall {
    let Spent { method, gate_us, token_us, ref attempts } = *spent;
    let attempts = attempts.iter().flatten().map(|attempt| TracedAttempt {
        started_us: micros(attempt.began.saturating_duration_since(begun)),
        elapsed_us: micros(attempt.took),
        status: attempt.status,
        error: attempt.error.clone(),
        pause_us: micros(attempt.pause),
    });
    HostCall { method, gate_us, token_us, attempts: attempts.collect(), ..call }
}

/// A duration in the unit of the contract.
pub(super) fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Refuses what the guest hands over in place of a JSON object; `what` names it.
pub(super) fn require_object(what: &str, text: &str) -> Result<(), CrmError> {
    let refused = |message| CrmError::local(CrmErrorKind::InvalidRequest, message);
    // What is ignored here is passed over without nesting, so that depth cannot do harm before it is looked at.
    if let Err(error) = serde_json::from_str::<HashMap<String, IgnoredAny>>(text) {
        return Err(refused(format!("the {what} are no JSON object: {error}")));
    }
    if levels(text) > MOST_LEVELS {
        return Err(refused(format!("the {what} are nested more than {MOST_LEVELS} levels deep")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    #[test]
    fn no_read_can_ask_for_more_than_the_guest_may_have() {
        let limits = Limits { records: 1_000, ..Limits::default() };
        let mut state = State::new(limits, None);
        let capped = |state: &State, max_records, page_size| {
            let read = WitReadOptions {
                max_records,
                page_size,
                annotations: false,
                share: false,
                max_age_ms: None,
                stale_for_ms: None,
            };
            let read = state.capped(read);
            (read.max_records, read.page_size)
        };
        assert_eq!(capped(&state, None, None), (None, None));
        assert_eq!(capped(&state, Some(10), Some(5)), (Some(10), Some(5)));
        assert_eq!(capped(&state, Some(u32::MAX), Some(1)), (Some(1_001), Some(16)));
        assert_eq!(capped(&state, None, Some(1)), (None, Some(1)), "one page is one request");
        state.receive(900).unwrap();
        assert_eq!(capped(&state, Some(u32::MAX), None), (Some(101), None));
        let stopped = state.receive(101).unwrap_err();
        assert_eq!(stopped.to_string(), "the block went past its limit of 1000 records");
    }
}
