//! Microsoft's own clients against the emulator: MSAL for Python and for Node, azure-identity, and
//! the Dataverse SDK for Python, unmodified but for address and authority.

use patchcord_tests::run_client;

#[tokio::test(flavor = "multi_thread")]
async fn msal_for_python() {
    run_client("python/msal_python.py").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn msal_for_node() {
    run_client("node/msal_node.mjs").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn azure_identity() {
    run_client("python/azure_identity.py").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dataverse_sdk_writes_rows() {
    run_client("python/dataverse_sdk_records.py").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dataverse_sdk_queries() {
    run_client("python/dataverse_sdk_queries.py").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dataverse_sdk_sends_batches() {
    run_client("python/dataverse_sdk_batch.py").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_dataverse_sdk_reads_metadata() {
    run_client("python/dataverse_sdk_tables.py").await.unwrap();
}
