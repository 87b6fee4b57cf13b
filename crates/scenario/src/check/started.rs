//! Checks of Start Another Scenario: that there is one of that name, and that it does not go on starting itself.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::blocks::Catalog;
use crate::core::CoreBlock;
use crate::plan::{Plan, PlannedStep, Work};
use crate::problem::Problem;

pub(super) fn check(
    own: &str,
    steps: &[PlannedStep],
    start: usize,
    catalog: &dyn Catalog,
    problems: &mut Vec<Problem>,
) {
    let itself = |step: &PlannedStep| step.starts().is_some_and(|name| name == own);
    let endless = !comes_to_exit_without(steps, start, itself);
    for (index, step) in steps.iter().enumerate() {
        let Some(name) = step.starts() else { continue };
        let at = format!("/blocks/{index}/properties/scenario");
        if name == own {
            if endless {
                let message =
                    "every way to an Exit block leads through a start of this scenario by itself";
                problems.push(Problem::error(at, message));
            }
            continue;
        }
        match catalog.scenario(&name, None) {
            None => {
                let message = format!("there is no published scenario `{name}` that can run");
                problems.push(Problem::warning(at, message));
            }
            Some(plan) if comes_back_to(own, &plan, catalog) => {
                let message = format!(
                    "`{name}` starts this scenario again: scenarios may start one another 8 deep"
                );
                problems.push(Problem::warning(at, message));
            }
            Some(_) => {}
        }
    }
}

/// Whether a run can come to an Exit block and take none of `avoided`.
fn comes_to_exit_without(
    steps: &[PlannedStep],
    start: usize,
    avoided: impl Fn(&PlannedStep) -> bool,
) -> bool {
    let mut seen = vec![false; steps.len()];
    let mut waiting = vec![start];
    while let Some(index) = waiting.pop() {
        if std::mem::replace(&mut seen[index], true) || avoided(&steps[index]) {
            continue;
        }
        if matches!(steps[index].work, Work::Core(CoreBlock::Exit)) {
            return true;
        }
        waiting.extend(steps[index].exits.values());
    }
    false
}

/// Whether `plan` starts the scenario `own`, itself or by way of others.
fn comes_back_to(own: &str, plan: &Arc<Plan>, catalog: &dyn Catalog) -> bool {
    let mut seen = BTreeSet::new();
    let mut waiting = vec![Arc::clone(plan)];
    while let Some(plan) = waiting.pop() {
        for name in plan.steps.iter().filter_map(PlannedStep::starts) {
            if name == own {
                return true;
            }
            if seen.insert(name.clone()) {
                waiting.extend(catalog.scenario(&name, None));
            }
        }
    }
    false
}
