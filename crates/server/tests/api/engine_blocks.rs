//! Blocks of the engine that reach past their own scenario: another scenario, and a web server.

use reqwest::Method;
use serde_json::{Value, json};

use crate::kit::{World, greeting};

fn document(name: &str, first: &Value, result: &str, answer: &Value) -> Value {
    json!({
        "patchcord": "1.0", "name": name, "start": first["id"],
        "blocks": [
            first,
            { "id": "end", "block": "core.exit", "properties": { "result": result, "answer": answer } },
            { "id": "failed", "block": "core.exit", "properties": { "result": "$(errorKind)", "answer": {
                "message": "$(errorMessage)"
            } } },
            { "id": "handler", "block": "core.exception-handler", "exits": { "try": first["id"], "catch": "failed" } },
        ]
    })
}

#[tokio::test]
async fn a_scenario_starts_the_one_that_calls_get_now() {
    let world = World::open().await;
    let properties = json!({ "scenario": "greeting", "result_variable": "result" });
    let exits = json!({ "next": "end", "failed": "end" });
    let start = json!({
        "id": "start", "block": "core.start-scenario", "properties": properties, "exits": exits,
    });
    let mut outer = document("outer", &start, "$(result)", &json!({ "caller": "$(caller)" }));
    outer["blocks"].as_array_mut().unwrap().truncate(2);
    let saved = world.publish(&outer).await;
    assert_eq!(saved["problems"][0]["pointer"], "/blocks/0/properties/scenario", "{saved}");
    world.publish(&greeting()).await;
    assert_eq!(world.publish(&outer).await["problems"], json!([]));
    world.publish(&greeting()).await;
    let body = json!({ "variables": { "item": { "from": "+15550100" } } });
    let answer = world.call("outer", &body).await;
    assert_eq!(answer["result"], "known", "{answer}");
    assert_eq!(answer["variables"]["caller"], "+15550100");
    let path = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
    let run = world.ask(Method::GET, &path).await.ok();
    assert_eq!(run["steps"][1]["scenario"], "greeting@2");
    assert_eq!(run["steps"][1]["within"], "start/1");
    assert_eq!(run["steps"][1]["changed"]["caller"], json!({ "after": "+15550100" }));
}

#[tokio::test]
async fn a_scenario_fetches_from_the_hosts_that_the_operator_names() {
    let web = World::open().await;
    let host = format!("{}:{}", web.url.host_str().unwrap(), web.url.port().unwrap());
    let world = World::fetching(vec![host.clone()]).await;
    let fetch = json!({
        "id": "fetch", "block": "core.fetch-url", "timeout_ms": 5000,
        "properties": { "url": "$(address)", "result_variable": "contract" },
        "exits": { "next": "end", "no_data": "end" },
    });
    let answer = json!({ "title": "$(contract.info.title)", "code": "$(fetchURLResultCode)" });
    let mut scenario = document("fetch", &fetch, "fetched", &answer);
    scenario["start"] = json!("handler");
    assert_eq!(world.publish(&scenario).await["problems"], json!([]));
    let call = async |host: &str| {
        let address = format!("http://{host}/openapi.json");
        let body = json!({ "variables": { "address": address }, "want": [] });
        world.call("fetch", &body).await
    };
    let fetched = call(&host).await;
    assert_eq!(fetched["result"], "fetched", "{fetched}");
    assert_eq!(fetched["variables"]["code"], 200);
    assert!(fetched["variables"]["title"].as_str().unwrap().contains("Patchcord"), "{fetched}");
    let refused = call("example.com").await;
    assert_eq!(refused["result"], "policy_denied", "{refused}");
    let message = refused["variables"]["message"].as_str().unwrap();
    assert!(message.contains("--fetch-host example.com"), "{message}");
}
