//! What a run tells while it is under way: to those who listen, and to the journal.

use std::sync::Arc;

use async_trait::async_trait;
use patchcord_scenario::{Checkpoint, Observer, StepTrace};

use super::events::{Events, RunEvent};
use super::journal::{Journaled, wrote};
use super::mask::RunMask;
use super::under_way::Watched;

/// Looks on at one run.
pub(super) struct Watcher {
    pub(super) watched: Arc<Watched>,
    pub(super) events: Arc<Events>,
    /// What must not be seen of it.
    pub(super) mask: Arc<RunMask>,
    /// None where it writes nothing.
    pub(super) journaled: Option<Arc<Journaled>>,
}

#[async_trait]
impl Observer for Watcher {
    fn step_began(&self, place: &str, block: &str, visit: u32) {
        self.events.tell(|| RunEvent::StepBegan {
            run: self.watched.run,
            scenario: self.watched.scenario.clone(),
            step: place.to_owned(),
            block: block.to_owned(),
            visit,
        });
    }

    fn step_ended(&self, step: &StepTrace, checkpoint: &dyn Fn() -> Checkpoint) {
        if let Some(journaled) = &self.journaled
            && step.host_calls.iter().any(wrote)
        {
            journaled.after_write(checkpoint());
        }
        self.watched.ended([step.clone()]);
        self.events.tell(|| {
            let mut step = step.clone();
            self.mask.learn(checkpoint().steps()).cover(&mut step);
            let (run, scenario) = (self.watched.run, self.watched.scenario.clone());
            RunEvent::StepEnded { run, scenario, step: Box::new(step) }
        });
    }

    async fn before_write(&self, checkpoint: Checkpoint) -> Result<(), String> {
        match &self.journaled {
            Some(journaled) => journaled.before_write(checkpoint).await,
            None => Ok(()),
        }
    }
}
