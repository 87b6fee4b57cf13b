//! Switch: compares one value with several and leaves by the exit of the first that is the same.
//!
//! Its exits are those that its branches name, and `default`. Nothing is converted: `1` and `"1"` differ.

use std::collections::BTreeSet;

use patchcord_runtime::Manifest;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{About, CoreBlock, CoreOutcome, exit_of};
use crate::trace::FailureKind;
use crate::value::equal;

const DEFAULT: &str = "default";
/// Longest name of an exit in characters.
const LONGEST_EXIT: usize = 100;

/// Properties of Switch.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// The value to look at, such as `$(MSCase.prioritycode)` or `=length($(name))`.
    value: Value,
    /// The values that it may be, in the order in which they are tried.
    #[schemars(length(min = 1))]
    branches: Vec<Branch>,
}

/// A value and the exit for it.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Branch {
    /// The value, of the same type as the one to look at.
    value: Value,
    /// Name of the exit, such as `gold`; several branches may share one.
    #[schemars(extend("x-patchcord-kind" = "exit-name"))]
    exit: String,
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::Switch,
        title: "Switch",
        description: "Goes on by the exit of the branch whose value is the same.",
        icon: "switch",
        exits: vec![exit_of(DEFAULT, "Default", "No branch has the value.")],
        outputs: Vec::new(),
    }
    .manifest::<Properties>()
}

pub(crate) fn run(properties: Properties) -> Result<CoreOutcome, String> {
    let Properties { value, branches } = properties;
    let taken = branches.into_iter().find(|branch| equal(&branch.value, &value));
    let exit = taken.map_or_else(|| DEFAULT.to_owned(), |branch| branch.exit);
    Ok(CoreOutcome::Branch(exit))
}

/// The exits that the branches name, and `default`.
pub(crate) fn exits(properties: &Map<String, Value>) -> BTreeSet<String> {
    let named = branches(properties).filter_map(|branch| branch["exit"].as_str());
    named.map(str::to_owned).chain([DEFAULT.to_owned()]).collect()
}

/// What is wrong with the branches beyond what their schema says: pointer within the properties, and a sentence.
pub(crate) fn faults(properties: &Map<String, Value>) -> Vec<(String, String)> {
    let mut faults = Vec::new();
    let mut seen: Vec<&Value> = Vec::new();
    for (index, branch) in branches(properties).enumerate() {
        let at = |field: &str| format!("/branches/{index}/{field}");
        if let Some(problem) = branch["exit"].as_str().and_then(unfit) {
            faults.push((at("exit"), problem));
        }
        let Some(value) = branch.get("value").filter(|value| !is_open(value)) else { continue };
        if let Some(first) = seen.iter().position(|other| equal(other, value)) {
            let problem = format!("/branches/{first} is taken for the same value, never this one");
            faults.push((at("value"), problem));
        }
        seen.push(value);
    }
    faults
}

fn branches(properties: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    properties.get("branches").and_then(Value::as_array).into_iter().flatten()
}

/// Whether what it is, is known on a call only.
fn is_open(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("$(") || text.starts_with('='),
        Value::Array(items) => items.iter().any(is_open),
        Value::Object(entries) => entries.values().any(is_open),
        _ => false,
    }
}

/// Why a name cannot be that of an exit.
fn unfit(exit: &str) -> Option<String> {
    let taken = exit == "next" || FailureKind::ALL.iter().any(|kind| kind.exit() == exit);
    let problem = if taken {
        "has a meaning of its own: choose another"
    } else if exit.contains("$(") || exit.starts_with('=') {
        "takes no `$(…)` and no expression: the exits of a block are known before a call comes"
    } else if exit.trim() != exit || exit.is_empty() || exit.chars().count() > LONGEST_EXIT {
        "is no name of an exit: it has 1 to 100 characters, and no blanks around it"
    } else {
        return None;
    };
    Some(format!("`{exit}` {problem}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn taken(value: Value) -> String {
        let properties = json!({"value": value, "branches": [
            {"value": 1, "exit": "one"}, {"value": "1", "exit": "text"}, {"value": null, "exit": "none"},
            {"value": 1.0, "exit": "never"}, {"value": [1], "exit": "one"},
        ]});
        match run(serde_json::from_value(properties).unwrap()).unwrap() {
            CoreOutcome::Branch(exit) => exit,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_first_value_of_the_same_type_is_taken() {
        assert_eq!(taken(json!(1)), "one");
        assert_eq!(taken(json!(1.0)), "one");
        assert_eq!(taken(json!("1")), "text");
        assert_eq!(taken(json!(null)), "none");
        assert_eq!(taken(json!([1.0])), "one");
        assert_eq!(taken(json!("")), "default");
        assert_eq!(taken(json!(true)), "default");
    }

    #[test]
    fn faults_have_a_place() {
        let branches = json!({"branches": [
            {"value": 1, "exit": "failed"}, {"value": 1.0, "exit": "$(x)"}, {"value": "$(y)", "exit": ""},
            {"value": "$(y)", "exit": "gold customers"},
        ]});
        let faults = faults(branches.as_object().unwrap());
        let at: Vec<_> = faults.iter().map(|(at, _)| at.as_str()).collect();
        let expected =
            ["/branches/0/exit", "/branches/1/exit", "/branches/1/value", "/branches/2/exit"];
        assert_eq!(at, expected, "{faults:#?}");
    }
}
