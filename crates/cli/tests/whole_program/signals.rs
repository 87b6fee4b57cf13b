//! What a running server does when it is signalled.

use std::time::Duration;

use reqwest::Method;
use tempfile::TempDir;

use crate::kit::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_hangup_reads_the_blocks_again() {
    let folder = TempDir::new().unwrap();
    let blocks = folder.path().join("blocks");
    std::fs::create_dir(&blocks).unwrap();
    let server = Server::start_with(&folder.path().join("data"), &blocks);
    let listed =
        async || server.api.ask(Method::GET, "/v1/blocks", None).await.unwrap().to_string();
    assert!(!listed().await.contains("microsoft-dynamics.search-object"));
    let built = patchcord_tests::blocks().unwrap().join("search-object.wasm");
    std::fs::copy(built, blocks.join("search-object.wasm")).unwrap();
    server.signal("HUP");
    for _ in 0..600 {
        if listed().await.contains("microsoft-dynamics.search-object") {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the block was not read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_to_stop_ends_well() {
    let folder = TempDir::new().unwrap();
    let server = Server::start(folder.path());
    server.signal("TERM");
    assert!(server.wait().success());
}
