//! Checks that every variable which is read has been set by whatever way a run comes to it.
//!
//! What cannot be known is not warned of: whether a block sets its outputs when it leaves by an exit of its own, what
//! another scenario sets.

use std::collections::{BTreeMap, BTreeSet};

use crate::breach::NEXT;
use crate::document::Scenario;
use crate::kind::PropertyKind;
use crate::nearest::nearest;
use crate::plan::PlannedStep;
use crate::problem::{Problem, child};
use crate::substitute::Property;
use crate::trace::FailureKind;

/// Objects that the call flow brings, as far as it has anything to say.
const BROUGHT: [&str; 2] = ["item", "user"];
/// What the names of variables that the engine sets begin with.
const ENGINE: [&str; 5] =
    ["integrationResult", "fetchURLResult", "errorStep", "errorKind", "errorMessage"];
/// Blocks after which any variable may have been set.
const OPAQUE: [&str; 2] = ["core.start-scenario", "core.exception-handler"];

/// What is known of a variable at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    /// There is a way here on which nothing sets it.
    Unset,
    /// It may have been set on every way.
    Perhaps,
    /// It has been set on every way.
    Set,
}

/// What is known of each variable that some block sets, by its place in [`Flow::names`].
type State = Vec<Known>;

/// A variable that a property reads.
struct Read {
    pointer: String,
    /// As the designer wrote it, such as `Caller.fullname`.
    shown: String,
    name: String,
}

pub(super) fn check(
    scenario: &Scenario,
    steps: &[PlannedStep],
    start: usize,
    problems: &mut Vec<Problem>,
) {
    let flow = Flow::new(scenario, steps, start);
    let states = flow.states();
    for (index, state) in states.iter().enumerate() {
        let Some(state) = state else { continue };
        let mut told = BTreeSet::new();
        for read in flow.reads(index) {
            let Some(message) = flow.fault(index, &read, state) else { continue };
            if told.insert((read.pointer.clone(), read.name)) {
                problems.push(Problem::warning(read.pointer, message));
            }
        }
    }
}

struct Flow<'a> {
    inputs: BTreeSet<&'a str>,
    steps: &'a [PlannedStep],
    start: usize,
    /// The variables that some block sets.
    names: Vec<&'a str>,
    /// By variable: the steps that set it.
    setters: BTreeMap<&'a str, Vec<usize>>,
}

impl<'a> Flow<'a> {
    fn new(scenario: &'a Scenario, steps: &'a [PlannedStep], start: usize) -> Self {
        let mut setters: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, step) in steps.iter().enumerate() {
            for name in outputs(step) {
                setters.entry(name).or_default().push(index);
            }
        }
        let names = setters.keys().copied().collect();
        let inputs = scenario.inputs.iter().map(String::as_str).collect();
        Self { inputs, steps, start, names, setters }
    }

    /// What is known where each step begins; none where no run comes.
    fn states(&self) -> Vec<Option<State>> {
        let mut states: Vec<Option<State>> = vec![None; self.steps.len()];
        states[self.start] = Some(vec![Known::Unset; self.names.len()]);
        let mut waiting = vec![self.start];
        while let Some(index) = waiting.pop() {
            let Some(state) = states[index].clone() else { continue };
            for (exit, target) in &self.steps[index].exits {
                let after = self.after(index, exit, &state);
                let joined = match &states[*target] {
                    None => after,
                    Some(before) => before.iter().zip(&after).map(|(a, b)| *a.min(b)).collect(),
                };
                if states[*target].as_ref() != Some(&joined) {
                    states[*target] = Some(joined);
                    waiting.push(*target);
                }
            }
        }
        states
    }

    /// What is known after a step that leaves by `exit`.
    fn after(&self, index: usize, exit: &str, before: &State) -> State {
        let step = &self.steps[index];
        let mut state = before.clone();
        if OPAQUE.contains(&step.work.manifest().id.as_str()) {
            state.iter_mut().for_each(|known| *known = (*known).max(Known::Perhaps));
        }
        let gained = match exit {
            NEXT => Known::Set,
            // A block that fails sets nothing.
            exit if FailureKind::ALL.iter().any(|kind| kind.exit() == exit) => Known::Unset,
            _ => Known::Perhaps,
        };
        for name in outputs(step) {
            if let Ok(place) = self.names.binary_search(&name) {
                state[place] = state[place].max(gained);
            }
        }
        state
    }

    fn reads(&self, index: usize) -> Vec<Read> {
        let step = &self.steps[index];
        let mut reads = Vec::new();
        for (property, value) in &step.properties {
            let at = child(&format!("/blocks/{index}/properties"), property);
            if let Property::Name(PropertyKind::RecordsetName, name) = value
                && !outputs(step).any(|output| output == name)
            {
                reads.push(Read { pointer: at.clone(), shown: name.clone(), name: name.clone() });
            }
            value.visit(&mut |inner, path, needed| {
                if needed {
                    let name = path.name().to_owned();
                    let pointer = format!("{at}{inner}");
                    reads.push(Read { pointer, shown: format!("$({path})"), name });
                }
            });
        }
        reads.retain(|read| !self.is_brought(&read.name));
        reads
    }

    fn is_brought(&self, name: &str) -> bool {
        BROUGHT.contains(&name)
            || self.inputs.contains(name)
            || ENGINE.iter().any(|prefix| name.starts_with(prefix))
    }

    fn fault(&self, index: usize, read: &Read, state: &State) -> Option<String> {
        let Read { shown, name, .. } = read;
        let Ok(place) = self.names.binary_search(&name.as_str()) else {
            // Another scenario may set whatever it likes.
            return (!self.has_opaque()).then(|| self.set_nowhere(shown, name));
        };
        if state[place] != Known::Unset {
            return None;
        }
        let setters = self.setters[name.as_str()].iter();
        let setters: Vec<_> = setters.map(|i| format!("`{}`", self.steps[*i].id)).collect();
        Some(format!(
            "`{shown}` has no value where a run comes here {}: `{name}` is set by {}",
            self.way_without(index, place),
            setters.join(", ")
        ))
    }

    fn has_opaque(&self) -> bool {
        let ids = self.steps.iter().map(|step| step.work.manifest().id.as_str());
        ids.into_iter().any(|id| OPAQUE.contains(&id))
    }

    fn set_nowhere(&self, shown: &str, name: &str) -> String {
        let known = self.names.iter().chain(&self.inputs).copied().chain(BROUGHT);
        let meant = nearest(name, known).map(|near| format!("did you mean `{near}`? "));
        format!(
            "`{shown}`: no block sets `{name}`; {}where the call flow brings it, name it in `inputs`",
            meant.unwrap_or_default()
        )
    }

    /// The exit by which a run passed the steps that set a variable, or the beginning.
    fn way_without(&self, index: usize, place: usize) -> String {
        let states = self.states();
        let unset = |index: usize| states[index].as_ref().is_some_and(|s| s[place] == Known::Unset);
        let mut seen = BTreeSet::from([index]);
        let mut waiting = vec![index];
        let mut from_start = index == self.start;
        while let Some(target) = waiting.pop() {
            for (before, step) in self.steps.iter().enumerate().filter(|(before, _)| unset(*before))
            {
                let sets = outputs(step).any(|name| name == self.names[place]);
                for (exit, _) in step.exits.iter().filter(|(_, to)| **to == target) {
                    let state = states[before].clone().unwrap_or_default();
                    if self.after(before, exit, &state)[place] != Known::Unset {
                        continue;
                    }
                    if sets {
                        return format!("by the exit `{exit}` of `{}`", step.id);
                    }
                    from_start |= before == self.start;
                    if seen.insert(before) {
                        waiting.push(before);
                    }
                }
            }
        }
        match from_start {
            true => format!("from `{}`, where it begins", self.steps[self.start].id),
            false => "by another way".to_owned(),
        }
    }
}

/// The names of the variables and recordsets that a step sets.
fn outputs(step: &PlannedStep) -> impl Iterator<Item = &str> {
    let declared = &step.work.manifest().outputs;
    let named = step.properties.iter().filter_map(|(property, value)| match value {
        Property::Name(kind, name) => Some((property, *kind, name.as_str())),
        _ => None,
    });
    named
        .filter(move |(property, kind, _)| {
            // Whatever names a variable sets it; a recordset may be one that is read.
            *kind == PropertyKind::VariableName
                || declared.iter().any(|output| output.property == **property)
        })
        .map(|(_, _, name)| name)
}
