//! A test case that is made of what a run or a trial was brought and answered: it expects what comes of that once more.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use patchcord_scenario::{Catalog, Plan};
use serde::Serialize;

use super::masked::masked;
use super::recorded::brought;
use super::{Case, CaseReport, Done, Expected, Rehearsal};
use crate::rehearsal::{Recording, Visit};
use crate::runs::RunMask;

/// A test case that was made of a run or a trial.
#[derive(Debug, Clone, Serialize)]
pub struct RecordedCase {
    /// Name of the scenario.
    pub scenario: String,
    /// Its version; none of a document that was not published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// The case.
    pub case: Case,
    /// Whether values in it are masked, because a trace of the run would not show them either.
    pub masked: bool,
    /// How it goes when it is run: where masked values or the time decide the way, it does not pass.
    pub report: CaseReport,
}

/// What a case is made of.
pub(crate) struct Material {
    pub(crate) recording: Recording,
    /// What was walked.
    pub(crate) plan: Arc<Plan>,
    /// The version that it is, where it was published.
    pub(crate) version: Option<u64>,
    /// The scenarios that it started, by name.
    pub(crate) started: BTreeMap<String, Arc<Plan>>,
    /// The time that the call gave it.
    pub(crate) deadline: Option<Duration>,
    /// What the case is called.
    pub(crate) name: String,
    /// How it ended, masked or not.
    pub(crate) result: String,
    /// What must not be seen of it.
    pub(crate) mask: Arc<RunMask>,
}

impl Material {
    /// Makes the case.
    ///
    /// # Errors
    /// Why none can be made of it, for a person.
    pub(crate) async fn case(self, catalog: Arc<dyn Catalog>) -> Result<RecordedCase, String> {
        let Self { recording, plan, version, started, deadline, name, mut result, mask } = self;
        if let Some(why) = lacks(&recording) {
            return Err(why);
        }
        let plans: Vec<&Plan> = started.values().chain([&plan]).map(Arc::as_ref).collect();
        let mut case = brought(&recording, &plans, name);
        case.deadline_ms = deadline.and_then(|time| u64::try_from(time.as_millis()).ok());
        let rehearsal = Rehearsal::of_published(plan, started, catalog);
        let (finished, script) = rehearsal.walk(&case).await;
        let done = Done::of(&finished, &script);
        let mut again = done.result.clone();
        {
            // A result may have been made of what must not be seen.
            let mask = mask.learn(&finished.steps);
            [&mut again, &mut result, &mut case.name]
                .into_iter()
                .for_each(|it| mask.cover_text(it));
        }
        if again != result || !script.unanswered().is_empty() {
            return Err(format!(
                "walked once more with the same answers it ends as `{again}` and not as `{result}`: something else than they decides its way, such as the time"
            ));
        }
        case.expect = Expected::all_of(&done, &finished);
        let (case, masked) = masked(case, &mask).map_err(|error| error.to_string())?;
        let report = rehearsal.run(&case).await;
        Ok(RecordedCase { scenario: recording.scenario, version, case, masked, report })
    }
}

/// Why something cannot be walked once more from its recording.
fn lacks(recording: &Recording) -> Option<String> {
    if recording.begins.is_some() {
        return Some(
            "it went on after the host was started again, and was recorded from there only"
                .to_owned(),
        );
    }
    let Visit { step, visit } = recording.cut.as_ref()?;
    Some(format!("its recording became too long at the step {step}, visit {visit}, and ends there"))
}
