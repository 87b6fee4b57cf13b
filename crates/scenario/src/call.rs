//! What goes into a run and what comes out of it.

use std::time::{Duration, Instant};

use patchcord_runtime::ScreenPop;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::template::Path;
use crate::trace::{Failure, StepTrace};
use crate::variables::Variables;

/// What the names of the variables that hold bare answers of Dynamics 365 begin with.
const RESULT_PREFIX: &str = "integrationResult";

/// One call that a scenario is to handle.
pub struct Call {
    /// Id of the run.
    pub run: Uuid,
    /// When the run must have ended.
    pub deadline: Instant,
    /// Language of the call, a BCP 47 tag.
    pub locale: String,
    /// What the call flow knows.
    pub variables: Variables,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Finished {
    /// What the Exit block said; `failed` where a failure ended the run.
    pub result: String,
    /// The failure that ended the run.
    pub failure: Option<Failure>,
    /// What the Exit block answers besides.
    pub answer: Map<String, Value>,
    /// The variables as they stood at the end.
    pub variables: Variables,
    /// The record to show to the agent: the last one popped.
    pub screen_pop: Option<ScreenPop>,
    /// The steps, in order.
    pub steps: Vec<StepTrace>,
    /// From the beginning to the end.
    pub elapsed: Duration,
}

impl Finished {
    /// What the call flow is answered: the variables asked for in `want`, or, where nothing is asked for, all that
    /// the scenario set but the bare answers of Dynamics 365; then what the Exit block adds.
    pub fn variables_for(&self, want: Option<&[Path]>) -> Map<String, Value> {
        let mut out = match want {
            None => self.variables.set_by_run(RESULT_PREFIX),
            Some(paths) => {
                let found = |path: &Path| Some((path.to_string(), self.variables.get(path)?));
                paths.iter().filter_map(found).collect()
            }
        };
        out.extend(self.answer.clone());
        out
    }
}
