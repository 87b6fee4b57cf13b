//! The Microsoft blocks as they are shipped, in the sandbox in which they are run. Properties are filled in by their
//! kind, so that a test says what a block does and not how its properties are called.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::kit::{contacts, invocation};
use patchcord_runtime::testing::StubCrm;
use patchcord_runtime::{
    Block, CrmError, CrmErrorKind, Effect, HostFunction, Invoked, Manifest, Operation, Runtime,
    RuntimeConfig, StepError,
};
use serde_json::{Value, json};

const ID: &str = "11111111-1111-4111-8111-111111111111";

/// The folder of the compiled blocks. They are made by a build of their own, which no test starts.
fn blocks_folder() -> PathBuf {
    let built = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/blocks");
    let folder = std::env::var_os("PATCHCORD_BLOCKS").map_or_else(built, PathBuf::from);
    assert!(
        folder.is_dir(),
        "there are no compiled blocks in {}: run `cargo xtask blocks` first, or set PATCHCORD_BLOCKS to their folder",
        folder.display()
    );
    folder
}

async fn load(name: &str) -> Block {
    let config = RuntimeConfig { max_instances: 2, ..RuntimeConfig::default() };
    let runtime = Runtime::new(config).unwrap();
    let file = blocks_folder().join(name).with_extension("wasm");
    runtime.load_file(&file).await.unwrap_or_else(|error| {
        panic!("{}: {error}; after a change run `cargo xtask blocks`", file.display())
    })
}

#[tokio::test]
async fn they_keep_the_names_of_their_functions_for_backtraces() {
    for name in ["search-object", "create-object"] {
        let bytes = std::fs::read(blocks_folder().join(name).with_extension("wasm")).unwrap();
        let named = bytes.windows(15).any(|bytes| bytes == b"patchcord_block");
        assert!(named, "{name} was stripped; after a change run `cargo xtask blocks`");
    }
}

/// Properties of the right kinds.
fn properties(manifest: &Manifest) -> Value {
    let declared = manifest.properties["properties"].as_object().unwrap();
    let filled = declared.iter().filter_map(|(name, schema)| {
        let value = match schema["x-patchcord-kind"].as_str()? {
            "entity-set" => json!("contacts"),
            "odata-query" => json!("$select=fullname&$top=2"),
            "recordset-name" => json!("RS"),
            "variable-name" => json!("answer"),
            "record-id" => json!(ID),
            "account" => json!("opaque"),
            "column-values" => json!({ "lastname": "O'Neil" }),
            _ => return None,
        };
        Some((name.clone(), value))
    });
    Value::Object(filled.collect())
}

async fn run(block: &Block, crm: Arc<StubCrm>) -> Invoked {
    let mut invocation = invocation(StubCrm::new());
    invocation.properties = properties(block.manifest());
    invocation.crm = crm;
    block.invoke(invocation).await
}

#[tokio::test]
async fn each_block_declares_what_it_does_and_no_more() {
    for (name, operation) in [
        ("select-account", None),
        ("search-object", Some(Operation::Query)),
        ("find-caller", Some(Operation::Query)),
        ("create-object", Some(Operation::Create)),
        ("update-object", Some(Operation::Update)),
        ("delete-object", Some(Operation::Delete)),
        ("screen-pop", None),
    ] {
        let block = load(name).await;
        let manifest = block.manifest();
        assert_eq!(manifest.id, format!("microsoft-dynamics.{name}"));
        assert_eq!(manifest.operations, Vec::from_iter(operation), "{name}");
        assert_eq!(manifest.selects_account, name == "select-account");
        assert_eq!(manifest.pops_screen, name == "screen-pop");
    }
}

#[tokio::test]
async fn search_object_hands_its_records_on() {
    let block = load("search-object").await;
    let invoked = run(&block, Arc::new(contacts())).await;
    let outcome = invoked.result.unwrap();
    assert_eq!(outcome.exit, None);
    let [Effect::SetRecordset { name, records }] = &outcome.effects[..] else {
        panic!("{outcome:?}")
    };
    assert_eq!((name.as_str(), records.count()), ("RS", 2));
    assert_eq!(records.column(0, "fullname"), Some(json!("Ann Example")));
    assert_eq!(invoked.host_calls.len(), 1);
}

#[tokio::test]
async fn search_object_that_finds_nothing_takes_its_exit() {
    let block = load("search-object").await;
    let outcome = run(&block, Arc::new(StubCrm::new())).await.result.unwrap();
    assert_eq!(outcome.exit.as_deref(), Some("no_data"));
    let [Effect::SetRecordset { records, .. }] = &outcome.effects[..] else {
        panic!("{outcome:?}")
    };
    assert_eq!(records.count(), 0);
}

#[tokio::test]
async fn a_record_that_is_gone_is_no_data() {
    let gone = CrmError {
        status: Some(404),
        code: Some("0x80040217".into()),
        ..CrmError::local(CrmErrorKind::NotFound, "contact does not exist")
    };
    for name in ["update-object", "delete-object"] {
        let crm = Arc::new(StubCrm::new().failing(gone.clone()));
        let outcome = run(&load(name).await, crm).await.result.unwrap();
        assert_eq!(outcome.exit.as_deref(), Some("no_data"), "{name}");
    }
}

#[tokio::test]
async fn what_the_crm_refuses_is_handed_on_with_its_cause() {
    let refusal = CrmError {
        status: Some(400),
        code: Some("0x80060888".into()),
        ..CrmError::local(CrmErrorKind::InvalidRequest, "no such column")
    };
    for name in ["search-object", "create-object", "update-object", "delete-object"] {
        let crm = Arc::new(StubCrm::new().failing(refusal.clone()));
        let invoked = run(&load(name).await, crm).await;
        let Err(StepError::Crm(error)) = invoked.result else { panic!("{name}: {invoked:?}") };
        assert_eq!((error.kind, error.status), (CrmErrorKind::InvalidRequest, Some(400)));
        assert_eq!(error.code.as_deref(), Some("0x80060888"));
    }
}

#[tokio::test]
async fn create_object_gives_the_key_of_the_record() {
    let crm = Arc::new(StubCrm::new().recording());
    let outcome = run(&load("create-object").await, Arc::clone(&crm)).await.result.unwrap();
    let [call] = &crm.calls()[..] else { panic!("{:?}", crm.calls()) };
    assert_eq!((call.operation, call.entity_set.as_str()), (HostFunction::Create, "contacts"));
    assert_eq!(call.text, r#"{"lastname":"O'Neil"}"#);
    let [Effect::SetVariable { name, value }] = &outcome.effects[..] else { panic!("{outcome:?}") };
    assert_eq!((name.as_str(), value.as_str()), ("answer", call.id.as_deref()));
}

#[tokio::test]
async fn update_and_delete_name_their_record() {
    for (name, operation, text) in [
        ("update-object", HostFunction::Update, r#"{"lastname":"O'Neil"}"#),
        ("delete-object", HostFunction::Delete, ""),
    ] {
        let crm = Arc::new(StubCrm::new().recording());
        let invoked = run(&load(name).await, Arc::clone(&crm)).await;
        assert!(invoked.result.is_ok(), "{name}: {invoked:?}");
        let [call] = &crm.calls()[..] else { panic!("{:?}", crm.calls()) };
        assert_eq!((call.operation, call.id.as_deref()), (operation, Some(ID)));
        assert_eq!((call.entity_set.as_str(), call.text.as_str()), ("contacts", text));
    }
}

#[tokio::test]
async fn select_account_and_screen_pop_ask_for_one_effect() {
    let outcome = run(&load("select-account").await, Arc::default()).await.result.unwrap();
    let [Effect::SelectAccount(account)] = &outcome.effects[..] else { panic!("{outcome:?}") };
    assert_eq!(account, "opaque");
    let outcome = run(&load("screen-pop").await, Arc::default()).await.result.unwrap();
    let [Effect::PopScreen(pop)] = &outcome.effects[..] else { panic!("{outcome:?}") };
    assert_eq!((pop.entity_set.as_str(), pop.id.as_str()), ("contacts", ID));
}
