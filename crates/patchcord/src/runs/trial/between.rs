//! What stands between a trial and what is outside of it: what shows its writes, what answers from a recording, and what
//! records the trial itself.

use std::collections::HashSet;
use std::sync::Arc;

use patchcord_scenario::{Finished, Layer};

use super::Trial;
use super::replay::Replayed;
use crate::catalog::Catalog;
use crate::rehearsal::{Recorder, Recording, Rehearser, Replayer, Visit};

/// What stands between a trial and what is outside of it.
#[derive(Default)]
pub(super) struct Between {
    pub(super) rehearser: Option<Arc<Rehearser>>,
    pub(super) replayer: Option<Arc<Replayer>>,
    /// Over both, where the trial is recorded.
    recorder: Option<Arc<Recorder>>,
}

impl Between {
    pub(super) fn of(trial: &Trial, catalog: Arc<Catalog>, records: bool) -> Self {
        let rehearser = || Some(Arc::new(Rehearser::new(Arc::clone(&catalog))));
        let between = match &trial.replayed {
            None if trial.request.writes => Self::default(),
            None => Self { rehearser: rehearser(), ..Self::default() },
            Some(Replayed { asked, .. }) if asked.afresh => {
                Self { rehearser: rehearser(), ..Self::default() }
            }
            Some(Replayed { asked, recording, .. }) => {
                let rehearser = if asked.live_reads { rehearser() } else { None };
                let otherwise = rehearser.clone().map(|rehearser| rehearser as Arc<dyn Layer>);
                let replayer = Some(Arc::new(Replayer::new(recording, otherwise)));
                Self { rehearser, replayer, recorder: None }
            }
        };
        let recorder =
            trial.recorder(records).map(|recorder| Arc::new(recorder.over(between.answering())));
        Self { recorder, ..between }
    }

    pub(super) fn layer(&self) -> Option<Arc<dyn Layer>> {
        let recorder = self.recorder.clone().map(|recorder| recorder as Arc<dyn Layer>);
        recorder.or_else(|| self.answering())
    }

    /// What answers in place of what is outside.
    fn answering(&self) -> Option<Arc<dyn Layer>> {
        let rehearser = || self.rehearser.clone().map(|rehearser| rehearser as Arc<dyn Layer>);
        self.replayer.clone().map(|replayer| replayer as Arc<dyn Layer>).or_else(rehearser)
    }
}

impl Trial {
    /// What records it, where that is wanted.
    fn recorder(&self, records: bool) -> Option<Recorder> {
        let brought = self.replayed.as_ref().map(|replayed| &replayed.recording.variables);
        let variables = brought.unwrap_or(&self.request.variables);
        let wanted = records || self.request.case;
        wanted.then(|| Recorder::new(variables.clone(), self.locale(), None))
    }

    /// The whole way of a trial that was recorded; `rebuilt` are the steps that it was given by what it replays.
    pub(super) fn whole(
        &self,
        finished: &Finished,
        rebuilt: usize,
        between: &Between,
    ) -> Option<Recording> {
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
        Some(recording)
    }
}
