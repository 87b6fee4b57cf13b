//! Test cases that are kept with a scenario: who has seen what, what is refused, how long they stay, and running them.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::kit::{Answer, World, greeting};

const PATH: &str = "/v1/scenarios/greeting/cases";
const TEST: &str = "/v1/scenarios/greeting/test";
const DRAFT: &str = "/v1/scenarios/greeting/draft";

fn case(name: &str, result: &str) -> Value {
    json!({
        "name": name, "variables": { "item.from": "said by nobody else" },
        "expect": { "result": result, "path": ["remember:next", "end"] }
    })
}

async fn save(world: &World, cases: &Value, seen: Option<&str>) -> Answer {
    let request = world.authorized(Method::PUT, PATH).json(&json!({ "cases": cases }));
    world
        .send(match seen {
            Some(revision) => request.header(header::IF_MATCH, revision),
            None => request,
        })
        .await
}

fn etag(answer: &Answer) -> &str {
    answer.headers[header::ETAG].to_str().unwrap()
}

#[tokio::test]
async fn nobody_overwrites_cases_that_he_has_not_seen() {
    let world = World::open().await;
    world.ask(Method::GET, PATH).await.problem(StatusCode::NOT_FOUND);
    save(&world, &json!([]), None).await.problem(StatusCode::NOT_FOUND);
    world.tell(Method::PUT, DRAFT, &greeting()).await.ok();
    let none = world.ask(Method::GET, PATH).await;
    assert!(!none.headers.contains_key(header::ETAG));
    assert_eq!(none.ok(), json!({ "scenario": "greeting", "cases": [] }));

    let first = save(&world, &json!([case("a", "known")]), None).await;
    let again = save(&world, &json!([]), None).await;
    again.problem(StatusCode::PRECONDITION_REQUIRED);
    let both = json!([case("a", "known"), case("b", "other")]);
    let second = save(&world, &both, Some(etag(&first))).await;
    let late = save(&world, &json!([]), Some(etag(&first))).await;
    assert!(late.text.contains("the test cases of the scenario `greeting`"), "{}", late.text);
    late.problem(StatusCode::PRECONDITION_FAILED);

    let kept = world.ask(Method::GET, PATH).await;
    assert_eq!(etag(&kept), etag(&second));
    let (kept, saved) = (kept.ok(), second.ok());
    assert_eq!((&kept["cases"], &kept["saved_by"]), (&both, &json!("tests")));
    assert_eq!((&kept["revision"], &kept["saved_at"]), (&saved["revision"], &saved["saved_at"]));
    let emptied = save(&world, &json!([]), Some(&format!("\"{}\"", kept["revision"]))).await.ok();
    let kept = world.ask(Method::GET, PATH).await.ok();
    assert_eq!((&kept["cases"], &kept["revision"]), (&json!([]), &emptied["revision"]));
}

#[tokio::test]
async fn numbers_keep_their_digits() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let amounts = "{\"estimatedvalue\":25000.00,\"version\":12345678901234567890123}";
    let body = format!(
        "{{\"$schema\": \"../scenario-cases.schema.json\", \"cases\": [{{\"name\": \"a\", \"expect\": {{\"result\": \"x\"}}, \"answers\": [{{\"records\": [{amounts}]}}]}}]}}"
    );
    world.tell_bytes(Method::PUT, PATH, body).await.ok();
    let kept = world.ask(Method::GET, PATH).await;
    assert!(kept.text.contains(amounts), "{}", kept.text);
}

#[tokio::test]
async fn what_no_file_of_cases_may_hold_is_refused_with_its_place() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let mut path = case("a", "known");
    path["expect"]["variables"] = json!({ "a..b": 1 });
    let mut deadline = case("a", "known");
    deadline["deadline_ms"] = 0.into();
    let mut long = case("a", "known");
    long["variables"]["text"] = "x".repeat(1 << 20).into();
    for (cases, pointer) in [
        (json!({}), "/cases"),
        (json!([case("x", "x"), { "name": "b", "expct": {} }]), "/cases/1/expct"),
        (json!([path]), "/cases/0/expect/variables"),
        (json!([case("x", "x"), deadline]), "/cases/1/deadline_ms"),
        (json!(vec![case("x", "x"); 501]), "/cases"),
        (json!([long]), "/cases"),
    ] {
        let refused = save(&world, &cases, None).await;
        let pointers = refused.pointers(StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(pointers[0], pointer, "{}", refused.text);
    }
    let refused = world.tell_bytes(Method::PUT, PATH, "{".to_owned()).await;
    refused.problem(StatusCode::BAD_REQUEST);
    assert_eq!(world.ask(Method::GET, PATH).await.ok()["cases"], json!([]));
}

#[tokio::test]
async fn the_kept_cases_are_run_where_none_are_sent() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let nothing = world.tell(Method::POST, TEST, &json!({})).await;
    assert_eq!(nothing.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/cases"]);
    save(&world, &json!([case("a", "known"), case("b", "other")]), None).await.ok();
    let tested = world.tell(Method::POST, TEST, &json!({})).await.ok();
    assert_eq!((&tested["tested"], &tested["passed"]), (&json!("1"), &json!(1)), "{tested:#}");
    assert_eq!(tested["reports"][1]["differences"][0]["came"], "known");

    // A step that is gone since fails the cases that name it, and says so.
    let mut renamed = greeting();
    renamed["start"] = "keep".into();
    renamed["blocks"][0]["id"] = "keep".into();
    let tested = world.tell(Method::POST, TEST, &json!({ "document": renamed })).await.ok();
    assert_eq!((&tested["tested"], &tested["failed"]), (&json!("document"), &json!(2)));
    assert_eq!(tested["reports"][0]["missing"], json!(["remember"]), "{tested:#}");
}

#[tokio::test]
async fn kept_cases_outlive_the_server_and_not_the_scenario_and_nobody_can_read_them() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let cases = json!([case("a", "known")]);
    save(&world, &cases, None).await.ok();
    let world = world.reopen().await;
    assert_eq!(world.ask(Method::GET, PATH).await.ok()["cases"], cases);
    for entry in std::fs::read_dir(world.data()).unwrap().map(Result::unwrap) {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let said = bytes.windows(19).any(|window| window == b"said by nobody else");
        assert!(!said, "{} can be read", entry.path().display());
    }
    let deleted = world.ask(Method::DELETE, "/v1/scenarios/greeting").await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{}", deleted.text);
    world.publish(&greeting()).await;
    assert_eq!(world.ask(Method::GET, PATH).await.ok()["cases"], json!([]));
}
