//! Kamailio asks for a scenario while the INVITE waits, and routes the call by the answer.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::time::Duration;

use patchcord_emulator::{Fault, FaultKind, Route};
use patchcord_tests::World;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::switchboard::{Reached, Request, Switchboard};

const FIND_CALLER: &str = include_str!("../../../examples/scenarios/find-caller.json");
const CALLS: usize = 200;

async fn world() -> World {
    // Enough for two rounds in which nobody calls twice, so that no kept answer helps.
    let world = World::consented(u32::try_from(CALLS * 8).unwrap()).await.unwrap();
    world.api.publish(FIND_CALLER).await.unwrap();
    world
}

/// Numbers of contacts, from the `first`th on, by turns with numbers that nobody has.
fn numbers(world: &World, first: usize) -> Vec<String> {
    // One of eight is stored as the call brings it; the others need an account that names their region.
    let known = |n: usize| world.emulator.caller(n * 8).phone;
    let pair = |n: usize| [known(n), format!("+999000{n:05}")];
    (first..first + CALLS / 2).flat_map(pair).collect()
}

fn who_reached(queue: &str, reached: &Reached) -> BTreeSet<String> {
    let there = reached.iter().filter(|(_, arrival)| arrival.queue == queue);
    there.map(|(number, _)| number.clone()).collect()
}

/// The results of all runs, oldest first, once there are `least` of them.
async fn results(world: &World, least: usize) -> Vec<String> {
    loop {
        let runs = world.api.ask(Method::GET, "/v1/runs?limit=1000", None).await.unwrap();
        let runs = runs.as_array().unwrap();
        if runs.len() >= least {
            let result = |run: &Value| run["result"].as_str().unwrap().to_owned();
            return runs.iter().rev().map(result).collect();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn known_callers_reach_the_vip_queue_and_every_call_is_routed_without_dynamics() {
    let world = world().await;
    let switchboard = Switchboard::before(&world, "find-caller").await;

    let called = numbers(&world, 0);
    let reached = switchboard.place(&called).await;
    let known: BTreeSet<String> = called.iter().step_by(2).cloned().collect();
    let unknown: BTreeSet<String> = called.iter().skip(1).step_by(2).cloned().collect();
    assert_eq!(who_reached("vip", &reached), known);
    assert_eq!(who_reached("general", &reached), unknown);
    for n in 0..CALLS / 2 {
        let caller = world.emulator.caller(n * 8);
        let record = format!("contacts/{}", caller.contact_id);
        assert_eq!(reached[&caller.phone].screen_pop, Some(record));
    }

    world.emulator.add_fault(Fault {
        route: Route::Api,
        kind: FaultKind::CutBefore,
        times: u32::MAX,
    });
    let called = numbers(&world, CALLS / 2);
    let reached = switchboard.place(&called).await;
    assert_eq!(who_reached("general", &reached), called.into_iter().collect());
    let results = results(&world, 2 * CALLS).await;
    assert_eq!(results.len(), 2 * CALLS);
    assert!(results[CALLS..].iter().all(|result| result == "unavailable"), "{results:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_hangs_up_while_patchcord_is_asked_is_heard_at_once() {
    let world = world().await;
    let switchboard = Switchboard::before(&world, "find-caller").await;
    let slow = FaultKind::Latency { ms: 20_000 };
    world.emulator.add_fault(Fault { route: Route::Api, kind: slow, times: u32::MAX });

    let telephone = UdpSocket::bind("127.0.0.1:0").unwrap();
    telephone.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let call = Request::new(&telephone, switchboard.proxy, "hangs-up");
    let send = |method: &str| {
        let text = call.text(method, "z9hG4bKhangs-up");
        telephone.send_to(text.as_bytes(), switchboard.proxy).unwrap();
    };
    // Sent twice, as a telephone does that hears nothing.
    send("INVITE");
    send("INVITE");
    until_answered(&telephone, "SIP/2.0 100", "INVITE");
    send("CANCEL");
    until_answered(&telephone, "SIP/2.0 487", "INVITE");
    send("ACK");

    assert_eq!(results(&world, 1).await.len(), 1, "one call is one run");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_says_nothing_or_nonsense_or_is_not_there_loses_no_call() {
    let numbers: Vec<String> = (0..10).map(|n| format!("+999000{n:05}")).collect();
    let everybody: BTreeSet<String> = numbers.iter().cloned().collect();
    let token = SecretString::from("pc_token");
    // Connections are taken by the system, and never answered.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let nonsense = nonsense().await;
    for server in [silent.local_addr().unwrap(), gone, nonsense] {
        let switchboard = Switchboard::start(format!("http://{server}/runs"), &token);
        let reached = switchboard.place(&numbers).await;
        assert_eq!(who_reached("general", &reached), everybody, "{server}");
        assert!(reached.values().all(|arrival| arrival.screen_pop.is_none()));
    }
}

/// A server whose answers are JSON, and nothing in it is what it should be.
async fn nonsense() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answer = json!({
        "run": "0\r\nX-Evil: 1", "result": ["known"], "variables": { "queue": 7 },
        "screen_pop": { "entity_set": "contacts\r\nX-Evil: 1", "id": { "vip": "known" } },
    });
    let app = axum::Router::new().fallback(|| async move { axum::Json(answer) });
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Reads until an answer of this status to this method has come.
fn until_answered(telephone: &UdpSocket, status: &str, method: &str) {
    let mut answer = [0; 4096];
    loop {
        let length = telephone.recv(&mut answer).unwrap();
        let text = String::from_utf8_lossy(&answer[..length]);
        if text.starts_with(status) && text.contains(&format!("CSeq: 1 {method}")) {
            return;
        }
        assert!(text.starts_with("SIP/2.0 100") || text.starts_with("SIP/2.0 200"), "{text}");
    }
}
