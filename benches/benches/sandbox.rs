//! What a look-up costs in processor time when it goes through a sandbox, 32 at once: the request alone, with Patchcord's
//! Dynamics client, as a step in a fresh sandbox and in one that serves many steps; and the sandbox alone, with a CRM that
//! answers at once, beside wasmtime alone. First each by itself, then each in turns with what it is compared with.
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::path::PathBuf;
use std::sync::Arc;

use criterion::measurement::Measurement;
use criterion::{BenchmarkGroup, Criterion};
use mimalloc::MiMalloc;
use patchcord::runtime::{Block, Crm, LimitSettings, Query, QueryText, Runtime, RuntimeConfig};
use patchcord::{BlockSettings, Patchcord};
use patchcord_benches::look_up::{QUERY, deadline, found_one, invocation, properties, record};
use patchcord_benches::{
    BareReqwest, BareWasmtime, CannedCrm, CpuTime, FarSide, Ratio, Work, at_once, consented,
    in_turns,
};
use serde_json::json;
use tempfile::TempDir;

/// That of the program, which is what is measured.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// Steps that an instance serves where it may serve several.
const STEPS_PER_INSTANCE: u32 = 1_000;

/// What each costs by itself.
fn alone(criterion: &mut Criterion<CpuTime>, world: &World) {
    let mut group = world.group(criterion, "sandbox");
    group.bench("lookup_bare_reqwest", &world.bare_request());
    group.bench("lookup_dynamics_client", &world.client_request());
    group.bench("lookup_step_fresh", &world.look_up(&world.fresh));
    group.bench("lookup_step_reused", &world.look_up(&world.reusing));
    group.bench("stub_bare_wasmtime", &world.bare_step());
    group.bench("stub_step_fresh", &world.stub(&world.fresh));
    group.bench("stub_step_reused", &world.stub(&world.reusing));
}

/// How many times as much each costs as what it is compared with.
fn compared(criterion: &mut Criterion<Ratio>, world: &World) {
    let mut group = world.group(criterion, "sandbox_ratio");
    let request = world.bare_request();
    group.bench("lookup_dynamics_client", &world.client_request(), &request);
    group.bench("lookup_step_fresh", &world.look_up(&world.fresh), &request);
    group.bench("lookup_step_reused", &world.look_up(&world.reusing), &request);
    let step = world.bare_step();
    group.bench("stub_step_fresh", &world.stub(&world.fresh), &step);
    group.bench("stub_step_reused", &world.stub(&world.reusing), &step);
}

/// Benchmarks that are measured alike.
struct Group<'a, M: Measurement> {
    group: BenchmarkGroup<'a, M>,
    tokio: &'a tokio::runtime::Runtime,
}

impl Group<'_, CpuTime> {
    fn bench(&mut self, name: &str, work: &impl Work) {
        self.group.bench_function(name, |bencher| {
            bencher.to_async(self.tokio).iter_custom(|times| at_once(times, work));
        });
    }
}

impl Group<'_, Ratio> {
    fn bench(&mut self, name: &str, work: &impl Work, other: &impl Work) {
        self.group.bench_function(name, |bencher| {
            bencher.to_async(self.tokio).iter_custom(|times| in_turns(times, work, other));
        });
    }
}

/// Patchcord with an account at the far side, and its block.
struct World {
    tokio: tokio::runtime::Runtime,
    far: FarSide,
    patchcord: Patchcord,
    /// The block as it is.
    fresh: Block,
    /// The block as it is for an operator who trusts it with its own memory.
    reusing: Block,
    _data: TempDir,
}

impl World {
    fn new() -> Self {
        let tokio = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(processors().saturating_sub(1).max(1))
            .enable_all()
            .build()
            .expect("tokio starts");
        let answer = json!({ "@odata.context": "https://org.example/$metadata#contacts", "value": [record()] });
        let far = FarSide::start(&answer.to_string()).expect("the far side starts");
        let data = TempDir::new().expect("a folder is made");
        let opened = consented(&far, data.path(), BlockSettings::default());
        let patchcord = tokio.block_on(opened).expect("Patchcord opens");
        let runtime = Runtime::new(RuntimeConfig::default()).expect("the runtime starts");
        let fresh =
            tokio.block_on(runtime.load_file(&component())).expect("the runtime takes the block");
        let settings = LimitSettings {
            steps_per_instance: Some(STEPS_PER_INSTANCE),
            ..LimitSettings::default()
        };
        let reusing = fresh.limited(&settings).expect("so many steps are allowed");
        Self { tokio, far, patchcord, fresh, reusing, _data: data }
    }

    fn group<'a, M: Measurement>(
        &'a self,
        criterion: &'a mut Criterion<M>,
        name: &str,
    ) -> Group<'a, M> {
        Group { group: criterion.benchmark_group(name), tokio: &self.tokio }
    }

    fn bare_request(&self) -> BareRequest {
        let (url, token) = (self.far.api_url(), self.far.access_token());
        let request = BareReqwest::new(&url, &token, "contacts", QUERY);
        BareRequest(Arc::new(request.expect("the request is made")))
    }

    fn client_request(&self) -> ClientRequest {
        ClientRequest(self.patchcord.crm(None))
    }

    fn look_up(&self, block: &Block) -> Step {
        Step { block: block.clone(), crm: self.patchcord.crm(None) }
    }

    fn bare_step(&self) -> BareStep {
        let bare = BareWasmtime::load(&component(), &[record()]);
        BareStep(Arc::new(bare.expect("bare wasmtime takes the block")))
    }

    fn stub(&self, block: &Block) -> Step {
        Step { block: block.clone(), crm: Arc::new(CannedCrm::new(&[record()])) }
    }

    fn close(self) {
        self.tokio.block_on(self.patchcord.close());
    }
}

/// One of them is left to the far side.
fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn component() -> PathBuf {
    patchcord_tests::blocks().expect("the blocks are built").join("search-object.wasm")
}

/// The request alone.
#[derive(Clone)]
struct BareRequest(Arc<BareReqwest>);

impl Work for BareRequest {
    async fn once(&self) {
        assert_eq!(self.0.look_up().await.expect("it is answered").len(), 1);
    }
}

/// The request as the account's client makes it.
#[derive(Clone)]
struct ClientRequest(Arc<dyn Crm>);

impl Work for ClientRequest {
    async fn once(&self) {
        let (text, read) = (QueryText::OData(QUERY), Default::default());
        let query = Query { entity_set: "contacts", text, read };
        let answer = self.0.query(&query, deadline()).await.expect("it is answered");
        assert_eq!(answer.value.count(), 1);
    }
}

/// A step of the block.
#[derive(Clone)]
struct Step {
    block: Block,
    crm: Arc<dyn Crm>,
}

impl Work for Step {
    async fn once(&self) {
        let invoked = self.block.invoke(invocation(Arc::clone(&self.crm))).await;
        found_one(invoked).expect("the step finds the caller");
    }
}

/// The step on wasmtime alone.
#[derive(Clone)]
struct BareStep(Arc<BareWasmtime>);

impl Work for BareStep {
    async fn once(&self) {
        let properties = properties().to_string();
        assert_eq!(self.0.step(&properties).await.expect("it ends well"), 1);
    }
}

fn main() {
    FarSide::serve_if_asked().expect("the far side serves");
    let world = World::new();
    let criterion = || Criterion::default().configure_from_args();
    alone(&mut criterion().with_measurement(CpuTime), &world);
    compared(&mut criterion().with_measurement(Ratio), &world);
    world.close();
    criterion().final_summary();
}
