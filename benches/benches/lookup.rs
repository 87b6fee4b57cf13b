//! What a look-up costs, layer by layer: the request alone, with Patchcord's Dynamics client, from a scenario, and from
//! a caller of the HTTP API. All make the same request to the same emulator over loopback, one at a time and 32 at once.
#![allow(missing_docs, reason = "criterion's macros make public items")]
#![allow(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use futures::FutureExt;
use futures::future::BoxFuture;
use patchcord::CallRequest;
use patchcord_benches::{BareReqwest, SignedIn, client_alone, sign_in};
use patchcord_dynamics::{Query, ReadOptions};
use patchcord_emulator::{Caller, LogEntry};
use patchcord_tests::{IDENTIFY_CALLER, World};
use serde_json::{Map, Value, json};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// Few, so that the emulator's search costs next to nothing.
const CONTACTS: u32 = 20;
const AT_ONCE: usize = 32;
/// What the kit's calls ask for too.
const DEADLINE: Duration = Duration::from_secs(10);
const SCENARIO: &str = "identify-caller";

/// A look-up through some layers, which panics where the caller is not found.
type LookUp = Box<dyn Fn() -> BoxFuture<'static, ()>>;

/// The layers, from the innermost; each is named as its benchmark.
type Layers = [(&'static str, LookUp); 4];

fn lookups(criterion: &mut Criterion) {
    let tokio = Runtime::new().expect("tokio starts");
    let world = tokio.block_on(World::unsearched(CONTACTS)).expect("the world is set up");
    let layers = tokio.block_on(layers(&world));
    tokio.block_on(check_alike(&world, &layers));

    let mut group = criterion.benchmark_group("lookup");
    for (name, look_up) in &layers {
        tokio.block_on(settle(&world));
        group.bench_function(*name, |bencher| bencher.to_async(&tokio).iter(look_up));
    }
    group.finish();

    let mut group = criterion.benchmark_group("lookup_32_at_once");
    group.throughput(Throughput::Elements(AT_ONCE as u64));
    for (name, look_up) in &layers {
        tokio.block_on(settle(&world));
        group.bench_function(*name, |bencher| {
            bencher.to_async(&tokio).iter(|| at_once(look_up));
        });
    }
    group.finish();

    let _within = tokio.enter();
    drop(world);
}

/// Returns when the last of all has its answer.
async fn at_once(look_up: &LookUp) {
    let mut calls = JoinSet::new();
    for _ in 0..AT_ONCE {
        calls.spawn(look_up());
    }
    calls.join_all().await;
}

/// Waits until the traces of the calls so far are written, so that they do not burden what comes next.
async fn settle(world: &World) {
    world
        .patchcord
        .runs(&patchcord::RunQuery { limit: 1, ..Default::default() })
        .await
        .expect("the traces are written");
}

/// Makes each look-up once and holds the requests against each other: a difference would be measured as a layer.
async fn check_alike(world: &World, layers: &Layers) {
    let mut first: Option<LogEntry> = None;
    for (name, look_up) in layers {
        look_up().await;
        let sent = world.emulator.log().pop().expect("a look-up makes a request");
        let first = first.get_or_insert_with(|| sent.clone());
        let alike = (&sent.method, &sent.path, &sent.options);
        let expected = (&first.method, &first.path, &first.options);
        assert_eq!(alike, expected, "{name} makes the same request as the others");
    }
}

async fn layers(world: &World) -> Layers {
    let caller = Arc::new(world.emulator.caller(0));
    let query = query_for(&caller.phone);
    let tokens = sign_in(world.emulator.setup()).await.expect("the demo user signs in");
    [
        ("lookup_bare_reqwest", bare(world, &caller, &tokens, &query)),
        ("lookup_dynamics_client", client(world, &caller, tokens, query)),
        ("lookup_in_process", in_process(world, &caller)),
        ("lookup_whole_path", whole_path(world, &caller)),
    ]
}

/// The query of the example scenario, for a call from `number`.
fn query_for(number: &str) -> String {
    let scenario: Value = serde_json::from_str(IDENTIFY_CALLER).expect("the example is JSON");
    let blocks = scenario["blocks"].as_array().expect("a scenario has blocks");
    let query = blocks.iter().find_map(|block| block["properties"]["query"].as_str());
    query.expect("the example scenario searches").replace("$(item.from)", number)
}

fn bare(world: &World, caller: &Arc<Caller>, tokens: &SignedIn, query: &str) -> LookUp {
    let api_url = &world.emulator.setup().api_url;
    let request = BareReqwest::new(api_url, &tokens.access_token, "contacts", query);
    let (request, caller) = (request.expect("the request is made"), Arc::clone(caller));
    Box::new(move || {
        let (request, caller) = (request.clone(), Arc::clone(&caller));
        async move {
            let found = request.look_up().await.expect("bare reqwest is answered");
            let ids: Vec<_> =
                found.iter().filter_map(|record| record["contactid"].as_str()).collect();
            assert_eq!(ids, [caller.contact_id.as_str()], "bare reqwest finds the caller");
        }
        .boxed()
    })
}

fn client(world: &World, caller: &Arc<Caller>, tokens: SignedIn, query: String) -> LookUp {
    let client = client_alone(world.emulator.setup(), tokens.refresh_token);
    let client = client.expect("the client is set up");
    let (query, caller): (Arc<str>, _) = (query.into(), Arc::clone(caller));
    Box::new(move || {
        let (client, query, caller) =
            (Arc::clone(&client), Arc::clone(&query), Arc::clone(&caller));
        async move {
            let (read, deadline) = (ReadOptions::default(), Instant::now() + DEADLINE);
            let answer = client.query("contacts", Query::OData(&query), &read, deadline).await;
            let records = answer.expect("the client is answered").value.records;
            let found = records.len() == 1 && records[0].get().contains(&caller.contact_id);
            assert!(found, "the client finds the caller: {records:?}");
        }
        .boxed()
    })
}

fn in_process(world: &World, caller: &Arc<Caller>) -> LookUp {
    let (patchcord, caller) = (world.patchcord.clone(), Arc::clone(caller));
    Box::new(move || {
        let (patchcord, caller) = (patchcord.clone(), Arc::clone(&caller));
        async move {
            let item = json!({ "from": caller.phone });
            let request = CallRequest {
                scenario: SCENARIO.into(),
                variables: Map::from_iter([("item".to_owned(), item)]),
                deadline: Some(DEADLINE),
                ..CallRequest::default()
            };
            let answer = patchcord.call(request).await.expect("the call is taken");
            assert_eq!(answer.result, "known", "a call in this process finds the caller");
            assert_eq!(answer.variables["caller_name"], caller.full_name.as_str());
        }
        .boxed()
    })
}

fn whole_path(world: &World, caller: &Arc<Caller>) -> LookUp {
    let (api, caller) = (world.api.clone(), Arc::clone(caller));
    Box::new(move || {
        let (api, caller) = (api.clone(), Arc::clone(&caller));
        async move {
            let answer = api.call_from(SCENARIO, &caller.phone).await.expect("the call is taken");
            assert_eq!(answer["result"], "known", "a call over HTTP finds the caller: {answer}");
            assert_eq!(answer["variables"]["caller_name"], caller.full_name.as_str());
        }
        .boxed()
    })
}

criterion_group!(benches, lookups);
criterion_main!(benches);
