//! What is written down of a run, and under which labels it is found again.

use jiff::Timestamp;
use patchcord_runtime::ScreenPop;
use patchcord_scenario::{Failure, FailureKind, StepTrace};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(super) const SCENARIO: &str = "scenario";
pub(super) const RESULT: &str = "result";
pub(super) const FAILURE: &str = "failure";
/// Of runs that a failure ended, whatever its kind; who hangs up makes none fail.
pub(super) const FAILED: &str = "failed";
/// Bytes of a value by which runs are found: a scenario may put anything into a result.
const LABEL_BYTES: usize = 200;

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
    /// How often it was taken up again because the host was ended while it was under way.
    #[serde(default, skip_serializing_if = "is_none")]
    pub resumed: u32,
}

pub(super) fn is_none(times: &u32) -> bool {
    *times == 0
}

impl Run {
    pub(super) fn labels(&self) -> Vec<(&'static str, String)> {
        let kind = self.failure.as_ref().map(|failure| failure.kind);
        let failure = kind.map(|kind| (FAILURE, kind.exit().into()));
        let failed = kind.filter(|kind| *kind != FailureKind::Cancelled);
        let failed = failed.map(|_| (FAILED, true.to_string()));
        let labels = [(SCENARIO, label(&self.scenario)), (RESULT, label(&self.result))];
        labels.into_iter().chain(failure).chain(failed).collect()
    }
}

/// A value as a label holds it: no longer than what it takes to tell it from others.
pub(super) fn label(value: &str) -> String {
    let end = (0..=LABEL_BYTES.min(value.len())).rev().find(|end| value.is_char_boundary(*end));
    value[..end.unwrap_or(0)].to_owned()
}
