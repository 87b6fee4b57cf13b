//! A block may do what an administrator has granted, and is not used before.

use patchcord::BlockSettings;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::fixture::{DONE, Fixture};
use super::kit::{Host, ID, block, fixture};

fn asking_for_more(version: &str) -> Vec<u8> {
    let mut fixture = Fixture::new(DONE);
    fixture.manifest.version = version.into();
    fixture.manifest.selects_account = false;
    fixture.manifest.properties["x-patchcord-tables"] = json!(["contacts"]);
    fixture.build()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_asks_for_more_needs_another_grant() {
    let host = Host::open(BlockSettings::default()).await;
    host.install(block("1.0.0", "x")).await;
    let (status, problem) = host.offer("", asking_for_more("1.1.0"), None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let asked: Vec<_> = problem["problems"].as_array().unwrap().iter().collect();
    let pointers: Vec<_> = asked.iter().map(|place| place["pointer"].as_str().unwrap()).collect();
    let expected = ["/capabilities/query", "/capabilities/create", "/capabilities/table:contacts"];
    assert_eq!(pointers, expected, "what it has been granted is not asked again: {problem}");
    let view = host.get(&format!("/v1/blocks/{ID}")).await;
    assert_eq!(view["granted"], json!(["pop-screen"]));
    assert_eq!(view["versions"].as_array().unwrap().len(), 1, "nothing was installed");

    let query = "grant=query&grant=create,table:contacts&grant=delete";
    let (status, view) = host.offer(query, asking_for_more("1.1.0"), None).await;
    assert_eq!(status, StatusCode::CREATED, "{view}");
    assert_eq!(view["granted"], json!(["query", "create", "table:contacts", "pop-screen"]));
    let (status, view) = host.offer("", asking_for_more("1.2.0"), None).await;
    assert_eq!(status, StatusCode::CREATED, "the same again is no news: {view}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_taken_back_stops_the_scenarios_that_need_it() {
    let host = Host::open(BlockSettings::default()).await;
    host.install(fixture("x").build()).await;
    assert_eq!(host.publish(ID).await.0, StatusCode::OK);
    let path = format!("/v1/blocks/{ID}/grants");
    let none = json!({ "capabilities": [] });
    let view = host.api.ask(Method::PUT, &path, Some(&none)).await.unwrap();
    assert_eq!(view["versions"][0]["missing"], json!(["pop-screen"]));

    let call = host.api.call_from("one", "1").await.unwrap_err().to_string();
    assert!(
        call.contains("waits until an administrator grants what it asks for: pop-screen"),
        "{call}"
    );
    let (status, problem) = host.publish(ID).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let path_to_invoke = format!("/v1/blocks/{ID}/invoke");
    let tried = host.api.send(Method::POST, &path_to_invoke, Some(&json!({}))).await.unwrap();
    assert_eq!(tried.status(), StatusCode::UNPROCESSABLE_ENTITY);

    let host = host.reopen().await;
    assert!(host.api.call_from("one", "1").await.is_err());
    let granted = json!({ "capabilities": ["pop-screen"] });
    host.api.ask(Method::PUT, &path, Some(&granted)).await.unwrap();
    assert_eq!(host.word().await, "x");
}
