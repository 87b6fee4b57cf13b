//! Runs the cases of a scenario: each once, as a call would, with everything but the blocks made up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_scenario::{Call, Catalog, Finished, Plan, Problem, Scenario, Severity, Variables};
use serde::Serialize;
use uuid::Uuid;

use super::done::Done;
use super::file::{self, Case};
use super::script::{Script, Unanswered};
use super::stage::Stage;
use crate::rehearsal::Difference;
use crate::runs::{DEADLINE, LOCALE};

/// The run of every case: the keys of records that a host chooses come out the same each time.
const RUN: Uuid = Uuid::nil();

/// A scenario that is ready to be tested.
pub struct Rehearsal {
    catalog: Arc<dyn Catalog>,
    plan: Arc<Plan>,
    others: BTreeMap<String, Arc<Plan>>,
    warnings: Vec<Problem>,
}

/// How a case went.
#[derive(Debug, Clone, Serialize)]
pub struct CaseReport {
    /// Name of the case.
    pub name: String,
    /// Whether everything came as expected, nothing was asked that the case does not answer, and all steps that it names
    /// are there.
    pub passed: bool,
    /// What did not come as expected.
    pub differences: Vec<Difference>,
    /// What was asked and the case does not answer.
    pub unanswered: Vec<Unanswered>,
    /// The answers that nobody asked for, each for a person.
    pub left: Vec<String>,
    /// The steps that the case names and the scenario has not, in order.
    pub missing: Vec<String>,
    /// Milliseconds that the run took.
    pub elapsed_ms: f64,
    /// What the scenario did.
    pub done: Done,
}

impl Rehearsal {
    /// Checks a document as publishing it would, but that every integration account is there. `others` are the documents
    /// that it finds where it starts another scenario; those that it does not find there are looked for in `catalog`.
    ///
    /// # Errors
    /// Every problem of the document, warnings too, where at least one is an error; then those of another scenario that
    /// it starts and that cannot run.
    pub fn new(
        document: Scenario,
        others: Vec<Scenario>,
        catalog: Arc<dyn Catalog>,
    ) -> Result<Self, Vec<Problem>> {
        let alone = Stage { base: catalog.as_ref(), others: &BTreeMap::new() };
        // Each is checked alone: two that start each other would wait for each other.
        let (mut plans, mut broken) = (BTreeMap::new(), BTreeMap::new());
        for other in others {
            let name = other.name.clone();
            match patchcord_scenario::check(other, &alone) {
                Ok((plan, _)) => drop(plans.insert(name, Arc::new(plan))),
                Err(problems) => drop(broken.insert(name, problems)),
            }
        }
        let stage = Stage { base: catalog.as_ref(), others: &plans };
        let (plan, warnings) = patchcord_scenario::check(document, &stage)?;
        let plan = Arc::new(plan);
        plans.insert(plan.scenario().name.clone(), Arc::clone(&plan));
        let started = started(&plan, &plans);
        let faults = started.iter().filter_map(|name| Some((name, broken.get(name)?)));
        let faults: Vec<Problem> =
            faults.flat_map(|(name, problems)| in_other(name, problems)).collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { catalog, plan, others: plans, warnings })
    }

    /// A published scenario as it is; `others` are those that it starts, by name.
    pub(super) fn of_published(
        plan: Arc<Plan>,
        others: BTreeMap<String, Arc<Plan>>,
        catalog: Arc<dyn Catalog>,
    ) -> Self {
        Self { catalog, plan, others, warnings: Vec::new() }
    }

    /// What is doubtful in the document.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Looks for what the cases say and cannot mean, of this scenario too.
    ///
    /// # Errors
    /// The first, with its place in what holds the cases.
    pub fn check(&self, cases: &[Case]) -> Result<(), Problem> {
        file::check(cases)?;
        cases.iter().enumerate().try_for_each(|(index, case)| {
            match case.steps().find(|(_, step)| !self.has(id_of(step))) {
                None => Ok(()),
                Some((place, step)) => {
                    let name = &self.plan.scenario().name;
                    let message = format!("the scenario `{name}` has no step `{step}`");
                    Err(file::wrong(format!("/cases/{index}{place}"), message))
                }
            }
        })
    }

    fn has(&self, id: &str) -> bool {
        self.plan.scenario().blocks.iter().any(|instance| instance.id == id)
    }

    /// The steps that a case names and that are not there.
    fn missing(&self, case: &Case) -> Vec<String> {
        let mut missing: Vec<String> = Vec::new();
        for id in case.steps().map(|(_, step)| id_of(step)).filter(|id| !self.has(id)) {
            if !missing.iter().any(|known| known == id) {
                missing.push(id.to_owned());
            }
        }
        missing
    }

    /// Runs one case. What [`Rehearsal::check`] would refuse in it for a step that is not there fails.
    pub async fn run(&self, case: &Case) -> CaseReport {
        let (finished, script) = self.walk(case).await;
        let done = Done::of(&finished, &script);
        let differences = done.differences(&case.expect, &finished.variables);
        let (unanswered, missing) = (script.unanswered(), self.missing(case));
        CaseReport {
            name: case.name.clone(),
            passed: differences.is_empty() && unanswered.is_empty() && missing.is_empty(),
            differences,
            unanswered,
            left: script.left(),
            missing,
            elapsed_ms: finished.elapsed.as_secs_f64() * 1e3,
            done,
        }
    }

    /// Walks the scenario as a case says, whatever that expects.
    pub(super) async fn walk(&self, case: &Case) -> (Finished, Script) {
        let began = Instant::now();
        let given = case.deadline_ms.map(Duration::from_millis);
        let deadline = began + given.or(self.plan.deadline()).unwrap_or(DEADLINE);
        let locale = case.locale.clone().unwrap_or_else(|| LOCALE.to_owned());
        // What cannot be taken was told by the check.
        let variables = Variables::from_call(&case.variables).unwrap_or_default();
        let script = Script::of(case);
        let mut call = Call::new(RUN, deadline, locale, variables);
        call.layer = Some(Arc::new(script.clone()));
        call.counted = false;
        let stage = Stage { base: self.catalog.as_ref(), others: &self.others };
        (patchcord_scenario::run(&self.plan, &stage, call).await, script)
    }
}

/// The block instance of a step as a case names it. A step within another scenario is that scenario's affair.
fn id_of(step: &str) -> &str {
    step.split(['/', ':']).next().unwrap_or_default()
}

/// The scenarios that `plan` starts and those that they start, where that is known before a call comes.
fn started(plan: &Plan, plans: &BTreeMap<String, Arc<Plan>>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut waiting = plan.scenarios_started();
    while let Some(name) = waiting.pop_first() {
        if found.insert(name.clone()) {
            waiting.extend(plans.get(&name).into_iter().flat_map(|plan| plan.scenarios_started()));
        }
    }
    found
}

/// The errors of a scenario that is started by the one that is tested.
fn in_other<'a>(name: &'a str, problems: &'a [Problem]) -> impl Iterator<Item = Problem> + 'a {
    let errors = problems.iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(move |problem| {
        let message = format!("the scenario `{name}`, which it starts, cannot run: {problem}");
        Problem { pointer: String::new(), message, ..*problem }
    })
}
