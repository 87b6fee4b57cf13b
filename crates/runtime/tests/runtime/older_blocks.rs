//! Blocks built against version 1.0 of the contract, kept as they were, in today's host: a minor version only adds.

use std::path::Path;

use crate::kit::{contacts, invocation};
use patchcord_runtime::testing::StubCrm;
use patchcord_runtime::{Block, Effect, HostFunction, Operation, Runtime, RuntimeConfig};
use serde_json::json;

async fn load(name: &str) -> Block {
    let config = RuntimeConfig { max_instances: 2, ..RuntimeConfig::default() };
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    Runtime::new(config).unwrap().load_file(&file).await.unwrap()
}

#[tokio::test]
async fn search_object_of_1_0_finds_its_records() {
    let block = load("search-object-1.0.wasm").await;
    assert_eq!(block.manifest().operations, [Operation::Query]);
    let mut call = invocation(contacts());
    call.properties =
        json!({"object_type": "contacts", "query": "$select=fullname", "recordset": "RS"});
    let invoked = block.invoke(call).await;
    let outcome = invoked.result.unwrap();
    let [Effect::SetRecordset { name, records }] = &outcome.effects[..] else {
        panic!("{outcome:?}")
    };
    assert_eq!((name.as_str(), records.count()), ("RS", 2));
    assert_eq!(invoked.host_calls[0].operation, HostFunction::Query);
    assert_eq!((invoked.host_calls[0].requests, invoked.host_calls[0].age_ms), (1, None));
}

#[tokio::test]
async fn create_object_of_1_0_makes_its_record() {
    let block = load("create-object-1.0.wasm").await;
    assert_eq!(block.manifest().operations, [Operation::Create]);
    let mut call = invocation(StubCrm::new());
    let fields = json!({"lastname": "O'Neil"});
    call.properties = json!({"object_type": "leads", "fields": fields, "id_variable": "lead"});
    let invoked = block.invoke(call).await;
    let outcome = invoked.result.unwrap();
    let [Effect::SetVariable { name, value }] = &outcome.effects[..] else { panic!("{outcome:?}") };
    assert_eq!(name, "lead");
    assert!(value.as_str().is_some_and(|id| id.len() == 36), "{value}");
}
