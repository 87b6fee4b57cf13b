//! A version is its bytes: what was published with it goes on with it.

use std::collections::BTreeSet;
use std::time::Duration;

use patchcord::runtime::Capability;
use patchcord::{BlockOffer, BlockSettings};
use patchcord_emulator::{FaultKind, FaultRule, Route};
use patchcord_tests::World;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::kit::{Host, ID, block};

#[tokio::test(flavor = "multi_thread")]
async fn a_published_scenario_stays_on_the_version_with_which_it_was_published() {
    let host = Host::open(BlockSettings::default()).await;
    host.install(block("1.0.0", "old")).await;
    assert_eq!(host.publish(&format!("{ID}@^1")).await.0, StatusCode::OK);
    assert_eq!(host.word().await, "old");

    host.install(block("1.1.0", "new")).await;
    host.install(block("2.0.0", "newest")).await;
    assert_eq!(host.word().await, "old");
    let host = host.reopen().await;
    assert_eq!(host.word().await, "old");
    let pins = host.get("/v1/scenarios/one").await["pins"].clone();
    assert_eq!(pins[format!("{ID}@^1")]["version"], "1.0.0", "{pins}");

    assert_eq!(host.publish(&format!("{ID}@^1")).await.0, StatusCode::OK);
    assert_eq!(host.word().await, "new", "the newest of the range");
    assert_eq!(host.publish(ID).await.0, StatusCode::OK);
    assert_eq!(host.word().await, "newest", "the newest of all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_no_version_fits_is_told_with_the_versions_there_are() {
    let host = Host::open(BlockSettings::default()).await;
    host.install(block("1.0.0", "x")).await;
    host.install(block("1.2.0", "x")).await;
    for (reference, told) in [
        (format!("{ID}@^2"), "there are: 1.2.0, 1.0.0"),
        (format!("{ID}@two"), "is no range of versions: write such as"),
        ("no.such".to_owned(), "there is no block `no.such`"),
    ] {
        let (status, problem) = host.publish(&reference).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(problem["problems"][0]["pointer"], "/blocks/0/block");
        let message = problem["problems"][0]["message"].as_str().unwrap();
        assert!(message.contains(told), "{message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_bytes_are_refused_under_a_release_and_taken_under_a_version_in_development() {
    let host = Host::open(BlockSettings::default()).await;
    host.install(block("1.0.0", "first")).await;
    let (status, problem) = host.offer("grant=pop-screen", block("1.0.0", "second"), None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    assert_eq!(problem["type"], "urn:patchcord:problem:version-taken");

    host.install(block("1.1.0-dev", "draft 1")).await;
    assert_eq!(host.publish(ID).await.0, StatusCode::OK);
    assert_eq!(host.word().await, "first", "a release stands before a version in development");
    assert_eq!(host.publish(&format!("{ID}@1.1.0-dev")).await.0, StatusCode::OK);
    assert_eq!(host.word().await, "draft 1");
    let view = host.install(block("1.1.0-dev", "draft 2")).await;
    assert_eq!(host.word().await, "draft 2", "its author works on it");
    assert_eq!(view["versions"].as_array().unwrap().len(), 2);
    assert_eq!(host.reopen().await.word().await, "draft 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_in_use_cannot_be_removed() {
    let host = Host::open(BlockSettings::default()).await;
    host.install(block("1.0.0", "old")).await;
    host.publish(ID).await;
    host.install(block("2.0.0", "new")).await;
    let remove = async |host: &Host, version: &str| {
        let path = format!("/v1/blocks/{ID}/versions/{version}");
        host.api.send(Method::DELETE, &path, None).await.unwrap()
    };
    let refused = remove(&host, "1.0.0").await;
    assert_eq!(refused.status(), StatusCode::CONFLICT);
    assert!(refused.text().await.unwrap().contains("published scenarios: one"));
    assert_eq!(remove(&host, "2.0.0").await.status(), StatusCode::NO_CONTENT);
    assert_eq!(remove(&host, "2.0.0").await.status(), StatusCode::NOT_FOUND);
    let host = host.reopen().await;
    let versions = host.get(&format!("/v1/blocks/{ID}")).await["versions"].clone();
    assert_eq!(versions.as_array().unwrap().len(), 1);
    assert_eq!(versions[0]["version"], json!("1.0.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_on_the_bytes_with_which_it_began() {
    let world = World::bare(5).await.unwrap();
    let account = world.api.add_account(&world.emulator).await.unwrap();
    world.api.consent(&account, &world.emulator).await.unwrap();
    let install = async |word: &str| {
        let bytes = block("1.0.0-dev", word);
        let grant = BTreeSet::from([Capability::PopScreen]);
        let offer = BlockOffer { bytes, signature: None, grant };
        world.patchcord.install_block(offer).await.unwrap();
    };
    install("old").await;
    let says = |id: &str, next: &str| {
        json!({
            "id": id, "block": format!("{ID}@1.0.0-dev"), "properties": { "variable": "answer" },
            "exits": { "next": next, "no_data": next, "failed": next }
        })
    };
    let document = json!({
        "patchcord": "1.0", "name": "slow", "start": "before",
        "blocks": [
            says("before", "keep"),
            {
                "id": "keep", "block": "core.set-variable",
                "properties": { "variable": "before", "value": "$(answer)" },
                "exits": { "next": "search" }
            },
            {
                "id": "search", "block": "microsoft-dynamics.search-object",
                "properties": { "object_type": "contacts", "recordset": "RS" },
                "exits": { "next": "after", "no_data": "after", "failed": "after" }
            },
            says("after", "end"),
            { "id": "end", "block": "core.exit", "properties": { "result": "done" } }
        ]
    });
    world.api.publish(&document.to_string()).await.unwrap();
    let body = json!({ "variables": {}, "want": ["before", "answer"], "deadline_ms": 60_000 });
    let run = {
        let api = world.api.clone();
        move || {
            let (api, body) = (api.clone(), body.clone());
            async move {
                let path = "/v1/scenarios/slow/runs";
                api.ask(Method::POST, path, Some(&body)).await.unwrap()["variables"].clone()
            }
        }
    };
    let slow = FaultRule::new(Route::Api, FaultKind::Latency { ms: 5_000 }).times(1);
    world.emulator.add_fault_rule(slow);
    let under_way = tokio::spawn(run());
    // Long enough for the step before, and far shorter than the search.
    tokio::time::sleep(Duration::from_millis(500)).await;
    install("new").await;
    assert!(!under_way.is_finished(), "the block was replaced too late to prove anything");
    let under_way = under_way.await.unwrap();
    assert_eq!(under_way, json!({ "before": "old", "answer": "old" }));
    assert_eq!(run().await, json!({ "before": "new", "answer": "new" }));
}
