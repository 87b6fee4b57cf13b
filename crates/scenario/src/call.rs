//! What goes into a run and what comes out of it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_runtime::ScreenPop;
use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::observer::{Layer, Observer, Unobserved};
use crate::template::Path;
use crate::trace::{Failure, StepTrace};
use crate::variables::Variables;

/// What the names of the variables that hold bare answers begin with: of Dynamics 365, and of Fetch URL.
const BARE_ANSWERS: [&str; 2] = ["integrationResult", "fetchURLResult"];

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
    /// Who is told of the run while it is under way.
    pub observer: Arc<dyn Observer>,
    /// What is to stand between its steps and what is outside of it.
    pub layer: Option<Arc<dyn Layer>>,
    /// Whether Wait lets time pass: what has happened once need not take its time again.
    pub waits: bool,
    /// Whether its steps are counted in the metrics, which are of calls.
    pub counted: bool,
    /// Fires when nobody waits for the answer any more: the run ends before its next step, and before that where
    /// nothing is written meanwhile.
    pub cancelled: CancellationToken,
}

impl Call {
    /// A call that nobody observes, that reaches the CRM itself and is never cancelled.
    pub fn new(run: Uuid, deadline: Instant, locale: String, variables: Variables) -> Self {
        let (observer, cancelled) = (Arc::new(Unobserved), CancellationToken::new());
        let (layer, waits, counted) = (None, true, true);
        Self { run, deadline, locale, variables, observer, layer, waits, counted, cancelled }
    }
}

/// A run that has ended.
#[derive(Debug)]
pub struct Finished {
    /// What the Exit block said; `failed` where a failure ended the run, `cancelled` where its caller did.
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
    /// the scenario set but the bare answers; then what the Exit block adds.
    pub fn variables_for(&self, want: Option<&[Path]>) -> Map<String, Value> {
        let mut out = match want {
            None => self.set(),
            Some(paths) => {
                let found = |path: &Path| Some((path.to_string(), self.variables.get(path)?));
                paths.iter().filter_map(found).collect()
            }
        };
        out.extend(self.answer.clone());
        out
    }

    /// The variables that the run has set, but for the bare answers.
    pub fn set(&self) -> Map<String, Value> {
        self.variables.set_by_run(&BARE_ANSWERS)
    }
}
