//! The example block in four languages, as `cargo xtask languages` has built it: the same cases pass in each, and one
//! server runs them all alike.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Once;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::{self, Server};

pub(crate) const LANGUAGES: [&str; 4] = ["rust", "javascript", "python", "c"];

/// Where `cargo xtask languages` puts tools and components.
pub(crate) fn languages() -> PathBuf {
    let given = std::env::var_os("PATCHCORD_LANGUAGES").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| here().join("../../target/languages"));
    let built = LANGUAGES.iter().all(|language| component(&folder, language).is_file());
    assert!(built, "build the examples first: cargo xtask languages");
    folder.canonicalize().unwrap()
}

pub(crate) fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn component(languages: &Path, language: &str) -> PathBuf {
    languages.join("built").join(language).with_extension("wasm")
}

/// What this program keeps between two starts. One folder for all tests, so that a block that brings an interpreter is
/// compiled once.
pub(crate) fn cache() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("patchcord-cache");
    std::fs::create_dir_all(folder.join("compiled")).unwrap();
    folder
}

/// Runs `patchcord` to its end, with that cache.
pub(crate) fn patchcord(arguments: &[&str]) -> Output {
    kit::patchcord(arguments).env("PATCHCORD_CACHE", cache()).output().unwrap()
}

/// The components of all languages, compiled: one that brings an interpreter takes half a minute in this profile, which
/// tests that run side by side must not spend each.
fn compiled() -> PathBuf {
    static COMPILED: Once = Once::new();
    let languages = languages();
    COMPILED.call_once(|| {
        for language in LANGUAGES {
            let file = component(&languages, language);
            json_of(&patchcord(&["block", "check", "--json", file.to_str().unwrap()]));
        }
    });
    languages
}

/// What a program that ended well printed as JSON.
pub(crate) fn json_of(output: &Output) -> Value {
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complained}{}", String::from_utf8_lossy(&output.stdout));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_same_cases_pass_in_every_language() {
    let languages = compiled();
    let cases = here().join("../../examples/blocks/cases.json");
    for language in LANGUAGES {
        let file = component(&languages, language);
        let arguments = ["block", "test", "--json", "--cases", cases.to_str().unwrap()];
        let output = patchcord(&[&arguments[..], &[file.to_str().unwrap()]].concat());
        let reports = json_of(&output);
        let passed = reports.as_array().unwrap().iter().filter(|one| one["passed"] == true).count();
        assert_eq!(passed, 6, "{language}: {reports:#}");
    }
}

#[test]
fn each_asks_for_the_same_and_imports_nothing_but_the_contract() {
    let languages = compiled();
    for language in LANGUAGES {
        let file = component(&languages, language);
        let checked = json_of(&patchcord(&["block", "check", "--json", file.to_str().unwrap()]));
        assert_eq!(checked["good"], true, "{checked:#}");
        assert_eq!(checked["asks_for"], json!(["query", "table:contacts"]), "{language}");
        assert_eq!(checked["contract"], json!(["1.1.0"]), "{language}");
        assert_eq!(checked["manifest"]["id"], format!("example.greet-caller-{language}"));
        assert_eq!(checked["warnings"], json!([]), "{language}");
        assert!(checked["instantiate_us"].as_f64().unwrap() > 0.0, "{checked:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_runs_all_four_alike() {
    let languages = compiled();
    let emulator = patchcord_tests::emulator(10).await.unwrap();
    let folder = TempDir::new().unwrap();
    share_compiled(folder.path());
    let server = Server::start(folder.path());
    let account = server.api.add_account(&emulator).await.unwrap();
    server.api.consent(&account, &emulator).await.unwrap();
    let caller = emulator.caller(0);
    for language in LANGUAGES {
        let id = install(&server, &component(&languages, language)).await;
        let known = greet(&server, &id, &caller.phone).await;
        assert_eq!(known["exit"], "next", "{language}: {known:#}");
        assert_eq!(known["variables"]["hello"], format!("Hello, {}!", caller.full_name));
        assert_eq!(known["host_calls"][0]["operation"], "find-by-phone");
        assert_eq!(known["log"][0]["message"], "1 contact(s) have this number");
        let nobody = greet(&server, &id, "+999999999999").await;
        assert_eq!(nobody["exit"], "no_data", "{language}: {nobody:#}");
        assert_eq!(nobody["variables"], json!({}));
    }
}

/// Lets a server that is yet to start find what was compiled before.
#[cfg(unix)]
pub(crate) fn share_compiled(data: &Path) {
    std::os::unix::fs::symlink(cache().join("compiled"), data.join("compiled")).unwrap();
}

#[cfg(not(unix))]
pub(crate) fn share_compiled(_data: &Path) {}

/// Installs a component with everything that it asks for, and returns its id.
async fn install(server: &Server, component: &Path) -> String {
    let grants = "grant=query&grant=table:contacts";
    let body = std::fs::read(component).unwrap();
    let installed = server.api.send_bytes(&format!("/v1/blocks?{grants}"), body).await.unwrap();
    let status = installed.status();
    let view: Value = installed.json().await.unwrap();
    assert!(status.is_success(), "{view:#}");
    view["id"].as_str().unwrap().to_owned()
}

async fn greet(server: &Server, id: &str, number: &str) -> Value {
    let body = json!({
        "properties": { "number": number, "greeting": "hello" }, "deadline_ms": 10_000,
    });
    server.api.ask(Method::POST, &format!("/v1/blocks/{id}/invoke"), Some(&body)).await.unwrap()
}
