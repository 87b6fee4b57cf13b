//! What a step costs: a block in a fresh sandbox as Patchcord runs it, and the same component on wasmtime alone. The
//! difference is metering, checking, the trace and the deadline. Dynamics 365 is a stub that answers at once.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::path::Path;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use patchcord::runtime::{Block, Crm, Runtime, RuntimeConfig};
use patchcord_benches::look_up::{found_one, invocation, properties, record};
use patchcord_benches::{BareWasmtime, CannedCrm};

fn steps(criterion: &mut Criterion) {
    // Of one thread: a step is one task, and another thread would only add its waking up.
    let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let tokio = tokio.expect("tokio starts");
    let file = patchcord_tests::blocks().expect("the blocks are built").join("search-object.wasm");
    let block = tokio.block_on(load(&file));
    let bare = BareWasmtime::load(&file, &[record()]).expect("bare wasmtime takes the block");

    let mut group = criterion.benchmark_group("step");
    let text = properties().to_string();
    group.bench_function("step_bare_wasmtime", |bencher| {
        bencher.to_async(&tokio).iter(async || {
            let found = bare.step(&text).await.expect("a step on bare wasmtime ends well");
            assert_eq!(found, 1, "a step on bare wasmtime hands on the record that was found");
        });
    });
    let crm = Arc::new(CannedCrm::new(&[record()]));
    group.bench_function("step_stub", |bencher| {
        bencher.to_async(&tokio).iter(async || {
            let invoked = block.invoke(invocation(Arc::clone(&crm) as Arc<dyn Crm>)).await;
            found_one(invoked).expect("the step finds the caller");
        });
    });
    group.finish();
}

async fn load(file: &Path) -> Block {
    let runtime = Runtime::new(RuntimeConfig::default()).expect("the runtime starts");
    runtime.load_file(file).await.expect("the runtime takes the block")
}

criterion_group!(benches, steps);
criterion_main!(benches);
