//! How a run walks: exits, variables, recordsets, loops, screen pops and what is answered.
use std::time::{Duration, Instant};

use crate::kit::{
    self, Build, Kit, answer, document, does, exit, instance, leaves_by, manifest, records, sets,
    way,
};
use patchcord_runtime::{Effect, Invoked, LogLevel, LogLine, ScreenPop};
use patchcord_scenario::{FailureKind, Path};
use serde_json::{Value, json};

/// A search that finds these records, or leaves by `no_data`.
fn search(found: Vec<Value>) -> Kit {
    let find = manifest("find")
        .kind("query", "odata-query")
        .kind("recordset", "recordset-name")
        .exit("no_data");
    Kit::new().block(find, move |call| {
        if found.is_empty() {
            return leaves_by("no_data");
        }
        let name = call.properties["recordset"].as_str().unwrap().to_owned();
        does(vec![Effect::SetRecordset { name, records: records(&found) }])
    })
}

fn find(next: &str) -> Value {
    let properties = json!({"query": "$filter=a eq '$(item.from)'", "recordset": "RS"});
    instance("find", "find", properties, json!({"next": next, "no_data": "none", "failed": "none"}))
}

fn set(id: &str, variable: &str, value: Value, next: &str) -> Value {
    let properties = json!({"variable": variable, "value": value});
    instance(id, "core.set-variable", properties, json!({"next": next}))
}

#[test]
fn a_search_leaves_by_what_it_found() {
    let document = document(json!([
        find("some"),
        answer(
            "some",
            json!({"name": "$(RS.name)", "count": "$(RS.__count__)", "text": "<$(RS.name)>"})
        ),
        exit("none"),
    ]));
    let kit = search(vec![json!({"name": null}), json!({"name": "b"})]);
    let finished = kit.run(&document, json!({"item.from": "O'N"}));
    assert_eq!(way(&finished), ["find:next", "some"]);
    let expected = json!({"name": null, "count": 2, "text": "<>"});
    assert_eq!(Value::Object(finished.answer), expected);
    assert_eq!(kit.calls()[0].properties["query"], "$filter=a eq 'O''N'");
    assert_eq!(kit.calls()[0].locale, "en-US");
    let finished = search(vec![]).run(&document, json!({"item.from": ""}));
    assert_eq!(way(&finished), ["find:no_data", "none"]);
    assert_eq!(finished.result, "none");
    assert_eq!(finished.failure, None);
}

#[test]
fn get_next_record_goes_through_a_recordset() {
    let more = json!({"next": "add", "no_more": "done"});
    let document = document(json!([
        set("start", "names", json!(""), "find"),
        find("add"),
        set("add", "names", json!("$(names)$(RS.name)"), "more"),
        instance("more", "core.get-next-record", json!({"recordset": "RS"}), more),
        answer("done", json!({"names": "$(names)"})),
        exit("none"),
    ]));
    let found = ["a", "b", "c"].map(|name| json!({"name": name}));
    let finished = search(found.into()).run(&document, json!({"item.from": "1"}));
    assert_eq!(finished.answer["names"], "abc");
    let visits: Vec<u32> =
        finished.steps.iter().filter(|step| step.id == "add").map(|step| step.visit).collect();
    assert_eq!(visits, [1, 2, 3]);
    assert_eq!(way(&finished).last().unwrap(), "done");
}

#[test]
fn what_is_not_there_fails_the_step_that_asks_for_it() {
    let next = json!({"next": "end", "no_more": "end"});
    let next = document(json!([
        instance("more", "core.get-next-record", json!({"recordset": "RS"}), next),
        exit("end"),
    ]));
    let failure = Kit::new().run(&next, json!({})).failure.unwrap();
    assert_eq!((failure.step.as_str(), failure.kind), ("more", FailureKind::InvalidRequest));
    assert_eq!(failure.message, "property `recordset`: there is no recordset `RS` in this run");
    let finished =
        Kit::new().run(&document(json!([answer("end", json!({"a": "$(b.c)"}))])), json!({}));
    assert_eq!(finished.result, "failed");
    let failure = finished.failure.unwrap();
    assert_eq!(failure.message, "property `answer`: $(b.c): has no value in this run");
}

#[test]
fn if_compares_with_types() {
    let of = |operator: &str, right: Value| {
        let properties = json!({"left": "$(n)", "operator": operator, "right": right});
        let exits = json!({"true": "yes", "false": "no", "failed": "wrong"});
        let if_block = instance("if", "core.if", properties, exits);
        let document = document(json!([if_block, exit("yes"), exit("no"), exit("wrong")]));
        Kit::new().run(&document, json!({"n": 10, "m": 9})).result
    };
    assert_eq!(of("equals", json!(10)), "yes");
    assert_eq!(of("equals", json!("10")), "no");
    assert_eq!(of("greater", json!("$(m)")), "yes");
    assert_eq!(of("greater", json!("9")), "wrong");
    assert_eq!(of("is_empty", Value::Null), "no");
}

#[test]
fn set_variable_keeps_types_and_nothing_touches_what_the_call_brought() {
    let document = document(json!([
        set("a", "typed", json!("$(item.list)"), "b"),
        set("b", "text", json!("n=$(item.n) $$(x)"), "c"),
        set("c", "object", json!({"a": ["$(item.n)", "$(item.n)!"]}), "end"),
        answer("end", json!({"text": "answered"})),
    ]));
    let call = json!({"item": {"list": [1, "2"], "n": 7}, "other": 1});
    let finished = Kit::new().run(&document, call);
    let all = finished.variables_for(None);
    let expected = json!({"typed": [1, "2"], "object": {"a": [7, "7!"]}, "text": "answered"});
    assert_eq!(Value::Object(all), expected);
    let want = ["other", "item.n", "typed.1", "missing"].map(|name| Path::parse(name).unwrap());
    let expected = json!({"other": 1, "item.n": 7, "typed.1": "2", "text": "answered"});
    assert_eq!(Value::Object(finished.variables_for(Some(&want))), expected);
}

#[test]
fn effects_happen_in_order_and_the_last_screen_pop_counts() {
    let mut pop = manifest("pop");
    pop.pops_screen = true;
    let popped = |id: &str| ScreenPop { entity_set: "contacts".into(), id: id.into() };
    let effects = vec![
        sets("x", json!(1)),
        Effect::PopScreen(popped("1")),
        sets("x", json!(2)),
        Effect::PopScreen(popped("2")),
    ];
    let kit = Kit::new().block(pop, move |_| does(effects.clone()));
    let exits = json!({"next": "end", "failed": "end"});
    let finished = kit
        .run(&document(json!([instance("pop", "pop", json!({}), exits), exit("end")])), json!({}));
    assert_eq!(finished.variables_for(None)["x"], 2);
    assert_eq!(finished.screen_pop, Some(popped("2")));
}

#[test]
fn a_loop_is_ended_after_so_many_steps() {
    let properties = json!({"left": 1, "operator": "equals", "right": 1});
    let if_block = instance("if", "core.if", properties, json!({"true": "if", "false": "end"}));
    let finished = Kit::new().run(&document(json!([if_block, exit("end")])), json!({}));
    assert_eq!(finished.steps.len(), 1_000);
    assert_eq!(finished.result, "failed");
    assert!(finished.failure.unwrap().message.contains("1000 steps"));
}

#[test]
fn a_loop_cannot_take_the_memory_or_the_stack() {
    let mut nested = json!("$(x)");
    for _ in 0..100 {
        nested = json!([nested]);
    }
    for (value, problem) in [(json!("$(x)$(x)"), "at most 64 MiB"), (nested, "nested too deeply")] {
        let again = json!({"left": 1, "operator": "equals", "right": 1});
        let document = document(json!([
            set("grow", "x", value, "if"),
            instance("if", "core.if", again, json!({"true": "grow", "false": "end"})),
            exit("end"),
        ]));
        let failure = Kit::new().run(&document, json!({"x": "0123456789"})).failure.unwrap();
        assert_eq!(failure.step, "grow");
        assert!(failure.message.contains(problem), "{}", failure.message);
    }
}

#[test]
fn after_the_deadline_no_block_is_run_but_the_run_comes_to_its_answer() {
    let kit = search(vec![json!({})]);
    let mut start = find("none");
    start["exits"]["timeout"] = json!("late");
    let document = document(json!([start, exit("none"), exit("late")]));
    let finished = kit.run_until(&document, json!({"item.from": ""}), Instant::now());
    assert_eq!(finished.result, "late");
    assert_eq!(kit.calls().len(), 0);
    let finished = kit.run_until(
        &document,
        json!({"item.from": ""}),
        Instant::now() + Duration::from_secs(60),
    );
    assert_eq!((finished.result.as_str(), kit.calls().len()), ("none", 1));
}

#[test]
fn the_trace_tells_each_step() {
    let exits = json!({"next": "end", "failed": "end"});
    let mut first = instance("look", "noisy", json!({}), exits);
    first["title"] = json!("Look it up");
    let kit = Kit::new().whole(manifest("noisy"), |_| Invoked {
        log: vec![LogLine { level: LogLevel::Warn, message: "careful".into() }],
        ..kit::invoked(leaves_by("next"))
    });
    let finished = kit.run(&document(json!([first, exit("end")])), json!({}));
    let step = &finished.steps[0];
    assert_eq!((step.id.as_str(), step.block.as_str()), ("look", "noisy@1.2.3"));
    assert_eq!((step.title.as_str(), step.exit.as_deref()), ("Look it up", Some("next")));
    assert_eq!(step.log[0].message, "careful");
    assert_eq!(finished.steps[1].title, "Exit");
    let text = serde_json::to_string(&finished.steps).unwrap();
    let back: Vec<patchcord_scenario::StepTrace> = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
}

#[test]
fn every_visit_has_a_key_of_its_own_and_a_repeated_run_the_same() {
    let exits = json!({"next": "again", "failed": "end"});
    let again = json!({"left": "$(n)", "operator": "is_empty"});
    let document = document(json!([
        instance("look", "look", json!({}), exits),
        instance("again", "core.if", again, json!({"true": "set", "false": "end"})),
        set("set", "n", json!(1), "look"),
        exit("end"),
    ]));
    let keys = || {
        let kit = Kit::new().block(manifest("look"), |_| leaves_by("next"));
        kit.run(&document, json!({"n": null}));
        kit.calls().iter().map(|call| call.step_key).collect::<Vec<_>>()
    };
    let first = keys();
    assert_eq!(first.len(), 2);
    assert_ne!(first[0], first[1]);
    assert_eq!(first, keys());
}

#[test]
fn what_an_expression_comes_to_keeps_its_type() {
    let set = |id: &str, variable: &str, value: Value, next: &str| {
        let properties = json!({"variable": variable, "value": value});
        instance(id, "core.set-variable", properties, json!({"next": next}))
    };
    let branches = json!([
        {"value": "5", "exit": "text"},
        {"value": "=2 + 3", "exit": "number"},
        {"value": "$(five)", "exit": "later"},
    ]);
    let switch = json!({"value": "$(five)", "branches": branches});
    let ways = json!({"text": "end", "number": "check", "later": "end", "default": "end"});
    let condition =
        json!({"left": "=$(five) * 2 >= 10 and not defined($(six))", "operator": "is_true"});
    let document = document(json!([
        set("literal", "text", json!("2+2"), "sum"),
        set("sum", "five", json!("=$(n) + 1"), "sign"),
        set("sign", "sign", json!("==$(five)"), "switch"),
        instance("switch", "core.switch", switch, ways),
        instance("check", "core.if", condition, json!({"true": "right", "false": "end"})),
        answer(
            "right",
            json!({
                "text": "$(text)", "five": "$(five)", "sign": "$(sign)",
                "greeting": "='Dear ' & titlecase($(item.name))", "nothing": "=default($(item.no), null)",
            })
        ),
        exit("end"),
    ]));
    let finished = Kit::new().run(&document, json!({"n": 4, "item.name": "ann \"o'neil\""}));
    assert_eq!(finished.result, "right", "{:?}", finished.failure);
    let expected = json!({
        "text": "2+2", "five": 5, "sign": "=5", "greeting": "Dear Ann \"O'neil\"", "nothing": null,
    });
    assert_eq!(Value::Object(finished.answer), expected);
}

#[test]
fn an_expression_that_fails_fails_its_step_with_its_place() {
    let document = document(json!([
        instance(
            "sum",
            "core.set-variable",
            json!({"variable": "x", "value": "=1 + $(n)"}),
            json!({"next": "end", "invalid_request": "wrong"})
        ),
        exit("end"),
        answer("wrong", json!({})),
    ]));
    let finished = Kit::new().run(&document, json!({"n": "1"}));
    assert_eq!(finished.result, "wrong");
    let failure = finished.steps[0].failure.as_ref().unwrap();
    assert_eq!(
        failure.message,
        "property `value`: `+` takes two numbers, not a number and text; `&` joins texts of any value at character 4"
    );
}
