//! What a look-up costs in processor time when it goes through a sandbox, 32 at once: the request alone, with Patchcord's
//! Dynamics client, as a step in a fresh sandbox and in one that serves many steps; and the sandbox alone, with a CRM that
//! answers at once, beside wasmtime alone. All in one run, so that their ratios can be compared.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, criterion_group};
use mimalloc::MiMalloc;
use patchcord::BlockSettings;
use patchcord::runtime::{Block, Crm, LimitSettings, Query, QueryText, Runtime, RuntimeConfig};
use patchcord_benches::look_up::{QUERY, deadline, found_one, invocation, properties, record};
use patchcord_benches::{BareReqwest, BareWasmtime, CannedCrm, CpuTime, FarSide, consented};
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinSet;

/// That of the program, which is what is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const AT_ONCE: u64 = 32;
/// Steps that an instance serves where it may serve several.
const STEPS_PER_INSTANCE: u32 = 1_000;

fn sandboxes(criterion: &mut Criterion<CpuTime>) {
    let tokio = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(processors().saturating_sub(1).max(1))
        .enable_all()
        .build()
        .expect("tokio starts");
    let answer =
        json!({ "@odata.context": "https://org.example/$metadata#contacts", "value": [record()] });
    let far = FarSide::start(&answer.to_string()).expect("the far side starts");
    let folder = TempDir::new().expect("a folder is made");
    let data = folder.path().join("data");
    let opened = tokio.block_on(consented(&far, &data, BlockSettings::default()));
    let patchcord = opened.expect("Patchcord opens");
    let crm = patchcord.crm(None);
    let canned: Arc<dyn Crm> = Arc::new(CannedCrm::new(&[record()]));
    let (fresh, reusing) = tokio.block_on(blocks());

    let mut group = criterion.benchmark_group("sandbox");
    let mut group = Measured { group: &mut group, tokio: &tokio };
    group.requests(&far, &crm);
    group.step("lookup_step_fresh", &fresh, &crm);
    group.step("lookup_step_reused", &reusing, &crm);
    group.bare_wasmtime();
    group.step("stub_step_fresh", &fresh, &canned);
    group.step("stub_step_reused", &reusing, &canned);
    tokio.block_on(patchcord.close());
}

/// One of them is left to the far side.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// The block as it is, and as it is for an operator who trusts it with its own memory.
async fn blocks() -> (Block, Block) {
    let file = patchcord_tests::blocks().expect("the blocks are built").join("search-object.wasm");
    let runtime = Runtime::new(RuntimeConfig::default()).expect("the runtime starts");
    let fresh = runtime.load_file(&file).await.expect("the runtime takes the block");
    let settings =
        LimitSettings { steps_per_instance: Some(STEPS_PER_INSTANCE), ..LimitSettings::default() };
    let reusing = fresh.limited(&settings).expect("so many steps are allowed");
    (fresh, reusing)
}

struct Measured<'a, 'g> {
    group: &'a mut BenchmarkGroup<'g, CpuTime>,
    tokio: &'a tokio::runtime::Runtime,
}

impl Measured<'_, '_> {
    fn requests(&mut self, far: &FarSide, crm: &Arc<dyn Crm>) {
        let bare = BareReqwest::new(&far.api_url(), &far.access_token(), "contacts", QUERY);
        let bare = bare.expect("the request is made");
        self.bench("lookup_bare_reqwest", move || {
            let bare = bare.clone();
            async move { assert_eq!(bare.look_up().await.expect("it is answered").len(), 1) }
        });
        let crm = Arc::clone(crm);
        self.bench("lookup_dynamics_client", move || {
            let crm = Arc::clone(&crm);
            async move {
                let (text, read) = (QueryText::OData(QUERY), Default::default());
                let query = Query { entity_set: "contacts", text, read };
                let answer = crm.query(&query, deadline()).await.expect("it is answered");
                assert_eq!(answer.value.count(), 1);
            }
        });
    }

    fn step(&mut self, name: &str, block: &Block, crm: &Arc<dyn Crm>) {
        let (block, crm) = (block.clone(), Arc::clone(crm));
        self.bench(name, move || {
            let (block, crm) = (block.clone(), Arc::clone(&crm));
            async move {
                found_one(block.invoke(invocation(crm)).await).expect("the step finds the caller");
            }
        });
    }

    fn bare_wasmtime(&mut self) {
        let file = patchcord_tests::blocks().expect("the blocks are built");
        let bare = BareWasmtime::load(&file.join("search-object.wasm"), &[record()]);
        let bare = Arc::new(bare.expect("bare wasmtime takes the block"));
        self.bench("stub_bare_wasmtime", move || {
            let bare = Arc::clone(&bare);
            async move {
                let properties = properties().to_string();
                assert_eq!(bare.step(&properties).await.expect("it ends well"), 1);
            }
        });
    }

    fn bench<F, Work>(&mut self, name: &str, work: F)
    where
        F: Fn() -> Work + Clone + Send + Sync + 'static,
        Work: Future<Output = ()> + Send,
    {
        self.group.bench_function(name, |bencher| {
            bencher.to_async(self.tokio).iter_custom(|times| at_once(times, work.clone()));
        });
    }
}

/// Does the work so many times, in 32 lanes side by side, and says what processor time that took.
async fn at_once<F, Work>(times: u64, work: F) -> Duration
where
    F: Fn() -> Work + Clone + Send + Sync + 'static,
    Work: Future<Output = ()> + Send,
{
    let before = CpuTime::used();
    let mut lanes = JoinSet::new();
    for lane in 0..AT_ONCE {
        let (work, mine) = (work.clone(), times / AT_ONCE + u64::from(lane < times % AT_ONCE));
        lanes.spawn(async move {
            for _ in 0..mine {
                work().await;
            }
        });
    }
    lanes.join_all().await;
    CpuTime::used().saturating_sub(before)
}

criterion_group!(
    name = benches;
    config = Criterion::default().with_measurement(CpuTime);
    targets = sandboxes
);

fn main() {
    FarSide::serve_if_asked().expect("the far side serves");
    benches();
    Criterion::default().configure_from_args().final_summary();
}
