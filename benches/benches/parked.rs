//! What a step needs of the machine's memory while it waits for Dynamics 365: 10,000 of them at once, each parked in its
//! one call of the CRM. Not a time but bytes: what is resident of the process, less what was before the first began.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::sync::Arc;

use criterion::{Criterion, criterion_group};
use patchcord::runtime::{Block, Limits, Runtime, RuntimeConfig};
use patchcord_benches::look_up::{found_one, invocation, record};
use patchcord_benches::{CannedCrm, Resident};
use tokio::sync::watch;
use tokio::task::JoinSet;

const STEPS: u32 = 10_000;

async fn search_object() -> Block {
    let limits = Limits { instances: STEPS, ..Limits::default() };
    let config = RuntimeConfig { max_instances: STEPS, limits, ..RuntimeConfig::default() };
    let file = patchcord_tests::blocks().expect("the blocks are built").join("search-object.wasm");
    let runtime = Runtime::new(config).expect("the runtime starts");
    runtime.load_file(&file).await.expect("the runtime takes the block")
}

/// Bytes that each of the steps holds while all of them wait.
async fn parked(block: &Block) -> u64 {
    let (gate, open) = watch::channel(false);
    let crm = Arc::new(CannedCrm::new(&[record()]).behind(open));
    let before = Resident::now();
    let mut steps = JoinSet::new();
    for _ in 0..STEPS {
        let (block, crm) = (block.clone(), Arc::clone(&crm));
        steps.spawn(async move { found_one(block.invoke(invocation(crm)).await) });
    }
    while crm.waiting() < STEPS as usize {
        tokio::task::yield_now().await;
    }
    let held = Resident::now().saturating_sub(before);
    gate.send_replace(true);
    for ended in steps.join_all().await {
        ended.expect("a step that was parked ends well");
    }
    held / u64::from(STEPS)
}

fn parked_steps(criterion: &mut Criterion<Resident>) {
    let tokio = tokio::runtime::Runtime::new().expect("tokio starts");
    let mut group = criterion.benchmark_group("parked");
    group.sample_size(10);
    group.bench_function("parked_10000_steps", |bencher| {
        bencher.to_async(&tokio).iter_custom(async |iterations| {
            let mut bytes = 0;
            for _ in 0..iterations {
                // A pool of its own each time: what an earlier step has left resident would not be counted again.
                bytes += parked(&search_object().await).await;
            }
            bytes
        });
    });
    group.finish();
}

criterion_group!(
    name = benches;
    config = Criterion::default().with_measurement(Resident);
    targets = parked_steps
);

fn main() {
    benches();
    Criterion::default().configure_from_args().final_summary();
}
