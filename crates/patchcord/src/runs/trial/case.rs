//! A test case made of a trial: of what it was brought, and what it was answered by whoever did: Dynamics 365, what
//! rehearses its writes, or the recording of the run that it replays.

use std::collections::BTreeMap;
use std::sync::Arc;

use patchcord_scenario::{FailureKind, Finished};

use super::Trial;
use super::between::Between;
use super::request::TryAnswer;
use crate::rehearsal::{Material, RecordedCase, Recording, Unrecorded};
use crate::runs::Runs;
use crate::scenarios::TriedDocument;

/// What a trial leaves for a case to be made of, or why none can be.
pub(super) struct Taken {
    result: String,
    recording: Result<Recording, String>,
}

impl Trial {
    /// What a case is to be made of, where one is wanted; `whole` is the whole way of the trial.
    pub(super) fn taken(
        &self,
        whole: Option<Recording>,
        finished: &Finished,
        between: &Between,
    ) -> Option<Taken> {
        let recording = whole.filter(|_| self.request.case)?;
        let recording = self.why_not(finished, between).map_or(Ok(recording), Err);
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
    ) -> Result<RecordedCase, String> {
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
