//! What a call flow sees: answers, traces, deadlines, and what is wrong with what it sent.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::kit::{FarSide, NOBODY, World, greeting};

const RUNS: &str = "/v1/scenarios/greeting/runs";

/// A scenario that asks the far side and has not wired what may go wrong.
pub(crate) fn search() -> Value {
    json!({
        "patchcord": "1.0", "name": "search", "start": "find",
        "blocks": [
            {
                "id": "find", "block": "microsoft-dynamics.search-object",
                "properties": { "object_type": "contacts", "query": "$top=1", "recordset": "Found" },
                "exits": { "next": "end", "no_data": "end" }
            },
            { "id": "end", "block": "core.exit", "properties": { "result": "found" } }
        ]
    })
}

/// A world with an account on a far side, consented.
pub(crate) async fn consented() -> (World, FarSide) {
    let (world, far) = (World::with_blocks().await, FarSide::start().await);
    let mut fields = far.account("Sales");
    fields["default"] = true.into();
    let id = world.add_account(&fields).await;
    let state = crate::consent::begin(&world, &id).await;
    let page = crate::consent::come_back(&world, &[("state", &state), ("code", "c")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    world.publish(&search()).await;
    (world, far)
}

#[tokio::test]
async fn a_call_is_answered_and_leaves_a_trace_that_outlives_the_server() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let body = json!({ "variables": { "item": { "from": "+15550100" } } });
    let answer = world.call("greeting", &body).await;
    assert_eq!(answer["result"], "known");
    assert_eq!(answer["variables"], json!({ "caller": "+15550100" }));
    assert_eq!(answer["screen_pop"], Value::Null);
    let path = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
    let at_once = world.ask(Method::GET, &path).await.ok();
    let steps: Vec<_> = at_once["steps"].as_array().unwrap().iter().map(|s| &s["id"]).collect();
    assert_eq!(steps, ["remember", "end"]);
    assert_eq!(at_once["elapsed_ms"], answer["elapsed_ms"]);

    let world = world.reopen().await;
    assert_eq!(world.ask(Method::GET, &path).await.ok(), at_once);
    assert_eq!(world.ask(Method::GET, "/v1/runs").await.ok(), json!([at_once]));
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_no_more_than_asked_for() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(
            world.call("greeting", &json!({ "variables": { "item.from": 1 } })).await["run"]
                .clone(),
        );
    }
    runs.reverse();
    let listed = world.ask(Method::GET, "/v1/runs?limit=2").await.ok();
    let listed: Vec<_> = listed.as_array().unwrap().iter().map(|run| run["run"].clone()).collect();
    assert_eq!(listed, runs[..2]);
    for query in ["limit=few", "since=yesterday", "failure=bad_luck", "before=1"] {
        let path = format!("/v1/runs?{query}");
        world.ask(Method::GET, &path).await.problem(StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn runs_are_found_by_what_is_known_of_them_page_by_page() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let mut other = greeting();
    other["name"] = "other".into();
    world.publish(&other).await;
    let known = json!({ "variables": { "item.from": "+1" } });
    let mut ids = Vec::new();
    for scenario in ["greeting", "other", "greeting", "greeting"] {
        ids.push(world.call(scenario, &known).await["run"].as_str().unwrap().to_owned());
    }
    let failed = world.call("greeting", &json!({})).await["run"].as_str().unwrap().to_owned();
    let found = async |query: &str| {
        let runs = world.ask(Method::GET, &format!("/v1/runs?{query}")).await.ok();
        let id = |run: &Value| run["run"].as_str().unwrap().to_owned();
        runs.as_array().unwrap().iter().map(id).collect::<Vec<_>>()
    };
    assert_eq!(found("scenario=other").await, [ids[1].clone()]);
    assert_eq!(found("scenario=greeting&failure=invalid_request").await, [failed.as_str()]);
    assert_eq!(found("result=failed").await, [failed.as_str()]);
    assert_eq!(found("failed=true").await, [failed.as_str()]);
    assert_eq!(found("failed=true&scenario=other").await, [""; 0]);
    assert_eq!(found("failed=false").await.len(), 5);
    let begun = world.ask(Method::GET, &format!("/v1/runs/{}", ids[3])).await.ok();
    let begun = begun["started_at"].as_str().unwrap().to_owned();
    assert!(found(&format!("since={begun}")).await.contains(&ids[3]));
    assert!(!found(&format!("until={begun}")).await.contains(&ids[3]));

    let page = world.ask(Method::GET, "/v1/runs?scenario=greeting&result=known&limit=2").await;
    let link = page.headers["link"].to_str().unwrap().to_owned();
    let next = link.strip_prefix("</v1/runs?").unwrap().strip_suffix(">; rel=\"next\"").unwrap();
    assert_eq!(found(next).await, [ids[0].clone()], "{link}");
    let last = world.ask(Method::GET, &format!("/v1/runs?{next}")).await;
    assert!(!last.headers.contains_key("link"), "{:?}", last.headers);
}

#[tokio::test]
async fn only_the_variables_wanted_are_answered() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let variables = json!({ "item": { "from": "+1", "to": "+2" } });
    let wanted = |want: Value| json!({ "variables": variables, "want": want });
    let answer = world.call("greeting", &wanted(json!(["item.to", "missing"]))).await;
    assert_eq!(answer["variables"], json!({ "item.to": "+2" }));
    assert_eq!(world.call("greeting", &wanted(json!([]))).await["variables"], json!({}));
    let answer = world.tell(Method::POST, RUNS, &wanted(json!(["caller", ""]))).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/want/1"]);
}

#[tokio::test]
async fn a_body_that_is_no_json_is_answered_with_line_and_column() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    for (body, place) in [
        ("{\n  nonsense", "line 2 column 3"),
        ("", "line 1 column 0"),
        ("{} {}", "line 1 column 4"),
    ] {
        let answer = world.tell_bytes(Method::POST, RUNS, body).await;
        answer.problem(StatusCode::BAD_REQUEST);
        assert!(answer.json["detail"].as_str().unwrap().contains(place), "{}", answer.text);
    }
}

#[tokio::test]
async fn a_body_of_the_wrong_shape_is_answered_with_a_pointer() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    for (body, pointer) in [
        (json!({ "variables": [] }), "/variables"),
        (json!({ "want": ["a", 1] }), "/want/1"),
        (json!({ "deadline_ms": -1 }), "/deadline_ms"),
        (json!({ "deadline_ms": 0 }), "/deadline_ms"),
        (json!({ "deadline_ms": 600_001 }), "/deadline_ms"),
        (json!({ "deadline_ms": u64::MAX }), "/deadline_ms"),
        (json!({ "variables": { "": 1 } }), "/variables"),
        (json!({ "deadline": 5 }), "/deadline"),
        (json!([]), ""),
    ] {
        let answer = world.tell(Method::POST, RUNS, &body).await;
        assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), [pointer], "{body}");
    }
    assert_eq!(world.ask(Method::GET, "/v1/runs").await.ok(), json!([]), "none of them was run");
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let answer = world.tell_bytes(Method::POST, RUNS, vec![b' '; 3 << 20]).await;
    answer.problem(StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn what_is_not_there_is_said_to_be_not_there() {
    let world = World::open().await;
    let nothing = json!({});
    let unknown = world.tell(Method::POST, "/v1/scenarios/nothing/runs", &nothing).await;
    unknown.problem(StatusCode::NOT_FOUND);
    assert!(unknown.json["detail"].as_str().unwrap().contains("`nothing`"), "{}", unknown.text);
    for path in [
        format!("/v1/runs/{NOBODY}"),
        "/v1/runs/no-uuid".to_owned(),
        "/v1/scenarios/nothing".to_owned(),
        format!("/v1/accounts/{NOBODY}"),
    ] {
        world.ask(Method::GET, &path).await.problem(StatusCode::NOT_FOUND);
    }
    let block = world.tell(Method::POST, "/v1/blocks/no.such-block/invoke", &nothing).await;
    block.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_call_is_answered_by_its_deadline_whatever_the_far_side_does() {
    let (world, _far) = consented().await;
    let answer = world.call("search", &json!({ "deadline_ms": 300 })).await;
    assert_eq!(answer["result"], "failed");
    assert_eq!(answer["failure"]["kind"], "timeout", "{answer}");
    assert_eq!(answer["failure"]["step"], "find");
}
