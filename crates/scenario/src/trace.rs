//! What is remembered of a run, step by step.

use std::collections::BTreeMap;

use patchcord_runtime::{CrmErrorKind, HostCall, LimitKind, LogLine, StepError};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// One step of a run, as it happened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StepTrace {
    /// Id of the block instance.
    pub id: String,
    /// The scenario in which it is, as `name@version`, where that is not the run's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// The step that started that scenario, as `place/visit`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<String>,
    /// The block, as `id@version`.
    pub block: String,
    /// What the designer calls the instance, or the block's own title.
    pub title: String,
    /// How often the run has come here; the first time is 1.
    pub visit: u32,
    /// The exit taken; none where the run ended here.
    pub exit: Option<String>,
    /// The Exception Handler that dealt with the failure, where no exit of the step did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caught_by: Option<String>,
    /// Why the step did not end well.
    pub failure: Option<Failure>,
    /// Microseconds from the beginning of the run to the beginning of the step.
    pub started_us: u64,
    /// Microseconds that the step took.
    pub elapsed_us: u64,
    /// Calls of host functions, in order.
    pub host_calls: Vec<HostCall>,
    /// What the block logged.
    pub log: Vec<LogLine>,
    /// The variables that it set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub changed: BTreeMap<String, Change>,
}

impl StepTrace {
    /// Which step of the run it is, whatever scenario it is in: its id, after the steps that started its scenario and
    /// their visits, as `start/1/find`.
    pub fn place(&self) -> String {
        place(self.within.as_deref(), &self.id)
    }
}

/// As [`StepTrace::place`].
pub(crate) fn place(within: Option<&str>, id: &str) -> String {
    within.map_or_else(|| id.to_owned(), |within| format!("{within}/{id}"))
}

/// A variable before and after a step. A long value is cut: it is the beginning of its JSON then, as text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Its value before; none where there was no such variable.
    #[serde(default, deserialize_with = "there", skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Its value after.
    pub after: Value,
}

impl Change {
    /// About how many bytes it takes in memory.
    pub fn weight(&self) -> usize {
        self.before.as_ref().map_or(0, weight) + weight(&self.after)
    }
}

fn weight(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(entries) => {
            entries.iter().map(|(name, entry)| name.len() + weight(entry)).sum()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    size_of::<Value>() + inner
}

/// Null is a value, and not a missing one.
fn there<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(reader).map(Some)
}

/// Why a step did not end well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Id of the block instance where it happened.
    pub step: String,
    /// The cause.
    pub kind: FailureKind,
    /// What happened, for a person.
    pub message: String,
}

/// The causes of failure that a scenario can tell apart, each but the last an exit that may be wired; `failed` catches
/// the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// The deadline passed, or the time that a step of the block may take.
    Timeout,
    /// Dynamics 365 asks to wait longer than the deadline allows.
    Throttled,
    /// Nobody's consent is in force.
    ConsentRequired,
    /// The consenting user lacks a privilege.
    Forbidden,
    /// No such record or table.
    NotFound,
    /// Changed or made by someone else meanwhile.
    Conflict,
    /// A query, a value or a property is wrong.
    InvalidRequest,
    /// Dynamics 365, Entra ID or a sandbox is not to be had.
    Unavailable,
    /// The manifest or the account's policy forbids it.
    PolicyDenied,
    /// The block trapped, broke the contract or went past a limit.
    Crashed,
    /// The block gave up for a reason of its own.
    Failed,
    /// Nobody waits for the answer any more. It ends the run, whatever is wired.
    Cancelled,
}

impl FailureKind {
    /// Every kind that is an exit.
    pub const ALL: [Self; 11] = [
        Self::Timeout,
        Self::Throttled,
        Self::ConsentRequired,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::InvalidRequest,
        Self::Unavailable,
        Self::PolicyDenied,
        Self::Crashed,
        Self::Failed,
    ];

    /// The exit of this kind, and its name in `$(integrationResultKind)`.
    pub fn exit(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Throttled => "throttled",
            Self::ConsentRequired => "consent_required",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::InvalidRequest => "invalid_request",
            Self::Unavailable => "unavailable",
            Self::PolicyDenied => "policy_denied",
            Self::Crashed => "crashed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The kind of the error with which a block ended.
    pub fn of(error: &StepError) -> Self {
        match error {
            StepError::Crm(error) => match error.kind {
                CrmErrorKind::InvalidRequest => Self::InvalidRequest,
                CrmErrorKind::ConsentRequired => Self::ConsentRequired,
                CrmErrorKind::Forbidden => Self::Forbidden,
                CrmErrorKind::NotFound => Self::NotFound,
                CrmErrorKind::Conflict => Self::Conflict,
                CrmErrorKind::Throttled(_) => Self::Throttled,
                CrmErrorKind::Timeout => Self::Timeout,
                CrmErrorKind::Unavailable => Self::Unavailable,
                CrmErrorKind::PolicyDenied => Self::PolicyDenied,
            },
            StepError::InvalidProperties(_) => Self::InvalidRequest,
            StepError::Failed(_) => Self::Failed,
            StepError::Timeout | StepError::LimitExceeded { kind: LimitKind::Wall, .. } => {
                Self::Timeout
            }
            StepError::Busy => Self::Unavailable,
            StepError::LimitExceeded { .. } | StepError::Crashed { .. } => Self::Crashed,
        }
    }
}
