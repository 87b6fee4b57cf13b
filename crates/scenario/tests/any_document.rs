//! Whatever is wired to whatever, and whatever blocks answer: a document is refused or runs to an end.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod kit;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use kit::{Build, Kit, manifest, records, sets};
use patchcord_runtime::{CrmError, CrmErrorKind, Effect, Outcome, ScreenPop, StepError};
use patchcord_scenario::{FailureKind, parse};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Map, Value, json};

const IDS: [&str; 5] = ["a", "b", "c", "d", "e"];

/// What a fake block answers when it is its turn.
#[derive(Debug, Clone)]
enum Reply {
    Exit(String),
    Variable(String, Value),
    Recordset(String, usize),
    Account(String),
    Pop,
    Fail(usize),
}

impl Reply {
    fn result(&self) -> Result<Outcome, StepError> {
        let effect = match self.clone() {
            Self::Exit(exit) => {
                return Ok(Outcome { exit: Some(exit), effects: Vec::new() });
            }
            Self::Variable(name, value) => sets(&name, value),
            Self::Recordset(name, count) => {
                let records = records(&vec![json!({"name": "x"}); count]);
                Effect::SetRecordset { name, records }
            }
            Self::Account(handle) => Effect::SelectAccount(handle),
            Self::Pop => {
                Effect::PopScreen(ScreenPop { entity_set: String::new(), id: String::new() })
            }
            Self::Fail(0) => return Err(StepError::Timeout),
            Self::Fail(1) => return Err(StepError::Busy),
            Self::Fail(2) => return Err(StepError::Failed(String::new())),
            Self::Fail(_) => {
                return Err(StepError::Crm(CrmError::local(CrmErrorKind::NotFound, "none")));
            }
        };
        Ok(Outcome { exit: None, effects: vec![effect] })
    }
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        prop::sample::select(vec!["next", "no_data", "failed", "timeout", "odd", ""])
            .prop_map(|exit| Reply::Exit(exit.into())),
        (name(), value()).prop_map(|(name, value)| Reply::Variable(name, value)),
        (name(), 0..3_usize).prop_map(|(name, count)| Reply::Recordset(name, count)),
        prop::sample::select(vec!["handle-1", "handle-2", "?"])
            .prop_map(|handle| Reply::Account(handle.into())),
        Just(Reply::Pop),
        (0..4_usize).prop_map(Reply::Fail),
    ]
}

fn kit(replies: Vec<Reply>) -> Kit {
    let turn = Arc::new(AtomicUsize::new(0));
    let body = move |_: &patchcord_scenario::StepCall| {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        replies[turn % replies.len()].result()
    };
    let block = manifest("block")
        .optional("query", json!({"type": "string", "x-patchcord-kind": "odata-query"}))
        .optional("account", json!({"type": "string", "x-patchcord-kind": "account"}))
        .optional("columns", json!({"x-patchcord-kind": "column-values"}))
        .optional("raw", json!({"type": "string", "x-patchcord-kind": "json"}))
        .exit("no_data");
    Kit::new().block(block, body)
}

fn name() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["x", "y", "RS", "CRM"]).prop_map(str::to_owned)
}

/// Text that is likely to mean something, and now and then to be wrong.
fn text() -> impl Strategy<Value = String> {
    let right = prop::sample::select(vec![
        "$(x)",
        "$(y)",
        "$(RS.name)",
        "$(RS.__count__)",
        "$(x,escapejson)",
        "=$(x)",
        "=length($(y))",
        "=$(x) & 'a'",
        "==",
        "a eq '$(x)'",
        "contains(a,'$(y)')",
        "$$(",
        ")",
        "é",
        "\\",
        "''",
    ]);
    let any = prop::sample::select(vec!["=", "$(", "'", "\"", "{", "}", "$(x)", "(", "&", "$$("]);
    let joined = |words: Vec<&str>| words.concat();
    prop_oneof![
        40 => prop::collection::vec(right, 0..4).prop_map(joined),
        2 => prop::collection::vec(any, 0..5).prop_map(joined),
        1 => ".*",
    ]
}

fn raw() -> impl Strategy<Value = Value> {
    let texts = ["{}", r#"{"a": $(x), "b": "$(y)'"}"#, r#"{"a@odata.bind": "/b($(x))"}"#];
    prop::sample::select(texts.to_vec()).prop_map(Value::from)
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            entries(text(), inner).prop_map(Value::Object),
        ]
    })
}

fn entries(
    names: impl Strategy<Value = String>,
    values: impl Strategy<Value = Value>,
) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((names, values), 0..4).prop_map(|entries| entries.into_iter().collect())
}

fn block() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "block",
        "block",
        "core.if",
        "core.switch",
        "core.set-variable",
        "core.get-next-record",
        "core.exit",
    ])
}

/// Properties that fit the block, mostly.
fn properties(block: &'static str) -> impl Strategy<Value = Value> {
    let names: Vec<&str> = match block {
        "core.if" => vec!["left", "right"],
        "core.set-variable" | "core.switch" => vec!["value"],
        "core.exit" => vec!["answer"],
        "block" => vec!["query", "columns"],
        _ => vec![],
    };
    let operators = prop::sample::select(vec!["equals", "less", "contains", "is_empty"]);
    let some = prop::collection::vec(value(), names.len());
    (some, operators, name(), raw(), 0..60_u8).prop_map(
        move |(values, operator, name, raw, odd)| {
            let given = names.iter().map(|name| (*name).to_owned()).zip(values);
            let mut properties: Map<String, Value> = given.collect();
            match block {
                "core.if" => drop(properties.insert("operator".into(), operator.into())),
                "core.switch" => {
                    let branches = json!([
                        {"value": 1, "exit": "gold"}, {"value": properties["value"], "exit": "gold"},
                    ]);
                    properties.insert("branches".into(), branches);
                }
                "core.set-variable" => drop(properties.insert("variable".into(), name.into())),
                "core.get-next-record" => drop(properties.insert("recordset".into(), name.into())),
                "core.exit" => drop(properties.insert("result".into(), "$(x)".into())),
                _ => {
                    properties
                        .insert("account".into(), if odd % 2 == 0 { "CRM" } else { "$(x)" }.into());
                    properties.insert("raw".into(), raw);
                }
            }
            properties.retain(|name, value| match name.as_str() {
                "answer" | "columns" => value.is_object(),
                "query" => value.is_string(),
                _ => true,
            });
            if odd == 0 {
                properties.insert("odd".into(), json!(1));
            }
            Value::Object(properties)
        },
    )
}

fn exits(block: &'static str) -> impl Strategy<Value = Value> {
    let own: &[&str] = match block {
        "core.if" => &["true", "false"],
        "core.switch" => &["gold", "default"],
        "core.set-variable" => &["next"],
        "core.get-next-record" => &["next", "no_more"],
        "core.exit" => &[],
        _ => &["next", "no_data", "failed", "timeout"],
    };
    let targets = prop::sample::select(vec!["a", "b", "c", "d", "e", "end", "end"]);
    let all = prop::collection::vec(targets, own.len());
    (all, 0..60_u8).prop_map(move |(targets, odd)| {
        let wired = own.iter().zip(targets).skip(usize::from(odd == 0));
        wired.map(|(exit, target)| ((*exit).to_owned(), Value::from(target))).collect()
    })
}

fn document() -> impl Strategy<Value = Value> {
    let instance = block().prop_flat_map(|block| (Just(block), properties(block), exits(block)));
    prop::collection::vec(instance, IDS.len()).prop_map(|instances| {
        let placed = instances.into_iter().zip(IDS);
        let mut blocks: Vec<Value> = placed
            .map(|((block, properties, exits), id)| kit::instance(id, block, properties, exits))
            .collect();
        blocks.push(kit::exit("end"));
        kit::document(Value::Array(blocks))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_document_is_refused_or_runs_to_an_end(
        document in document(),
        replies in prop::collection::vec(reply(), 1..6),
        brought in entries(name(), value()),
    ) {
        let kit = kit(replies);
        let Ok((plan, _)) = kit.check(&document) else {
            return Ok(());
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        let finished = kit.walk(&Arc::new(plan), Value::Object(brought), deadline);
        prop_assert_eq!(finished.failure.is_some(), finished.steps.last().is_none_or(|step| {
            step.failure.is_some() || finished.steps.len() == 1_000
        }));
        let known = |step: &patchcord_scenario::StepTrace| {
            step.failure.as_ref().is_none_or(|failure| FailureKind::ALL.contains(&failure.kind))
        };
        prop_assert!(finished.steps.iter().all(known));
        let _ = finished.variables_for(None);
    }

    #[test]
    fn printing_a_document_loses_nothing(document in document(), title in text(), ms in any::<u64>()) {
        let mut document = document;
        document["title"] = title.into();
        document["deadline_ms"] = ms.into();
        document["blocks"][0]["account"] = "CRM".into();
        document["inputs"] = json!(["x", "y"]);
        let read = parse(document.to_string().as_bytes()).unwrap();
        let printed = serde_json::to_string_pretty(&read).unwrap();
        let again = parse(printed.as_bytes()).unwrap();
        prop_assert_eq!(serde_json::to_string_pretty(&again).unwrap(), printed.clone());
        prop_assert_eq!(again, read);
        // Properties stand in the order in which the designer put them.
        let printed_value: Value = serde_json::from_str(&printed).unwrap();
        for (own, other) in document["blocks"].as_array().unwrap().iter()
            .zip(printed_value["blocks"].as_array().unwrap())
        {
            let other = other.get("properties").cloned().unwrap_or_else(|| json!({}));
            prop_assert_eq!(own["properties"].to_string(), other.to_string());
        }
        // Empty properties and exits may be left out; everything else is there again.
        let bare = |mut document: Value| {
            for block in document["blocks"].as_array_mut().unwrap() {
                block.as_object_mut().unwrap().retain(|_, value| *value != json!({}));
            }
            document
        };
        prop_assert_eq!(bare(serde_json::from_str(&printed).unwrap()), bare(document));
    }

    #[test]
    fn any_text_is_a_document_or_a_problem(text in text()) {
        if let Err(problem) = parse(text.as_bytes()) {
            prop_assert!(!problem.message.is_empty());
        }
    }
}

#[test]
fn enough_of_those_documents_pass_the_checks() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let kit = kit(vec![Reply::Pop]);
    let passes = |_: &usize| {
        let document = document().new_tree(&mut runner).unwrap().current();
        kit.check(&document).is_ok()
    };
    let passed = (0..400_usize).filter(passes).count();
    assert!(passed >= 20, "{passed} of 400: the property above would hold for want of documents");
}
