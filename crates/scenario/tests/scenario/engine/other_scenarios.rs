//! Start Another Scenario: what is carried over both ways, what becomes of failures, and how deep it goes.

use std::time::{Duration, Instant};

use patchcord_runtime::{Effect, ScreenPop, StepError};
use patchcord_scenario::FailureKind;
use serde_json::{Value, json};

use crate::kit::{Build, Kit, answer, document, does, exit, instance, leaves_by, manifest, way};

fn start(id: &str, scenario: &str, exits: Value) -> Value {
    let properties = json!({
        "scenario": scenario, "result_variable": "result", "answer_variable": "answer",
    });
    instance(id, "core.start-scenario", properties, exits)
}

fn kit() -> Kit {
    let mut select = manifest("select").kind("account", "account");
    (select.selects_account, select.pops_screen) = (true, true);
    Kit::new()
        .block(manifest("work"), |_| leaves_by("next"))
        .block(manifest("bad"), |_| Err(StepError::Busy))
        .block(select, |call| {
            let account = call.properties["account"].as_str().unwrap().to_owned();
            let pop = ScreenPop { entity_set: "contacts".into(), id: "1".into() };
            does(vec![Effect::SelectAccount(account), Effect::PopScreen(pop)])
        })
}

#[test]
fn variables_account_and_screen_pop_carry_over_both_ways() {
    let kit = kit();
    let set = json!({"variable": "from_inner", "value": "$(from_outer)!"});
    kit.publish(
        "inner",
        document(json!([
            instance("select", "select", json!({"account": "Other"}), json!({"next": "set"})),
            instance("set", "core.set-variable", set, json!({"next": "known"})),
            answer("known", json!({"name": "$(from_outer)"})),
        ])),
    );
    let outer = document(json!([
        start("start", "in$(rest)", json!({"next": "work"})),
        instance("work", "work", json!({}), json!({"next": "end"})),
        answer("end", json!({"all": "$(result) $(answer.name) $(from_inner)"})),
    ]));
    let finished = kit.run(&outer, json!({"from_outer": "x", "rest": "ner"}));
    assert_eq!(finished.answer["all"], "known x x!");
    assert_eq!(finished.screen_pop.as_ref().unwrap().id, "1");
    let calls = kit.calls();
    assert_eq!(calls[1].account.as_deref(), Some("handle-2"), "selected by the other scenario");
    assert_eq!((calls[0].step.as_str(), calls[0].visit), ("start/1/select", 1));
    assert_ne!(calls[0].step_key, calls[1].step_key);
    let expected = ["start:next", "select:next", "set:next", "known", "work:next", "end"];
    assert_eq!(way(&finished), expected);
    let step = &finished.steps[2];
    assert_eq!(step.scenario.as_deref(), Some("inner@1"));
    assert_eq!((step.within.as_deref(), step.place().as_str()), (Some("start/1"), "start/1/set"));
    assert_eq!(finished.steps[0].scenario, None);
    assert_eq!(finished.steps[0].changed["result"].after, "known");
}

#[test]
fn what_fails_there_fails_the_step_that_started_it() {
    let kit = kit();
    let bad = instance("bad", "bad", json!({}), json!({"next": "end"}));
    kit.publish("inner", document(json!([bad, exit("end")])));
    let run = |exits: Value| {
        let blocks = json!([start("start", "inner", exits), exit("end"), exit("other")]);
        kit.run(&document(blocks), json!({}))
    };
    let failed = run(json!({"next": "end", "failed": "other"}));
    assert_eq!(way(&failed), ["start:failed", "bad", "other"]);
    let typed = run(json!({"next": "end", "unavailable": "other"}));
    assert_eq!(way(&typed), ["start:unavailable", "bad", "other"]);
    let failure = run(json!({"next": "end"})).failure.unwrap();
    assert_eq!((failure.step.as_str(), failure.kind), ("start", FailureKind::Unavailable));
    assert!(failure.message.starts_with("the scenario `inner` failed at `bad`: "), "{failure:?}");
}

#[test]
fn a_handler_holds_in_its_own_scenario_and_for_those_it_starts() {
    let kit = kit();
    let bad = instance("bad", "bad", json!({}), json!({"next": "end"}));
    kit.publish("inner", document(json!([bad, exit("end")])));
    let handler = |goes: &str| {
        instance(
            "handler",
            "core.exception-handler",
            json!({}),
            json!({"try": goes, "catch": "caught"}),
        )
    };
    let outer = json!([
        handler("start"),
        start("start", "inner", json!({"next": "end"})),
        exit("end"),
        exit("caught"),
    ]);
    let finished = kit.run(&document(outer), json!({}));
    assert_eq!(way(&finished), ["handler:try", "start", "bad", "caught"]);
    assert_eq!(finished.steps[1].caught_by.as_deref(), Some("handler"));
    assert_eq!(finished.steps[2].caught_by, None);
    kit.publish("quiet", document(json!([handler("end"), exit("end"), exit("caught")])));
    let after = json!([
        start("start", "quiet", json!({"next": "bad"})),
        instance("bad", "bad", json!({}), json!({"next": "end"})),
        exit("end"),
    ]);
    assert_eq!(kit.run(&document(after), json!({})).failure.unwrap().step, "bad");
}

#[test]
fn scenarios_start_one_another_so_deep_and_no_deeper() {
    let kit = kit();
    let exits = json!({"next": "end", "failed": "deep"});
    let blocks = json!([start("start", "$(me)", exits), exit("end"), exit("deep")]);
    let plan = kit.publish("again", document(blocks));
    let deadline = Instant::now() + Duration::from_secs(60);
    let finished = kit.walk(&plan, json!({"me": "again"}), deadline);
    assert_eq!(finished.result, "end");
    let starts: Vec<_> = finished.steps.iter().filter(|step| step.id == "start").collect();
    assert_eq!(starts.len(), 8);
    let failure = starts[7].failure.as_ref().unwrap();
    assert_eq!(failure.message, "scenarios may start one another 8 deep");
    assert_eq!(starts[7].within.as_deref().unwrap().matches("start/1").count(), 7);
    assert_eq!(finished.variables_for(None)["result"], "end");
}

#[test]
fn a_scenario_that_is_not_there_fails_the_step() {
    let blocks = json!([start("start", "$(x)", json!({"next": "end"})), exit("end")]);
    let failure = kit().run(&document(blocks), json!({"x": "none"})).failure.unwrap();
    assert_eq!(failure.kind, FailureKind::InvalidRequest);
    assert!(failure.message.contains("no published scenario `none`"), "{failure:?}");
}

#[test]
fn a_run_counts_the_steps_of_every_scenario() {
    let kit = kit();
    let set = instance(
        "set",
        "core.set-variable",
        json!({"variable": "x", "value": 1}),
        json!({"next": "end"}),
    );
    kit.publish("inner", document(json!([set, exit("end")])));
    let again = json!({"left": 1, "operator": "equals", "right": 1});
    let outer = document(json!([
        start("start", "inner", json!({"next": "if"})),
        instance("if", "core.if", again, json!({"true": "start", "false": "end"})),
        exit("end"),
    ]));
    let finished = kit.run(&outer, json!({}));
    assert_eq!(finished.steps.len(), 1_000);
    assert!(finished.failure.unwrap().message.contains("1000 steps"));
}
