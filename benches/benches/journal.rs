//! What a journaled write costs: a run with a step that creates a record, on a host that keeps what it takes to go on after
//! a crash, and on one that does not because the first holds the journal of the same data folder. Both write to the same
//! database, so that their ratio is the journal's; one run at a time, and 32 at once, whose entries are written together.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, Throughput, criterion_group};
use futures::future::join_all;
use mimalloc::MiMalloc;
use patchcord::{BlockSettings, CallRequest, Config, Patchcord, RunQuery};
use patchcord_benches::{FarSide, consented};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// That of the program, which is what is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const SCENARIO: &str = "open-case";
const AT_ONCE: [usize; 2] = [1, 32];

fn journal(criterion: &mut Criterion) {
    let tokio = Runtime::new().expect("tokio starts");
    let far = FarSide::start("{}").expect("the far side starts");
    let folder = TempDir::new().expect("a folder is made");
    let folders = vec![patchcord_tests::blocks().expect("the blocks are built")];
    let blocks = BlockSettings { folders, ..BlockSettings::default() };
    let data = folder.path().join("data");
    let with = tokio.block_on(consented(&far, &data, blocks.clone())).expect("the host opens");
    let document = scenario();
    let published = with.publish(SCENARIO, document.as_bytes(), None, None);
    tokio.block_on(published).expect("the scenario is good");
    let beside = Patchcord::open(Config { blocks, ..Config::new(&data) });
    let without = tokio.block_on(beside).expect("a second host opens the folder");

    for at_once in AT_ONCE {
        let mut group = criterion.benchmark_group(format!("write_{at_once}_at_once"));
        group.throughput(Throughput::Elements(at_once as u64));
        for (name, host) in [("without_journal", &without), ("with_journal", &with)] {
            group.bench_function(name, |bencher| {
                bencher.to_async(&tokio).iter(|| join_all((0..at_once).map(|_| write(host))));
            });
            // The traces of these runs are not to burden the next ones.
            let last = RunQuery { limit: 1, ..RunQuery::default() };
            tokio.block_on(host.runs(&last)).expect("the traces are written");
        }
        group.finish();
    }
    tokio.block_on(without.close());
    tokio.block_on(with.close());
}

/// A run that creates a record.
async fn write(host: &Patchcord) {
    let request = CallRequest { scenario: SCENARIO.to_owned(), ..CallRequest::default() };
    let answer = host.call(request).await.expect("the call is taken");
    assert_eq!(answer.result, "opened", "{:?}", answer.failure);
}

fn scenario() -> String {
    let properties =
        json!({ "object_type": "incidents", "fields": { "title": "A call" }, "id_variable": "id" });
    let document = json!({
        "patchcord": "1.0", "name": SCENARIO, "start": "open",
        "blocks": [
            {
                "id": "open", "block": "microsoft-dynamics.create-object", "properties": properties,
                "exits": { "next": "end", "failed": "not-opened" }
            },
            { "id": "end", "block": "core.exit", "properties": { "result": "opened" } },
            { "id": "not-opened", "block": "core.exit", "properties": { "result": "failed" } }
        ]
    });
    document.to_string()
}

criterion_group!(benches, journal);

fn main() {
    FarSide::serve_if_asked().expect("the far side serves");
    benches();
    Criterion::default().configure_from_args().final_summary();
}
