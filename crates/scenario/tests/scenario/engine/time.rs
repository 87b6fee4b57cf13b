//! Time: waits, a step's own time-out, and what a step has left of the deadline.

use std::time::{Duration, Instant};

use patchcord_scenario::FailureKind;
use serde_json::{Value, json};

use crate::kit::{Kit, document, exit, instance, leaves_by, manifest, way};

fn wait(ms: Value, exits: Value) -> Value {
    instance("wait", "core.wait", json!({"milliseconds": ms}), exits)
}

#[test]
fn a_wait_is_over_or_ends_with_the_deadline() {
    let exits = json!({"next": "end", "timeout": "late"});
    let run = |ms: Value, within: u64, variables: Value| {
        let blocks = json!([wait(ms, exits.clone()), exit("end"), exit("late")]);
        let deadline = Instant::now() + Duration::from_millis(within);
        Kit::new().run_until(&document(blocks), variables, deadline)
    };
    assert_eq!(run(json!(20), 60_000, json!({})).result, "end");
    assert_eq!(run(json!("$(ms)"), 60_000, json!({"ms": 20})).result, "end");
    let late = run(json!(60_000), 20, json!({}));
    assert_eq!((late.result.as_str(), way(&late)[0].as_str()), ("late", "wait:timeout"));
    let failure = run(json!("$(ms)"), 60_000, json!({"ms": 600_001})).failure.unwrap();
    assert_eq!(failure.kind, FailureKind::InvalidRequest);
}

#[test]
fn a_step_with_a_time_out_of_its_own_ends_by_it_and_the_run_goes_on() {
    let mut wait = wait(json!(60_000), json!({"next": "end", "timeout": "work"}));
    wait["timeout_ms"] = json!(5);
    let kit = Kit::new().block(manifest("work"), |_| leaves_by("next"));
    let work = instance("work", "work", json!({}), json!({"next": "end"}));
    let finished = kit.run(&document(json!([wait, work, exit("end")])), json!({}));
    assert_eq!(way(&finished), ["wait:timeout", "work:next", "end"]);
}

#[test]
fn a_block_is_told_the_nearest_of_its_deadlines() {
    let left = |timeout: Option<u64>, within: u64| {
        let kit = Kit::new().block(manifest("work"), |_| leaves_by("next"));
        let mut work = instance("work", "work", json!({}), json!({"next": "end"}));
        if let Some(timeout) = timeout {
            work["timeout_ms"] = timeout.into();
        }
        let now = Instant::now();
        kit.run_until(
            &document(json!([work, exit("end")])),
            json!({}),
            now + Duration::from_secs(within),
        );
        kit.calls()[0].deadline - now
    };
    assert_eq!(left(None, 100), Duration::from_secs(100));
    assert_eq!(left(Some(600_000), 100), Duration::from_secs(100));
    let own = left(Some(50_000), 100);
    assert!(own >= Duration::from_secs(50) && own < Duration::from_secs(100), "{own:?}");
}

#[test]
fn a_time_out_holds_for_the_scenario_that_the_step_starts() {
    let kit = Kit::new().block(manifest("work"), |_| leaves_by("next"));
    let inner = wait(json!(600_000), json!({"next": "end", "timeout": "work"}));
    let work = instance("work", "work", json!({}), json!({"next": "end"}));
    kit.publish("inner", document(json!([inner, work, exit("end")])));
    let exits = json!({"next": "after"});
    let mut start = instance("start", "core.start-scenario", json!({"scenario": "inner"}), exits);
    start["timeout_ms"] = json!(20_000);
    let after = instance("after", "work", json!({}), json!({"next": "end"}));
    let now = Instant::now();
    let finished = kit.run_until(
        &document(json!([start, after, exit("end")])),
        json!({}),
        now + Duration::from_secs(60),
    );
    // The clock of the waits jumps, so that the blocks after it still have some of their time.
    assert_eq!(way(&finished)[..3], ["start:next", "wait:timeout", "work:next"]);
    let left: Vec<_> = kit.calls().iter().map(|call| call.deadline - now).collect();
    assert!(left[0] < Duration::from_secs(60), "{left:?}");
    assert_eq!(left[1], Duration::from_secs(60));
}

#[test]
fn a_log_line_is_in_the_trace() {
    let log = |properties: Value| {
        let blocks =
            json!([instance("log", "core.log", properties, json!({"next": "end"})), exit("end")]);
        let finished = Kit::new().run(&document(blocks), json!({"x": "y", "level": "warn"}));
        assert_eq!(finished.result, "end", "{:?}", finished.failure);
        let line = finished.steps[0].log[0].clone();
        (serde_json::to_value(line.level).unwrap(), line.message)
    };
    assert_eq!(log(json!({"message": "x=$(x)"})), (json!("info"), "x=y".to_owned()));
    assert_eq!(log(json!({"message": "x", "level": "$(level)"})), (json!("warn"), "x".to_owned()));
    let (_, long) = log(json!({"message": "é".repeat(4_096)}));
    assert_eq!(long.len(), 4_096 + "…".len());
}
