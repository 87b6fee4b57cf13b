//! The console in a real browser: the programs of `tests/browser`, each against a server and an emulator of its own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeSet;
use std::path::Path;

use patchcord_tests::run_in_browser;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_set_up_and_who_may_do_what() {
    run_in_browser("first_setup.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_integration_account_from_the_app_registration_to_apply() {
    run_in_browser("account.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_from_an_empty_canvas_by_mouse_and_by_keyboard() {
    run_in_browser("designer.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_between_versions_and_what_is_exported_and_imported() {
    run_in_browser("history.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_their_waterfall_and_the_page_of_an_agent() {
    run_in_browser("runs.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scenario_is_tried_and_a_failed_run_replayed() {
    run_in_browser("trying.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_becomes_a_test_that_fails_where_the_scenario_was_changed() {
    run_in_browser("cases.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_shows_what_the_api_counts() {
    run_in_browser("dashboard.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_wide_and_narrow_light_and_dark() {
    run_in_browser("pages.mjs").await.unwrap();
}

/// A program that no test starts would look like one that passes.
#[test]
fn every_program_is_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("browser");
    let mut forgotten = BTreeSet::new();
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_program = name.ends_with(".mjs")
            && std::fs::read_to_string(&path).unwrap().contains("\nawait finish()");
        if is_program && !include_str!("browser.rs").contains(&format!("\"{name}\"")) {
            forgotten.insert(name);
        }
    }
    assert_eq!(forgotten, BTreeSet::new());
}
