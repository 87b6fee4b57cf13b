//! Integration accounts: named, selected, the default one, and whether they can be used.

use patchcord_scenario::{Problem, Severity};
use serde_json::{Value, json};

use super::good::{faults_of, good, kit, one_fault};
use crate::kit::instance;

#[test]
fn accounts() {
    let message = "there is no integration account `CMR`";
    one_fault("/blocks/0/account", json!("CMR"), "/blocks/0/account", message);
    let bare = kit().without_default_account();
    let problems = bare.check(&good()).unwrap_err();
    assert_eq!(problems[0].pointer, "/blocks/0/account");
    assert!(problems[0].message.contains("`look` has no integration account"));
    assert_eq!(faults_of(&bare, "/blocks/0/account", json!("CRM")), []);
}

#[test]
fn an_account_that_cannot_be_used_is_a_warning_where_it_is_named_first() {
    let why = "integration account `CRM`: press Request token and sign in";
    let kit = kit().unusable("handle-1", why).unusable("handle-2", "unused");
    let exits = json!({"next": "end", "no_data": "end", "failed": "end"});
    let second = || instance("again", "find", json!({"query": "$top=1"}), exits.clone());
    let told = |document: &Value| -> Vec<_> {
        let (_, problems) = kit.check(document).unwrap();
        let warning = |problem: &Problem| problem.severity == Severity::Warning;
        assert!(problems.iter().all(warning), "{problems:#?}");
        let about = problems.into_iter().filter(|problem| problem.message == why);
        about.map(|problem| problem.pointer).collect()
    };
    // By default, and twice.
    let mut document = good();
    document["blocks"].as_array_mut().unwrap().push(second());
    document["blocks"][0]["exits"]["next"] = json!("again");
    assert_eq!(told(&document), ["/blocks/0/account"]);
    // Another block's own is the default of the first.
    document["blocks"][0]["account"] = json!("Dynamics 365 (demo)");
    assert_eq!(told(&document), ["/blocks/2/account"]);
    document["blocks"][2]["account"] = json!("Dynamics 365 (demo)");
    assert_eq!(told(&document), <[&str; 0]>::default());
    // Selected: the default one is of no account any more.
    let mut document = good();
    let exits = json!({"next": "look", "failed": "end"});
    let select = instance("select", "select", json!({"account": "CRM"}), exits);
    document["blocks"].as_array_mut().unwrap().push(select);
    document["start"] = json!("select");
    assert_eq!(told(&document), ["/blocks/2/properties/account"]);
    document["blocks"][2]["properties"]["account"] = json!("$(which)");
    assert_eq!(told(&document), <[&str; 0]>::default());
}

#[test]
fn an_account_is_selected_on_every_way() {
    let select = |properties: Value, failed: &str| {
        let exits = json!({"next": "look", "failed": failed});
        let mut document = good();
        let blocks = document["blocks"].as_array_mut().unwrap();
        blocks.insert(0, instance("select", "select", properties, exits));
        document["start"] = json!("select");
        kit().without_default_account().check(&document).map(|(_, warnings)| warnings)
    };
    assert_eq!(select(json!({"account": "CRM"}), "end"), Ok(vec![]));
    assert_eq!(select(json!({"account": "$(which)"}), "end"), Ok(vec![]));
    let problems = select(json!({"account": "CRM"}), "look").unwrap_err();
    assert_eq!(problems[0].pointer, "/blocks/1/account");
    let problems = select(json!({"account": "CMR"}), "end").unwrap_err();
    assert_eq!(problems[0].pointer, "/blocks/0/properties/account");
    assert_eq!(problems[0].message, "`account`: `CMR` names no integration account");
}
