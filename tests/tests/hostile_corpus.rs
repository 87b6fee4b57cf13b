//! The hostile blocks, a test each: every one ends with the typed error of its row, and the runtime works on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use libtest_mimic::{Arguments, Trial};
use patchcord::runtime::testing::StubCrm;
use patchcord::runtime::{Block, Invocation, Invoked, Limits, Runtime, RuntimeConfig};
use patchcord_tests::hostile::{CORPUS, Hostile, harmless, properties, sources};
use serde_json::json;
use tokio::runtime::Handle;
use uuid::Uuid;

fn main() -> ExitCode {
    let tokio = tokio::runtime::Runtime::new().unwrap();
    // Two sandboxes: what one of them does not give back, the next rows miss.
    let limits = Limits {
        // So little memory that no machine is too slow to fill it within the CPU time.
        memory_bytes: 32 << 20,
        records: 50,
        bytes_in: 1 << 20,
        ..Limits::default()
    };
    let config = RuntimeConfig { max_instances: 2, limits, ..RuntimeConfig::default() };
    let runtime = Runtime::new(config).unwrap();
    let harmless = harmless("harmless").unwrap();
    let harmless = tokio.block_on(runtime.load(&harmless)).unwrap();
    let mut trials = vec![Trial::test("every_source_has_a_row", || {
        let mut rows: Vec<_> = CORPUS.iter().map(|row| row.name.to_owned()).collect();
        rows.sort();
        assert_eq!(rows, sources().unwrap());
        Ok(())
    })];
    for row in CORPUS {
        let (handle, runtime, harmless) =
            (tokio.handle().clone(), runtime.clone(), harmless.clone());
        trials.push(Trial::test(row.name, move || {
            ends_as_it_must(&handle, &runtime, row);
            let invoked = handle.block_on(invoke(&harmless));
            assert!(invoked.result.is_ok(), "another block feels it: {invoked:?}");
            Ok(())
        }));
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn ends_as_it_must(tokio: &Handle, runtime: &Runtime, row: &Hostile) {
    let bytes = row.build().unwrap();
    let loaded = tokio.block_on(runtime.load(&bytes));
    if row.ends.at_load() {
        return row.ends.expect_load(&loaded.expect_err("it must be refused")).unwrap();
    }
    let block = loaded.unwrap();
    // Twice: the second time in a sandbox that the first has used.
    for _ in 0..2 {
        let invoked = tokio.block_on(invoke(&block));
        row.ends.expect_step(&invoked).unwrap();
    }
}

async fn invoke(block: &Block) -> Invoked {
    let records = [json!({ "fullname": "Ann Example" }), json!({ "fullname": "Bo Example" })];
    block
        .invoke(Invocation {
            run: "run".into(),
            step_key: Uuid::from_u128(7),
            locale: "en-US".into(),
            deadline: Instant::now() + Duration::from_secs(60),
            properties: properties(),
            crm: Arc::new(StubCrm::new().with_records(&records)),
            counted: true,
        })
        .await
}
