//! Where a run is: the scenario that is walked, and those that wait for it because they started it.

use std::sync::Arc;
use std::time::Instant;

use crate::plan::Plan;
use crate::steering::Steering;

/// Most scenarios that may wait for one another, the one that is walked among them.
pub(super) const MOST_FRAMES: usize = 8;

/// A scenario under way.
pub(super) struct Frame {
    pub(super) plan: Arc<Plan>,
    pub(super) place: usize,
    pub(super) visits: Vec<u32>,
    pub(super) steering: Steering,
}

impl Frame {
    pub(super) fn new(plan: Arc<Plan>) -> Self {
        let (place, visits) = (plan.start, vec![0; plan.steps.len()]);
        Self { plan, place, visits, steering: Steering::default() }
    }
}

/// A scenario that waits for one that it has started.
pub(super) struct Suspended {
    pub(super) frame: Frame,
    /// Index of the trace of the step that started it.
    pub(super) trace: usize,
    /// The step that started it and its visit, as `start/1`.
    pub(super) within: String,
    /// When the scenario that was started must have ended, where that is before the run must.
    pub(super) deadline: Option<Instant>,
    pub(super) result_variable: Option<String>,
    pub(super) answer_variable: Option<String>,
}
