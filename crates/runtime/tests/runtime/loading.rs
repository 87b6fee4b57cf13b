//! What is refused when a block is loaded, and with which words; and what a loaded block says of itself.

use std::path::Path;
use std::time::Duration;

use crate::kit::{self, DONE, Fixture, QUERY, manifest};
use patchcord_runtime::{Limits, LoadError, Runtime, RuntimeConfig};
use serde_json::json;

fn runtime() -> Runtime {
    Runtime::new(RuntimeConfig { max_instances: 2, ..RuntimeConfig::default() }).unwrap()
}

async fn refused(bytes: &[u8]) -> LoadError {
    runtime().load(bytes).await.expect_err("the block must be refused")
}

async fn refused_text(wat: &str) -> LoadError {
    refused(&wat::parse_str(wat).unwrap()).await
}

#[tokio::test]
async fn a_loaded_block_says_what_it_is() {
    let bytes = Fixture::new(DONE).build();
    let block = runtime().load(&bytes).await.unwrap();
    assert_eq!(**block.manifest(), manifest());
    assert_eq!(block.size(), bytes.len());
    assert_eq!(block.digest().len(), 64);
    let other = runtime().load(&Fixture::new("unreachable").build()).await.unwrap();
    assert_ne!(block.digest(), other.digest());
}

#[tokio::test]
async fn what_is_no_component_is_refused() {
    for (bytes, reason) in [
        (&b""[..], "empty"),
        (b"{\"id\": 1}", "does not begin as wasm does"),
        (b"\0asm\x01\0\0\0", "core wasm module"),
        (b"\0asm\x07\0\0\0", "version that is not known"),
    ] {
        let error = refused(bytes).await;
        assert!(matches!(error, LoadError::NotAComponent(_)), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[tokio::test]
async fn a_component_cut_short_is_refused() {
    let bytes = Fixture::new(DONE).build();
    let error = refused(&bytes[..bytes.len() / 2]).await;
    assert!(matches!(error, LoadError::Refused(_)), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let error = runtime().load_file(Path::new("/nowhere/block.wasm")).await.unwrap_err();
    assert!(error.to_string().contains("/nowhere/block.wasm"), "{error}");
}

#[tokio::test]
async fn all_unknown_imports_are_named() {
    let error = refused_text(
        r#"(component
            (import "wasi:cli/environment@0.2.6" (instance))
            (import "patchcord:block/dynamics@2.0.0" (instance))
            (import "patchcord:block/call@1.0.0" (instance))
            (import "reboot" (func)))"#,
    )
    .await;
    let LoadError::UnknownImports(names) = error else { panic!("{error:?}") };
    let expected = ["wasi:cli/environment@0.2.6", "patchcord:block/dynamics@2.0.0", "reboot"];
    assert_eq!(names, expected);
}

#[tokio::test]
async fn a_function_that_this_version_lacks_is_refused() {
    let error = refused_text(
        r#"(component (import "patchcord:block/call@1.9.0" (instance
            (export "caller-name" (func (result string))))))"#,
    )
    .await;
    assert!(matches!(error, LoadError::WrongContract(_)), "{error:?}");
    assert!(error.to_string().contains("caller-name"), "{error}");
}

#[tokio::test]
async fn a_component_without_the_exports_is_refused() {
    let error = refused_text("(component)").await;
    assert!(matches!(error, LoadError::WrongContract(_)), "{error:?}");
    assert!(error.to_string().contains("describe"), "{error}");
}

#[tokio::test]
async fn an_export_of_another_type_is_refused() {
    let error = refused_text(
        r#"(component
            (core module $m
                (func (export "describe") (result i32) (i32.const 1))
                (func (export "run") (result i32) (i32.const 1)))
            (core instance $i (instantiate $m))
            (func (export "describe") (result u32) (canon lift (core func $i "describe")))
            (func (export "run") (result u32) (canon lift (core func $i "run"))))"#,
    )
    .await;
    assert!(matches!(error, LoadError::WrongContract(_)), "{error:?}");
}

#[tokio::test]
async fn describe_must_end_well() {
    for (body, reason) in [
        ("call $give_up (i32.const 0)", "give_up"),
        (&*format!("{QUERY} (i32.const 0)"), "not at hand"),
        ("(drop (call $now)) (i32.const 0)", "not at hand"),
        ("(loop $l (br $l)) (i32.const 0)", "CPU time"),
        ("(loop $l (drop (memory.grow (i32.const 64))) (br $l)) (i32.const 0)", "64 MiB of memory"),
    ] {
        let mut fixture = Fixture::new(DONE);
        fixture.describe = Some(body.into());
        let error = refused(&fixture.build()).await;
        assert!(matches!(error, LoadError::Describe(_)), "{body}: {error:?}");
        assert!(error.to_string().contains(reason), "{body}: {error}");
    }
}

#[tokio::test]
async fn describe_has_a_deadline() {
    let limits = Limits { cpu: Duration::from_secs(3600), ..Limits::default() };
    let config = RuntimeConfig {
        max_instances: 2,
        describe: Duration::from_millis(30),
        maxima: Limits { cpu: limits.cpu, ..Limits::maxima() },
        limits,
        ..RuntimeConfig::default()
    };
    let mut fixture = Fixture::new(DONE);
    fixture.describe = Some("(loop $l (br $l)) (i32.const 0)".into());
    let error = Runtime::new(config).unwrap().load(&fixture.build()).await.unwrap_err();
    assert!(error.to_string().contains("took too long"), "{error}");
}

#[tokio::test]
async fn a_block_that_begins_with_too_much_memory_is_refused() {
    let mut fixture = Fixture::new(DONE);
    fixture.pages = (64 << 20) / 65_536 + 1;
    let error = refused(&fixture.build()).await;
    assert!(matches!(error, LoadError::Describe(_)), "{error:?}");
    assert!(error.to_string().contains("64 MiB of memory"), "{error}");
    let mut fixture = Fixture::new(DONE);
    fixture.pages = (256 << 20) / 65_536 + 1;
    let error = refused(&fixture.build()).await;
    assert!(matches!(error, LoadError::Refused(_)), "no limit could help it: {error:?}");
}

#[tokio::test]
async fn each_rule_of_the_manifest_names_its_place() {
    let exit = |id: &str| json!({ "id": id, "title": "T", "description": "D" });
    let output = |p: &str| json!({ "property": p, "kind": "variable", "description": "D" });
    let schema = |properties| json!({ "type": "object", "properties": properties });
    for (field, value, at) in [
        ("id", json!("Search Object"), "/id"),
        ("id", json!(""), "/id"),
        ("id", json!("a..b"), "/id"),
        ("id", json!("1st"), "/id"),
        ("id", json!("a".repeat(129)), "/id"),
        ("version", json!("1.0"), "/version"),
        ("title", json!(" "), "/title"),
        ("properties", json!("{"), "/properties"),
        ("properties", json!(true), "/properties"),
        ("properties", json!({ "type": "string" }), "/properties/type"),
        ("properties", json!({ "type": "object", "properties": [] }), "/properties/properties"),
        ("properties", schema(json!({ "a": { "type": "text" } })), "/properties/properties/a/type"),
        ("exits", json!([exit("no_data"), exit("No Data")]), "/exits/1/id"),
        ("exits", json!([exit("next")]), "/exits/0/id"),
        ("exits", json!([exit("failed")]), "/exits/0/id"),
        ("exits", json!([exit("a"), exit("b"), exit("a")]), "/exits/2/id"),
        ("outputs", json!([output("variable"), output("nothing")]), "/outputs/1/property"),
        ("outputs", json!([output("variable"), output("variable")]), "/outputs/1/property"),
    ] {
        let mut said = serde_json::to_value(manifest()).unwrap();
        said[field] = value.clone();
        let mut fixture = Fixture::new(DONE);
        fixture.manifest = serde_json::from_value(said).unwrap();
        let error = refused(&fixture.build()).await;
        let LoadError::Manifest { at: found, problem } = error else {
            panic!("{field} = {value}: {error:?}")
        };
        assert_eq!(found, at, "{field} = {value}: {problem}");
        assert!(!problem.is_empty());
    }
}

#[tokio::test]
async fn compiled_blocks_are_kept_in_a_private_folder() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("compiled");
    let runtime = || {
        let cache = Some(folder.clone());
        Runtime::new(RuntimeConfig { cache, max_instances: 2, ..RuntimeConfig::default() }).unwrap()
    };
    let bytes = Fixture::new(DONE).build();
    let first = runtime();
    let compiled = first.load(&bytes).await.unwrap();
    assert_eq!(first.cache_hits(), 0);
    let second = runtime();
    let cached = second.load(&bytes).await.unwrap();
    assert_eq!(second.cache_hits(), 1, "a runtime started later finds what was compiled");
    assert_eq!(compiled.digest(), cached.digest());
    assert!(kit::invoke(&cached).await.result.is_ok());
    second.load(&Fixture::new("unreachable").build()).await.unwrap();
    assert_eq!(second.cache_hits(), 1, "other bytes are another block");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&folder).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

#[tokio::test]
async fn a_cache_that_cannot_be_made_is_an_error() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    let config = RuntimeConfig { cache: Some(file.join("compiled")), ..RuntimeConfig::default() };
    let error = Runtime::new(config).unwrap_err();
    assert!(error.to_string().contains("file/compiled"), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_cache_that_others_may_write_to_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let home = tempfile::tempdir().unwrap();
    std::fs::set_permissions(home.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let config = RuntimeConfig { cache: Some(home.path().into()), ..RuntimeConfig::default() };
    let error = Runtime::new(config).unwrap_err();
    assert!(error.to_string().contains("others may write to it"), "{error}");
}

#[tokio::test]
async fn a_runtime_without_sandboxes_is_refused() {
    let config = RuntimeConfig { max_instances: 0, ..RuntimeConfig::default() };
    assert!(Runtime::new(config).is_err());
}
