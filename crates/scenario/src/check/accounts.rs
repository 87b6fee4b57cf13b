//! Checks that every block which talks to Dynamics 365 has an integration account: its own, a selected one, or the
//! default one, by whatever way a run comes to it.

use crate::blocks::Catalog;
use crate::core::CoreBlock;
use crate::plan::{PlannedStep, Work};
use crate::problem::Problem;
use crate::trace::FailureKind;

pub(super) fn check(
    steps: &[PlannedStep],
    start: usize,
    catalog: &dyn Catalog,
    problems: &mut Vec<Problem>,
) {
    if catalog.default_account().is_some() {
        return;
    }
    let without = reached_without_account(steps, start, catalog);
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
fn reached_without_account(
    steps: &[PlannedStep],
    start: usize,
    catalog: &dyn Catalog,
) -> Vec<bool> {
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
        let selects = selects(&steps[index], catalog);
        let leads_on = exits.filter(|(exit, _)| !selects || failure(exit));
        waiting.extend(leads_on.map(|(_, target)| *target));
    }
    reached
}

/// Whether an account may be selected once the step is over. What another scenario does is its own affair: it may
/// where it has a block that does, or starts further ones, and where nobody knows which scenario it will be.
fn selects(step: &PlannedStep, catalog: &dyn Catalog) -> bool {
    if !matches!(step.work, Work::Core(CoreBlock::StartScenario)) {
        return step.work.manifest().selects_account;
    }
    let started = step.starts().and_then(|name| catalog.scenario(&name, None));
    started.is_none_or(|plan| {
        let may = |step: &PlannedStep| {
            let starts = matches!(step.work, Work::Core(CoreBlock::StartScenario));
            starts || step.work.manifest().selects_account
        };
        plan.steps.iter().any(may)
    })
}
