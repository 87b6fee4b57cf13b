//! One block run alone, as a designer tries it: a scenario of one block, every way out of which ends it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use patchcord_runtime::{Manifest, ScreenPop};
use patchcord_scenario::{
    BlockInstance, Call, NoBlock, OnHangUp, Problem, Scenario, ScenarioBlock, Severity, StepTrace,
    Variables,
};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::Error;
use crate::blocks::id_of;
use crate::catalog::Catalog;
use crate::runs::{DEADLINE, LOCALE, LONGEST_DEADLINE};

/// What became of one invocation of a block.
#[derive(Debug, serde::Serialize)]
pub struct BlockAnswer {
    /// What happened: the exit taken, the failure, host calls, log.
    #[serde(flatten)]
    pub step: StepTrace,
    /// The variables and recordsets that the block set.
    pub variables: Map<String, Value>,
    /// The record that it asked to show.
    pub screen_pop: Option<ScreenPop>,
}

pub(crate) async fn invoke(
    catalog: &Catalog,
    block: &str,
    properties: Map<String, Value>,
    account: Option<String>,
    deadline: Option<Duration>,
) -> Result<BlockAnswer, Error> {
    let began = Instant::now();
    let deadline = deadline.unwrap_or(DEADLINE);
    if deadline.is_zero() || deadline > LONGEST_DEADLINE {
        return Err(refused("/deadline_ms", deadline_is_wrong()));
    }
    let manifest = manifest(catalog, block)?;
    let scenario = alone(&manifest, block, properties, account);
    let checked = patchcord_scenario::check(scenario, catalog);
    let (plan, _) = checked.map_err(|problems| Error::Problems(of_the_block(problems)))?;
    let variables = Variables::default();
    let call = Call::new(Uuid::now_v7(), began + deadline, LOCALE.into(), variables);
    let mut finished = patchcord_scenario::run(&Arc::new(plan), catalog, call).await;
    let variables = finished.variables_for(None);
    Ok(BlockAnswer {
        // A run takes at least the step with which it begins.
        step: finished.steps.swap_remove(0),
        variables,
        screen_pop: finished.screen_pop,
    })
}

/// What is told to somebody who names a deadline out of bounds.
pub(crate) fn deadline_is_wrong() -> String {
    format!("must be between 1 and {} milliseconds", LONGEST_DEADLINE.as_millis())
}

fn manifest(catalog: &Catalog, block: &str) -> Result<Manifest, Error> {
    let why = match catalog.find(block) {
        Ok(installed) => return Ok(installed.manifest().clone()),
        Err(why) => why,
    };
    let id = id_of(block);
    if patchcord_scenario::core_manifests().iter().any(|manifest| manifest.id == id) {
        let message = format!("`{id}` steers a run and does nothing alone: try it in a scenario");
        return Err(refused("", message));
    }
    match why {
        NoBlock::Because(why) => Err(refused("", why)),
        NoBlock::Unknown => Err(Error::NotFound { what: "block", name: block.to_owned() }),
    }
}

fn refused(pointer: &str, message: impl Into<String>) -> Error {
    let (pointer, message) = (pointer.to_owned(), message.into());
    Error::Problems(vec![Problem { pointer, severity: Severity::Error, message }])
}

fn alone(
    manifest: &Manifest,
    block: &str,
    properties: Map<String, Value>,
    account: Option<String>,
) -> Scenario {
    let (id, end) = ("block".to_owned(), "end".to_owned());
    let exits = manifest.exits.iter().map(|exit| exit.id.clone());
    let exits = exits.chain(["next".to_owned()]).map(|exit| (exit, end.clone())).collect();
    let result = Map::from_iter([("result".to_owned(), "done".into())]);
    let instance = |id: &str, block: &str| BlockInstance {
        id: id.to_owned(),
        block: block.to_owned(),
        title: None,
        account: None,
        timeout_ms: None,
        position: None,
        properties: Map::new(),
        exits: Default::default(),
    };
    Scenario {
        schema: None,
        patchcord: patchcord_scenario::FORMAT.to_owned(),
        name: "invoke".into(),
        title: None,
        description: None,
        deadline_ms: None,
        on_hang_up: OnHangUp::default(),
        sensitive: Vec::new(),
        inputs: Vec::new(),
        start: id.clone(),
        blocks: vec![
            BlockInstance { account, properties, exits, ..instance(&id, block) },
            BlockInstance { properties: result, ..instance(&end, "core.exit") },
        ],
    }
}

fn of_the_block(problems: Vec<Problem>) -> Vec<Problem> {
    let inside = |problem: Problem| {
        let pointer = problem.pointer.strip_prefix("/blocks/0").map(str::to_owned);
        Problem { pointer: pointer.unwrap_or_default(), ..problem }
    };
    let errors = problems.into_iter().filter(|problem| problem.severity == Severity::Error);
    errors.map(inside).collect()
}
