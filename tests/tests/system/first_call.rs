//! The first call: a scenario looks up its caller in Dynamics 365, from the HTTP API to the emulator and back.

use patchcord_tests::World;
use reqwest::Method;

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
