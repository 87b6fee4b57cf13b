//! Blocks that are put into folders: the operator's own are granted what they ask for, others wait.

use std::path::Path;
use std::time::Duration;

use patchcord::BlockSettings;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::kit::{Host, ID, block};

/// The versions, once there are so many; the watcher takes its time.
async fn versions(host: &Host, count: usize) -> Vec<Value> {
    for _ in 0..1_000 {
        let listed = host.get("/v1/blocks").await;
        let found = listed.as_array().unwrap().iter().find(|block| block["id"] == ID);
        let versions = found.and_then(|block| block["versions"].as_array()).cloned();
        match versions {
            Some(versions) if versions.len() == count => return versions,
            _ => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
    panic!("there are never {count} versions")
}

fn put(folder: &Path, name: &str, bytes: &[u8]) {
    std::fs::write(folder.join(name), bytes).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_the_operators_own_is_watched_and_trusted() {
    let folder = TempDir::new().unwrap();
    put(folder.path(), "a.wasm", &block("1.0.0", "old"));
    let settings =
        BlockSettings { folders: vec![folder.path().to_owned()], ..BlockSettings::default() };
    let host = Host::open(settings).await;
    host.publish(ID).await;
    assert_eq!(host.word().await, "old");

    put(folder.path(), "b.wasm", &block("1.1.0", "new"));
    let there = versions(&host, 2).await;
    assert!(there.iter().all(|version| version["missing"] == json!([])), "{there:?}");
    assert_eq!(host.word().await, "old");
    host.publish(ID).await;
    assert_eq!(host.word().await, "new");

    // Other bytes under a version that is known are left out, and what was there goes on.
    put(folder.path(), "a.wasm", &block("1.0.0", "forged"));
    put(folder.path(), "c.wasm", &block("1.2.0", "last"));
    versions(&host, 3).await;
    host.publish(&format!("{ID}@1.0.0")).await;
    assert_eq!(host.word().await, "old");

    // What an administrator takes back stays taken back.
    let path = format!("/v1/blocks/{ID}/grants");
    let none = json!({ "capabilities": [] });
    host.api.ask(Method::PUT, &path, Some(&none)).await.unwrap();
    let host = host.reopen().await;
    let view = host.get(&format!("/v1/blocks/{ID}")).await;
    assert_eq!(view["granted"], none["capabilities"]);
    let granted = json!({ "capabilities": ["pop-screen"] });
    host.api.ask(Method::PUT, &path, Some(&granted)).await.unwrap();

    // What was taken in is kept, whatever becomes of the folder.
    std::fs::remove_file(folder.path().join("b.wasm")).unwrap();
    let host = host.reopen().await;
    host.publish(&format!("{ID}@1.1.0")).await;
    assert_eq!(host.word().await, "new");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_that_is_dropped_into_the_data_folder_waits_for_its_grants() {
    let host = Host::open(BlockSettings::default()).await;
    let dropped = host.folder.path().join("data/blocks");
    put(&dropped, "broken.wasm", b"\0asm");
    put(&dropped, "block.wasm", &block("1.0.0", "dropped"));
    let there = versions(&host, 1).await;
    assert_eq!(there[0]["missing"], json!(["pop-screen"]));
    assert!(there[0]["source"].as_str().unwrap().ends_with("block.wasm"));
    assert_eq!(host.publish(ID).await.0, 422);
    let path = format!("/v1/blocks/{ID}/grants");
    let granted = json!({ "capabilities": ["pop-screen"] });
    host.api.ask(Method::PUT, &path, Some(&granted)).await.unwrap();
    assert_eq!(host.publish(ID).await.0, 200);
    assert_eq!(host.word().await, "dropped");
}
