//! What is known of a run while it is under way: the steps that have ended. It is masked when somebody asks, so that a run
//! nobody asks for pays no more than a copy of each step's trace.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use patchcord_scenario::StepTrace;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::mask::RunMask;
use super::{Run, milliseconds};

/// A run that is not answered yet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RunUnderWay {
    /// Its id.
    pub run: Uuid,
    /// Name of the scenario.
    pub scenario: String,
    /// The version that runs.
    pub version: u64,
    /// When the call came in.
    pub started_at: Timestamp,
    /// Milliseconds from the call until now.
    pub elapsed_ms: f64,
    /// Always true: it tells this from a run that has ended, which has a `result`.
    pub under_way: bool,
    /// The steps that have ended, in order.
    pub steps: Vec<StepTrace>,
    /// How often it was taken up again because the host was ended while it was under way.
    #[serde(default, skip_serializing_if = "super::record::is_none")]
    pub resumed: u32,
}

/// A run, whether or not it has ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RunView {
    /// All that is known of it.
    Ended(Box<Run>),
    /// What is known so far.
    UnderWay(Box<RunUnderWay>),
}

/// What a run under way leaves for those who ask.
pub(super) struct Progress {
    pub(super) version: u64,
    pub(super) started_at: Timestamp,
    pub(super) resumed: u32,
    pub(super) mask: Arc<RunMask>,
    steps: Mutex<Vec<StepTrace>>,
}

impl Progress {
    pub(super) fn new(
        version: u64,
        started_at: Timestamp,
        resumed: u32,
        mask: Arc<RunMask>,
    ) -> Self {
        Self { version, started_at, resumed, mask, steps: Mutex::default() }
    }

    pub(super) fn ended(&self, steps: impl IntoIterator<Item = StepTrace>) {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner).extend(steps);
    }

    pub(super) fn told(&self, run: Uuid, scenario: &str) -> RunUnderWay {
        let mut steps = self.steps.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mask = self.mask.learn(&steps);
        steps.iter_mut().for_each(|step| mask.cover(step));
        drop(mask);
        let elapsed = Timestamp::now().duration_since(self.started_at).max(SignedDuration::ZERO);
        RunUnderWay {
            run,
            scenario: scenario.to_owned(),
            version: self.version,
            started_at: self.started_at,
            elapsed_ms: milliseconds(elapsed.unsigned_abs()),
            under_way: true,
            steps,
            resumed: self.resumed,
        }
    }
}
