//! Clients of other hands against the emulator: what people use beside Microsoft's own.

use std::collections::BTreeSet;
use std::path::Path;

use patchcord_tests::run_client;

#[tokio::test(flavor = "multi_thread")]
async fn dynamics_web_api_writes_rows() {
    run_client("node/dynamics_web_api.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dynamics_web_api_queries() {
    run_client("node/dynamics_web_api_queries.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dynamics_web_api_sends_batches_and_reads_metadata() {
    run_client("node/dynamics_web_api_batch.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dataverse_webapi() {
    run_client("node/dataverse_webapi.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn dynamics_client() {
    run_client("python/dynamics_client.py").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_general_odata_client() {
    run_client("node/o_js.mjs").await.unwrap();
}

/// A program that no test starts would look like one that passes.
#[test]
fn every_program_is_run() {
    let tests = concat!(include_str!("microsoft_clients.rs"), include_str!("other_clients.rs"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let mut forgotten = BTreeSet::new();
    for language in ["python", "node"] {
        for entry in folder.join(language).read_dir().unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_program = name.ends_with(".py") || name.ends_with(".mjs");
            if is_program
                && std::fs::read_to_string(&path).unwrap().contains("\nfinish()")
                && !tests.contains(&format!("\"{language}/{name}\""))
            {
                forgotten.insert(name);
            }
        }
    }
    assert_eq!(forgotten, BTreeSet::new());
}
