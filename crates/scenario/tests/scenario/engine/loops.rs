//! For Each: lists, recordsets, loops within loops, and loops that are left.

use patchcord_runtime::Effect;
use serde_json::{Value, json};

use crate::kit::{Build, Kit, answer, document, does, exit, instance, manifest, records, way};

fn each(id: &str, properties: Value, next: &str, done: &str) -> Value {
    instance(id, "core.for-each", properties, json!({"next": next, "done": done}))
}

fn set(id: &str, variable: &str, value: Value, next: &str) -> Value {
    let properties = json!({"variable": variable, "value": value});
    instance(id, "core.set-variable", properties, json!({"next": next}))
}

fn over(list: &str, item: &str) -> Value {
    json!({"list": list, "item_variable": item})
}

/// A block that sets the recordset `RS` to as many records as its property says.
fn finder() -> Kit {
    let find = manifest("find").required("count", json!({"type": "integer"}));
    Kit::new().block(find, |call| {
        let count = call.properties["count"].as_u64().unwrap();
        let found: Vec<Value> = (0..count).map(|n| json!({"n": n})).collect();
        does(vec![Effect::SetRecordset { name: "RS".into(), records: records(&found) }])
    })
}

fn find(id: &str, count: u64, next: &str) -> Value {
    instance(id, "find", json!({"count": count}), json!({"next": next, "failed": "end"}))
}

#[test]
fn goes_round_once_for_each_item_and_keeps_its_type() {
    let document = document(json!([
        set("start", "seen", json!([]), "each"),
        each("each", over("$(items)", "item"), "add", "end"),
        set("add", "seen", json!(["$(seen)", "$(item)"]), "each"),
        answer("end", json!({"seen": "$(seen)", "item": "$(item)"})),
    ]));
    let finished = Kit::new().run(&document, json!({"items": [1, "1", null]}));
    let seen = json!([[[[], 1], "1"], null]);
    assert_eq!(Value::Object(finished.answer), json!({"seen": seen, "item": null}));
    assert_eq!(finished.steps.iter().filter(|step| step.id == "add").count(), 3);
    let nothing = Kit::new().run(&document, json!({"items": [], "item": "untouched"}));
    assert_eq!(way(&nothing), ["start:next", "each:done", "end"]);
    assert_eq!(nothing.answer["item"], "untouched");
}

#[test]
fn what_is_no_list_fails_the_step() {
    let of = |properties: Value, variables: Value| {
        let mut each = each("each", properties, "each", "end");
        each["exits"]["invalid_request"] = json!("end");
        let finished = Kit::new().run(&document(json!([each, exit("end")])), variables);
        finished.steps[0].failure.clone().unwrap().message
    };
    assert_eq!(of(json!({"list": "$(x)"}), json!({"x": {"a": 1}})), "property `list`: is no list");
    let both = of(json!({"list": [1], "recordset": "RS"}), json!({}));
    assert_eq!(both, "give one of the properties `list` and `recordset`");
    assert_eq!(of(json!({}), json!({})), both);
    let missing = of(json!({"recordset": "RS"}), json!({}));
    assert_eq!(missing, "property `recordset`: there is no recordset `RS` in this run");
}

#[test]
fn a_recordset_stands_at_each_record_in_turn() {
    let document = document(json!([
        set("start", "seen", json!(""), "find"),
        find("find", 3, "each"),
        each("each", json!({"recordset": "RS", "item_variable": "record"}), "add", "end"),
        set("add", "seen", json!("$(seen)$(RS.n)$(record.n) "), "each"),
        answer("end", json!({"seen": "$(seen)"})),
    ]));
    assert_eq!(finder().run(&document, json!({})).answer["seen"], "00 11 22 ");
}

#[test]
fn a_loop_goes_through_what_there_was_when_it_began() {
    let document = document(json!([
        set("start", "seen", json!(""), "find"),
        find("find", 2, "each"),
        each("each", json!({"recordset": "RS"}), "add", "end"),
        set("add", "seen", json!("$(seen)$(RS.n) "), "other"),
        find("other", 5, "list"),
        each("list", over("$(items)", "item"), "change", "each"),
        set("change", "items", json!([]), "list"),
        answer("end", json!({"seen": "$(seen)"})),
    ]));
    let finished = finder().run(&document, json!({"items": [1, 2]}));
    assert_eq!(finished.answer["seen"], "0 1 ");
    let changes = finished.steps.iter().filter(|step| step.id == "change").count();
    assert_eq!(changes, 2, "the second time the list is empty");
}

#[test]
fn a_loop_within_a_loop_begins_again_each_time() {
    let document = document(json!([
        set("start", "seen", json!(""), "rows"),
        each("rows", over("$(table)", "row"), "cells", "end"),
        each("cells", over("$(row)", "cell"), "add", "rows"),
        set("add", "seen", json!("$(seen)$(cell)"), "cells"),
        answer("end", json!({"seen": "$(seen)"})),
    ]));
    let finished = Kit::new().run(&document, json!({"table": [["a", "b"], [], ["c"]]}));
    assert_eq!(finished.answer["seen"], "abc");
}

#[test]
fn a_loop_that_is_left_for_the_one_around_it_begins_again() {
    let is_stop = json!({"left": "$(cell)", "operator": "equals", "right": "stop"});
    let document = document(json!([
        set("start", "seen", json!(""), "rows"),
        each("rows", over("$(table)", "row"), "cells", "end"),
        each("cells", over("$(row)", "cell"), "stop", "rows"),
        instance("stop", "core.if", is_stop, json!({"true": "rows", "false": "add"})),
        set("add", "seen", json!("$(seen)$(cell)"), "cells"),
        answer("end", json!({"seen": "$(seen)"})),
    ]));
    let table = json!([["a", "stop", "b"], ["c", "d"], ["stop"], ["e"]]);
    assert_eq!(Kit::new().run(&document, json!({"table": table})).answer["seen"], "acde");
}
