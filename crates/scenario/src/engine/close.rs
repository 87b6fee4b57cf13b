//! What follows from a step: its exit, another scenario, the end of the run, or what deals with its failure.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::frame::{Frame, MOST_FRAMES, Suspended};
use super::{Walk, micros};
use crate::breach::NEXT;
use crate::core::{CATCH, Start};
use crate::plan::PlannedStep;
use crate::trace::{Failure, FailureKind, StepTrace};

/// Id of the block instance whose failure a handler got.
const ERROR_STEP: &str = "errorStep";
/// The kind of that failure.
const ERROR_KIND: &str = "errorKind";
/// What happened there.
const ERROR_MESSAGE: &str = "errorMessage";

/// Where a step leads.
pub(super) enum Way {
    Exit(String),
    Start(Start),
    End { result: String, answer: Map<String, Value> },
    Fail(FailureKind, String),
}

/// How a run ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Ending {
    pub(super) result: String,
    pub(super) failure: Option<Failure>,
    pub(super) answer: Map<String, Value>,
}

/// The trace of a step that is about to be put down.
struct Open {
    trace: StepTrace,
    /// Where it is already, as that of a step which started another scenario.
    at: Option<usize>,
}

impl Walk<'_> {
    /// Leads the run on from a step, and tells the observer once it is between two steps again.
    pub(super) fn close(&mut self, trace: StepTrace, way: Way) {
        let open = Open { trace, at: None };
        let closed = match way {
            Way::Exit(exit) => self.leave(open, exit),
            Way::Start(start) => self.enter(open, start),
            Way::End { result, answer } => self.end(open, result, answer),
            Way::Fail(kind, message) => self.fail(open, kind, message),
        };
        for index in closed {
            self.around.observer.step_ended(&self.steps[index], &|| self.checkpoint());
        }
    }

    fn leave(&mut self, mut open: Open, exit: String) -> Vec<usize> {
        match self.frame.plan.steps[self.frame.place].exits.get(&exit) {
            Some(next) => {
                self.frame.place = *next;
                open.trace.exit = Some(exit);
                vec![self.put_down(open)]
            }
            None => self.fail(open, FailureKind::Failed, format!("the exit `{exit}` is not wired")),
        }
    }

    /// Begins the other scenario; the step ends when that has ended.
    fn enter(&mut self, open: Open, start: Start) -> Vec<usize> {
        let Start { scenario, result_variable, answer_variable } = start;
        if self.outer.len() + 1 >= MOST_FRAMES {
            let message = format!("scenarios may start one another {MOST_FRAMES} deep");
            return self.fail(open, FailureKind::Failed, message);
        }
        let Some(plan) = self.around.catalog.scenario(&scenario, None) else {
            let message = format!(
                "property `scenario`: there is no published scenario `{scenario}` that can run"
            );
            return self.fail(open, FailureKind::InvalidRequest, message);
        };
        let within = format!("{}/{}", open.trace.place(), open.trace.visit);
        let deadline = self.frame.plan.steps[self.frame.place].timeout;
        let deadline = deadline.map(|timeout| self.step_deadline(Some(timeout)));
        let deadline = deadline.or(self.outer.last().and_then(|outer| outer.deadline));
        let frame = std::mem::replace(&mut self.frame, Frame::new(plan));
        let trace = self.put_down(open);
        let outer = Suspended { frame, trace, within, deadline, result_variable, answer_variable };
        self.outer.push(outer);
        Vec::new()
    }

    /// Ends the scenario, and with it the run where no other waits.
    fn end(&mut self, open: Open, result: String, answer: Map<String, Value>) -> Vec<usize> {
        let mut closed = vec![self.put_down(open)];
        let Some(outer) = self.outer.pop() else {
            self.ended = Some(Ending { result, failure: None, answer });
            return closed;
        };
        if let Some(name) = &outer.result_variable {
            self.variables.set(name, result.into());
        }
        if let Some(name) = &outer.answer_variable {
            self.variables.set(name, answer.into());
        }
        let open = self.reopen(outer);
        closed.extend(self.leave(open, NEXT.to_owned()));
        closed
    }

    /// Finds what deals with a failure: an exit, or the step that started the scenario, and so on outwards.
    fn fail(&mut self, mut open: Open, kind: FailureKind, mut message: String) -> Vec<usize> {
        let mut closed = Vec::new();
        loop {
            let plan = Arc::clone(&self.frame.plan);
            let step = &plan.steps[self.frame.place];
            let failure = failure(step, kind, message.clone());
            open.trace.failure = Some(failure.clone());
            let dealt_with = self.deal_with(step, &failure, &mut open.trace);
            closed.push(self.put_down(open));
            if dealt_with {
                return closed;
            }
            let Some(outer) = self.outer.pop() else {
                self.ended = Some(Ending::of(failure));
                return closed;
            };
            let name = &plan.scenario.name;
            message = format!("the scenario `{name}` failed at `{}`: {message}", step.id);
            open = self.reopen(outer);
        }
    }

    fn deal_with(&mut self, step: &PlannedStep, failure: &Failure, trace: &mut StepTrace) -> bool {
        if failure.kind == FailureKind::Cancelled {
            return false;
        }
        if let Some((exit, next)) = failure_exit(step, failure.kind) {
            trace.exit = Some(exit.to_owned());
            self.frame.place = next;
            return true;
        }
        self.catch(failure, trace)
    }

    /// Gives a failure to the handler in force.
    fn catch(&mut self, failure: &Failure, trace: &mut StepTrace) -> bool {
        let Some(place) = self.frame.steering.catch() else { return false };
        let handler = &self.frame.plan.steps[place];
        let Some(next) = handler.exits.get(CATCH) else { return false };
        trace.caught_by = Some(handler.id.clone());
        self.frame.place = *next;
        self.variables.set(ERROR_STEP, failure.step.clone().into());
        self.variables.set(ERROR_KIND, failure.kind.exit().into());
        self.variables.set(ERROR_MESSAGE, failure.message.clone().into());
        true
    }

    /// Ends the run before `step`, whatever is wired.
    pub(super) fn stop(&mut self, step: &PlannedStep, kind: FailureKind, message: String) {
        self.ended = Some(Ending::of(failure(step, kind, message)));
    }

    /// Goes back to the step that started the scenario which has just ended.
    fn reopen(&mut self, outer: Suspended) -> Open {
        self.frame = outer.frame;
        Open { trace: self.steps[outer.trace].clone(), at: Some(outer.trace) }
    }

    /// Keeps the trace of a step, and says where.
    fn put_down(&mut self, open: Open) -> usize {
        let Open { mut trace, at } = open;
        trace.elapsed_us = micros(self.around.elapsed()).saturating_sub(trace.started_us);
        trace.changed.extend(self.variables.changes());
        match at {
            Some(index) => {
                self.steps[index] = trace;
                index
            }
            None => {
                self.steps.push(trace);
                self.steps.len() - 1
            }
        }
    }
}

impl Ending {
    fn of(failure: Failure) -> Self {
        let cancelled = failure.kind == FailureKind::Cancelled;
        let result = if cancelled { "cancelled" } else { "failed" };
        Self { result: result.to_owned(), failure: Some(failure), answer: Map::new() }
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
