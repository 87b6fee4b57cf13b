//! Checkpoints and observers: what is told of a run, and going on from where it was.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use patchcord_runtime::Operation;
use patchcord_scenario::{
    Checkpoint, FailureKind, Observer, Reached, ResumeError, StepTrace, Variables, resume, run,
    run_to,
};
use serde_json::{Value, json};

use crate::kit::{self, Build, Kit, answer, document, exit, instance, leaves_by, manifest, way};

/// Writes everything down.
#[derive(Default)]
struct Notes {
    said: Mutex<Vec<String>>,
    checkpoints: Mutex<Vec<String>>,
    refuses: bool,
}

#[async_trait]
impl Observer for Notes {
    fn step_began(&self, place: &str, block: &str, visit: u32) {
        self.said.lock().unwrap().push(format!("{place} {visit} {block}"));
    }

    fn step_ended(&self, step: &StepTrace, checkpoint: &dyn Fn() -> Checkpoint) {
        let exit = step.exit.as_deref().unwrap_or("-");
        self.said.lock().unwrap().push(format!("{} ended by {exit}", step.place()));
        let checkpoint = serde_json::to_string(&checkpoint()).unwrap();
        self.checkpoints.lock().unwrap().push(checkpoint);
    }

    async fn before_write(&self, checkpoint: Checkpoint) -> Result<(), String> {
        let steps = checkpoint.steps().len();
        self.said.lock().unwrap().push(format!("before a write, after {steps} steps"));
        if self.refuses { Err("the disk is full".to_owned()) } else { Ok(()) }
    }
}

fn kit() -> Kit {
    let mut write = manifest("write").optional("n", json!({}));
    write.operations = vec![Operation::Create];
    let kit = Kit::new()
        .block(write, |_| leaves_by("next"))
        .block(manifest("read"), |_| leaves_by("next"));
    kit.publish(
        "inner",
        document(json!([
            instance("write", "write", json!({"n": "$(n)"}), json!({"next": "done"})),
            answer("done", json!({"n": "$(n)"})),
        ])),
    );
    kit
}

/// A loop around a start of another scenario that writes, under a handler.
fn outer() -> Value {
    let start = json!({"scenario": "inner", "answer_variable": "inner"});
    let add = json!({"variable": "seen", "value": "$(seen)$(inner.n)"});
    let handler = json!({"try": "each", "catch": "end"});
    document(json!([
        instance("handler", "core.exception-handler", json!({}), handler),
        instance(
            "each",
            "core.for-each",
            json!({"list": ["a", "b"], "item_variable": "n"}),
            json!({"next": "start", "done": "read"})
        ),
        instance("start", "core.start-scenario", start, json!({"next": "add"})),
        instance("add", "core.set-variable", add, json!({"next": "each"})),
        instance("read", "read", json!({}), json!({"next": "end"})),
        answer("end", json!({"seen": "$(seen)"})),
    ]))
}

fn deadline() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

fn observed(kit: &Kit, notes: &Arc<Notes>, document: Value) -> patchcord_scenario::Finished {
    let plan = kit.publish("outer", document);
    let mut call = kit::call(json!({"seen": ""}), deadline());
    call.observer = notes.clone();
    kit::finish(run(&plan, kit, call))
}

#[test]
fn each_step_is_told_of_as_it_begins_and_ends() {
    let (kit, notes) = (kit(), Arc::new(Notes::default()));
    let finished = observed(&kit, &notes, outer());
    assert_eq!(finished.answer["seen"], "ab");
    let said = notes.said.lock().unwrap().clone();
    let expected = [
        "handler 1 core.exception-handler@1.0.0",
        "handler ended by try",
        "each 1 core.for-each@1.0.0",
        "each ended by next",
        "start 1 core.start-scenario@1.0.0",
        "start/1/write 1 write@1.2.3",
        "before a write, after 3 steps",
        "start/1/write ended by next",
        "start/1/done 1 core.exit@1.0.0",
        "start/1/done ended by -",
        "start ended by next",
    ];
    assert_eq!(said[..expected.len()], expected);
    assert_eq!(said.last().unwrap(), "end ended by -");
}

#[test]
fn a_run_goes_on_from_every_checkpoint_to_the_same_answer() {
    let (kit, notes) = (kit(), Arc::new(Notes::default()));
    let whole = observed(&kit, &notes, outer());
    let keys: Vec<_> = kit.calls().iter().map(|call| call.step_key).collect();
    // A newer version of either is none of its business.
    kit.publish("outer", document(json!([exit("other")])));
    let checkpoints = notes.checkpoints.lock().unwrap().clone();
    assert_eq!(checkpoints.len(), whole.steps.len());
    for (index, text) in checkpoints.iter().enumerate() {
        let checkpoint: Checkpoint = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&checkpoint).unwrap(), *text);
        assert_eq!((checkpoint.scenario(), checkpoint.version()), ("outer", 1));
        assert_eq!(checkpoint.has_ended(), index + 1 == checkpoints.len());
        let before = kit.calls().len();
        let done = checkpoint.steps().iter().filter(|step| step.block.ends_with("@1.2.3")).count();
        let finished =
            kit::finish(resume(checkpoint, &kit, kit::call(json!({}), deadline()))).unwrap();
        assert_eq!(finished.result, whole.result);
        assert_eq!(finished.answer, whole.answer);
        assert_eq!(way(&finished), way(&whole), "from {index}");
        let again: Vec<_> = kit.calls()[before..].iter().map(|call| call.step_key).collect();
        assert_eq!(
            again,
            keys[done..],
            "what was done is not done again, and the rest has its keys"
        );
    }
}

#[test]
fn a_write_waits_for_whoever_keeps_the_run() {
    let (kit, notes) = (kit(), Arc::new(Notes { refuses: true, ..Notes::default() }));
    let write = instance("write", "write", json!({}), json!({"next": "end"}));
    let finished = observed(&kit, &notes, document(json!([write, exit("end")])));
    let failure = finished.failure.unwrap();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::Unavailable, "the disk is full")
    );
    assert_eq!(kit.calls().len(), 0);
}

#[test]
fn a_checkpoint_of_what_is_gone_is_refused() {
    let (kit, notes) = (kit(), Arc::new(Notes::default()));
    observed(&kit, &notes, outer());
    let text = notes.checkpoints.lock().unwrap()[0].clone();
    let checkpoint: Checkpoint = serde_json::from_str(&text).unwrap();
    let gone = kit::finish(resume(checkpoint, &Kit::new(), kit::call(json!({}), deadline())));
    let expected = ResumeError::Scenario { scenario: "outer".into(), version: 1 };
    assert_eq!(gone.unwrap_err(), expected);
    let other = Kit::new();
    other.publish("outer", document(json!([exit("other")])));
    let checkpoint: Checkpoint = serde_json::from_str(&text).unwrap();
    let error =
        kit::finish(resume(checkpoint, &other, kit::call(json!({}), deadline()))).unwrap_err();
    assert!(error.to_string().contains("has no block instance"), "{error}");
}

#[test]
fn the_trace_tells_what_a_step_changed() {
    let set = |id: &str, value: Value, next: &str| {
        let properties = json!({"variable": "x", "value": value});
        instance(id, "core.set-variable", properties, json!({"next": next}))
    };
    let blocks = json!([set("a", json!(null), "b"), set("b", json!([1]), "end"), exit("end")]);
    let finished = Kit::new().run(&document(blocks), json!({}));
    let changed = |index: usize| serde_json::to_value(&finished.steps[index].changed).unwrap();
    assert_eq!(changed(0), json!({"x": {"after": null}}));
    assert_eq!(changed(1), json!({"x": {"before": null, "after": [1]}}));
    assert_eq!(changed(2), json!({}));
    let brought = Variables::from_call(json!({"x": 1}).as_object().unwrap()).unwrap();
    assert_eq!(serde_json::to_value(brought).unwrap()["untouched"], json!(["x"]));
}

/// The run of `outer` as it stands before a step.
fn reached(kit: &Kit, step: &str, visit: u32) -> Checkpoint {
    let plan = kit.publish("outer", outer());
    let call = kit::call(json!({"seen": ""}), deadline());
    match kit::finish(run_to(&plan, kit, call, step, visit)) {
        Reached::Step(checkpoint) => *checkpoint,
        Reached::End(finished) => panic!("the run went by: {:?}", way(&finished)),
    }
}

#[test]
fn another_version_takes_a_run_over_where_it_stands() {
    let kit = kit();
    let checkpoint = reached(&kit, "add", 2);
    assert_eq!(checkpoint.steps().len(), 10);
    let mut edited = outer();
    edited["blocks"][3]["properties"]["value"] = "$(seen)-$(inner.n)".into();
    let plan = kit.publish("outer", edited);
    let call = || kit::call(json!({}), deadline());
    let finished = kit::finish(resume(checkpoint.onto(&plan), &kit, call())).unwrap();
    assert_eq!(finished.answer["seen"], "a-b");

    // What the run has left behind need not be there any more; where it is must be.
    let checkpoint = reached(&kit, "read", 1);
    let read = instance("read", "read", json!({}), json!({"next": "end"}));
    let plan = kit.publish("outer", document(json!([read, exit("end")])));
    let taken_over = resume(checkpoint.clone().onto(&plan), &kit, call());
    // The handler in force is gone.
    assert!(matches!(
        kit::finish(taken_over),
        Err(ResumeError::Step { step, .. }) if step == "handler"
    ));
    let inner = reached(&kit, "start/1/write", 1);
    let mut edited = outer();
    edited["blocks"].as_array_mut().unwrap().remove(4);
    edited["blocks"][1]["exits"]["done"] = "end".into();
    let plan = kit.publish("outer", edited.clone());
    let finished = kit::finish(resume(inner.onto(&plan), &kit, call())).unwrap();
    assert_eq!(finished.answer["seen"], "ab");
    let plan = kit.publish("outer", edited);
    let gone = kit::finish(resume(checkpoint.onto(&plan), &kit, call()));
    assert!(matches!(gone, Err(ResumeError::Step { step, .. }) if step == "read"));
}

#[test]
fn a_step_that_does_not_come_is_not_reached() {
    let kit = kit();
    let plan = kit.publish("outer", outer());
    let call = kit::call(json!({"seen": ""}), deadline());
    let reached = kit::finish(run_to(&plan, &kit, call, "add", 3));
    assert!(matches!(reached, Reached::End(finished) if finished.failure.is_none()));
}

#[test]
fn what_has_been_waited_for_once_is_not_waited_for_again() {
    let kit = kit();
    let wait = instance(
        "wait",
        "core.wait",
        json!({"milliseconds": 300_000}),
        json!({"next": "end", "timeout": "late"}),
    );
    let plan = kit.publish("outer", document(json!([wait, exit("end"), exit("late")])));
    let mut call = kit::call(json!({}), deadline());
    call.waits = false;
    assert_eq!(kit::finish(run(&plan, &kit, call)).result, "end");
}
