//! What publishing a scenario and starting a run cost, with one scenario in the store and with a thousand, each of 200
//! blocks. Both must cost the same: neither looks at what other scenarios there are.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use criterion::{Criterion, criterion_group, criterion_main};
use patchcord::store::KeySource;
use patchcord::{
    AccessSettings, BlockSettings, CallRequest, Config, ImportRequest, Patchcord, RunQuery,
    RunSettings,
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const SCENARIOS: [usize; 2] = [1, 1_000];
const BLOCKS: usize = 200;
/// The scenario that is published and called; those beside it have other names.
const MEASURED: &str = "measured";

fn publishing(criterion: &mut Criterion) {
    let tokio = Runtime::new().expect("tokio starts");
    let hosts = SCENARIOS.map(|scenarios| (scenarios, tokio.block_on(Host::with(scenarios))));
    let document = scenario(MEASURED).to_string();

    let mut group = criterion.benchmark_group("publish");
    for (scenarios, host) in &hosts {
        group.bench_function(format!("publish_among_{scenarios}"), |bencher| {
            bencher.to_async(&tokio).iter(async || {
                let published = host.patchcord.publish(MEASURED, document.as_bytes(), None, None);
                published.await.expect("the scenario is good");
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("start");
    for (scenarios, host) in &hosts {
        tokio.block_on(host.settle());
        group.bench_function(format!("start_among_{scenarios}"), |bencher| {
            bencher.to_async(&tokio).iter(async || host.call().await);
        });
    }
    group.finish();

    for (_, host) in hosts {
        tokio.block_on(host.patchcord.close());
    }
}

/// A host with so many scenarios, on a folder of its own.
struct Host {
    patchcord: Patchcord,
    _folder: TempDir,
}

impl Host {
    async fn with(scenarios: usize) -> Self {
        let folder = TempDir::new().expect("there is room for a folder");
        let data = folder.path().to_owned();
        let config = Config {
            data,
            key: KeySource::File,
            blocks: BlockSettings::default(),
            runs: RunSettings::default(),
            fetch_hosts: Vec::new(),
            access: AccessSettings::default(),
        };
        let patchcord = Patchcord::open(config).await.expect("the data folder is opened");
        // In one write, which a thousand acts of publishing would not be.
        let names = (1..scenarios).map(|n| format!("beside-{n}")).chain([MEASURED.to_owned()]);
        let documents: Vec<Value> =
            names.map(|name| json!({ "document": scenario(&name) })).collect();
        let export = json!({ "patchcord_export": "1.0", "scenarios": documents });
        let bytes = export.to_string().into_bytes();
        let import = ImportRequest { bytes, publish: true, ..ImportRequest::default() };
        let imported = patchcord.import(import).await.expect("the scenarios are good");
        assert_eq!(imported.scenarios.len(), scenarios, "all scenarios are published");
        Self { patchcord, _folder: folder }
    }

    /// Starts a run that takes two steps, whatever the length of its scenario.
    async fn call(&self) {
        let request = CallRequest {
            scenario: MEASURED.to_owned(),
            variables: Map::from_iter([("stop".to_owned(), true.into())]),
            ..CallRequest::default()
        };
        let answer = self.patchcord.call(request).await.expect("the call is taken");
        assert_eq!(answer.result, "done", "the run comes to its end");
    }

    /// Waits until the traces of the calls so far are written, so that they do not burden what comes next.
    async fn settle(&self) {
        let last = RunQuery { limit: 1, ..RunQuery::default() };
        self.patchcord.runs(&last).await.expect("the traces are written");
    }
}

/// A scenario of [`BLOCKS`] blocks: an If that leads to the end at once, or by all of the others.
fn scenario(name: &str) -> Value {
    let mut blocks = vec![json!({
        "id": "stop", "block": "core.if",
        "properties": { "left": "$(stop)", "operator": "equals", "right": true },
        "exits": { "true": "end", "false": "set-1" }
    })];
    for n in 1..BLOCKS - 1 {
        let next = if n + 1 < BLOCKS - 1 { format!("set-{}", n + 1) } else { "end".to_owned() };
        blocks.push(json!({
            "id": format!("set-{n}"), "block": "core.set-variable",
            "title": format!("Remember {n}"),
            "properties": { "variable": format!("v{n}"), "value": format!("value {n} of $(item.from)") },
            "exits": { "next": next }
        }));
    }
    blocks.push(json!({ "id": "end", "block": "core.exit", "properties": { "result": "done" } }));
    json!({ "patchcord": "1.0", "name": name, "start": "stop", "blocks": blocks })
}

criterion_group!(benches, publishing);
criterion_main!(benches);
