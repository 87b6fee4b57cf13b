//! What is wrong with a document as a whole: its head, its ids, the blocks it names.

use patchcord_scenario::{core_manifests, parse};
use serde_json::json;

use super::good::{faults_of, good, kit, one_fault};
use crate::kit::exit;

#[test]
fn a_good_document_has_no_problems() {
    let (plan, warnings) = kit().check(&good()).unwrap();
    assert_eq!(warnings, []);
    assert_eq!(plan.scenario().name, "test");
}

#[test]
fn an_unknown_block() {
    let mut ids: Vec<&str> = core_manifests().iter().map(|block| block.id.as_str()).collect();
    ids.sort_unstable();
    let message = format!("there is no block `fnd`; there are: {}, find, select", ids.join(", "));
    one_fault("/blocks/0/block", json!("fnd"), "/blocks/0/block", &message);
    one_fault("/blocks/0/block", json!("find@9.0.0"), "/blocks/0/block", "`find@9.0.0`");
    one_fault("/blocks/1/block", json!("core.exit@2.0.0"), "/blocks/1/block", "`core.exit@2.0.0`");
}

#[test]
fn a_version_that_is_there() {
    assert_eq!(faults_of(&kit(), "/blocks/0/block", json!("find@1.2.3")), []);
    assert_eq!(faults_of(&kit(), "/blocks/1/block", json!("core.exit@1.0.0")), []);
}

#[test]
fn ids() {
    let message = "the id `end` is taken by /blocks/1";
    one_fault("/blocks/-", exit("end"), "/blocks/2/id", message);
    one_fault("/start", json!("nowhere"), "/start", "there is no block instance `nowhere`");
    let mut document = good();
    document["blocks"][1]["id"] = json!("e nd");
    let problems = kit().check(&document).unwrap_err();
    assert!(problems.iter().any(|p| p.pointer == "/blocks/1/id"), "{problems:#?}");
}

#[test]
fn the_head() {
    one_fault("/name", json!("Über"), "/name", "lower-case letters, digits and dashes");
    one_fault("/patchcord", json!("2.0"), "/patchcord", "format `2.0` is not known");
    one_fault("/deadline_ms", json!(0), "/deadline_ms", "between 1 and 600000");
    let mut empty = good();
    empty["blocks"] = json!([]);
    let problems = kit().check(&empty).unwrap_err();
    let at: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
    assert_eq!(at, ["/blocks", "/start"]);
}

#[test]
fn what_is_no_scenario_says_where() {
    let of = |text: &str| {
        let problem = parse(text.as_bytes()).unwrap_err();
        (problem.pointer, problem.message)
    };
    let (pointer, message) = of("{\"patchcord\": \"1.0\",\n  oops}");
    assert_eq!(pointer, "");
    assert!(
        message.starts_with("is no JSON: ") && message.ends_with("at line 2 column 3"),
        "{message}"
    );
    assert!(of("").1.contains("EOF"));
    assert!(of(&format!("{} x", good())).1.starts_with("is no JSON: trailing characters"));
    let mut document = good();
    document["blocks"][0]["exits"]["next"] = json!(5);
    assert_eq!(of(&document.to_string()).0, "/blocks/0/exits/next");
    let twice = good().to_string().replacen("\"next\":", "\"no_data\":\"end\",\"next\":", 1);
    let (pointer, message) = of(&twice);
    assert!(pointer.starts_with("/blocks/0/exits"), "{pointer}");
    assert!(message.contains("`no_data` stands here twice"), "{message}");
    assert!(of(r#"{"patchcord": "1.0", "nam": ""}"#).1.contains("unknown field `nam`"));
    let newer = of(r#"{"patchcord": "2.0", "nodes": []}"#);
    assert_eq!(newer.0, "/patchcord");
    assert!(newer.1.contains("format `2.0` is not known"));
    assert!(parse(b"\xff").unwrap_err().message.starts_with("is no JSON"));
}
