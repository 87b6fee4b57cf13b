//! A good document, and what one change to it is told.

use patchcord_runtime::{Effect, OutputKind};
use patchcord_scenario::{Problem, Severity};
use serde_json::{Value, json};

use crate::kit::{Build, Kit, document, does, exit, instance, leaves_by, manifest};

pub(crate) const ID: &str = "5531d753-95af-e711-a94e-000d3a11e605";

pub(crate) fn kit() -> Kit {
    let find = manifest("find")
        .kind("query", "odata-query")
        .optional("recordset", json!({"type": "string", "x-patchcord-kind": "recordset-name"}))
        .optional("record", json!({"anyOf": [{"$ref": "#/$defs/Id"}, {"type": "null"}]}))
        .optional("top", json!({"type": "integer", "maximum": 50}))
        .optional(
            "columns",
            json!({
                "type": "object", "x-patchcord-kind": "column-values",
                "additionalProperties": {"type": ["string", "integer"]},
            }),
        )
        .optional("raw", json!({"type": "string", "x-patchcord-kind": "json"}))
        .output("recordset", OutputKind::Recordset)
        .exit("no_data");
    let mut find = find;
    find.properties["$defs"] =
        json!({"Id": {"type": "string", "minLength": 36, "x-patchcord-kind": "record-id"}});
    let mut select = manifest("select").kind("account", "account");
    select.selects_account = true;
    select.operations = Vec::new();
    Kit::new().block(find, |_| leaves_by("no_data")).block(select, |call| {
        let account = call.properties["account"].as_str().unwrap();
        does(vec![Effect::SelectAccount(account.into())])
    })
}

/// A good document; what is tested is what one change to it does.
pub(crate) fn good() -> Value {
    let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
    let mut document = document(json!([
        instance("look", "find", json!({"query": "$filter=a eq '$(item.from)'"}), exits),
        exit("end"),
    ]));
    document["inputs"] = json!(["n", "x", "all", "i", "which"]);
    document
}

/// The faults after putting `value` at `pointer`.
pub(crate) fn faults_of(kit: &Kit, pointer: &str, value: Value) -> Vec<Problem> {
    let mut document = good();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(items) => items.push(value),
        parent => parent[name] = value,
    }
    match kit.check(&document) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

#[track_caller]
pub(crate) fn one_fault(pointer: &str, value: Value, at: &str, message: &str) {
    let problems = faults_of(&kit(), pointer, value);
    assert_eq!(problems.len(), 1, "{problems:#?}");
    assert_eq!(problems[0].pointer, at);
    assert_eq!(problems[0].severity, Severity::Error);
    assert!(problems[0].message.contains(message), "{}", problems[0].message);
}

/// The faults of whole documents.
pub(crate) fn faults(kit: &Kit, document: &Value) -> Vec<(String, Severity, String)> {
    let problems = match kit.check(document) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    };
    let shown = |problem: Problem| (problem.pointer, problem.severity, problem.message);
    problems.into_iter().map(shown).collect()
}
