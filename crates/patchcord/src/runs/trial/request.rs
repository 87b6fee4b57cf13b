//! What somebody who tries a scenario asks for, and what is answered.

use std::time::Duration;

use patchcord_scenario::{Problem, Severity, StepTrace};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Error;
use crate::invoke::deadline_is_wrong;
use crate::rehearsal::{RecordedCase, Unrecorded, UnsentRequest, Visit};
use crate::runs::{CallAnswer, LONGEST_DEADLINE};
use crate::scenarios::TriedDocument;

/// What is to be tried, and how.
#[derive(Debug, Clone, Default)]
pub struct TryRequest {
    /// Name of the scenario.
    pub scenario: String,
    /// A document of it.
    pub document: Option<Vec<u8>>,
    /// A published version; where neither is given, the draft is tried, or else what calls get.
    pub version: Option<u64>,
    /// What the call flow knows.
    pub variables: Map<String, Value>,
    /// Language of the call, a BCP 47 tag.
    pub locale: Option<String>,
    /// Within what time it is to be over; ten minutes at most.
    pub deadline: Option<Duration>,
    /// Whether what it writes is to be written.
    pub writes: bool,
    /// The run that is to be walked once more.
    pub replay: Option<Replay>,
    /// Whether a test case is to be made of it.
    pub case: bool,
    /// The id under which its events can be heard; any where none is given.
    pub run: Option<Uuid>,
}

/// Which run is to be walked once more, and how.
#[derive(Debug, Clone)]
pub struct Replay {
    /// The run, or a trial of the last half hour.
    pub run: Uuid,
    /// From which step on; from its beginning where none is given.
    pub from: Option<Visit>,
    /// Whether what was not recorded is read from Dynamics 365, and what would be written is shown. It fails otherwise.
    pub live_reads: bool,
    /// Whether nothing recorded is used from there on: all that is asked is read, and what would be written is shown.
    pub afresh: bool,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TryAnswer {
    /// What a call would have been answered: the record is one that an agent would have been shown, and `run` the id under
    /// which its events were told.
    #[serde(flatten)]
    pub call: CallAnswer,
    /// What was tried.
    pub document: TriedDocument,
    /// Which version, where it was a published one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Whether what it writes was shown and not written.
    pub dry_run: bool,
    /// How many of the steps were those of the replayed run, rebuilt from its recording.
    #[serde(default)]
    pub rebuilt: usize,
    /// The steps, in order.
    pub steps: Vec<StepTrace>,
    /// The requests that would have been sent, in order.
    pub requests: Vec<UnsentRequest>,
    /// What was asked in a replay and had not been recorded.
    pub differences: Vec<Unrecorded>,
    /// The test case that was made of it. Who reads an answer back does not read it.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub case: Option<Box<RecordedCase>>,
    /// Why no test case can be made of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_case: Option<String>,
}

impl TryRequest {
    /// What of it makes no sense together, or is out of bounds.
    pub(super) fn check(&self) -> Result<(), Error> {
        let deadline = |deadline: &Duration| deadline.is_zero() || *deadline > LONGEST_DEADLINE;
        if self.deadline.as_ref().is_some_and(deadline) {
            return Err(wrong("/deadline_ms", deadline_is_wrong()));
        }
        if self.document.is_some() && self.version.is_some() {
            return Err(wrong("/version", "there is a document too: give one of the two"));
        }
        if self.replay.is_none() {
            return Ok(());
        }
        if self.writes {
            return Err(wrong("/dry_run", "a replay never writes"));
        }
        if !self.variables.is_empty() {
            return Err(wrong("/variables", "a replay has the variables of its run"));
        }
        match &self.locale {
            Some(_) => Err(wrong("/locale", "a replay has the language of its run")),
            None => Ok(()),
        }
    }
}

/// A request with a fault at one place.
pub(super) fn wrong(pointer: &str, message: impl Into<String>) -> Error {
    let (pointer, message) = (pointer.to_owned(), message.into());
    Error::Problems(vec![Problem { pointer, severity: Severity::Error, message }])
}
