//! What a step costs: a block in a fresh sandbox as Patchcord runs it, and the same component on wasmtime alone. The
//! difference is metering, checking, the trace and the deadline. Dynamics 365 is a stub that answers at once.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, criterion_group, criterion_main};
use patchcord::runtime::testing::StubCrm;
use patchcord::runtime::{Block, Crm, Effect, Invocation, Invoked, Runtime, RuntimeConfig};
use patchcord_benches::BareWasmtime;
use serde_json::{Value, json};
use uuid::Uuid;

const RUN: Uuid = Uuid::from_u128(1);
const DEADLINE: Duration = Duration::from_secs(10);

/// What the search of the example scenario is given.
fn properties() -> Value {
    json!({
        "object_type": "contacts",
        "query": "$filter=telephone1 eq '+12015550100' or mobilephone eq '+12015550100'\
            &$select=contactid,fullname,emailaddress1,telephone1&$top=2",
        "recordset": "Caller",
    })
}

/// What it finds.
fn records() -> [Value; 1] {
    [json!({
        "@odata.etag": "W/\"1000\"",
        "contactid": "11111111-1111-4111-8111-111111111111",
        "fullname": "Ann Example",
        "emailaddress1": "ann@customers.example",
        "telephone1": "+12015550100",
    })]
}

fn steps(criterion: &mut Criterion) {
    // Of one thread: a step is one task, and another thread would only add its waking up.
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let tokio = tokio.expect("tokio starts");
    let file = patchcord_tests::blocks().expect("the blocks are built").join("search-object.wasm");
    let block = tokio.block_on(load(&file));
    let bare = BareWasmtime::load(&file, &records()).expect("bare wasmtime takes the block");

    let mut group = criterion.benchmark_group("step");
    let text = properties().to_string();
    group.bench_function("step_bare_wasmtime", |bencher| {
        bencher.to_async(&tokio).iter(async || {
            let found = bare.step(&text).await.expect("a step on bare wasmtime ends well");
            assert_eq!(found, 1, "a step on bare wasmtime hands on the record that was found");
        });
    });
    let (properties, crm) = (properties(), Arc::new(StubCrm::new().with_records(&records())));
    group.bench_function("step_stub", |bencher| {
        bencher.to_async(&tokio).iter(async || {
            let crm = Arc::clone(&crm) as Arc<dyn Crm>;
            check(&block.invoke(invocation(properties.clone(), crm)).await);
        });
    });
    group.finish();
}

async fn load(file: &Path) -> Block {
    let runtime = Runtime::new(RuntimeConfig::default()).expect("the runtime starts");
    runtime.load_file(file).await.expect("the runtime takes the block")
}

/// Made anew for every step, as the engine does.
fn invocation(properties: Value, crm: Arc<dyn Crm>) -> Invocation {
    Invocation {
        run: RUN.to_string(),
        step_key: RUN,
        locale: "en-US".into(),
        deadline: Instant::now() + DEADLINE,
        properties,
        crm,
    }
}

fn check(invoked: &Invoked) {
    let outcome = invoked.result.as_ref().expect("a step ends well");
    let handed_on = match &outcome.effects[..] {
        [Effect::SetRecordset { records, .. }] if outcome.exit.is_none() => Some(records.count()),
        _ => None,
    };
    assert_eq!(handed_on, Some(1), "a step hands on the record that was found: {outcome:?}");
}

criterion_group!(benches, steps);
criterion_main!(benches);
