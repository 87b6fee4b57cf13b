//! Whatever is wired to whatever, and whatever blocks answer: a document is refused or runs to an end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::kit::{self, Build, Kit, manifest, records, sets};
use patchcord_runtime::{CrmError, CrmErrorKind, Effect, Outcome, ScreenPop, StepError};
use patchcord_scenario::{
    Checkpoint, FailureKind, FetchError, FetchRequest, Fetched, Finished, Observer, Plan, Reached,
    StepTrace, parse, resume, run, run_to,
};
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

/// What comes of a step depends on the step alone, so that a run which goes on elsewhere meets the same.
fn kit(replies: Vec<Reply>) -> Kit {
    let body = move |call: &patchcord_scenario::StepCall| {
        let turn = call.step_key.as_bytes()[0];
        replies[usize::from(turn) % replies.len()].result()
    };
    let web = |request: &FetchRequest| {
        let answer = |status, body: &str| Ok(Fetched { status, body: body.into() });
        match request.url.len() % 4 {
            0 => answer(200, r#"{"a": [1]}"#),
            1 => answer(200, ""),
            2 => answer(503, "x"),
            _ => Err(FetchError::forbidden("x")),
        }
    };
    let block = manifest("block")
        .optional("query", json!({"type": "string", "x-patchcord-kind": "odata-query"}))
        .optional("account", json!({"type": "string", "x-patchcord-kind": "account"}))
        .optional("columns", json!({"x-patchcord-kind": "column-values"}))
        .optional("raw", json!({"type": "string", "x-patchcord-kind": "json"}))
        .exit("no_data");
    Kit::new().block(block, body).web(web)
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
        "core.for-each",
        "core.wait",
        "core.log",
        "core.start-scenario",
        "core.exception-handler",
        "core.fetch-url",
        "core.exit",
    ])
}

/// Properties that fit the block, mostly.
fn properties(block: &'static str) -> impl Strategy<Value = Value> {
    let names: Vec<&str> = match block {
        "core.if" => vec!["left", "right"],
        "core.set-variable" | "core.switch" => vec!["value"],
        "core.exit" => vec!["answer"],
        "core.for-each" => vec!["list"],
        "core.fetch-url" => vec!["body"],
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
                "core.for-each" if odd % 3 == 0 => {
                    properties.clear();
                    properties.insert("recordset".into(), name.into());
                }
                "core.for-each" => {
                    let list = properties.remove("list").unwrap_or_default();
                    let list = if odd % 3 == 1 { json!([list, "$(x)"]) } else { json!("$(x)") };
                    properties.insert("list".into(), list);
                    properties.insert("item_variable".into(), name.into());
                }
                "core.wait" => {
                    let long =
                        if odd % 2 == 0 { json!(u64::from(odd) * 3_000) } else { json!("$(x)") };
                    properties.insert("milliseconds".into(), long);
                }
                "core.log" => drop(properties.insert("message".into(), "$(x) $(y)".into())),
                "core.start-scenario" => {
                    let names = ["inner", "inner", "test", "$(x)"];
                    properties.insert("scenario".into(), names[usize::from(odd) % 4].into());
                    properties.insert("result_variable".into(), name.into());
                    properties.insert("answer_variable".into(), "y".into());
                }
                "core.exception-handler" => {}
                "core.fetch-url" => {
                    let method = if odd % 2 == 0 { "GET" } else { "POST" };
                    properties.insert("method".into(), method.into());
                    properties.insert("url".into(), "https://a.example/$(x)".into());
                    properties.insert("result_variable".into(), name.into());
                }
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
        "core.for-each" => &["next", "done"],
        "core.wait" => &["next", "timeout"],
        "core.log" => &["next"],
        "core.start-scenario" => &["next", "failed"],
        "core.exception-handler" => &["try", "catch"],
        "core.fetch-url" => &["next", "no_data", "failed"],
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

/// Publishes both documents, as far as they pass the checks, and says what to run.
fn published(kit: &Kit, document: &Value, inner: Value) -> Option<Arc<Plan>> {
    let mut inner = inner;
    inner["name"] = "inner".into();
    if kit.check(&inner).is_ok() {
        kit.publish("inner", inner);
    }
    kit.check(document).is_ok().then(|| kit.publish("test", document.clone()))
}

/// Keeps the checkpoint after one step, and does something then.
struct After<F> {
    step: usize,
    ended: AtomicUsize,
    begun_since: AtomicUsize,
    kept: Mutex<Option<String>>,
    then: F,
}

fn after<F: Fn()>(step: usize, then: F) -> Arc<After<F>> {
    let (ended, begun_since) = Default::default();
    Arc::new(After { step, ended, begun_since, kept: Mutex::default(), then })
}

impl<F: Fn() + Send + Sync> Observer for After<F> {
    fn step_began(&self, _: &str, _: &str, _: u32) {
        if self.kept.lock().unwrap().is_some() {
            self.begun_since.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn step_ended(&self, _: &StepTrace, checkpoint: &dyn Fn() -> Checkpoint) {
        if self.ended.fetch_add(1, Ordering::Relaxed) == self.step {
            *self.kept.lock().unwrap() = Some(serde_json::to_string(&checkpoint()).unwrap());
            (self.then)();
        }
    }
}

/// All of a run that does not depend on the clock.
fn outcome(finished: &Finished) -> Value {
    let step = |step: &StepTrace| {
        json!([step.place(), step.visit, step.exit, step.caught_by, step.failure, step.changed])
    };
    json!({
        "result": finished.result,
        "failure": finished.failure,
        "answer": finished.answer,
        "variables": finished.variables_for(None),
        "screen_pop": finished.screen_pop,
        "steps": finished.steps.iter().map(step).collect::<Vec<_>>(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_document_is_refused_or_runs_to_an_end(
        document in document(),
        inner in document(),
        replies in prop::collection::vec(reply(), 1..6),
        brought in entries(name(), value()),
    ) {
        let kit = kit(replies);
        let Some(plan) = published(&kit, &document, inner) else {
            return Ok(());
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        let finished = kit.walk(&plan, Value::Object(brought), deadline);
        let exit = |step: &StepTrace| step.scenario.is_none() && step.block == "core.exit@1.0.0";
        let ended = |step: &StepTrace| exit(step) && step.failure.is_none();
        prop_assert_eq!(finished.failure.is_none(), finished.steps.iter().any(ended));
        prop_assert!(finished.steps.len() <= 1_000);
        let known = |step: &patchcord_scenario::StepTrace| {
            step.failure.as_ref().is_none_or(|failure| FailureKind::ALL.contains(&failure.kind))
        };
        prop_assert!(finished.steps.iter().all(known));
        let _ = finished.variables_for(None);
    }

    #[test]
    fn any_run_goes_on_from_a_checkpoint_as_if_nothing_had_been(
        document in document(),
        inner in document(),
        replies in prop::collection::vec(reply(), 1..6),
        brought in entries(name(), value()),
        step in 0..12_usize,
    ) {
        let kit = kit(replies);
        let Some(plan) = published(&kit, &document, inner) else {
            return Ok(());
        };
        let deadline = Instant::now() + Duration::from_secs(60);
        let observer = after(step, || ());
        let mut call = kit::call(Value::Object(brought), deadline);
        call.observer = observer.clone();
        let whole = kit::finish(run(&plan, &kit, call));
        let Some(text) = observer.kept.lock().unwrap().take() else {
            return Ok(());
        };
        let checkpoint: Checkpoint = serde_json::from_str(&text).unwrap();
        let resumed = kit::finish(resume(checkpoint, &kit, kit::call(json!({}), deadline)));
        prop_assert_eq!(outcome(&resumed.unwrap()), outcome(&whole));
    }

    #[test]
    fn any_run_is_rebuilt_up_to_any_of_its_steps(
        document in document(),
        inner in document(),
        replies in prop::collection::vec(reply(), 1..6),
        brought in entries(name(), value()),
        step in any::<prop::sample::Index>(),
    ) {
        let kit = kit(replies);
        let Some(plan) = published(&kit, &document, inner) else {
            return Ok(());
        };
        let call = || kit::call(Value::Object(brought.clone()), Instant::now() + Duration::from_secs(60));
        let whole = kit::finish(run(&plan, &kit, call()));
        let (place, visit) = match whole.steps.len() {
            0 => return Ok(()),
            steps => {
                let step = &whole.steps[step.index(steps)];
                (step.place(), step.visit)
            }
        };
        let Reached::Step(checkpoint) = kit::finish(run_to(&plan, &kit, call(), &place, visit)) else {
            return Err(TestCaseError::fail(format!("{place}/{visit} was not come to")));
        };
        let onto = checkpoint.onto(&plan);
        let resumed = kit::finish(resume(onto, &kit, call())).unwrap();
        prop_assert_eq!(outcome(&resumed), outcome(&whole));
    }

    #[test]
    fn no_run_begins_a_step_after_it_was_cancelled(
        document in document(),
        inner in document(),
        replies in prop::collection::vec(reply(), 1..6),
        brought in entries(name(), value()),
        step in 0..12_usize,
    ) {
        let kit = kit(replies);
        let Some(plan) = published(&kit, &document, inner) else {
            return Ok(());
        };
        let mut call = kit::call(Value::Object(brought), Instant::now() + Duration::from_secs(60));
        let cancelled = call.cancelled.clone();
        let observer = after(step, move || cancelled.cancel());
        call.observer = observer.clone();
        let finished = kit::finish(run(&plan, &kit, call));
        prop_assert_eq!(observer.begun_since.load(Ordering::Relaxed), 0);
        let kind = finished.failure.map(|failure| failure.kind);
        prop_assert!(kind != Some(FailureKind::Cancelled) || finished.result == "cancelled");
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

#[test]
fn enough_of_those_runs_are_interrupted_and_start_others() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut generated = || document().new_tree(&mut runner).unwrap().current();
    let (mut interrupted, mut within) = (0, 0);
    for _ in 0..2_000 {
        let kit = kit(vec![Reply::Pop, Reply::Exit("next".into())]);
        let (document, inner) = (generated(), generated());
        let Some(plan) = published(&kit, &document, inner) else { continue };
        let observer = after(2, || ());
        let brought = json!({"x": ["inner", 1], "y": "inner"});
        let mut call = kit::call(brought, Instant::now() + Duration::from_secs(60));
        call.observer = observer.clone();
        let finished = kit::finish(run(&plan, &kit, call));
        interrupted += usize::from(observer.kept.lock().unwrap().is_some());
        within += usize::from(finished.steps.iter().any(|step| step.scenario.is_some()));
    }
    assert!(
        interrupted >= 50 && within >= 5,
        "{interrupted} interrupted, {within} with another scenario"
    );
}
