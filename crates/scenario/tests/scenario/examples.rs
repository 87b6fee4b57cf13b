//! The published examples: they keep the schema, pass the checks, and do what they say.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::kit::microsoft::{CASE, CONTACT, kit};
use crate::kit::{self, way};
use patchcord_scenario::{check, parse, schema};
use serde_json::{Value, json};

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn example(name: &str) -> Value {
    let path = examples().join("scenarios").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn run(name: &str, found: usize, variables: Value) -> (patchcord_scenario::Finished, kit::Kit) {
    let kit = kit(found);
    let finished =
        kit.run_until(&example(name), variables, Instant::now() + Duration::from_secs(60));
    (finished, kit)
}

#[test]
fn the_schema_is_the_published_one() {
    let path = examples().join("scenario.schema.json");
    let mut now = serde_json::to_string_pretty(&schema()).unwrap();
    now.push('\n');
    if std::env::var_os("PATCHCORD_BLESS").is_some() {
        std::fs::write(&path, &now).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        published == now,
        "examples/scenario.schema.json is not the schema of the document any more; look at the difference after \
         `PATCHCORD_BLESS=1 cargo test --workspace --test scenario examples` and commit it if it is meant"
    );
}

#[test]
fn every_example_keeps_the_schema_and_passes_the_checks_without_a_warning() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let files = std::fs::read_dir(examples().join("scenarios")).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    names.retain(|path| !path.to_string_lossy().ends_with(".test.json"));
    names.sort();
    assert!(names.len() >= 2, "{names:?}");
    for path in names {
        let text = std::fs::read(&path).unwrap();
        let value: Value = serde_json::from_slice(&text).unwrap();
        let errors = validator.iter_errors(&value).map(|error| error.to_string());
        assert_eq!(errors.collect::<Vec<_>>(), Vec::<String>::new(), "{}", path.display());
        let scenario = parse(&text).unwrap();
        assert_eq!(path.file_stem().unwrap().to_str(), Some(scenario.name.as_str()));
        let (_, warnings) = check(scenario, &kit(0)).unwrap();
        assert_eq!(warnings, [], "{}", path.display());
    }
}

#[test]
fn identify_caller_knows_its_caller() {
    let variables = json!({"item.from": "+1 (317) 555'0101 & co"});
    let (finished, kit) = run("identify-caller.json", 1, variables);
    assert_eq!(finished.result, "known", "{:?}", finished.failure);
    assert_eq!(finished.variables_for(None)["caller_name"], "Ann O'Neil");
    assert_eq!(finished.screen_pop.unwrap().id, CONTACT);
    let calls = kit.calls();
    let search = &calls[1];
    assert_eq!(search.account.as_deref(), Some("handle-demo"));
    assert_eq!(
        search.properties["query"],
        "$filter=telephone1 eq '+1 (317) 555''0101 & co' or mobilephone eq '+1 (317) 555''0101 & co'\
         &$select=contactid,fullname,emailaddress1,telephone1&$top=2"
    );
}

#[test]
fn identify_caller_tells_none_from_several() {
    for (found, result) in [(0, "unknown"), (2, "several")] {
        let (finished, _) = run("identify-caller.json", found, json!({"item.from": "1"}));
        assert_eq!(finished.result, result);
        assert_eq!(finished.screen_pop, None);
    }
    let (finished, _) = run("identify-caller.json", 1, json!({}));
    assert_eq!(finished.result, "unavailable", "a call without a number");
}

#[test]
fn open_case_finds_the_contact_or_makes_it() {
    let variables = json!({"item": {"from": "1", "fullName": "Ann"}, "subject": "Broken"});
    for (found, made) in [(1, "found:next"), (0, "make:next")] {
        let (finished, kit) = run("open-case.json", found, variables.clone());
        assert_eq!(finished.result, "opened", "{:?}", finished.failure);
        assert_eq!(
            finished.variables_for(Some(&[])),
            *json!({"case_id": CASE}).as_object().unwrap()
        );
        assert!(way(&finished).contains(&made.to_owned()), "{:?}", way(&finished));
        let calls = kit.calls();
        let fields = &calls.last().unwrap().properties["fields"];
        assert_eq!(fields["customerid_contact@odata.bind"], format!("/contacts({CONTACT})"));
        assert_eq!(fields["title"], "Broken");
    }
}

/// The text between the first fence of this kind in the documentation and its end.
fn documented(fence: &str) -> String {
    let path = examples().join("../docs/scenarios.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, after) = text.split_once(&format!("```{fence}\n")).unwrap();
    after.split_once("\n```").unwrap().0.to_owned()
}

#[test]
fn the_documentation_tells_the_truth() {
    let mut document: Value = serde_json::from_str(&documented("json")).unwrap();
    let finished = kit(1).run(&document, json!({"item.from": "1"}));
    assert_eq!(finished.result, "known");
    assert_eq!(finished.answer["name"], "Ann O'Neil");
    document["blocks"][0]["properties"]["query"] = json!("$filter=telephone1 eq '$(item.from)");
    let problems = kit(1).check(&document).unwrap_err();
    let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(shown, [documented("text")]);
}
