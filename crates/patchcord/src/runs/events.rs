//! What is going on, told while it happens to whoever listens.
//!
//! A run never waits for a listener: what is told is kept for all of them together, a bounded number of events, and who
//! falls behind by more than that is told so and listens no more.

use std::sync::Arc;

use jiff::Timestamp;
use patchcord_scenario::{Failure, StepTrace};
use serde::Serialize;
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use uuid::Uuid;

use super::Run;

/// Events that a listener may fall behind.
const BEHIND: usize = 256;

/// Something that has happened in a run.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum RunEvent {
    /// A run has begun, or goes on after the host was started again.
    RunBegan {
        /// Its id.
        run: Uuid,
        /// Name of the scenario.
        scenario: String,
        /// The version that runs; 0 where something is tried that is not published.
        version: u64,
        /// When the call came in.
        started_at: Timestamp,
    },
    /// A step has begun.
    StepBegan {
        /// Id of the run.
        run: Uuid,
        /// Name of its scenario.
        scenario: String,
        /// Which step: the id of the block instance, after those that started its scenario.
        step: String,
        /// The block, as `id@version`.
        block: String,
        /// How often the run has come here; the first time is 1.
        visit: u32,
    },
    /// A step has ended.
    StepEnded {
        /// Id of the run.
        run: Uuid,
        /// Name of its scenario.
        scenario: String,
        /// What happened.
        step: Box<StepTrace>,
    },
    /// A run has ended.
    RunEnded {
        /// Its id.
        run: Uuid,
        /// Name of the scenario.
        scenario: String,
        /// The version that ran.
        version: u64,
        /// What the call flow was answered.
        result: String,
        /// The failure that ended it.
        failure: Option<Failure>,
        /// Milliseconds from the call to the answer.
        elapsed_ms: f64,
    },
    /// The listener was too slow. Nothing more is told.
    Missed {
        /// Events that were not told.
        missed: u64,
    },
}

impl RunEvent {
    /// The name of the kind of event.
    pub fn name(&self) -> &'static str {
        match self {
            Self::RunBegan { .. } => "run_began",
            Self::StepBegan { .. } => "step_began",
            Self::StepEnded { .. } => "step_ended",
            Self::RunEnded { .. } => "run_ended",
            Self::Missed { .. } => "missed",
        }
    }

    pub(super) fn of_the_end(run: &Run) -> Self {
        Self::RunEnded {
            run: run.run,
            scenario: run.scenario.clone(),
            version: run.version,
            result: run.result.clone(),
            failure: run.failure.clone(),
            elapsed_ms: run.elapsed_ms,
        }
    }

    fn place(&self) -> Option<(Uuid, &str)> {
        match self {
            Self::RunBegan { run, scenario, .. }
            | Self::StepBegan { run, scenario, .. }
            | Self::StepEnded { run, scenario, .. }
            | Self::RunEnded { run, scenario, .. } => Some((*run, scenario)),
            Self::Missed { .. } => None,
        }
    }
}

/// Which events somebody wants to hear.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    /// Those of one run, to its end.
    Run(Uuid),
    /// Those of all runs, or of those of one scenario.
    Scenario(Option<String>),
}

/// The events that somebody wants to hear, as they come.
#[derive(Debug)]
pub struct RunEvents {
    /// None once there will be no more.
    told: Option<broadcast::Receiver<Arc<RunEvent>>>,
    wanted: Wanted,
    /// What has happened already.
    already: Option<RunEvent>,
}

impl RunEvents {
    /// The end of a run that was over before anybody listened.
    pub(super) fn ended(run: &Run) -> Self {
        let already = Some(RunEvent::of_the_end(run));
        Self { told: None, wanted: Wanted::Run(run.run), already }
    }

    /// The next event; none where there will be no more.
    pub async fn next(&mut self) -> Option<RunEvent> {
        if let Some(already) = self.already.take() {
            return Some(already);
        }
        loop {
            match self.told.as_mut()?.recv().await {
                Ok(event) if self.wants(&event) => return Some(self.tell(&event)),
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => {
                    self.told = None;
                    return Some(RunEvent::Missed { missed });
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn wants(&self, event: &RunEvent) -> bool {
        let Some((of_run, of_scenario)) = event.place() else { return false };
        match &self.wanted {
            Wanted::Run(run) => *run == of_run,
            Wanted::Scenario(scenario) => {
                scenario.as_ref().is_none_or(|scenario| scenario == of_scenario)
            }
        }
    }

    fn tell(&mut self, event: &RunEvent) -> RunEvent {
        if matches!((&self.wanted, event), (Wanted::Run(_), RunEvent::RunEnded { .. })) {
            self.told = None;
        }
        event.clone()
    }
}

/// Where runs tell what happens.
pub(super) struct Events {
    listeners: broadcast::Sender<Arc<RunEvent>>,
}

impl Events {
    pub(super) fn new() -> Self {
        Self { listeners: broadcast::Sender::new(BEHIND) }
    }

    pub(super) fn listen(&self, wanted: Wanted) -> RunEvents {
        RunEvents { told: Some(self.listeners.subscribe()), wanted, already: None }
    }

    /// Tells an event, which is not even made where nobody listens.
    pub(super) fn tell(&self, event: impl FnOnce() -> RunEvent) {
        if self.listeners.receiver_count() > 0 {
            // An error means that the last one has just gone.
            self.listeners.send(Arc::new(event())).ok();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn began(run: Uuid, scenario: &str, visit: u32) -> RunEvent {
        let (step, block) = ("find".to_owned(), "b@1.0.0".to_owned());
        RunEvent::StepBegan { run, scenario: scenario.to_owned(), step, block, visit }
    }

    fn visit(event: Option<RunEvent>) -> Option<u32> {
        match event {
            Some(RunEvent::StepBegan { visit, .. }) => Some(visit),
            _ => None,
        }
    }

    #[tokio::test]
    async fn a_listener_hears_what_it_wants_to() {
        let (events, run) = (Events::new(), Uuid::now_v7());
        let mut of_run = events.listen(Wanted::Run(run));
        let mut of_scenario = events.listen(Wanted::Scenario(Some("b".into())));
        let mut of_all = events.listen(Wanted::Scenario(None));
        events.tell(|| began(run, "a", 1));
        events.tell(|| began(Uuid::now_v7(), "b", 2));
        assert_eq!(visit(of_run.next().await), Some(1));
        assert_eq!(visit(of_scenario.next().await), Some(2));
        assert_eq!(visit(of_all.next().await), Some(1));
        assert_eq!(visit(of_all.next().await), Some(2));
        let (scenario, result, failure) = ("a".to_owned(), "known".to_owned(), None);
        events.tell(|| RunEvent::RunEnded {
            run,
            scenario,
            version: 1,
            result,
            failure,
            elapsed_ms: 1.0,
        });
        assert_eq!(of_run.next().await.unwrap().name(), "run_ended");
        assert!(of_run.next().await.is_none(), "the run is over");
    }

    #[tokio::test]
    async fn who_is_too_slow_is_told_so_and_hears_no_more() {
        let (events, run) = (Events::new(), Uuid::now_v7());
        let mut slow = events.listen(Wanted::Run(run));
        (0..=BEHIND).for_each(|_| events.tell(|| began(run, "a", 1)));
        let missed = slow.next().await;
        assert!(matches!(missed, Some(RunEvent::Missed { missed: 1 })), "{missed:?}");
        assert!(slow.next().await.is_none());
    }

    #[test]
    fn what_nobody_hears_is_not_made() {
        Events::new().tell(|| panic!("nobody listens"));
    }
}
