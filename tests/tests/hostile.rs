//! The hostile blocks let loose on a server that has calls to answer: it stays up, its memory stays within bounds, every
//! hostile block ends as it must, and every call is answered right.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use patchcord_tests::World;
use patchcord_tests::hostile::{CORPUS, Ends, Hostile, harmless, identity, properties};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// How long everything goes on at once.
const SIEGE: Duration = Duration::from_secs(20);
/// Who runs hostile blocks without pause, each beginning elsewhere in the corpus.
const ATTACKERS: usize = 4;
/// Who asks for what must be answered right, without pause.
const CALLERS: usize = 2;
const CONTACTS: u32 = 20;
/// The contacts whose numbers are stored as they call.
const KNOWN: [usize; 3] = [0, 8, 16];

/// What the process may have at the worst moment. Of it 400 MiB are the memory that [`ATTACKERS`] blocks may have at 64 MiB
/// each and what the host copies out of them, 32 MiB each; the rest is emulator, server, compiled code and this test. What
/// the corpus asks for meanwhile are hundreds of GiB.
const PEAK_MIB: u64 = 768;
/// What may stay once it is over, over what was there after every block had been run once: traces, of which the server keeps
/// the last; the answers that this test keeps; what the allocator does not give back.
const STAYS_MIB: u64 = 128;

/// Hostile blocks end with the same typed error as ever, calls are answered as ever.
struct Siege {
    world: World,
    over: AtomicBool,
    attacks: AtomicUsize,
    calls: AtomicUsize,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_bears_all_of_them_at_once_and_answers_its_calls() {
    let world = World::unsearched(CONTACTS).await.unwrap();
    let siege = Siege {
        world,
        over: AtomicBool::new(false),
        attacks: AtomicUsize::default(),
        calls: AtomicUsize::default(),
    };
    siege.install_all().await;
    for row in at_run() {
        siege.attack(row).await;
    }
    siege.call(0).await;
    let before = resident_mib();

    let siege = Arc::new(siege);
    let mut tasks = Vec::new();
    for first in 0..ATTACKERS {
        let siege = Arc::clone(&siege);
        tasks.push(tokio::spawn(async move { siege.attack_on(first).await }));
    }
    for _ in 0..CALLERS {
        let siege = Arc::clone(&siege);
        tasks.push(tokio::spawn(async move { siege.call_on().await }));
    }
    let offers = Arc::clone(&siege);
    tasks.push(tokio::spawn(async move { offers.offer_on().await }));
    let peak = watch(SIEGE).await;
    siege.over.store(true, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }

    let (attacks, calls) = (&siege.attacks, &siege.calls);
    let (attacks, calls) = (attacks.load(Ordering::SeqCst), calls.load(Ordering::SeqCst));
    assert!(attacks >= at_run().count() * 2, "only {attacks} attacks");
    assert!(calls >= CALLERS * 10, "only {calls} calls");
    siege.still_serves().await;
    let after = resident_mib();
    let seen = format!("{before} MiB before, {peak} at most, {after} after; {attacks} attacks");
    assert!(peak < PEAK_MIB, "{seen}");
    assert!(after < before + STAYS_MIB, "{seen}");
}

fn at_run() -> impl Iterator<Item = &'static Hostile> + Clone {
    CORPUS.iter().filter(|row| !row.ends.at_load())
}

fn at_load() -> impl Iterator<Item = &'static Hostile> + Clone {
    CORPUS.iter().filter(|row| row.ends.at_load())
}

impl Siege {
    async fn install_all(&self) {
        for row in at_run() {
            let (status, answer) = self.offer(row.build().unwrap()).await;
            assert_eq!(status, StatusCode::CREATED, "{}: {answer}", row.name);
        }
    }

    async fn offer(&self, bytes: Vec<u8>) -> (StatusCode, Value) {
        // All that the frame's manifest asks for.
        let path = "/v1/blocks?grant=query&grant=create&grant=table:*";
        let response = self.world.api.send_bytes(path, bytes).await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Runs a hostile block once, which must end as ever.
    async fn attack(&self, row: &Hostile) {
        let path = format!("/v1/blocks/{}/invoke", identity(row.name));
        let body = json!({ "properties": properties(), "deadline_ms": 60_000 });
        let answer = self.world.api.ask(Method::POST, &path, Some(&body)).await.unwrap();
        let failure = &answer["failure"];
        match row.ends {
            Ends::CallRefused(kind) => {
                assert!(failure.is_null(), "{}: {answer}", row.name);
                let refused = serde_json::to_value(kind).unwrap();
                assert_eq!(answer["host_calls"][0]["error"], refused, "{}: {answer}", row.name);
            }
            Ends::Denied(_) => {
                assert_eq!(failure["kind"], "policy_denied", "{}: {answer}", row.name)
            }
            _ => assert_eq!(failure["kind"], "crashed", "{}: {answer}", row.name),
        }
        if let Ends::Crashed(words) = row.ends {
            let said = |text: &Value| text.as_str().is_some_and(|text| text.contains(words));
            let mut log = answer["log"].as_array().unwrap().iter();
            let named = said(&failure["message"]) || log.any(|line| said(&line["message"]));
            assert!(named, "{}: {answer}", row.name);
        }
        self.attacks.fetch_add(1, Ordering::SeqCst);
    }

    async fn attack_on(&self, first: usize) {
        let rows = at_run().count();
        for row in at_run().cycle().skip(first * rows / ATTACKERS) {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            self.attack(row).await;
        }
    }

    /// A call that must be answered right.
    async fn call(&self, number: usize) {
        let caller = self.world.emulator.caller(number);
        let answer = self.world.api.call_from("identify-caller", &caller.phone).await.unwrap();
        assert_eq!(answer["result"], "known", "{answer}");
        assert_eq!(answer["variables"]["caller_name"], caller.full_name.as_str(), "{answer}");
        assert_eq!(answer["screen_pop"]["id"], caller.contact_id.as_str(), "{answer}");
        self.calls.fetch_add(1, Ordering::SeqCst);
    }

    async fn call_on(&self) {
        for number in KNOWN.into_iter().cycle() {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            self.call(number).await;
        }
    }

    /// Offers what cannot be loaded: hostile blocks, and sound ones that are damaged.
    async fn offer_on(&self) {
        let sound = harmless("damaged").unwrap();
        for (round, row) in at_load().cycle().enumerate() {
            if self.over.load(Ordering::SeqCst) {
                return;
            }
            let (status, answer) = self.offer(row.build().unwrap()).await;
            assert!(status.is_client_error(), "{}: {status} {answer}", row.name);
            let (status, answer) = self.offer(sound[..round * 97 % sound.len()].to_vec()).await;
            assert!(status.is_client_error(), "{round}: {status} {answer}");
        }
    }

    async fn still_serves(&self) {
        for path in ["/healthz", "/readyz"] {
            let answer = self.world.api.send(Method::GET, path, None).await.unwrap();
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
        }
        self.call(0).await;
        self.is_counted().await;
        let blocks = self.world.api.ask(Method::GET, "/v1/blocks", None).await.unwrap();
        let hostile = |block: &&Value| block["id"].as_str().unwrap().starts_with("hostile.");
        let listed = blocks.as_array().unwrap().iter().filter(hostile).count();
        assert_eq!(listed, at_run().count(), "nothing that was refused is there");
    }
}

impl Siege {
    /// What `/metrics` says of each of them.
    async fn is_counted(&self) {
        let answer = self.world.api.send(Method::GET, "/metrics", None).await.unwrap();
        let text = answer.text().await.unwrap();
        let counts = |metric: &str, labels: &[(&str, &str)]| {
            text.lines().any(|line| {
                let has =
                    |(name, value): &(&str, &str)| line.contains(&format!("{name}=\"{value}\""));
                line.starts_with(&format!("{metric}{{")) && labels.iter().all(has)
            })
        };
        for row in at_run() {
            let id = identity(row.name);
            let block = ("block", id.as_str());
            let (exit, cause, special) = match row.ends {
                Ends::Limit(_) => ("failed", "limit", "patchcord_block_limits_hit_total"),
                Ends::Crashed(_) => ("failed", "crashed", "patchcord_block_traps_total"),
                Ends::Denied(_) => ("failed", "crm", "patchcord_block_seconds_count"),
                _ => ("next", "none", "patchcord_block_seconds_count"),
            };
            let steps = [block, ("version", "1.0.0"), ("exit", exit), ("cause", cause)];
            assert!(counts("patchcord_block_steps_total", &steps), "{id}: {text}");
            assert!(counts(special, &[block]), "{id}: {text}");
            let bounded = [block, ("le", "0.5")];
            assert!(counts("patchcord_block_seconds_bucket", &bounded), "{id}: {text}");
        }
        assert!(!text.contains("back_door"), "what a block says is no label: {text}");
    }
}

/// The most memory that this process has had while `time` passed.
async fn watch(time: Duration) -> u64 {
    let end = tokio::time::Instant::now() + time;
    let mut peak = 0;
    while tokio::time::Instant::now() < end {
        peak = peak.max(resident_mib());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    peak
}

/// Resident memory of this process: server, emulator and test together.
fn resident_mib() -> u64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        // Elsewhere than on Linux the rest of the test has to do.
        return 0;
    };
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<u64>().unwrap() / 1024
}
