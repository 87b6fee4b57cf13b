//! Checks of a scenario document, each fault with its place; a document without errors becomes a [`Plan`].

mod accounts;
mod columns;
mod failures;
mod fault;
mod fetch_xml;
mod glyphs;
mod graph;
mod odata;
mod properties;
mod started;
mod time;
mod variables;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use crate::blocks::{Catalog, NoBlock};
use crate::core::CoreBlock;
use crate::document::{BlockInstance, FORMAT, LONGEST_MS, Scenario};
use crate::plan::{Plan, PlannedStep, Work};
use crate::problem::{Problem, Severity, child, pointer_to};
use crate::template::{Path, is_name};
use crate::trace::FailureKind;

/// Reads a document.
///
/// # Errors
/// The place of the first fault: no JSON, or not of the document's shape.
pub fn parse(text: &[u8]) -> Result<Scenario, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let scenario = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let pointer = pointer_to(error.path());
        let inner = error.into_inner();
        if inner.is_data() {
            let unknown = || Problem::error(pointer, format!("is no scenario: {inner}"));
            return newer(text).unwrap_or_else(unknown);
        }
        Problem::error("", format!("is no JSON: {inner}"))
    })?;
    let end = reader.end();
    end.map_err(|error| Problem::error("", format!("is no JSON: {error}")))?;
    Ok(scenario)
}

/// A document of another format has faults that only mean that.
fn newer(text: &[u8]) -> Option<Problem> {
    let document: serde_json::Value = serde_json::from_slice(text).ok()?;
    let format = document.get("patchcord")?.as_str()?;
    (format != FORMAT).then(|| unknown_format(format))
}

fn unknown_format(format: &str) -> Problem {
    let message = format!("format `{format}` is not known; this host reads `{FORMAT}`");
    Problem::error("/patchcord", message)
}

/// Checks a document against the blocks and accounts there are.
///
/// # Errors
/// Every problem found, warnings too, where at least one is an error.
pub fn check(
    scenario: Scenario,
    catalog: &dyn Catalog,
) -> Result<(Plan, Vec<Problem>), Vec<Problem>> {
    let mut problems = Vec::new();
    head(&scenario, &mut problems);
    let places = places(&scenario, &mut problems);
    let start = places.get(scenario.start.as_str()).copied();
    if start.is_none() {
        let message = format!("there is no block instance `{}` to start with", scenario.start);
        problems.push(Problem::error("/start", message));
    }
    let deadline = scenario.deadline_ms.map(Duration::from_millis);
    let mut steps = Vec::new();
    for (index, instance) in scenario.blocks.iter().enumerate() {
        let checker =
            Instance { instance, pointer: format!("/blocks/{index}"), catalog, places: &places };
        steps.extend(checker.check(&mut problems));
    }
    // Only a document whose every block is known and has an id of its own says anything about the whole.
    let whole = steps.len() == scenario.blocks.len() && places.len() == steps.len();
    if let (true, Some(start)) = (whole, start) {
        accounts::check(&steps, start, catalog, &mut problems);
        graph::check(&steps, start, &mut problems);
        variables::check(&scenario, &steps, start, &mut problems);
        columns::check(&scenario, &steps, catalog, &mut problems);
        failures::check(&steps, start, &mut problems);
        started::check(&scenario.name, &steps, start, catalog, &mut problems);
        time::check(&steps, start, deadline, &mut problems);
    }
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(problems);
    }
    let start = start.unwrap_or_default();
    Ok((Plan { version: 0, start, steps, deadline, scenario }, problems))
}

fn head(scenario: &Scenario, problems: &mut Vec<Problem>) {
    if scenario.patchcord != FORMAT {
        problems.push(unknown_format(&scenario.patchcord));
    }
    let name_fits = !scenario.name.is_empty()
        && scenario.name.len() <= 100
        && scenario.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !name_fits {
        let message = "a name is 1 to 100 lower-case letters, digits and dashes";
        problems.push(Problem::error("/name", message));
    }
    if scenario.deadline_ms.is_some_and(|ms| !(1..=LONGEST_MS).contains(&ms)) {
        let message = format!("a deadline is between 1 and {LONGEST_MS} milliseconds");
        problems.push(Problem::error("/deadline_ms", message));
    }
    for (index, path) in scenario.sensitive.iter().enumerate() {
        if let Err(problem) = Path::parse(path) {
            problems.push(Problem::error(format!("/sensitive/{index}"), problem));
        }
    }
    for (index, name) in scenario.inputs.iter().enumerate() {
        if !is_name(name) {
            let message = format!(
                "`{name}` is no name of a variable: write a letter or `_`, then letters, digits and `_`"
            );
            problems.push(Problem::error(format!("/inputs/{index}"), message));
        }
    }
    if scenario.blocks.is_empty() {
        problems.push(Problem::error("/blocks", "a scenario needs at least one block"));
    }
}

fn places<'a>(scenario: &'a Scenario, problems: &mut Vec<Problem>) -> HashMap<&'a str, usize> {
    let mut places = HashMap::new();
    for (index, instance) in scenario.blocks.iter().enumerate() {
        let id = instance.id.as_str();
        let pointer = format!("/blocks/{index}/id");
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if id.is_empty() || !id.chars().all(fits) {
            let message = "an id is letters, digits, dashes and underscores";
            problems.push(Problem::error(&pointer, message));
        }
        if let Some(first) = places.insert(id, index) {
            let message = format!("the id `{id}` is taken by /blocks/{first}");
            problems.push(Problem::error(pointer, message));
        }
    }
    places
}

/// One block instance under check.
struct Instance<'a> {
    instance: &'a BlockInstance,
    pointer: String,
    catalog: &'a dyn Catalog,
    places: &'a HashMap<&'a str, usize>,
}

impl Instance<'_> {
    fn at(&self, field: &str) -> String {
        child(&self.pointer, field)
    }

    fn check(&self, problems: &mut Vec<Problem>) -> Option<PlannedStep> {
        let work = match self.work() {
            Ok(work) => work,
            Err(none) => {
                problems.push(Problem::error(self.at("block"), self.told(none)));
                return None;
            }
        };
        let manifest = work.manifest();
        let at = self.at("properties");
        let given = &self.instance.properties;
        let properties = properties::check(manifest, given, &at, self.catalog, problems);
        if let Work::Core(block) = &work {
            let fault = |(inner, problem)| Problem::error(format!("{at}{inner}"), problem);
            problems.extend(block.faults(given).into_iter().map(fault));
        }
        let exits = self.exits(&work, problems);
        Some(PlannedStep {
            id: self.instance.id.clone(),
            block_name: format!("{}@{}", manifest.id, manifest.version),
            title: self.instance.title.clone().unwrap_or_else(|| manifest.title.clone()),
            account: self.account(problems),
            timeout: self.timeout(problems),
            work,
            properties,
            exits,
        })
    }

    fn work(&self) -> Result<Work, NoBlock> {
        match CoreBlock::find(&self.instance.block) {
            Some(block) => Ok(Work::Core(block)),
            None => self.catalog.block(&self.instance.block).map(Work::Block),
        }
    }

    fn told(&self, none: NoBlock) -> String {
        match none {
            NoBlock::Because(why) => why,
            NoBlock::Unknown => {
                let ids = CoreBlock::ids().chain(self.catalog.block_ids());
                let known = Vec::from_iter(BTreeSet::from_iter(ids)).join(", ");
                format!("there is no block `{}`; there are: {known}", self.instance.block)
            }
        }
    }

    fn account(&self, problems: &mut Vec<Problem>) -> Option<String> {
        let name = self.instance.account.as_ref()?;
        let handle = self.catalog.account(name);
        if handle.is_none() {
            let message = format!("there is no integration account `{name}`");
            problems.push(Problem::error(self.at("account"), message));
        }
        handle
    }

    fn timeout(&self, problems: &mut Vec<Problem>) -> Option<Duration> {
        let ms = self.instance.timeout_ms?;
        if !(1..=LONGEST_MS).contains(&ms) {
            let message = format!("a time-out is between 1 and {LONGEST_MS} milliseconds");
            problems.push(Problem::error(self.at("timeout_ms"), message));
        }
        Some(Duration::from_millis(ms))
    }

    fn exits(&self, work: &Work, problems: &mut Vec<Problem>) -> BTreeMap<String, usize> {
        let ends = matches!(work, Work::Core(CoreBlock::Exit));
        let own = work.exits(&self.instance.properties);
        let mut needed: Vec<&str> = own.iter().map(String::as_str).collect();
        needed.extend(work.takes_next().then_some("next"));
        let failures = FailureKind::ALL.map(FailureKind::exit);
        let mut wired = BTreeMap::new();
        for (exit, target) in &self.instance.exits {
            let at = child(&self.at("exits"), exit);
            if !needed.contains(&exit.as_str()) && (ends || !failures.contains(&exit.as_str())) {
                let message = match needed.as_slice() {
                    [] => format!("the block has no exit `{exit}`: it ends the run"),
                    _ => format!(
                        "the block has no exit `{exit}`; it has {}, and failed",
                        needed.join(", ")
                    ),
                };
                problems.push(Problem::error(&at, message));
            }
            match self.places.get(target.as_str()) {
                Some(place) => drop(wired.insert(exit.clone(), *place)),
                None => {
                    let message =
                        format!("leads to `{target}`, and there is no such block instance");
                    problems.push(Problem::error(at, message));
                }
            }
        }
        for exit in needed.iter().filter(|exit| !self.instance.exits.contains_key(**exit)) {
            let message = format!("the exit `{exit}` of `{}` is not wired", self.instance.id);
            problems.push(Problem::error(child(&self.at("exits"), exit), message));
        }
        wired
    }
}
