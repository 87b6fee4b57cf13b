//! Checks that the time which steps may take by their own time-outs fits into the scenario's deadline.

use std::time::Duration;

use crate::core::CoreBlock;
use crate::plan::{PlannedStep, Work};
use crate::problem::Problem;

pub(super) fn check(
    steps: &[PlannedStep],
    start: usize,
    deadline: Option<Duration>,
    problems: &mut Vec<Problem>,
) {
    let Some(deadline) = deadline else { return };
    let mut fits = true;
    for (index, step) in steps.iter().enumerate() {
        for (field, time) in
            [("timeout_ms", step.timeout), ("properties/milliseconds", waits(step))]
        {
            let Some(time) = time.filter(|time| *time > deadline) else { continue };
            fits = false;
            let message = format!(
                "`{}` may take {} ms, and the scenario's deadline is {} ms",
                step.id,
                time.as_millis(),
                deadline.as_millis()
            );
            problems.push(Problem::warning(format!("/blocks/{index}/{field}"), message));
        }
    }
    let longest = longest(steps, start);
    if fits && longest > deadline {
        let message = format!(
            "is less than the {} ms that the steps on one way may take together by their own time-outs",
            longest.as_millis()
        );
        problems.push(Problem::warning("/deadline_ms", message));
    }
}

/// How long a Wait waits.
fn waits(step: &PlannedStep) -> Option<Duration> {
    match step.work {
        Work::Core(CoreBlock::Wait) => {
            Some(Duration::from_millis(step.fixed("milliseconds")?.as_u64()?))
        }
        _ => None,
    }
}

/// The longest that the steps on one way may take together, as far as they say so. A way that goes round counts once.
fn longest(steps: &[PlannedStep], start: usize) -> Duration {
    let mut known: Vec<Option<Duration>> = vec![None; steps.len()];
    let mut begun = vec![false; steps.len()];
    let targets = |index: usize| steps[index].exits.values().copied().collect::<Vec<_>>();
    begun[start] = true;
    let mut way = vec![(start, targets(start))];
    while let Some((index, left)) = way.last_mut() {
        if let Some(next) = left.pop() {
            if !std::mem::replace(&mut begun[next], true) {
                way.push((next, targets(next)));
            }
            continue;
        }
        let index = *index;
        // What is not known yet lies on this way before it.
        let after = steps[index].exits.values().filter_map(|target| known[*target]).max();
        let own = steps[index].timeout.or(waits(&steps[index])).unwrap_or_default();
        known[index] = Some(own + after.unwrap_or_default());
        way.pop();
    }
    known[start].unwrap_or_default()
}
