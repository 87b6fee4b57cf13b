//! The way of a block's author, from a new project to a block that was tried: and what is said where it goes wrong.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::languages::{component, here, json_of, languages, patchcord};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A new project named `open-cases`.
fn new_project(folder: &Path, language: &str) -> String {
    let project = folder.join("open-cases").display().to_string();
    let made =
        patchcord(&["block", "new", "open-cases", "--language", language, "--dir", &project]);
    assert!(made.status.success(), "{}", said(&made));
    project
}

#[test]
fn a_new_project_builds_and_passes_its_cases() {
    let languages = languages();
    // One of each kind of tool. What Python's takes is spent once, on its example.
    for language in ["javascript", "c"] {
        let folder = TempDir::new().unwrap();
        let project = new_project(folder.path(), language);
        let tools = languages.join(language).display().to_string();
        let output = patchcord(&["block", "test", "--tools", &tools, &project]);
        assert!(said(&output).contains("6 of 6 cases passed"), "{language}: {}", said(&output));
        let built = folder.path().join("open-cases/build/open-cases.wasm");
        let checked = patchcord(&["block", "check", "--json", built.to_str().unwrap()]);
        assert_eq!(json_of(&checked)["manifest"]["id"], "example.open-cases");
    }
}

#[test]
fn a_new_project_in_rust_builds_with_the_sdk_that_it_carries() {
    let folder = TempDir::new().unwrap();
    let project = new_project(folder.path(), "rust");
    assert!(folder.path().join("open-cases/.patchcord/sdk/crates/block/src/lib.rs").is_file());
    let output = crate::kit::patchcord(&["block", "test", &project])
        .env("PATCHCORD_CACHE", crate::languages::cache())
        .env("CARGO_TARGET_DIR", languages().join("cargo"))
        .output()
        .unwrap();
    assert!(said(&output).contains("6 of 6 cases passed"), "{}", said(&output));
}

#[test]
fn what_a_toolchain_lacks_is_named_with_the_command_that_gets_it() {
    for (language, missing, command) in [
        ("javascript", "componentize-qjs is missing", "npm ci --ignore-scripts"),
        ("python", "componentize-py is missing", "-m pip install --require-hashes"),
    ] {
        let folder = TempDir::new().unwrap();
        let project = new_project(folder.path(), language);
        let output = patchcord(&["block", "build", &project]);
        assert_eq!(output.status.code(), Some(1));
        let said = said(&output);
        assert!(said.contains(missing) && said.contains(command), "{said}");
        assert!(said.contains("patchcord block build --install"), "{said}");
    }
}

#[test]
fn a_name_or_a_folder_that_will_not_do_is_refused() {
    let folder = TempDir::new().unwrap();
    let wrong =
        patchcord(&["block", "new", "Open_Cases", "--dir", folder.path().to_str().unwrap()]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(said(&wrong).contains("such as `greet-caller`"), "{}", said(&wrong));
    let empty = patchcord(&["block", "build", folder.path().to_str().unwrap()]);
    assert!(said(&empty).contains("holds no block's project"), "{}", said(&empty));
}

#[test]
fn a_case_that_fails_shows_what_was_expected_and_what_came() {
    let folder = TempDir::new().unwrap();
    let cases = folder.path().join("cases.json");
    let case = json!({ "cases": [
        {
            "name": "wrong on purpose",
            "properties": { "number": "+1", "greeting": "hello" },
            "answers": [{ "call": "find-by-phone", "records": [{ "fullname": "Ann" }] }],
            "expect": { "exit": "no_data", "variables": { "hello": "Hi, Ann!" } },
        },
        { "name": "not answered", "properties": { "number": "+1", "greeting": "hello" } },
    ] });
    std::fs::write(&cases, case.to_string()).unwrap();
    let block = component(&languages(), "c");
    let arguments = ["block", "test", "--cases", cases.to_str().unwrap(), block.to_str().unwrap()];
    let output = patchcord(&arguments);
    assert_eq!(output.status.code(), Some(1));
    let said = said(&output);
    for expected in [
        "FAILED  wrong on purpose",
        "exit (- expected, + came)\n    - \"no_data\"\n    + \"next\"",
        "-   \"hello\": \"Hi, Ann!\"",
        "+   \"hello\": \"Hello, Ann!\"",
        "the block asked what the case does not answer: find-by-phone of contacts",
        "0 of 2 cases passed",
        "2 cases failed",
    ] {
        assert!(said.contains(expected), "{expected:?} is not in\n{said}");
    }
}

#[test]
fn a_run_shows_each_host_call_with_its_answer() {
    let folder = TempDir::new().unwrap();
    let answers = folder.path().join("answers.json");
    std::fs::write(&answers, r#"[{"records": [{"fullname": "Ann"}]}]"#).unwrap();
    let block = component(&languages(), "javascript");
    let run = ["block", "run", block.to_str().unwrap(), "--property", "greeting=hello"];
    let number = ["--property", "number=+13175550125", "--answers", answers.to_str().unwrap()];
    let output = patchcord(&[&run[..], &number[..]].concat());
    assert!(output.status.success(), "{}", said(&output));
    for expected in [
        "→ find-by-phone contacts: +13175550125",
        "← 1 record(s): [{\"fullname\": \"Ann\"}]",
        "log info: 1 contact(s) have this number",
        "exit next",
        "sets the variable hello to \"Hello, Ann!\"",
    ] {
        assert!(said(&output).contains(expected), "{expected:?} is not in\n{}", said(&output));
    }
    let lacking = patchcord(&run);
    assert_eq!(lacking.status.code(), Some(1));
    assert!(said(&lacking).contains("\"number\" is a required property"), "{}", said(&lacking));
}

#[test]
fn a_run_can_ask_the_emulator() {
    let block = component(&languages(), "c");
    let arguments = ["block", "run", "--json", "--emulator", block.to_str().unwrap()];
    let properties = ["--property", "number=+999999999999", "--property", "greeting=hello"];
    let done = json_of(&patchcord(&[&arguments[..], &properties[..]].concat()));
    assert_eq!(done["exit"], "no_data", "{done:#}");
    assert_eq!(done["calls"][0]["answered"], "nobody has it", "{done:#}");
}

#[test]
fn a_file_that_is_no_block_is_refused_with_the_reason() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("core.wasm");
    std::fs::write(&file, b"\0asm\x01\0\0\0").unwrap();
    let output = patchcord(&["block", "check", file.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("it is a core wasm module"), "{}", said(&output));
    let json = patchcord(&["block", "check", "--json", file.to_str().unwrap()]);
    let checked: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(checked["good"], false);
    assert!(checked["errors"][0]["message"].as_str().unwrap().contains("core wasm module"));
}

#[test]
fn the_examples_keep_no_lock_that_names_a_registry_host() {
    let examples = here().join("../../examples/blocks");
    for lock in ["javascript/package-lock.json", "python/requirements.txt", "c/requirements.txt"] {
        let text = std::fs::read_to_string(examples.join(lock)).unwrap();
        assert!(!text.contains("http") && !text.contains("--find-links"), "{lock}");
        assert!(text.contains("sha"), "{lock} pins by hash");
    }
}
