//! Checks that every block which talks to Dynamics 365 has an integration account: its own, a selected one, or the
//! default one, by whatever way a run comes to it.

use crate::plan::PlannedStep;
use crate::problem::Problem;
use crate::trace::FailureKind;

pub(super) fn check(
    steps: &[PlannedStep],
    start: usize,
    has_default: bool,
    problems: &mut Vec<Problem>,
) {
    if has_default {
        return;
    }
    let without = reached_without_account(steps, start);
    for (index, step) in steps.iter().enumerate() {
        let talks = !step.work.manifest().operations.is_empty();
        if without[index] && talks && step.account.is_none() {
            let message = format!(
                "`{}` has no integration account: name one here, select one in a block before it, \
                 or make one the default",
                step.id
            );
            problems.push(Problem::error(format!("/blocks/{index}/account"), message));
        }
    }
}

/// Which steps a run can come to without having selected an account.
fn reached_without_account(steps: &[PlannedStep], start: usize) -> Vec<bool> {
    let mut reached = vec![false; steps.len()];
    let mut waiting = vec![start];
    while let Some(index) = waiting.pop() {
        if std::mem::replace(&mut reached[index], true) {
            continue;
        }
        let manifest = steps[index].work.manifest();
        // A step that failed has selected nothing.
        let failure = |exit: &str| {
            FailureKind::ALL.iter().any(|kind| kind.exit() == exit)
                && !manifest.exits.iter().any(|declared| declared.id == exit)
        };
        let exits = steps[index].exits.iter();
        let leads_on = exits.filter(|(exit, _)| !manifest.selects_account || failure(exit));
        waiting.extend(leads_on.map(|(_, target)| *target));
    }
    reached
}
