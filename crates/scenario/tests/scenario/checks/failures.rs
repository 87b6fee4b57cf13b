//! What becomes of failures, and of the time for them.

use patchcord_runtime::Operation;
use patchcord_scenario::Severity;
use serde_json::{Value, json};

use super::good::faults;
use crate::kit::{Kit, document, exit, instance, leaves_by, manifest};

fn writer() -> Kit {
    let mut write = manifest("write");
    write.operations = vec![Operation::Create];
    Kit::new().block(write, |_| leaves_by("next"))
}

#[test]
fn a_write_whose_failure_leads_nowhere_is_a_warning() {
    let with = |exits: Value| {
        let write = instance("write", "write", exits["properties"].clone(), exits["exits"].clone());
        faults(&writer(), &document(json!([write, exit("end")])))
    };
    let bare = with(json!({"properties": {}, "exits": {"next": "end"}}));
    assert_eq!(bare.len(), 1, "{bare:?}");
    assert_eq!((bare[0].0.as_str(), bare[0].1), ("/blocks/0/exits/failed", Severity::Warning));
    assert!(bare[0].2.starts_with("no exit for failures of `write` is wired"), "{}", bare[0].2);
    let typed = with(json!({"properties": {}, "exits": {"next": "end", "timeout": "end"}}));
    assert!(typed[0].2.contains("a failure here ends the run"), "{typed:?}");
    assert_eq!(with(json!({"properties": {}, "exits": {"next": "end", "failed": "end"}})), []);
}

#[test]
fn what_a_handler_gets_leads_somewhere() {
    let handler = |id: &str, goes: &str, catch: &str| {
        instance(id, "core.exception-handler", json!({}), json!({"try": goes, "catch": catch}))
    };
    let write = |id: &str, next: &str| instance(id, "write", json!({}), json!({"next": next}));
    let under = json!([handler("handler", "write", "end"), write("write", "end"), exit("end")]);
    assert_eq!(faults(&writer(), &document(under)), []);
    let caught = json!([
        handler("handler", "write", "again"),
        write("write", "end"),
        write("again", "end"),
        exit("end"),
    ]);
    let caught = faults(&writer(), &document(caught));
    assert_eq!((caught.len(), caught[0].0.as_str()), (1, "/blocks/2/exits/failed"), "{caught:?}");
    let around = json!([
        handler("outer", "inner", "end"),
        handler("inner", "write", "again"),
        write("write", "end"),
        write("again", "end"),
        exit("end"),
    ]);
    assert_eq!(faults(&writer(), &document(around)), []);
    let choice = json!({"left": 1, "operator": "equals", "right": 1});
    let on_one_way = json!([
        instance("if", "core.if", choice, json!({"true": "handler", "false": "write"})),
        handler("handler", "write", "end"),
        write("write", "end"),
        exit("end"),
    ]);
    assert_eq!(faults(&writer(), &document(on_one_way)).len(), 1, "the other way has none");
}

#[test]
fn a_deadline_has_room_for_what_steps_may_take() {
    let with = |deadline: u64, first: u64, second: u64| {
        let wait = json!({"milliseconds": second});
        let mut steps = document(json!([
            instance("log", "core.log", json!({"message": "x"}), json!({"next": "wait"})),
            instance("wait", "core.wait", wait, json!({"next": "if"})),
            instance(
                "if",
                "core.if",
                json!({"left": 1, "operator": "equals", "right": 1}),
                json!({"true": "log", "false": "end"})
            ),
            exit("end"),
        ]));
        steps["deadline_ms"] = deadline.into();
        steps["blocks"][0]["timeout_ms"] = first.into();
        faults(&Kit::new(), &steps)
    };
    assert_eq!(with(3_000, 1_000, 2_000), []);
    let together = with(2_999, 1_000, 2_000);
    assert_eq!((together.len(), together[0].0.as_str()), (1, "/deadline_ms"));
    assert!(together[0].2.starts_with("is less than the 3000 ms"), "{together:?}");
    let alone = with(1_500, 1_000, 2_000);
    assert_eq!((alone.len(), alone[0].0.as_str()), (1, "/blocks/1/properties/milliseconds"));
    let timeout = with(500, 1_000, 100);
    assert_eq!((timeout[0].0.as_str(), timeout[0].1), ("/blocks/0/timeout_ms", Severity::Warning));
    assert_eq!(with(3_000, 0, 1)[0].1, Severity::Error);
}
