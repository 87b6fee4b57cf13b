//! Routes: what is wrong with a list, who has seen it, and where calls go that name no scenario.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::kit::{World, greeting};

const ROUTES: &str = "/v1/routes";
const RUNS: &str = "/v1/runs";

async fn with_scenarios(names: &[&str]) -> World {
    let world = World::open().await;
    for name in names {
        let mut scenario = greeting();
        scenario["name"] = (*name).into();
        scenario["blocks"][1]["properties"]["result"] = format!("by {name}").into();
        world.publish(&scenario).await;
    }
    world
}

fn list() -> Value {
    json!({
        "routes": [
            { "name": "VIP line", "when": { "to": "+1 317 555 0100" }, "scenario": "vip" },
            { "name": "city", "when": { "to": ["+1317*"], "channel": ["voice"] }, "scenario": "city" },
        ],
        "default": "rest"
    })
}

fn call(to: &str, channel: &str) -> Value {
    json!({ "variables": { "item": { "to": to, "channel": channel }, "item.from": "+1" } })
}

#[tokio::test]
async fn a_call_that_names_no_scenario_is_led_by_its_number_and_channel() {
    let world = with_scenarios(&["vip", "city", "rest"]).await;
    let nothing = world.tell(Method::POST, RUNS, &call("+1", "voice")).await;
    nothing.problem(StatusCode::NOT_FOUND);
    assert_eq!(nothing.json["type"], "urn:patchcord:problem:no-route");
    let detail = nothing.json["detail"].as_str().unwrap();
    let told = "item.to is `+1`, item.queue is not given, item.channel is `voice`";
    assert!(detail.contains(told), "{detail}");

    world.tell(Method::PUT, ROUTES, &list()).await.ok();
    let world = world.reopen().await;
    for (to, channel, route, scenario) in [
        ("tel:+1-317-555-0100", "chat", json!("VIP line"), "vip"),
        ("+13175550199", "voice", json!("city"), "city"),
        ("+13175550199", "chat", json!(null), "rest"),
    ] {
        let answer = world.tell(Method::POST, RUNS, &call(to, channel)).await.ok();
        assert_eq!((&answer["route"], &answer["scenario"]), (&route, &json!(scenario)));
        assert_eq!(answer["result"], format!("by {scenario}"));
        let run = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
        assert_eq!(world.ask(Method::GET, &run).await.ok()["scenario"], scenario);
        let tested = world.tell(Method::POST, "/v1/routes/test", &call(to, channel)).await.ok();
        assert_eq!(tested, json!({ "route": route, "scenario": scenario }));
    }
    let wrong = json!({ "variables": { "a b": 1 } });
    let wrong = world.tell(Method::POST, RUNS, &wrong).await;
    assert_eq!(wrong.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/variables"]);
}

#[tokio::test]
async fn a_list_with_faults_is_not_taken_and_each_fault_is_pointed_at() {
    let world = with_scenarios(&["vip", "city", "rest"]).await;
    world.tell(Method::PUT, ROUTES, &list()).await.ok();
    let mut faulty = list();
    faulty["routes"][1]["name"] = "VIP line".into();
    faulty["routes"][1]["scenario"] = "nothing".into();
    faulty["default"] = "nothing".into();
    let request = world.authorized(Method::PUT, ROUTES).header(header::IF_MATCH, "*");
    let refused = world.send(request.json(&faulty)).await;
    let pointers = refused.pointers(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pointers, ["/routes/1/name", "/routes/1/scenario", "/default"]);
    let shape = json!({ "routes": [{ "name": "a", "when": { "from": "+1" }, "scenario": "vip" }] });
    let request = world.authorized(Method::PUT, ROUTES).header(header::IF_MATCH, "*");
    world.send(request.json(&shape)).await.problem(StatusCode::UNPROCESSABLE_ENTITY);
    let kept = world.ask(Method::GET, ROUTES).await.ok();
    assert_eq!(kept["routes"][1]["scenario"], "city");

    let mut doubtful = list();
    doubtful["routes"].as_array_mut().unwrap().reverse();
    doubtful["routes"][0]["when"] = json!({ "to": "+1*" });
    let request = world.authorized(Method::PUT, ROUTES).header(header::IF_MATCH, "*");
    let taken = world.send(request.json(&doubtful)).await.ok();
    assert_eq!(taken["problems"][0]["pointer"], "/routes/1");
    assert_eq!(taken["problems"][0]["severity"], "warning");
}

#[tokio::test]
async fn nobody_sets_routes_over_those_that_he_has_not_seen() {
    let world = with_scenarios(&["vip", "city", "rest"]).await;
    let none = world.ask(Method::GET, ROUTES).await;
    assert!(!none.headers.contains_key(header::ETAG));
    assert_eq!(none.ok()["revision"], json!(null));
    let first = world.tell(Method::PUT, ROUTES, &list()).await;
    let seen = first.headers[header::ETAG].clone();
    world.tell(Method::PUT, ROUTES, &list()).await.problem(StatusCode::PRECONDITION_REQUIRED);
    let set = || world.authorized(Method::PUT, ROUTES).header(header::IF_MATCH, &seen);
    let second = world.send(set().json(&json!({}))).await;
    assert_eq!(second.ok()["routes"], json!([]));
    world.send(set().json(&list())).await.problem(StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_scenario_that_routes_lead_to_is_not_deleted() {
    let world = with_scenarios(&["vip", "city", "rest"]).await;
    world.tell(Method::PUT, ROUTES, &list()).await.ok();
    for (name, route) in [("vip", "VIP line"), ("rest", "(default)")] {
        let refused = world.ask(Method::DELETE, &format!("/v1/scenarios/{name}")).await;
        refused.problem(StatusCode::CONFLICT);
        assert!(refused.json["detail"].as_str().unwrap().contains(route), "{}", refused.text);
    }
    let request = world.authorized(Method::PUT, ROUTES).header(header::IF_MATCH, "*");
    world.send(request.json(&json!({}))).await.ok();
    let deleted = world.ask(Method::DELETE, "/v1/scenarios/vip").await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT);
}
