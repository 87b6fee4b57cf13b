//! Scenarios that start others.

use patchcord_scenario::Severity;
use serde_json::{Value, json};

use super::good::{faults, good, kit};
use crate::kit::{Kit, document, exit, instance};

#[test]
fn another_scenario_must_be_there_and_must_not_go_on_for_ever() {
    let start = |scenario: &str, exits: Value| {
        instance("start", "core.start-scenario", json!({"scenario": scenario}), exits)
    };
    let exits = || json!({"next": "end", "failed": "end"});
    let kit = Kit::new();
    let of =
        |scenario: &str| faults(&kit, &document(json!([start(scenario, exits()), exit("end")])));
    let missing = of("none");
    assert_eq!(missing[0].0, "/blocks/0/properties/scenario");
    assert_eq!(missing[0].1, Severity::Warning);
    assert_eq!(of("$(x)"), []);
    let itself = of("test");
    assert_eq!(itself[0].1, Severity::Error);
    assert!(itself[0].2.contains("leads through a start of this scenario by itself"), "{itself:?}");
    kit.publish("back", document(json!([start("test", exits()), exit("end")])));
    assert!(of("back")[0].2.contains("`back` starts this scenario again"));
    kit.publish("plain", document(json!([exit("end")])));
    assert_eq!(of("plain"), []);
}

#[test]
fn another_scenario_may_select_an_account() {
    let kit = kit().without_default_account();
    let select = instance(
        "select",
        "select",
        json!({"account": "CRM"}),
        json!({"next": "end", "failed": "end"}),
    );
    kit.publish("selects", document(json!([select, exit("end")])));
    kit.publish("plain", document(json!([exit("end")])));
    let of = |scenario: &str| {
        let exits = json!({"next": "look", "failed": "end"});
        let start = instance("start", "core.start-scenario", json!({"scenario": scenario}), exits);
        let mut document = good();
        document["blocks"].as_array_mut().unwrap().push(start);
        document["start"] = json!("start");
        faults(&kit, &document).len()
    };
    assert_eq!((of("selects"), of("plain")), (0, 1));
}
