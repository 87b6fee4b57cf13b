//! Exception Handler: which failures it gets, what it says of them, and what happens after it.

use patchcord_runtime::StepError;
use patchcord_scenario::{FailureKind, Finished};
use serde_json::{Value, json};

use crate::kit::{Build, Kit, answer, document, exit, instance, leaves_by, manifest, way};

/// A block that fails where its property says so.
fn kit() -> Kit {
    let work = manifest("work").optional("fails", json!({"type": "boolean"}));
    Kit::new().block(work, |call| match call.properties["fails"].as_bool() {
        Some(true) => Err(StepError::Busy),
        _ => leaves_by("next"),
    })
}

fn handler(id: &str, goes: &str, catch: &str) -> Value {
    instance(id, "core.exception-handler", json!({}), json!({"try": goes, "catch": catch}))
}

fn work(id: &str, fails: bool, next: &str) -> Value {
    instance(id, "work", json!({"fails": fails}), json!({"next": next}))
}

fn run(blocks: Value) -> Finished {
    kit().run(&document(blocks), json!({}))
}

#[test]
fn a_failure_that_no_exit_deals_with_is_caught() {
    let told =
        json!({"step": "$(errorStep)", "kind": "$(errorKind)", "message": "$(errorMessage)"});
    let finished = run(json!([
        handler("handler", "good", "caught"),
        work("good", false, "bad"),
        work("bad", true, "end"),
        exit("end"),
        answer("caught", told),
    ]));
    assert_eq!(way(&finished), ["handler:try", "good:next", "bad", "caught"]);
    assert_eq!((finished.result.as_str(), finished.failure), ("caught", None));
    let step = &finished.steps[2];
    assert_eq!(step.caught_by.as_deref(), Some("handler"));
    let failure = step.failure.as_ref().unwrap();
    assert_eq!(failure.kind, FailureKind::Unavailable);
    let told = json!({"step": "bad", "kind": "unavailable", "message": failure.message});
    assert_eq!(Value::Object(finished.answer), told);
    assert_eq!(step.changed["errorStep"].after, "bad");
}

#[test]
fn an_exit_of_the_step_comes_first() {
    let mut bad = work("bad", true, "end");
    bad["exits"]["failed"] = json!("own");
    let blocks =
        json!([handler("handler", "bad", "caught"), bad, exit("end"), exit("own"), exit("caught")]);
    let finished = run(blocks);
    assert_eq!(way(&finished), ["handler:try", "bad:failed", "own"]);
    assert_eq!(finished.steps[1].caught_by, None);
}

#[test]
fn a_failure_before_it_or_after_it_has_caught_one_ends_the_run() {
    let before =
        run(json!([work("bad", true, "handler"), handler("handler", "end", "end"), exit("end")]));
    assert_eq!(before.failure.unwrap().step, "bad");
    let after = run(json!([
        handler("handler", "bad", "again"),
        work("bad", true, "end"),
        work("again", true, "end"),
        exit("end"),
    ]));
    assert_eq!(way(&after), ["handler:try", "bad", "again"]);
    assert_eq!(after.failure.unwrap().step, "again");
}

#[test]
fn the_handler_around_it_gets_what_fails_after_catch() {
    let finished = run(json!([
        handler("outer", "inner", "outer-caught"),
        handler("inner", "bad", "inner-caught"),
        work("bad", true, "end"),
        work("inner-caught", true, "end"),
        exit("end"),
        exit("outer-caught"),
    ]));
    let expected = ["outer:try", "inner:try", "bad", "inner-caught", "outer-caught"];
    assert_eq!(way(&finished), expected);
    let caught: Vec<_> =
        finished.steps.iter().filter_map(|step| step.caught_by.as_deref()).collect();
    assert_eq!(caught, ["inner", "outer"]);
}

#[test]
fn a_handler_in_a_loop_is_in_force_once() {
    let each = json!({"list": [1, 2, 3]});
    let finished = run(json!([
        instance("each", "core.for-each", each, json!({"next": "handler", "done": "bad"})),
        handler("handler", "good", "caught"),
        work("good", false, "each"),
        work("bad", true, "end"),
        work("caught", true, "end"),
        exit("end"),
    ]));
    assert_eq!(finished.failure.unwrap().step, "caught");
}
