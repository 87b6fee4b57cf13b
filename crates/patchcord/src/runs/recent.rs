//! The last runs, to be read before they are on disk. Bounded by number and by size: what is written down of a run is as
//! long as its blocks care to make it, within their limits.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use patchcord_scenario::StepTrace;

use super::Run;

/// What they take at most, all together, in bytes as [`weight`] counts them.
const BYTES: usize = 64 << 20;

pub(crate) struct Recent {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    runs: VecDeque<Arc<Run>>,
    bytes: usize,
}

impl Recent {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, held: Mutex::default() }
    }

    pub(crate) fn push(&self, run: Arc<Run>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.bytes += weight(&run);
        held.runs.push_back(run);
        while held.runs.len() > self.most || held.bytes > BYTES {
            let Some(oldest) = held.runs.pop_front() else { break };
            held.bytes -= weight(&oldest);
        }
    }

    pub(crate) fn find(&self, wanted: impl Fn(&Run) -> bool) -> Option<Run> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.runs.iter().rev().find(|run| wanted(run)).map(|run| Run::clone(run))
    }
}

/// Roughly what is held for a run, in bytes: its texts, and as much again as the rest of a part comes to.
pub(crate) fn weight(run: &Run) -> usize {
    const PART: usize = 256;
    let message = |failure: &patchcord_scenario::Failure| failure.message.len();
    let step = |step: &StepTrace| {
        let calls = step.host_calls.iter().map(|call| {
            let texts = call.entity_set.len() + call.message.as_ref().map_or(0, String::len);
            PART + texts + PART / 2 * call.attempts.len()
        });
        let lines = step.log.iter().map(|line| PART / 4 + line.message.len());
        let failure = step.failure.as_ref().map_or(0, message);
        let changes = step.changed.values().map(|change| PART / 4 + change.weight());
        let parts = calls.sum::<usize>() + lines.sum::<usize>() + changes.sum::<usize>();
        2 * PART + failure + parts
    };
    let end = run.result.len() + run.failure.as_ref().map_or(0, message);
    PART + end + run.steps.iter().map(step).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn run(id: u128, bytes: usize) -> Arc<Run> {
        Arc::new(Run {
            run: Uuid::from_u128(id),
            scenario: "s".into(),
            version: 1,
            started_at: Timestamp::UNIX_EPOCH,
            elapsed_ms: 0.0,
            result: "x".repeat(bytes),
            failure: None,
            screen_pop: None,
            steps: Vec::new(),
            resumed: 0,
        })
    }

    fn has(recent: &Recent, id: u128) -> bool {
        recent.find(|run| run.run == Uuid::from_u128(id)).is_some()
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let recent = Recent::new(2);
        (1..=3).for_each(|id| recent.push(run(id, 1)));
        assert!(!has(&recent, 1) && has(&recent, 2) && has(&recent, 3));
    }

    #[test]
    fn the_oldest_go_when_they_are_too_long() {
        let recent = Recent::new(1_000);
        (1..=100).for_each(|id| recent.push(run(id, 1 << 20)));
        assert!(!has(&recent, 30) && has(&recent, 40) && has(&recent, 100));
        recent.push(run(101, BYTES));
        assert!(!has(&recent, 100) && !has(&recent, 101), "one alone can be too long to be kept");
        recent.push(run(102, 1));
        assert!(has(&recent, 102), "and others are kept as before");
    }
}
