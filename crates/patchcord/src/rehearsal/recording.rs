//! What a run was brought and what it was answered from outside: all that it takes to walk it once more.

use std::collections::BTreeMap;

use patchcord_runtime::HostFunction;
use patchcord_scenario::{Checkpoint, FailureKind, FetchError, FetchRequest, Fetched};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::CannedAnswer;

/// A run, as its surroundings were. Nothing in it is masked.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recording {
    /// Name of the scenario that was called.
    pub scenario: String,
    /// Its version.
    pub version: u64,
    /// The versions of the scenarios that it started, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub started: BTreeMap<String, u64>,
    /// The variables that the call brought.
    pub variables: Map<String, Value>,
    /// Language of the call.
    pub locale: String,
    /// Where the recording begins, of a run that went on after the host was started again: what was answered before is
    /// not known. None where it begins with the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begins: Option<Box<Checkpoint>>,
    /// The steps that asked for anything, in order.
    pub steps: Vec<RecordedStep>,
    /// Where the recording was cut because it had become too long: from that step on it is not whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cut: Option<Visit>,
}

/// A step of a run, and how often the run had come there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Visit {
    /// Which step: the id of the block instance, after those that started its scenario.
    pub step: String,
    /// The first time is 1.
    pub visit: u32,
}

/// What one step asked and was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedStep {
    /// Which step.
    #[serde(flatten)]
    pub at: Visit,
    /// Host calls, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<RecordedCall>,
    /// Requests of Fetch URL, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetches: Vec<RecordedFetch>,
}

/// One host call.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedCall {
    /// What was called.
    pub call: HostFunction,
    /// On which table; several are joined by `, `.
    pub table: String,
    /// Key of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Query options, columns, a number, an action with its parameters.
    pub asked: String,
    /// How it was to be answered, as far as that changes what the answer holds.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
    /// The answer.
    pub answer: CannedAnswer,
}

/// One request of Fetch URL. Its headers are not kept: they may hold a key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedFetch {
    /// HTTP method.
    pub method: String,
    /// The address, without the parameters.
    pub url: String,
    /// Parameters of the address.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<(String, String)>,
    /// The body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The answer.
    pub answer: CannedFetch,
}

/// What a web server answers to Fetch URL.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CannedFetch {
    /// An answer.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body, as text.
        body: String,
    },
    /// None.
    Error {
        /// The cause.
        kind: FailureKind,
        /// What happened.
        message: String,
    },
}

impl From<&Result<Fetched, FetchError>> for CannedFetch {
    fn from(fetched: &Result<Fetched, FetchError>) -> Self {
        match fetched {
            Ok(Fetched { status, body }) => Self::Answer { status: *status, body: body.clone() },
            Err(FetchError { kind, message }) => {
                Self::Error { kind: *kind, message: message.clone() }
            }
        }
    }
}

impl From<CannedFetch> for Result<Fetched, FetchError> {
    fn from(canned: CannedFetch) -> Self {
        match canned {
            CannedFetch::Answer { status, body } => Ok(Fetched { status, body }),
            CannedFetch::Error { kind, message } => Err(FetchError { kind, message }),
        }
    }
}

impl CannedFetch {
    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        match self {
            Self::Answer { body: text, .. } | Self::Error { message: text, .. } => text.len(),
        }
    }
}

impl RecordedFetch {
    /// A request to which no answer has come yet.
    pub(super) fn asked(request: &FetchRequest) -> Self {
        let message = "no answer had come when the step ended".to_owned();
        Self {
            method: request.method.clone(),
            url: request.url.clone(),
            parameters: request.parameters.clone(),
            body: request.body.clone(),
            answer: CannedFetch::Error { kind: FailureKind::Timeout, message },
        }
    }

    /// Whether both ask the same, whatever was answered.
    pub(super) fn asks_the_same(&self, other: &Self) -> bool {
        let asked = |fetch: &Self| {
            let Self { method, url, parameters, body, .. } = fetch.clone();
            (method, url, parameters, body)
        };
        asked(self) == asked(other)
    }
}

impl Recording {
    /// What was recorded of a step.
    pub fn step(&self, at: &Visit) -> Option<&RecordedStep> {
        self.steps.iter().find(|step| step.at == *at)
    }
}
