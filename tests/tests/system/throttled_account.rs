//! Service protection, from the call to the limits and back: an account that is throttled parks its callers, each of whom
//! goes on when the wait is over or gives up in time.

use std::time::{Duration, Instant};

use futures::future::join_all;
use patchcord_emulator::{
    Fault, FaultKind, FaultRule, Limit, LimitValues, Limits, LogEntry, Route,
};
use patchcord_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

/// What the account lets through at once: more than that are refused at most before everybody is parked.
const AT_ONCE: usize = 52;

/// Runs the example scenario; its answer, and how long it took.
async fn call(world: &World, deadline: Duration) -> (Value, Duration) {
    let number = world.emulator.caller(0).phone;
    let body = json!({
        "variables": { "item": { "from": number } },
        "deadline_ms": u64::try_from(deadline.as_millis()).unwrap(),
        "want": ["integrationResultKind", "caller_name"],
    });
    let begun = Instant::now();
    let path = "/v1/scenarios/identify-caller/runs";
    let answer = world.api.ask(Method::POST, path, Some(&body)).await.unwrap();
    (answer, begun.elapsed())
}

fn requests(world: &World) -> Vec<LogEntry> {
    let mut entries = world.emulator.log();
    entries.retain(|entry| entry.path.contains("/contacts"));
    entries
}

/// Many callers at a small limit: all of them are answered, and few requests are spent on being refused.
async fn all_come_through(limits: LimitValues, code: &str, callers: usize) {
    let world = World::consented(20).await.unwrap();
    world.emulator.set_limits(&Limits::On(limits));
    let calls = (0..callers).map(|_| call(&world, Duration::from_secs(40)));
    for (answer, _) in join_all(calls).await {
        assert_eq!(answer["result"], "known", "{answer}");
    }
    let (refused, done): (Vec<_>, Vec<_>) =
        requests(&world).into_iter().partition(|entry| entry.status == 429);
    assert!(!refused.is_empty(), "the limit was met");
    assert!(refused.iter().all(|entry| entry.response_body.contains(code)));
    assert_eq!(done.len(), callers, "each call is one request that is carried out");
    assert!(refused.len() <= callers + AT_ONCE, "{} requests were refused", refused.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_in_a_window() {
    let limits = LimitValues { requests: 40, window_seconds: 3, ..LimitValues::default() };
    all_come_through(limits, "0x80072322", 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_execution_time_in_a_window() {
    let limits = LimitValues {
        execution_ms: 4_000,
        request_ms: Some(100),
        window_seconds: 3,
        ..LimitValues::default()
    };
    all_come_through(limits, "0x80072321", 100).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_at_once() {
    let world = World::consented(20).await.unwrap();
    world.emulator.set_limits(&Limits::On(LimitValues { concurrent: 8, ..LimitValues::default() }));
    // They have to be under way at the same time for the limit to be met.
    let slow = FaultRule::new(Route::Api, FaultKind::Latency { ms: 50 });
    world.emulator.add_fault_rule(FaultRule { times: None, ..slow });
    let calls = (0..60).map(|_| call(&world, Duration::from_secs(60)));
    for (answer, _) in join_all(calls).await {
        assert_eq!(answer["result"], "known", "{answer}");
    }
    let refused: Vec<_> =
        requests(&world).into_iter().filter(|entry| entry.status == 429).collect();
    assert!(!refused.is_empty(), "the limit was met");
    assert!(refused.iter().all(|entry| entry.response_body.contains("0x80072326")));
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_waits_and_then_goes_on() {
    let world = World::consented(20).await.unwrap();
    for limit in [Limit::Requests, Limit::ExecutionTime, Limit::Concurrent] {
        let kind = FaultKind::Throttle { limit, retry_after: 2 };
        world.emulator.add_fault(Fault { route: Route::Api, kind, times: 1 });
        let before = requests(&world).len();
        let (first, took) = call(&world, Duration::from_secs(20)).await;
        assert_eq!(first["result"], "known", "{first}");
        assert!(took >= Duration::from_secs(2), "{limit:?}: {took:?}");
        assert_eq!(requests(&world).len(), before + 2, "refused once, then carried out");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_wait_so_long_is_told_at_once_and_nothing_is_sent() {
    let world = World::consented(20).await.unwrap();
    let kind = FaultKind::Throttle { limit: Limit::Requests, retry_after: 60 };
    world.emulator.add_fault(Fault { route: Route::Api, kind, times: 1 });
    let before = requests(&world).len();
    for _ in 0..3 {
        let (answer, took) = call(&world, Duration::from_secs(5)).await;
        assert_eq!(answer["result"], "unavailable", "{answer}");
        assert_eq!(answer["variables"]["integrationResultKind"], "throttled", "{answer}");
        assert!(took < Duration::from_secs(4), "told before the deadline, not at it: {took:?}");
    }
    assert_eq!(requests(&world).len(), before + 1, "only the first call's request was sent");
    let accounts = world.api.ask(Method::GET, "/v1/accounts", None).await.unwrap();
    assert_eq!(accounts[0]["state"], "valid", "an account that waits is no invalid one");
    let told = world.api.ask(Method::GET, "/v1/statistics", None).await.unwrap();
    let account = &told["accounts"][0];
    let met = json!({ "requests": 1, "execution_time": 0, "concurrency": 0, "unknown": 0 });
    assert_eq!(account["throttled"], met, "{account}");
    assert_eq!(account["concurrency"]["open"], 0, "{account}");
    assert!(account["wait_until"].is_string(), "{account}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_waits_gives_up_at_the_deadline() {
    let world = World::consented(20).await.unwrap();
    let slow = FaultRule::new(Route::Api, FaultKind::Latency { ms: 3_000 });
    world.emulator.add_fault_rule(slow);
    let deadline = Duration::from_secs(1);
    let (answer, took) = call(&world, deadline).await;
    assert_eq!(answer["variables"]["integrationResultKind"], "timeout", "{answer}");
    assert!(took >= deadline && took < 2 * deadline, "{took:?}");
    let (answer, _) = call(&world, Duration::from_secs(20)).await;
    assert_eq!(answer["result"], "known", "its place is free again: {answer}");
}
