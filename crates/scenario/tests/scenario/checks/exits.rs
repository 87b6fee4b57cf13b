//! Exits: wired, left open, leading nowhere or round and round.

use patchcord_scenario::Severity;
use serde_json::{Value, json};

use super::good::{faults, faults_of, good, kit, one_fault};
use crate::kit::{Kit, document, exit, instance};

#[test]
fn exits() {
    let at = "/blocks/0/exits";
    let message = "the exit `no_data` of `look` is not wired";
    one_fault(at, json!({"next": "end", "failed": "end"}), "/blocks/0/exits/no_data", message);
    let message = "leads to `nowhere`, and there is no such block instance";
    one_fault("/blocks/0/exits/next", json!("nowhere"), "/blocks/0/exits/next", message);
    let message = "the block has no exit `a/b`; it has no_data, next, and failed";
    let mut document = good();
    document["blocks"][0]["exits"]["a/b"] = json!("end");
    let problems = kit().check(&document).unwrap_err();
    assert_eq!(
        (problems[0].pointer.as_str(), problems[0].message.as_str()),
        ("/blocks/0/exits/a~1b", message)
    );
    let message = "the block has no exit `failed`: it ends the run";
    let mut document = good();
    document["blocks"][1]["exits"] = json!({"failed": "look"});
    assert_eq!(kit().check(&document).unwrap_err()[0].message, message);
}

#[test]
fn the_exits_of_switch_are_those_that_it_names() {
    let with = |branches: Value, exits: Value| {
        let properties = json!({"value": "$(n)", "branches": branches});
        let mut document = good();
        document["blocks"][0] = instance("look", "core.switch", properties, exits);
        match kit().check(&document) {
            Ok((_, warnings)) => warnings,
            Err(problems) => problems,
        }
    };
    let branches = json!([{"value": 1, "exit": "gold"}, {"value": "=2", "exit": "gold"}]);
    let wired = json!({"gold": "end", "default": "end"});
    assert_eq!(with(branches.clone(), wired.clone()), []);
    let problems = with(branches.clone(), json!({"default": "end"}));
    assert_eq!(problems[0].pointer, "/blocks/0/exits/gold");
    assert_eq!(problems[0].message, "the exit `gold` of `look` is not wired");
    let problems = with(branches, json!({"gold": "end", "default": "end", "silver": "end"}));
    assert_eq!(problems[0].pointer, "/blocks/0/exits/silver");
    let problems = with(json!([{"value": 1, "exit": "failed"}]), wired.clone());
    assert_eq!(problems[0].pointer, "/blocks/0/properties/branches/0/exit");
    let twice = json!([{"value": 1, "exit": "gold"}, {"value": 1.0, "exit": "gold"}]);
    let problems = with(twice, wired.clone());
    assert_eq!(problems[0].pointer, "/blocks/0/properties/branches/1/value");
    let problems = with(json!([]), json!({"default": "end"}));
    assert_eq!(problems[0].pointer, "/blocks/0/properties/branches");
}

#[test]
fn an_unwired_failure_is_a_warning() {
    let problems = faults_of(&kit(), "/blocks/0/exits", json!({"next": "end", "no_data": "end"}));
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].severity, Severity::Warning);
    assert_eq!(problems[0].pointer, "/blocks/0/exits/failed");
    assert!(problems[0].message.contains("a failure here ends the run"));
}

#[test]
fn every_failure_may_be_wired() {
    let mut exits = json!({"next": "end", "no_data": "end"});
    for kind in patchcord_scenario::FailureKind::ALL {
        exits[kind.exit()] = json!("end");
    }
    assert_eq!(faults_of(&kit(), "/blocks/0/exits", exits), []);
}

#[test]
fn blocks_that_lead_nowhere() {
    let problems = faults_of(&kit(), "/blocks/-", exit("spare"));
    assert_eq!(problems.len(), 1);
    assert_eq!(
        (problems[0].pointer.as_str(), problems[0].severity),
        ("/blocks/2", Severity::Warning)
    );
    assert_eq!(problems[0].message, "no run can reach `spare`");
    let round = json!({"next": "look", "no_data": "look", "failed": "look"});
    let problems = faults_of(&kit(), "/blocks/0/exits", round);
    assert_eq!(problems[0].pointer, "/blocks/0");
    assert_eq!(problems[0].message, "from `look` no run can come to an Exit block");
}

#[test]
fn a_loop_that_never_comes_round_is_a_warning() {
    let each = |next: &str| {
        let exits = json!({"next": next, "done": "end"});
        let each = instance("each", "core.for-each", json!({"list": [1, 2]}), exits);
        let log = instance("log", "core.log", json!({"message": "x"}), json!({"next": "each"}));
        faults(&Kit::new(), &document(json!([each, log, exit("end")])))
    };
    assert_eq!(each("log"), []);
    let never = each("end");
    assert_eq!(never[0].0, "/blocks/0/exits/next");
    assert!(never[0].2.contains("only the first item"), "{never:?}");
    let exits = json!({"next": "each", "done": "each"});
    let endless = instance("each", "core.for-each", json!({"list": [1]}), exits);
    let endless = faults(&Kit::new(), &document(json!([endless, exit("end")])));
    assert!(endless[0].2.contains("no run can come to an Exit block"), "{endless:?}");
}
