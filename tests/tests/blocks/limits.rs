//! What an operator sets for one block holds for all its versions, at once and after a restart, up to the maximum.

use patchcord::BlockSettings;
use patchcord::runtime::{LimitBounds, LimitSettings};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::kit::{Host, ID, block};

async fn set(host: &Host, limits: Value) -> (StatusCode, Value) {
    let path = format!("/v1/blocks/{ID}/limits");
    let answer = host.api.send(Method::PUT, &path, Some(&limits)).await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_block_is_limited_by_what_is_set_for_it() {
    let defaults = LimitSettings { cpu_ms: Some(300), ..LimitSettings::default() };
    let maxima = LimitSettings { bytes_out: Some(1 << 20), ..LimitSettings::default() };
    let limits = LimitBounds { defaults, maxima };
    let host = Host::open(BlockSettings { limits, ..BlockSettings::default() }).await;
    let view = host.install(block("1.0.0", "a word of some length")).await;
    assert_eq!(view["limits"]["cpu_ms"], 300);
    assert_eq!(view["limits"]["bytes_out"], 1 << 20, "no default is past its maximum");
    host.publish(ID).await;
    assert_eq!(host.word().await, "a word of some length");

    let (status, view) = set(&host, json!({ "bytes_out": 10 })).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    assert_eq!(
        (&view["limits"]["bytes_out"], &view["limits"]["cpu_ms"]),
        (&json!(10), &json!(300))
    );
    let failed = |run: &Value| run["variables"]["answer"].is_null();
    assert!(failed(&host.api.call_from("one", "1").await.unwrap()));
    host.install(block("1.1.0", "another word of some length")).await;
    host.publish(ID).await;
    assert!(failed(&host.api.call_from("one", "1").await.unwrap()), "its later versions too");
    let host = host.reopen().await;
    assert!(failed(&host.api.call_from("one", "1").await.unwrap()), "after a restart too");
    set(&host, json!({})).await;
    assert_eq!(host.word().await, "another word of some length");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_that_cannot_be_set_is_pointed_at() {
    let host = Host::open(BlockSettings::default()).await;
    host.install(block("1.0.0", "x")).await;
    for (limits, pointer, told) in [
        (json!({ "memory_mib": 100_000 }), "/memory_mib", "past the maximum of 256"),
        (json!({ "cpu_ms": 0 }), "/cpu_ms", "must be at least 1"),
        (json!({ "cpu": 5 }), "/cpu", "unknown field"),
    ] {
        let (status, problem) = set(&host, limits).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
        assert_eq!(problem["problems"][0]["pointer"], pointer);
        let message = problem["problems"][0]["message"].as_str().unwrap();
        assert!(message.contains(told), "{message}");
    }
}
