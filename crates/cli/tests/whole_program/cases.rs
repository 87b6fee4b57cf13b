//! Test cases of scenarios on the command line: those of the examples pass, one that must fail says why, a mistake is
//! told with its place.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::patchcord;

/// `patchcord scenario test` in a folder, with the blocks that `cargo xtask blocks` has built.
fn test(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = patchcord(&["scenario", "test"]);
    command.args(arguments).arg("--blocks").arg(patchcord_tests::blocks().unwrap());
    command.current_dir(folder).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// What it printed, less the times.
fn untimed(output: &Output) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let line = |line: &str| match line.strip_suffix(" ms").and_then(|line| line.rsplit_once("   "))
    {
        Some((start, _)) if start.starts_with("ok") || start.starts_with("FAILED") => {
            start.to_owned()
        }
        _ => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

fn examples() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/scenarios")
}

fn example(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(examples().join(name)).unwrap()).unwrap()
}

fn write(folder: &Path, name: &str, json: &Value) {
    std::fs::write(folder.join(name), serde_json::to_string_pretty(json).unwrap()).unwrap();
}

#[test]
fn every_case_of_the_examples_passes_and_none_has_an_answer_too_many() {
    let output = test(&examples(), &["--json"]);
    assert!(output.status.success(), "{}", said(&test(&examples(), &[])));
    let files: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let names: Vec<&str> = files.iter().map(|file| file["file"].as_str().unwrap()).collect();
    let examples = ["find-caller", "identify-caller", "log-call", "open-case"];
    assert_eq!(names, examples.map(|name| format!("{name}.test.json")));
    let reports = files.iter().flat_map(|file| file["reports"].as_array().unwrap());
    for report in reports {
        assert_eq!((&report["passed"], &report["left"]), (&json!(true), &json!([])), "{report:#}");
    }
}

/// `find` of the example leaves the number out, and several callers are taken for one.
fn broken() -> Value {
    let mut scenario = example("identify-caller.json");
    scenario["blocks"][1]["properties"]["query"] =
        json!("$filter=telephone1 eq '$(item.from)'&$select=contactid,fullname&$top=2");
    scenario["blocks"][2]["properties"]["operator"] = json!("greater_or_equal");
    scenario
}

#[test]
fn a_broken_scenario_is_told_by_what_it_does_otherwise() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "identify-caller.json", &broken());
    let of_example = example("identify-caller.test.json");
    let cases: Vec<&Value> = of_example["cases"].as_array().unwrap().iter().collect();
    let mut chosen = json!({ "cases": [cases[0], cases[3]] });
    let answers = chosen["cases"][0]["answers"].as_array_mut().unwrap();
    answers.push(json!({ "call": "count", "step": "find" }));
    write(folder.path(), "identify-caller.test.json", &chosen);
    let output = test(folder.path(), &["identify-caller.json"]);
    assert_eq!(output.status.code(), Some(1));
    let told = untimed(&output);
    let path = "tests/whole_program/cases_that_fail.txt";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("PATCHCORD_BLESS").is_some() {
        std::fs::write(&path, told.clone() + "\n").unwrap();
    }
    let expected = std::fs::read_to_string(path).unwrap();
    assert_eq!(told, expected.trim_end());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "patchcord: 2 cases failed\n");
}

#[test]
fn what_a_case_does_not_answer_fails_it_and_names_the_step() {
    let folder = TempDir::new().unwrap();
    write(folder.path(), "identify-caller.json", &example("identify-caller.json"));
    let case = json!({ "cases": [{
        "name": "nothing is answered",
        "variables": { "item.from": "1" },
        "expect": { "result": "unavailable" },
    }] });
    write(folder.path(), "other.test.json", &case);
    let lost = test(folder.path(), &["other.test.json"]);
    assert!(said(&lost).contains("cannot read the document other.json"), "{}", said(&lost));
    let mut named = case;
    named["scenario"] = json!("identify-caller.json");
    write(folder.path(), "other.test.json", &named);
    let output = test(folder.path(), &["other.test.json"]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let line = "the step find asked what the case does not answer: query of contacts";
    assert!(told.contains(line) && told.contains("0 of 1 cases passed"), "{told}");
}

#[test]
fn a_mistake_is_told_with_file_and_place_and_the_other_files_are_run() {
    let folder = TempDir::new().unwrap();
    let end = |id: &str| json!({ "id": id, "block": "core.exit", "properties": { "result": id } });
    let scenario = |name: &str, start: &str| json!({ "patchcord": "1.0", "name": name, "start": start, "blocks": [end("end")] });
    let cases = |case: Value| json!({ "cases": [case] });
    let good = json!({ "name": "ends", "expect": { "result": "end" } });
    write(folder.path(), "a.json", &scenario("a", "end"));
    std::fs::write(
        folder.path().join("a.test.json"),
        "{ \"cases\": [\n  { \"name\": \"x\",\n    \"expct\": {} } ] }",
    )
    .unwrap();
    write(folder.path(), "b.json", &scenario("b", "nowhere"));
    write(folder.path(), "b.test.json", &cases(good.clone()));
    write(folder.path(), "c.json", &scenario("c", "end"));
    let step =
        json!({ "name": "x", "answers": [{ "step": "fnd" }], "expect": { "result": "end" } });
    write(folder.path(), "c.test.json", &cases(step));
    write(folder.path(), "d.json", &scenario("d", "end"));
    write(folder.path(), "d.test.json", &cases(good));
    let output = test(folder.path(), &[]);
    let told = said(&output);
    assert_eq!(output.status.code(), Some(1));
    for line in [
        "error: a.test.json: /cases/0/expct: unknown field `expct`",
        "at line 3 column",
        "error: b.json: /start: there is no block instance `nowhere` to start with",
        "error: c.test.json: /cases/0/answers/0/step: the scenario `c` has no step `fnd`",
        "ok      ends",
        "1 of 1 cases passed",
        "patchcord: 3 files were not run",
    ] {
        assert!(told.contains(line), "{line:?} is not in\n{told}");
    }
}

#[test]
fn another_scenario_is_the_document_beside_it_and_web_servers_answer_from_the_case() {
    let folder = TempDir::new().unwrap();
    let exit = |id: &str| json!({ "id": id, "block": "core.exit", "properties": { "result": id } });
    let outer = json!({
        "patchcord": "1.0", "name": "outer", "start": "inner",
        "blocks": [
            { "id": "inner", "block": "core.start-scenario", "properties": { "scenario": "inner", "result_variable": "said" }, "exits": { "next": "end", "failed": "down" } },
            exit("end"), exit("down")
        ]
    });
    let inner = json!({
        "patchcord": "1.0", "name": "inner", "start": "ask",
        "blocks": [
            {
                "id": "ask", "block": "core.fetch-url",
                "properties": { "url": "https://crm.example/callers", "parameters": { "number": "$(item.from)" }, "result_variable": "found" },
                "exits": { "next": "yes", "no_data": "no", "failed": "no" }
            },
            exit("yes"), exit("no")
        ]
    });
    write(folder.path(), "outer.json", &outer);
    write(folder.path(), "inner.json", &inner);
    let fetched = json!([{ "step": "inner/1/ask", "method": "GET", "url": "https://crm.example/callers?number=%2B1" }]);
    let case = |name: &str, fetches: Value, said: &str, path: &str| {
        json!({
            "name": name, "variables": { "item.from": "+1" }, "fetches": fetches,
            "expect": { "result": "end", "variables": { "said": said }, "path": ["inner:next", path, format!("inner/1/{said}"), "end"], "fetches": fetched }
        })
    };
    let down = json!([{ "status": 503 }]);
    let cases = json!({ "cases": [
        case("known", json!([{ "url": "/callers", "body": { "name": "Ann" } }]), "yes", "inner/1/ask:next"),
        case("nobody", json!([{ "step": "inner/1/ask", "body": [] }]), "no", "inner/1/ask:no_data"),
        case("down", down, "no", "inner/1/ask:failed"),
        case("late", json!([{ "error": { "kind": "timeout", "message": "late" } }]), "no", "inner/1/ask:failed"),
    ] });
    write(folder.path(), "outer.test.json", &cases);
    let output = test(folder.path(), &["outer.test.json"]);
    assert!(output.status.success(), "{}", said(&output));
    write(
        folder.path(),
        "inner.json",
        &json!({ "patchcord": "1.0", "name": "inner", "start": "x", "blocks": [] }),
    );
    let told = said(&test(folder.path(), &["outer.test.json"]));
    assert!(told.contains("the scenario `inner`, which it starts, cannot run: /start"), "{told}");
}

#[test]
fn blocks_that_are_not_built_are_named_with_what_builds_them() {
    let mut command = patchcord(&["scenario", "test", "--blocks", "/nonexistent"]);
    let told = said(&command.current_dir(examples()).output().unwrap());
    assert!(told.contains("/nonexistent") && told.contains("cargo xtask blocks"), "{told}");
    let empty = TempDir::new().unwrap();
    let told = said(&test(empty.path(), &[]));
    assert!(told.contains("there is no file of cases (NAME.test.json) in the folder ."), "{told}");
}

/// The text in a fence of this kind in the documentation, after this heading.
fn documented(heading: &str, fence: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenarios.md");
    let text = std::fs::read_to_string(path).unwrap();
    let (_, after) = text.split_once(heading).unwrap();
    let (_, after) = after.split_once(&format!("```{fence}\n")).unwrap();
    after.split_once("\n```").unwrap().0.to_owned()
}

#[test]
fn the_documentation_tells_the_truth() {
    let folder = TempDir::new().unwrap();
    let document = documented("## The document", "json");
    let mut cases: Value = serde_json::from_str(&documented("## Test cases", "json")).unwrap();
    std::fs::write(folder.path().join("greet.json"), &document).unwrap();
    write(folder.path(), "greet.test.json", &cases);
    let output = test(folder.path(), &["greet.json"]);
    assert!(output.status.success(), "{}", said(&output));
    // What it shows of a case that fails: the name is asked for by another column.
    std::fs::write(folder.path().join("greet.json"), document.replace("telephone1", "mobilephone"))
        .unwrap();
    cases["cases"].as_array_mut().unwrap().truncate(1);
    write(folder.path(), "greet.test.json", &cases);
    let told = untimed(&test(folder.path(), &["greet.json"]));
    assert_eq!(documented("## Test cases", "text"), told);
}
