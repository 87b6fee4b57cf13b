//! Checks that a failure of a step leads somewhere: to an exit of its own, or to an Exception Handler before it.

use std::collections::VecDeque;

use crate::core::{CATCH, CoreBlock};
use crate::plan::{PlannedStep, Work};
use crate::problem::Problem;
use crate::trace::FailureKind;

pub(super) fn check(steps: &[PlannedStep], start: usize, problems: &mut Vec<Problem>) {
    let fewest = fewest_handlers(steps, start);
    for (index, step) in steps.iter().enumerate() {
        let handled = fewest[index].is_some_and(|handlers| handlers > 0);
        let wired = |kind: &FailureKind| step.exits.contains_key(kind.exit());
        if handled || !can_fail(step) || wired(&FailureKind::Failed) {
            continue;
        }
        let id = &step.id;
        let message = if step.may_write() && !FailureKind::ALL.iter().any(wired) {
            format!(
                "no exit for failures of `{id}` is wired: where what it writes is refused or cannot be sent, the run \
                 ends here and nobody makes up for it; wire `failed`, or put an Exception Handler before it"
            )
        } else {
            format!("the exit `failed` of `{id}` is not wired: a failure here ends the run")
        };
        let pointer = format!("/blocks/{index}/exits/{}", FailureKind::Failed.exit());
        problems.push(Problem::warning(pointer, message));
    }
}

fn can_fail(step: &PlannedStep) -> bool {
    match &step.work {
        Work::Core(block) => block.can_fail(),
        Work::Block(_) => true,
    }
}

/// How many Exception Handlers are in force at each step at least; none where no run comes to it.
fn fewest_handlers(steps: &[PlannedStep], start: usize) -> Vec<Option<usize>> {
    let mut fewest = vec![None; steps.len()];
    let mut waiting = VecDeque::from([(start, 0)]);
    while let Some((index, handlers)) = waiting.pop_front() {
        if fewest[index].is_some() {
            continue;
        }
        fewest[index] = Some(handlers);
        let is_handler = matches!(steps[index].work, Work::Core(CoreBlock::ExceptionHandler));
        for (exit, target) in &steps[index].exits {
            match is_handler && exit != CATCH {
                true => waiting.push_back((*target, handlers + 1)),
                false => waiting.push_front((*target, handlers)),
            }
        }
    }
    fewest
}
