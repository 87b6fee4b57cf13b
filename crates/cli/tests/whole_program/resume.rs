//! A thousand runs that write, on a server that is killed again and again: each create happened exactly once, and each
//! run has one final answer. What such a server counts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt};
use patchcord::dynamics::{Query, ReadOptions};
use patchcord_emulator::{Emulator, Fault, FaultKind, FaultRule, Route};
use patchcord_tests::{Api, Consented};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;
use tokio::time::sleep;
use url::Url;

use crate::kit::Server;

const RUNS: usize = 1_000;
/// Calls at once.
const CALLERS: usize = 24;
/// One call in so many has no idempotency key: its caller cannot ask again.
const WITHOUT_KEY: usize = 4;
/// Answers after which the server is killed, each time as many as chance says.
const ANSWERS_UNTIL_KILLED: std::ops::Range<usize> = 20..70;

/// Makes a contact, changes it, makes another one; answers with the mark of the call.
fn scenario() -> Value {
    let create = |id: &str, order: &str, next: &str| {
        json!({
            "id": id, "block": "microsoft-dynamics.create-object",
            "properties": {
                "object_type": "contacts", "id_variable": id,
                "fields": { "lastname": "$(item.mark)", "jobtitle": order },
            },
            "exits": { "next": next },
        })
    };
    let change = json!({
        "id": "change", "block": "microsoft-dynamics.update-object",
        "properties": {
            "object_type": "contacts", "object_id": "$(first)", "fields": { "nickname": "changed" },
        },
        "exits": { "next": "second", "no_data": "gone" },
    });
    let gone = json!({ "id": "gone", "block": "core.exit", "properties": { "result": "failed" } });
    json!({
        "patchcord": "1.0", "name": "twice", "deadline_ms": 60_000, "start": "first",
        "blocks": [
            create("first", "first", "change"), change, gone, create("second", "second", "end"),
            {
                "id": "end", "block": "core.exit",
                "properties": {
                    "result": "$(item.mark)",
                    "answer": { "first": "$(first)", "second": "$(second)" },
                },
            },
        ],
    })
}

fn mark(number: usize) -> String {
    format!("call-{number:04}")
}

fn key(number: usize) -> Option<String> {
    (!number.is_multiple_of(WITHOUT_KEY)).then(|| format!("key-{number:04}"))
}

fn body(number: usize) -> Value {
    json!({ "variables": { "item.mark": mark(number) } })
}

/// The answer to one call; none where its caller has no key and the server died under it.
async fn call(number: usize, servers: watch::Receiver<Api>) -> (usize, Option<Value>) {
    let (key, body) = (key(number), body(number));
    let patience = Instant::now() + Duration::from_secs(120);
    loop {
        let api = servers.borrow().clone();
        match api.run("twice", key.as_deref(), &body).await {
            Ok(answer) => return (number, Some(answer)),
            Err(_) if key.is_none() => return (number, None),
            Err(error) if Instant::now() > patience => panic!("{}: {error:#}", mark(number)),
            // It is dead, and the next one not there yet.
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn start(data: &Path) -> Server {
    let data = data.to_owned();
    tokio::task::spawn_blocking(move || Server::start(&data)).await.unwrap()
}

/// A server with a consented account and the scenario.
async fn prepared(data: &Path, emulator: &Emulator) -> Server {
    let server = start(data).await;
    let account = server.api.add_account(emulator).await.unwrap();
    let page = server.api.consent(&account, emulator).await.unwrap();
    assert!(page.contains("Connection is valid."), "{page}");
    server.api.publish(&scenario().to_string()).await.unwrap();
    server
}

/// Makes all calls while the server is killed and started again. Returns the answers, the last server and how often it
/// was killed.
async fn live_through(
    data: &Path,
    mut server: Server,
    dice: &mut StdRng,
) -> (BTreeMap<usize, Option<Value>>, Server, usize) {
    let (apis, servers) = watch::channel(server.api.clone());
    let answered = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&answered);
    let calls = stream::iter(0..RUNS).map(move |number| call(number, servers.clone()));
    let calls = calls.buffer_unordered(CALLERS).inspect(move |_| {
        counted.fetch_add(1, Ordering::Relaxed);
    });
    let calls = tokio::spawn(calls.collect::<BTreeMap<_, _>>());
    let mut kills = 0;
    while !calls.is_finished() {
        let until = answered.load(Ordering::Relaxed) + dice.random_range(ANSWERS_UNTIL_KILLED);
        while answered.load(Ordering::Relaxed) < until && !calls.is_finished() {
            sleep(Duration::from_millis(1)).await;
        }
        sleep(Duration::from_millis(dice.random_range(0..20))).await;
        if calls.is_finished() {
            break;
        }
        server.kill();
        kills += 1;
        server = start(data).await;
        apis.send_replace(server.api.clone());
    }
    (calls.await.unwrap(), server, kills)
}

#[derive(Deserialize)]
struct Row {
    lastname: String,
    jobtitle: String,
    nickname: Option<String>,
}

/// How often each call made its first and its second contact, and changed the first.
async fn made(emulator: &Emulator) -> BTreeMap<String, [usize; 3]> {
    let url = Url::parse(&emulator.setup().api_url).unwrap();
    let direct = Consented::at_emulator(emulator, &url).await.unwrap();
    let query =
        Query::OData("$select=lastname,jobtitle,nickname&$filter=startswith(lastname,'call-')");
    let read = ReadOptions { max_records: Some(5_000), ..ReadOptions::default() };
    let soon = Instant::now() + Duration::from_secs(60);
    let answer = direct.client.query("contacts", query, &read, soon).await.unwrap();
    assert!(!answer.value.more);
    let mut made = BTreeMap::<String, [usize; 3]>::new();
    for record in &answer.value.records {
        let row: Row = serde_json::from_str(record.get()).unwrap();
        let counts = made.entry(row.lastname).or_default();
        counts[usize::from(row.jobtitle == "second")] += 1;
        counts[2] += usize::from(row.nickname.is_some());
    }
    made
}

/// The runs that ended with a result.
async fn ended_with(api: &Api, result: &str) -> Vec<Value> {
    let path = format!("/v1/runs?scenario=twice&result={result}");
    api.ask(Method::GET, &path, None).await.unwrap().as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_create_happens_once_and_each_run_has_one_answer() {
    let seed = rand::random();
    let mut dice = StdRng::seed_from_u64(seed);
    let emulator = patchcord_tests::emulator(0).await.unwrap();
    let folder = TempDir::new().unwrap();
    let data = folder.path().join("data");
    let server = prepared(&data, &emulator).await;
    let slow = FaultRule::new(Route::Api, FaultKind::Latency { ms: 10 });
    emulator.add_fault_rule(FaultRule {
        times: None,
        probability: Some(0.5),
        seed: Some(seed),
        ..slow
    });

    let (answers, server, kills) = live_through(&data, server, &mut dice).await;
    assert!(kills >= 10, "seed {seed}: the server was killed {kills} times only");
    // A server that stops lets the runs end that it has taken up.
    server.signal("TERM");
    assert!(server.wait().success());
    let server = start(&data).await;
    let failed = ended_with(&server.api, "failed").await;
    assert!(failed.is_empty(), "seed {seed}: {failed:#?}");

    let (made, mut resumed) = (made(&emulator).await, 0);
    for (number, answer) in &answers {
        let told = format!("seed {seed}, {}: {answer:?}", mark(*number));
        let runs = ended_with(&server.api, &mark(*number)).await;
        // Of a run without a key nothing is there where it had not begun to write.
        let times = if answer.is_some() { 1 } else { runs.len() };
        assert!(runs.len() == times && times <= 1, "{told} has {} runs", runs.len());
        let counts = made.get(&mark(*number)).copied().unwrap_or_default();
        assert_eq!(counts, [times; 3], "{told}");
        resumed += usize::from(runs.iter().any(|run| run["resumed"].is_u64()));
        if let Some(answer) = answer {
            assert_eq!(runs[0]["run"], answer["run"], "{told}");
            check_again(&server.api, *number, answer, &told).await;
        }
    }
    assert!(resumed > 0, "seed {seed}: no run was under way in {kills} kills");
}

/// Asking by id and asking again by the key give what was answered.
async fn check_again(api: &Api, number: usize, answer: &Value, told: &str) {
    let path = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
    let run = api.ask(Method::GET, &path, None).await.unwrap();
    assert_eq!(run["result"], answer["result"], "{told}");
    if let Some(key) = key(number) {
        assert_eq!(run["elapsed_ms"], answer["elapsed_ms"], "{told}");
        let again = api.run("twice", Some(&key), &body(number)).await.unwrap();
        assert_eq!(again, *answer, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_on_after_a_crash_is_counted() {
    let emulator = patchcord_tests::emulator(0).await.unwrap();
    let folder = TempDir::new().unwrap();
    let server = prepared(folder.path(), &emulator).await;
    emulator.add_fault(Fault {
        route: Route::Api,
        kind: FaultKind::Latency { ms: 60_000 },
        times: 1,
    });
    let asked = || emulator.counters().api_requests.values().sum::<u64>();
    let (before, api) = (asked(), server.api.clone());
    let calling = tokio::spawn(async move { api.run("twice", Some("key"), &body(0)).await.ok() });
    let patience = Instant::now() + Duration::from_secs(30);
    while asked() == before {
        assert!(Instant::now() < patience, "its first block never asked");
        sleep(Duration::from_millis(5)).await;
    }
    server.kill();
    calling.await.unwrap();
    emulator.clear_faults();

    let server = start(folder.path()).await;
    let answer = server.api.run("twice", Some("key"), &body(0)).await.unwrap();
    assert_eq!(answer["result"], mark(0), "{answer}");
    let metrics = server.api.send(Method::GET, "/metrics", None).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let counted = |name: &str, of: &str, times: &str| {
        let mut lines = metrics.lines().filter(|line| line.starts_with(name));
        lines.any(|line| line.contains(of) && line.ends_with(times))
    };
    assert!(counted("patchcord_runs_resumed_total", "", " 1"), "{metrics}");
    assert!(counted("patchcord_block_steps_total", "create-object", " 2"), "{metrics}");
}
