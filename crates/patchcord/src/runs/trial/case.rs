//! A test case made of a trial: of what it was brought, and what it was answered by whoever did: Dynamics 365, what
//! rehearses its writes, or the recording of the run that it replays.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use patchcord_scenario::{FailureKind, Finished};

use super::request::TryAnswer;
use super::{Between, LOCALE, Trial};
use crate::rehearsal::{Material, Recorder, Recording, Unrecorded, Visit};
use crate::runs::Runs;
use crate::scenarios::TriedDocument;

/// What a trial leaves for a case to be made of, or why none can be.
pub(super) struct Taken {
    result: String,
    recording: Result<Recording, String>,
}

impl Trial {
    /// What records a trial of which a case is to be made.
    pub(super) fn recorder(&self) -> Option<Recorder> {
        let (variables, locale) = match &self.replayed {
            Some(replayed) => {
                (&replayed.recording.variables, Some(replayed.recording.locale.clone()))
            }
            None => (&self.request.variables, self.request.locale.clone()),
        };
        let locale = locale.unwrap_or_else(|| LOCALE.to_owned());
        self.request.case.then(|| Recorder::new(variables.clone(), locale, None))
    }

    /// The whole way of a trial that was recorded; `rebuilt` are the steps that it was given by the run that it replays.
    pub(super) fn taken(
        &self,
        finished: &Finished,
        rebuilt: usize,
        between: &Between,
    ) -> Option<Taken> {
        let recorder = between.recorder.as_ref()?;
        let (name, version) = (&self.request.scenario, self.plan.version());
        let mut recording = recorder.recording(name, version, &finished.steps);
        if let Some(replayed) = &self.replayed {
            let steps = finished.steps.iter().take(rebuilt);
            let before: HashSet<Visit> =
                steps.map(|step| Visit { step: step.place(), visit: step.visit }).collect();
            let mut steps = replayed.recording.steps.clone();
            steps.retain(|step| before.contains(&step.at));
            steps.append(&mut recording.steps);
            recording.steps = steps;
            recording.begins.clone_from(&replayed.recording.begins);
        }
        let why_not = self.why_not(finished, between);
        let recording = why_not.map_or(Ok(recording), Err);
        Some(Taken { result: finished.result.clone(), recording })
    }

    fn why_not(&self, finished: &Finished, between: &Between) -> Option<String> {
        if finished.failure.as_ref().is_some_and(|failure| failure.kind == FailureKind::Cancelled) {
            return Some("it was ended before its time".to_owned());
        }
        let missed = match (&between.replayer, &between.rehearser) {
            (Some(replayer), None) => replayer.unrecorded().into_iter().next()?,
            _ => return None,
        };
        let Unrecorded { step, visit, .. } = missed;
        Some(format!(
            "what `{step}`, visit {visit}, asks was not recorded: have it read from Dynamics 365"
        ))
    }
}

impl Runs {
    /// Puts the case into the answer, or why there is none.
    pub(super) async fn add_case(&self, trial: &Trial, taken: Taken, answer: &mut TryAnswer) {
        match self.made(trial, taken).await {
            Ok(case) => answer.case = Some(Box::new(case)),
            Err(why) => answer.no_case = Some(why),
        }
    }

    async fn made(
        &self,
        trial: &Trial,
        Taken { result, recording }: Taken,
    ) -> Result<crate::rehearsal::RecordedCase, String> {
        let recording = recording?;
        let mut started = BTreeMap::new();
        for (name, version) in &recording.started {
            let plan = match *name == trial.request.scenario {
                true => Arc::clone(&trial.plan),
                false => {
                    let plan = self.scenarios.plan(name, *version).await;
                    plan.map_err(|error| error.to_string())?
                }
            };
            started.insert(name.clone(), plan);
        }
        let version = (trial.document == TriedDocument::Version).then(|| trial.plan.version());
        let material = Material {
            name: format!("{} ends as {result}", trial.request.scenario),
            mask: Arc::clone(&trial.mask),
            plan: Arc::clone(&trial.plan),
            deadline: trial.request.deadline,
            recording,
            version,
            started,
            result,
        };
        material.case(self.scenarios.shared_catalog()).await
    }
}
