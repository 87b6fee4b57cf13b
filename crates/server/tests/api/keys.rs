//! Idempotency keys: the same key never runs twice, whenever and however it comes again.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::calls::consented;
use crate::kit::{Answer, World, greeting};

const HEADER: &str = "Idempotency-Key";

async fn call(world: &World, scenario: &str, key: &str, body: &Value) -> Answer {
    let path = format!("/v1/scenarios/{scenario}/runs");
    world.send(world.authorized(Method::POST, &path).header(HEADER, key).json(body)).await
}

async fn runs(world: &World) -> usize {
    world.ask(Method::GET, "/v1/runs").await.ok().as_array().unwrap().len()
}

#[tokio::test]
async fn asking_again_is_answered_by_the_first_run_also_after_a_restart() {
    let world = World::open().await;
    let mut secret = greeting();
    secret["sensitive"] = json!(["item.from"]);
    world.publish(&secret).await;
    let body = json!({ "variables": { "item": { "from": "+15550100" } } });
    let first = call(&world, "greeting", "call-1", &body).await.ok();
    assert_eq!(call(&world, "greeting", "call-1", &body).await.ok(), first);
    let world = world.reopen().await;
    assert_eq!(call(&world, "greeting", "call-1", &body).await.ok(), first);
    assert_eq!(runs(&world).await, 1);
    let second = call(&world, "greeting", "call-2", &body).await.ok();
    assert_ne!(second["run"], first["run"]);
    let database = std::fs::read(world.data().join("patchcord.db")).unwrap();
    let wal = std::fs::read(world.data().join("patchcord.db-wal")).unwrap_or_default();
    let plain = |bytes: &[u8]| bytes.windows(9).any(|part| part == b"+15550100");
    assert!(!plain(&database) && !plain(&wal), "what a caller said lies open in the database");
}

#[tokio::test]
async fn a_key_belongs_to_one_request() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let mut other = greeting();
    other["name"] = "other".into();
    world.publish(&other).await;
    let body = json!({ "variables": { "item.from": "+1" } });
    call(&world, "greeting", "k", &body).await.ok();
    let another = json!({ "variables": { "item.from": "+2" } });
    for (scenario, body) in [("greeting", &another), ("other", &body)] {
        let answer = call(&world, scenario, "k", body).await;
        answer.problem(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(answer.json["type"], "urn:patchcord:problem:key-reused");
    }
    for key in ["", "a b", &"k".repeat(201)] {
        call(&world, "greeting", key, &body).await.problem(StatusCode::BAD_REQUEST);
    }
    assert_eq!(runs(&world).await, 1);
}

#[tokio::test]
async fn a_call_that_was_not_taken_uses_no_key_up() {
    let world = World::open().await;
    let body = json!({ "variables": { "item.from": "+1" } });
    call(&world, "greeting", "k", &body).await.problem(StatusCode::NOT_FOUND);
    world.publish(&greeting()).await;
    call(&world, "greeting", "k", &json!({ "deadline_ms": 0 }))
        .await
        .problem(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(call(&world, "greeting", "k", &body).await.ok()["result"], "known");
}

#[tokio::test]
async fn who_asks_while_the_first_run_is_under_way_waits_for_its_answer() {
    let (world, far) = consented().await;
    let body = json!({ "deadline_ms": 60_000 });
    let release = async {
        far.asked.acquire().await.unwrap().forget();
        // More than one run could go on now, if there were one.
        far.answer.add_permits(3);
    };
    let ask = || call(&world, "search", "k", &body);
    let (one, two, three, ()) = tokio::join!(ask(), ask(), ask(), release);
    let one = one.ok();
    assert_eq!((two.ok(), three.ok()), (one.clone(), one));
    assert_eq!(runs(&world).await, 1);
    assert_eq!(far.asked.available_permits(), 0, "Dynamics 365 was asked once");
}

#[tokio::test]
async fn another_request_is_refused_also_while_the_first_run_is_under_way() {
    let (world, far) = consented().await;
    let (body, another) = (json!({ "deadline_ms": 60_000 }), json!({ "deadline_ms": 50_000 }));
    let second = async {
        far.asked.acquire().await.unwrap().forget();
        let refused = call(&world, "search", "k", &another).await;
        refused.problem(StatusCode::UNPROCESSABLE_ENTITY);
        far.answer.add_permits(1);
    };
    let (first, ()) = tokio::join!(call(&world, "search", "k", &body), second);
    assert_eq!(first.ok()["result"], "found");
}

#[tokio::test]
async fn a_run_with_a_key_goes_on_when_its_caller_hangs_up() {
    let (world, far) = consented().await;
    let body = json!({ "deadline_ms": 60_000 });
    let path = "/v1/scenarios/search/runs";
    let request = world.authorized(Method::POST, path).header(HEADER, "k").json(&body);
    let caller = tokio::spawn(request.send());
    far.asked.acquire().await.unwrap().forget();
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
    far.answer.add_permits(1);
    assert_eq!(call(&world, "search", "k", &body).await.ok()["result"], "found");
    assert_eq!(runs(&world).await, 1);
}
