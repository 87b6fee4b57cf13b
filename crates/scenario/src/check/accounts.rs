//! Checks that every block which talks to Dynamics 365 has an integration account: its own, a selected one, or the
//! default one, by whatever way a run comes to it; and that these accounts can be used.
//!
//! An account without a consent in force is a warning: the scenario is right, and is so before the account is.

use std::collections::BTreeSet;

use crate::blocks::Catalog;
use crate::core::CoreBlock;
use crate::plan::{PlannedStep, Work};
use crate::problem::{Problem, child};
use crate::substitute::Property;
use crate::trace::FailureKind;

pub(super) fn check(
    steps: &[PlannedStep],
    start: usize,
    catalog: &dyn Catalog,
    problems: &mut Vec<Problem>,
) {
    let without = reached_without_account(steps, start, catalog);
    let usual = catalog.default_account();
    let mut accounts = Accounts { catalog, seen: BTreeSet::new() };
    for (index, step) in steps.iter().enumerate() {
        let talks = !step.work.manifest().operations.is_empty();
        let own = format!("/blocks/{index}/account");
        match (&step.account, &usual) {
            _ if !talks => {}
            (Some(account), _) => problems.extend(accounts.look(account, own)),
            (None, _) if !without[index] => {}
            (None, Some(usual)) => problems.extend(accounts.look(usual, own)),
            (None, None) => {
                let message = format!(
                    "`{}` has no integration account: name one here, select one in a block before it, \
                     or make one the default",
                    step.id
                );
                problems.push(Problem::error(own, message));
            }
        }
        for (name, account) in selected(step, catalog) {
            let at = child(&format!("/blocks/{index}/properties"), name);
            problems.extend(accounts.look(&account, at));
        }
    }
}

/// The accounts that a step names to be selected, with the properties that do.
fn selected<'a>(
    step: &'a PlannedStep,
    catalog: &dyn Catalog,
) -> impl Iterator<Item = (&'a str, String)> {
    step.properties.iter().filter_map(|(property, value)| match value {
        Property::Account(name) => Some((property.as_str(), catalog.account(name.fixed()?)?)),
        _ => None,
    })
}

/// The accounts of a scenario, each told of once: twenty blocks on one account are one thing to mend.
struct Accounts<'a> {
    catalog: &'a dyn Catalog,
    seen: BTreeSet<String>,
}

impl Accounts<'_> {
    fn look(&mut self, account: &str, at: String) -> Option<Problem> {
        let is_new = self.seen.insert(account.to_owned());
        if !is_new {
            return None;
        }
        let why = self.catalog.unusable(account)?;
        Some(Problem::warning(at, why))
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
