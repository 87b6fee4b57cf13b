//! Test cases of scenarios, run on the server.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::kit::{NOBODY, World, greeting};

const TEST: &str = "/v1/scenarios/greeting/test";

async fn test(world: &World, body: &Value) -> crate::kit::Answer {
    world.tell(Method::POST, TEST, body).await
}

fn case(result: &str) -> Value {
    json!({ "name": "a call", "variables": { "item.from": "1" }, "expect": { "result": result } })
}

/// The greeting, answering `result`.
fn answering(result: &str) -> Value {
    let mut scenario = greeting();
    scenario["blocks"][1]["properties"]["result"] = result.into();
    scenario
}

#[tokio::test]
async fn a_document_the_draft_and_the_published_version_are_tested() {
    let world = World::open().await;
    let cases = json!({ "cases": [case("sent"), case("other")] });
    let mut sent = cases.clone();
    sent["document"] = answering("sent");
    let tested = test(&world, &sent).await.ok();
    assert_eq!(
        (&tested["tested"], &tested["passed"], &tested["failed"]),
        (&json!("document"), &json!(1), &json!(1))
    );
    let reports = tested["reports"].as_array().unwrap();
    assert_eq!((&reports[0]["passed"], &reports[1]["passed"]), (&json!(true), &json!(false)));
    assert_eq!(
        reports[1]["differences"],
        json!([{ "what": "result", "diff": "- \"other\"\n+ \"sent\"", "expected": "other", "came": "sent" }])
    );
    assert_eq!(reports[1]["done"]["steps"][1]["way"], "end");
    test(&world, &cases).await.problem(StatusCode::NOT_FOUND);

    world.tell(Method::PUT, "/v1/scenarios/greeting", &answering("published")).await.ok();
    let published = test(&world, &json!({ "cases": [case("published")] })).await.ok();
    assert_eq!((&published["tested"], &published["failed"]), (&json!("1"), &json!(0)));
    world.tell(Method::PUT, "/v1/scenarios/greeting/draft", &answering("draft")).await.ok();
    let draft = test(&world, &json!({ "cases": [case("draft")] })).await.ok();
    assert_eq!((&draft["tested"], &draft["failed"]), (&json!("draft"), &json!(0)));
    // Nothing of it is a run.
    assert_eq!(world.ask(Method::GET, "/v1/runs").await.ok(), json!([]));
}

#[tokio::test]
async fn the_blocks_installed_here_are_asked_and_answered_by_the_case() {
    let world = World::with_blocks().await;
    let document = json!({
        "patchcord": "1.0", "name": "greeting", "start": "find",
        "blocks": [
            {
                "id": "find", "block": "microsoft-dynamics.search-object", "account": "an account that is not here",
                "properties": { "object_type": "contacts", "query": "$filter=telephone1 eq '$(item.from)'", "recordset": "Caller" },
                "exits": { "next": "end", "no_data": "end", "failed": "end" }
            },
            { "id": "end", "block": "core.exit", "properties": { "result": "done", "answer": { "name": "$(Caller.fullname)" } } }
        ]
    });
    let mut answered = case("done");
    answered["answers"] =
        json!([{ "step": "find", "call": "query", "records": [{ "fullname": "Ann" }] }]);
    answered["expect"]["answer"] = json!({ "name": "Ann" });
    answered["expect"]["requests"] = json!([{ "step": "find", "call": "query", "table": "contacts", "asked": "telephone1 eq '1'" }]);
    let mut unanswered = answered.clone();
    unanswered["answers"] = json!([{ "step": "find", "visit": 2 }]);
    let body = json!({ "document": document, "cases": [answered, unanswered] });
    let tested = test(&world, &body).await.ok();
    assert_eq!((&tested["passed"], &tested["failed"]), (&json!(1), &json!(1)), "{tested:#}");
    let report = &tested["reports"][1];
    assert_eq!(
        report["unanswered"],
        json!([{ "step": "find", "visit": 1, "call": "query of contacts" }])
    );
    assert_eq!(report["left"], json!(["any call in the step find, visit 2"]));
}

#[tokio::test]
async fn a_mistake_is_told_with_its_place_in_the_request() {
    let world = World::open().await;
    let mut no_end = greeting();
    no_end["blocks"][0].as_object_mut().unwrap().remove("exits");
    let mut other_name = greeting();
    other_name["name"] = "other".into();
    let mut step = case("x");
    step["answers"] = json!([{ "step": "fnd" }]);
    for (document, cases, pointer) in [
        (no_end, json!([case("x")]), "/document/blocks/0/exits/next"),
        (other_name, json!([case("x")]), "/document/name"),
        (json!({ "patchcord": 1 }), json!([case("x")]), "/document/patchcord"),
        (greeting(), json!([]), "/cases"),
        (greeting(), json!([case("x"), { "name": "b", "expct": {} }]), "/cases/1/expct"),
        (greeting(), json!([step]), "/cases/0/answers/0/step"),
        (greeting(), json!(vec![case("x"); 501]), "/cases"),
    ] {
        let refused = test(&world, &json!({ "document": document, "cases": cases })).await;
        let pointers = refused.pointers(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(pointers[0], pointer, "{}", refused.text);
    }
}

#[tokio::test]
async fn a_run_of_the_engines_own_blocks_makes_a_case() {
    let world = World::open().await;
    world.tell(Method::PUT, "/v1/scenarios/greeting", &answering("said")).await.ok();
    let answer = world.call("greeting", &json!({ "variables": { "item.from": "1" } })).await;
    let path = format!("/v1/runs/{}/case", answer["run"].as_str().unwrap());
    let recorded = world.ask(Method::GET, &path).await.ok();
    assert_eq!((&recorded["masked"], &recorded["report"]["passed"]), (&json!(false), &json!(true)));
    let case = &recorded["case"];
    assert_eq!(
        (&case["expect"]["result"], &case["variables"]),
        (&json!("said"), &json!({ "item.from": "1" }))
    );
    let tested = test(&world, &json!({ "cases": [case] })).await.ok();
    assert_eq!(tested["failed"], 0, "{tested:#}");
    let none = world.ask(Method::GET, &format!("/v1/runs/{NOBODY}/case")).await;
    none.problem(StatusCode::NOT_FOUND);
}
