//! Publishing: what is good gets the next version, what is not is told place by place and changes nothing.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::kit::{World, account, greeting};

const PATH: &str = "/v1/scenarios/greeting";

#[tokio::test]
async fn versions_count_up_and_the_last_one_is_served() {
    let world = World::open().await;
    for version in 1..=3 {
        let mut scenario = greeting();
        scenario["blocks"][1]["properties"]["result"] = format!("version {version}").into();
        assert_eq!(world.publish(&scenario).await["version"], version);
        let published = world.ask(Method::GET, PATH).await.ok();
        assert_eq!(published["version"], version);
        assert_eq!(published["document"], scenario);
        let answer = world.call("greeting", &json!({ "variables": { "item.from": 1 } })).await;
        assert_eq!(answer["result"], format!("version {version}"));
    }
    let world = world.reopen().await;
    assert_eq!(world.publish(&greeting()).await["version"], 4);
    let listed = world.ask(Method::GET, "/v1/scenarios").await.ok();
    assert_eq!(listed[0]["name"], "greeting");
    assert_eq!(listed[0]["version"], 4);
}

#[tokio::test]
async fn a_scenario_with_faults_is_not_stored_and_each_fault_is_pointed_at() {
    let world = World::open().await;
    let mut faulty = greeting();
    faulty["blocks"][0]["exits"] = json!({});
    faulty["blocks"][1]["properties"] = json!({ "resutl": "x" });
    let answer = world.tell(Method::PUT, PATH, &faulty).await;
    let pointers = answer.pointers(StatusCode::UNPROCESSABLE_ENTITY);
    let wrong =
        ["/blocks/0/exits/next", "/blocks/1/properties/result", "/blocks/1/properties/resutl"];
    for pointer in wrong {
        assert!(pointers.contains(&pointer), "{}", answer.text);
    }
    world.ask(Method::GET, PATH).await.problem(StatusCode::NOT_FOUND);
    assert_eq!(world.ask(Method::GET, "/v1/scenarios").await.ok(), json!([]));

    world.publish(&greeting()).await;
    let answer = world.tell(Method::PUT, PATH, &faulty).await;
    answer.problem(StatusCode::UNPROCESSABLE_ENTITY);
    let published = world.ask(Method::GET, PATH).await.ok();
    assert_eq!((&published["version"], &published["document"]), (&json!(1), &greeting()));
}

#[tokio::test]
async fn what_is_no_scenario_is_refused_with_its_place() {
    let world = World::open().await;
    let with = |field: &str, value: Value| {
        let mut scenario = greeting();
        scenario[field] = value;
        scenario.to_string()
    };
    for (body, pointer) in [
        ("{ no json".to_owned(), ""),
        (with("blocks", json!([{ "id": 1 }])), "/blocks/0/id"),
        (with("start", json!("nowhere")), "/start"),
        (with("name", json!("other")), "/name"),
        (with("patchcord", json!("9.0")), "/patchcord"),
    ] {
        let answer = world.tell_bytes(Method::PUT, PATH, body).await;
        let pointers = answer.pointers(StatusCode::UNPROCESSABLE_ENTITY);
        assert!(pointers.contains(&pointer), "{}", answer.text);
    }
    world.ask(Method::GET, PATH).await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_scenario_whose_account_goes_cannot_run_until_it_comes_back() {
    let world = World::with_blocks().await;
    let id = world.add_account(&account("Sales")).await;
    let scenario = json!({
        "patchcord": "1.0", "name": "select", "start": "account",
        "blocks": [
            {
                "id": "account", "block": "microsoft-dynamics.select-account",
                "properties": { "account": "Sales" }, "exits": { "next": "end", "failed": "end" }
            },
            { "id": "end", "block": "core.exit", "properties": { "result": "selected" } }
        ]
    });
    world.publish(&scenario).await;
    assert_eq!(world.call("select", &json!({})).await["result"], "selected");

    let gone = world.ask(Method::DELETE, &format!("/v1/accounts/{id}")).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let runs = "/v1/scenarios/select/runs";
    let refused = world.tell(Method::POST, runs, &json!({})).await;
    let pointers = refused.pointers(StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(pointers, ["/blocks/0/properties/account"], "{}", refused.text);
    let world = world.reopen().await;
    let refused = world.tell(Method::POST, runs, &json!({})).await;
    refused.problem(StatusCode::SERVICE_UNAVAILABLE);

    world.add_account(&account("Sales")).await;
    assert_eq!(world.call("select", &json!({})).await["result"], "selected");
}
