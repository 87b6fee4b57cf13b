//! One invocation of a block: what goes in, what comes out, and what was seen on the way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::text::{MESSAGE_BYTES, cut};
use crate::{Crm, CrmErrorKind, HostFunction, HttpMethod, RecordSet, StepError};

/// What a step gives to a block.
#[derive(Clone)]
pub struct Invocation {
    /// Id of the run, as the block may see it.
    pub run: String,
    /// Names this step of this run and no other: the row ids of its creates are derived from it.
    pub step_key: Uuid,
    /// Language of the call, a BCP 47 tag.
    pub locale: String,
    /// When the step must have ended.
    pub deadline: Instant,
    /// The block's properties, every `$(…)` replaced: a JSON object.
    pub properties: Value,
    /// The CRM account bound to the step.
    pub crm: Arc<dyn Crm>,
    /// Whether the step is counted in the metrics.
    pub counted: bool,
}

/// What became of an invocation.
#[derive(Debug)]
pub struct Invoked {
    /// How the block ended.
    pub result: Result<Outcome, StepError>,
    /// The host calls it made, in order.
    pub host_calls: Vec<HostCall>,
    /// The last answer that Dynamics 365 gave during this step.
    pub last_answer: Option<LastAnswer>,
    /// What it logged, in order.
    pub log: Vec<LogLine>,
    /// From the call to its end.
    pub elapsed: Duration,
}

/// The answer that Dynamics 365 gave last during a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastAnswer {
    /// HTTP status.
    pub status: u16,
    /// Body as received.
    pub body: Arc<str>,
    /// How old it is; zero where it is not from a cache.
    pub age: Duration,
    /// Whether it stands in for one that Dynamics 365 could not give.
    pub stale: bool,
}

impl LastAnswer {
    /// An answer just received.
    pub fn fresh(status: u16, body: impl Into<Arc<str>>) -> Self {
        Self { status, body: body.into(), age: Duration::ZERO, stale: false }
    }
}

/// How a block ended well.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The exit taken; none is `next`.
    pub exit: Option<String>,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
}

/// What the engine is asked to do.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Set a variable.
    SetVariable {
        /// Its name.
        name: String,
        /// Its value.
        value: Value,
    },
    /// Set a recordset, cursor on its first record.
    SetRecordset {
        /// Its name.
        name: String,
        /// Its records.
        records: RecordSet,
    },
    /// Use another account from here on: the opaque value of an `account` property.
    SelectAccount(String),
    /// Show a record to the agent.
    PopScreen(ScreenPop),
}

/// A record to be shown to the agent who takes the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScreenPop {
    /// Entity set name of the table.
    pub entity_set: String,
    /// Primary key of the record.
    pub id: String,
}

/// One call of a host function, for the trace.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct HostCall {
    /// What was asked.
    pub operation: HostFunction,
    /// On which table; empty where there is none, as with an unbound action.
    pub entity_set: String,
    /// The form of the request: tables, columns, options, operators; `…` stands for every value.
    #[serde(default)]
    pub shape: String,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Cause of the error, where there was one.
    pub error: Option<CrmErrorKind>,
    /// Code of the Dataverse error.
    pub code: Option<String>,
    /// Message of the error.
    pub message: Option<String>,
    /// Microseconds from the beginning of the step to the call.
    #[serde(default)]
    pub started_us: u64,
    /// Microseconds from call to return.
    pub elapsed_us: u64,
    /// HTTP method of its last request, where one was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<HttpMethod>,
    /// Microseconds that it waited until the account might send: for a place among its requests, and for the end of a
    /// wait that the CRM asked for.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub gate_us: u32,
    /// Microseconds that it waited for a token.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub token_us: u32,
    /// Its requests in the order of their ends, where it took several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<TracedAttempt>,
    /// HTTP requests that the answer took; 0 where the cache had it, or where the call came to nothing.
    #[serde(default)]
    pub requests: u32,
    /// How long the query, or the columns, were that the block handed over, in bytes.
    #[serde(default)]
    pub bytes_out: u64,
    /// How long the body of the answer was, in bytes; of several pages, the first.
    #[serde(default)]
    pub bytes_in: u64,
    /// How old the answer was, in milliseconds, where it came from the cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_ms: Option<u64>,
    /// Whether it stood in for one that the CRM could not give.
    #[serde(default)]
    pub stale: bool,
}

fn is_zero(wait: &u32) -> bool {
    *wait == 0
}

/// One of several HTTP requests that a call took: repetitions, further pages, further tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TracedAttempt {
    /// Microseconds from the beginning of the call to the request.
    pub started_us: u64,
    /// Microseconds from there to its answer, or to the end of the wait for one.
    pub elapsed_us: u64,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// Microseconds of pause before the next request; a wait that the CRM asked for is among those of the call.
    #[serde(default)]
    pub pause_us: u64,
}

/// A line that a block logged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LogLine {
    /// How much it matters.
    pub level: LogLevel,
    /// The text.
    pub message: String,
}

impl LogLine {
    /// A line that a guest or a caller worded: no longer than a trace can bear.
    pub fn worded(level: LogLevel, message: String) -> Self {
        Self { level, message: cut(message, MESSAGE_BYTES) }
    }

    /// Tells the log of the server. The line may hold what a caller said or who he is, whatever its level: it is there on
    /// request and never by default, with escapes, so that it cannot pass for a line of the server's own.
    pub fn tell(&self) {
        let Self { level, message } = self;
        tracing::debug!(target: "patchcord::guest", level = level.name(), ?message);
    }
}

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Every detail.
    Trace,
    /// For the block's author.
    Debug,
    /// For the designer.
    Info,
    /// Not as it should be.
    Warn,
    /// Could not do its work.
    Error,
}
