//! The variables that say how the last integration step went.

use patchcord_runtime::LastAnswer;
use serde_json::Value;

use super::Walk;
use crate::plan::PlannedStep;
use crate::trace::FailureKind;

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

impl Walk<'_> {
    /// Sets them after an integration step: one of a block that may call Dynamics 365.
    pub(super) fn leave_result(
        &mut self,
        step: &PlannedStep,
        answer: Option<LastAnswer>,
        failure: Option<(FailureKind, &str)>,
    ) {
        if step.work.manifest().operations.is_empty() {
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
}
