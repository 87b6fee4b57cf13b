//! The first call: a scenario looks up its caller in Dynamics 365, from the HTTP API to the emulator and back.

use patchcord_emulator::{FaultKind, FaultRule, Limit, Route};
use patchcord_tests::World;
use reqwest::Method;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_known_caller_is_found_and_popped() {
    let world = World::consented(20).await.unwrap();
    let caller = world.emulator.caller(0);
    let answer = world.api.call_from("identify-caller", &caller.phone).await.unwrap();
    assert_eq!(answer["result"], "known", "{answer}");
    assert_eq!(answer["variables"]["caller_name"], caller.full_name.as_str());
    assert_eq!(answer["screen_pop"]["entity_set"], "contacts");
    assert_eq!(answer["screen_pop"]["id"], caller.contact_id.as_str());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_says_what_happened() {
    let world = World::consented(20).await.unwrap();
    let caller = world.emulator.caller(0);
    let answer = world.api.call_from("identify-caller", &caller.phone).await.unwrap();
    let path = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
    let run = world.api.ask(Method::GET, &path, None).await.unwrap();
    assert_eq!(run["result"], "known");
    let steps = run["steps"].as_array().unwrap();
    let search = steps.iter().find(|step| {
        step["block"].as_str().unwrap().starts_with("microsoft-dynamics.search-object@")
    });
    let search = search.expect("the search is a step of the run");
    assert_eq!(search["exit"], "next");
    assert_eq!(search["host_calls"][0]["operation"], "query");
    assert_eq!(search["host_calls"][0]["entity_set"], "contacts");
    assert_eq!(search["host_calls"][0]["status"], 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trace_says_where_the_time_of_a_call_went() {
    let world = World::consented(20).await.unwrap();
    let number = world.emulator.caller(0).phone;
    let call = async || {
        let answer = world.api.call_from("identify-caller", &number).await.unwrap();
        let path = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
        let run = world.api.ask(Method::GET, &path, None).await.unwrap();
        let steps = run["steps"].as_array().unwrap().clone();
        steps.into_iter().find(|step| !step["host_calls"][0].is_null()).expect("a step asks")
    };
    let step = call().await;
    let asked = &step["host_calls"][0];
    assert_eq!(asked["method"], "GET");
    assert!(asked["attempts"].is_null(), "one request is told by its answer: {asked}");
    let micros = |value: &Value| value.as_u64().unwrap();
    let ends = micros(&asked["started_us"]) + micros(&asked["elapsed_us"]);
    assert!(0 < micros(&asked["started_us"]) && ends <= micros(&step["elapsed_us"]), "{step}");

    for kind in [
        FaultKind::Status { code: 503, retry_after: None },
        FaultKind::Throttle { limit: Limit::Requests, retry_after: 1 },
    ] {
        world.emulator.add_fault_rule(FaultRule::new(Route::Api, kind));
    }
    world.emulator.expire_access_tokens();
    let step = call().await;
    let asked = &step["host_calls"][0];
    let attempts = asked["attempts"].as_array().unwrap_or_else(|| panic!("{asked}"));
    let statuses: Vec<_> = attempts.iter().map(|attempt| attempt["status"].as_u64()).collect();
    assert_eq!(asked["requests"], statuses.len(), "{asked}");
    assert_eq!(statuses.last(), Some(&Some(200)), "{asked}");
    for refused in [401, 429, 503] {
        assert!(statuses.contains(&Some(refused)), "{refused}: {asked}");
    }
    assert!(micros(&asked["gate_us"]) > 900_000, "a second was asked for: {asked}");
    assert!(micros(&asked["token_us"]) > 0, "{asked}");
    let unavailable = attempts.iter().find(|attempt| attempt["status"] == 503).unwrap();
    assert!(micros(&unavailable["pause_us"]) >= 50_000, "{asked}");
    let order: Vec<_> = attempts.iter().map(|attempt| micros(&attempt["started_us"])).collect();
    assert!(order.is_sorted(), "{asked}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_caller_is_told_apart() {
    let world = World::consented(20).await.unwrap();
    let answer = world.api.call_from("identify-caller", "+10000000000").await.unwrap();
    assert_eq!(answer["result"], "unknown", "{answer}");
    assert!(answer["screen_pop"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lookup_is_one_request() {
    let world = World::consented(20).await.unwrap();
    let number = world.emulator.caller(0).phone;
    world.api.call_from("identify-caller", &number).await.unwrap();
    let before = world.emulator.log().len();
    world.api.call_from("identify-caller", &number).await.unwrap();
    assert_eq!(world.emulator.log().len(), before + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_while_dynamics_is_down() {
    let mut world = World::consented(20).await.unwrap();
    let number = world.emulator.caller(0).phone;
    let down = patchcord_tests::emulator(0).await.unwrap();
    std::mem::replace(&mut world.emulator, down).stop().await;
    let answer = world.api.call_from("identify-caller", &number).await.unwrap();
    assert_eq!(answer["result"], "unavailable", "{answer}");
    let path = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
    let run = world.api.ask(Method::GET, &path, None).await.unwrap();
    let failed = |step: &&serde_json::Value| !step["failure"].is_null();
    let step = run["steps"].as_array().unwrap().iter().find(failed).expect("a step failed");
    assert_eq!(step["exit"], "failed");
    assert_eq!(step["failure"]["kind"], "unavailable", "{step}");
}
