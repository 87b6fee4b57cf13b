//! Replaying: a run, or a trial that has just been, is rebuilt up to a step from what was recorded of it, in the version in
//! which it ran, and goes on from there in what is tried.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use patchcord_scenario::{
    Call, Checkpoint, Finished, Layer, Plan, Reached, ResumeError, StepTrace, Variables,
};
use uuid::Uuid;

use super::catalog::TrialCatalog;
use super::request::{Replay, wrong};
use crate::Error;
use crate::rehearsal::{Recording, Replayer, Visit};
use crate::runs::Runs;

/// A run, or a trial, that is walked once more.
pub(super) struct Replayed {
    pub(super) asked: Replay,
    pub(super) recording: Recording,
    /// The id by which the records that it makes are named.
    pub(super) call: Uuid,
    /// The version in which it ran, or what was tried.
    plan: Arc<Plan>,
    /// Where it began, where that is not the beginning of its call.
    begins: Option<Checkpoint>,
    /// The names of what was hidden then.
    pub(super) sensitive: Vec<String>,
    /// The plans of the scenarios that it started.
    pub(super) started: HashMap<String, Arc<Plan>>,
}

impl Runs {
    pub(super) async fn replayed(&self, scenario: &str, asked: Replay) -> Result<Replayed, Error> {
        let kept = self.trials.kept.find(asked.run);
        let ran = match &kept {
            Some(trial) => trial.recording.scenario.clone(),
            None => self.get(asked.run).await?.scenario,
        };
        if ran != scenario {
            return Err(wrong("/replay/run", format!("it is a run of the scenario `{ran}`")));
        }
        let mut replayed = match kept {
            Some(kept) => Replayed {
                recording: kept.recording.clone(),
                call: kept.call,
                plan: Arc::clone(&kept.plan),
                begins: kept.begins.clone(),
                sensitive: kept.sensitive.clone(),
                started: HashMap::new(),
                asked,
            },
            None => {
                let recording = self.recording(asked.run).await?;
                let plan = self.scenarios.plan(&recording.scenario, recording.version).await?;
                Replayed {
                    call: asked.run,
                    begins: recording.begins.as_deref().cloned(),
                    sensitive: plan.scenario().sensitive.clone(),
                    started: HashMap::new(),
                    asked,
                    recording,
                    plan,
                }
            }
        };
        let Replayed { recording, plan, .. } = &replayed;
        let mut started = HashMap::new();
        for (name, version) in &recording.started {
            // What was tried and started itself is there already.
            if (name, *version) != (&recording.scenario, plan.version()) {
                started.insert(name.clone(), self.scenarios.plan(name, *version).await?);
            }
        }
        replayed.started = started;
        Ok(replayed)
    }

    /// The run as it stood where the replay begins; none where that is its beginning.
    pub(super) async fn rebuilt(
        &self,
        replayed: &Replayed,
        deadline: Instant,
    ) -> Result<Option<Checkpoint>, Error> {
        let Replayed { asked, recording, plan, begins, started, .. } = replayed;
        let begins = begins.clone();
        let Some(Visit { step, visit }) = &asked.from else { return Ok(begins) };
        let (tried, recorded, inner) = (Arc::clone(plan), started, self.scenarios.catalog());
        let catalog = TrialCatalog { inner, tried, recorded, rebuilds: true };
        let replayer = Arc::new(Replayer::new(recording, None));
        let mut call = replayed.call(deadline)?;
        call.layer = Some(Arc::clone(&replayer) as Arc<dyn Layer>);
        (call.waits, call.counted) = (false, false);
        let reached = match begins {
            Some(checkpoint) => {
                patchcord_scenario::resume_to(checkpoint, &catalog, call, step, *visit)
                    .await
                    .map_err(|error| wrong("/replay/run", error.to_string()))?
            }
            None => patchcord_scenario::run_to(plan, &catalog, call, step, *visit).await,
        };
        match reached {
            Reached::Step(checkpoint) => Ok(Some(*checkpoint)),
            Reached::End(finished) => Err(never_came(replayed, &replayer, &finished)),
        }
    }
}

impl Replayed {
    /// The call that the run answered.
    pub(super) fn call(&self, deadline: Instant) -> Result<Call, Error> {
        let variables = Variables::from_call(&self.recording.variables)
            .map_err(|problem| wrong("/replay/run", problem))?;
        Ok(Call::new(self.call, deadline, self.recording.locale.clone(), variables))
    }
}

/// Why a replay cannot begin where it was asked to.
fn never_came(replayed: &Replayed, replayer: &Replayer, finished: &Finished) -> Error {
    let visit = |step: &StepTrace| format!("{}/{}", step.place(), step.visit);
    let way = finished.steps.iter().map(visit).collect::<Vec<_>>().join(", ");
    // What was asked may be a caller's data, so that only the place is told.
    let missed = replayer.unrecorded().first().map(|missed| {
        let (step, visit) = (&missed.step, missed.visit);
        format!("; what `{step}`, visit {visit}, asks was not recorded")
    });
    let cut = replayed.recording.cut.as_ref().map(|Visit { step, visit }| {
        format!("; the recording had become too long and was cut at `{step}`, visit {visit}")
    });
    let (missed, cut) = (missed.unwrap_or_default(), cut.unwrap_or_default());
    wrong("/replay/from", format!("the run does not come there; its way is {way}{missed}{cut}"))
}

/// Why what is tried cannot take the run over.
pub(super) fn does_not_fit(error: ResumeError) -> Error {
    let message = match error {
        ResumeError::Step { step, .. } => format!(
            "what is tried has no block instance `{step}`, in which the run is there: begin at an earlier step"
        ),
        other => other.to_string(),
    };
    wrong("/replay/from", message)
}
