//! Drafts and versions: what is saved, who has seen what, publishing, comparing, going back, deleting.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::calls::{consented, search};
use crate::kit::{Answer, World, account, greeting};

const PATH: &str = "/v1/scenarios/greeting";
const DRAFT: &str = "/v1/scenarios/greeting/draft";
const VERSIONS: &str = "/v1/scenarios/greeting/versions";

/// The greeting, answering `result`.
fn answering(result: &str) -> Value {
    let mut scenario = greeting();
    scenario["blocks"][1]["properties"]["result"] = result.into();
    scenario
}

async fn save(world: &World, scenario: &Value, revision: Option<&str>) -> Answer {
    let request = world.authorized(Method::PUT, DRAFT).json(scenario);
    world
        .send(match revision {
            Some(revision) => request.header(header::IF_MATCH, revision),
            None => request,
        })
        .await
}

fn etag(answer: &Answer) -> String {
    answer.headers[header::ETAG].to_str().unwrap().to_owned()
}

/// What a call is answered now.
async fn result(world: &World) -> Value {
    world.call("greeting", &json!({ "variables": { "item.from": 1 } })).await["result"].clone()
}

#[tokio::test]
async fn a_draft_is_kept_with_its_faults_and_no_call_gets_it() {
    let world = World::open().await;
    let mut faulty = greeting();
    faulty["blocks"][0].as_object_mut().unwrap().remove("exits");
    let saved = save(&world, &faulty, None).await.ok();
    assert_eq!(saved["problems"][0]["pointer"], "/blocks/0/exits/next");
    assert_eq!((&saved["base"], &saved["saved_by"]), (&json!(null), &json!("tests")));
    let draft = world.ask(Method::GET, DRAFT).await.ok();
    assert_eq!(draft["document"], faulty);
    assert_eq!(draft["problems"], saved["problems"]);

    let publish = world.ask(Method::POST, VERSIONS).await;
    let pointers = publish.pointers(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pointers[0], "/blocks/0/exits/next", "{}", publish.text);
    world.ask(Method::GET, PATH).await.problem(StatusCode::NOT_FOUND);
    let runs = world.tell(Method::POST, &format!("{PATH}/runs"), &json!({})).await;
    runs.problem(StatusCode::NOT_FOUND);
    assert_eq!(world.ask(Method::GET, VERSIONS).await.ok(), json!([]));

    let listed = world.reopen().await.ask(Method::GET, "/v1/scenarios").await.ok();
    let line = &listed[0];
    assert_eq!((&line["name"], &line["version"]), (&json!("greeting"), &json!(null)));
    assert_eq!(line["draft"]["revision"], saved["revision"]);
}

#[tokio::test]
async fn what_is_no_document_is_no_draft() {
    let world = World::open().await;
    let mut nameless = greeting();
    nameless["name"] = "Not A Name".into();
    let path = "/v1/scenarios/Not%20A%20Name/draft";
    let refused = world.tell(Method::PUT, path, &nameless).await;
    assert_eq!(refused.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/name"]);
    for (body, pointer) in
        [("{".to_owned(), ""), (json!({ "patchcord": "1.0", "name": 1 }).to_string(), "/name")]
    {
        let refused = world.tell_bytes(Method::PUT, DRAFT, body).await;
        assert_eq!(refused.pointers(StatusCode::UNPROCESSABLE_ENTITY), [pointer]);
    }
    world.ask(Method::GET, DRAFT).await.problem(StatusCode::NOT_FOUND);
    let checked = world.tell(Method::POST, "/v1/check", &answering("x")).await.ok();
    assert_eq!(checked, json!({ "problems": [] }));
    let checked = world.tell(Method::POST, "/v1/check", &nameless).await.ok();
    assert_eq!(checked["problems"][0]["pointer"], "/name");
    world
        .tell_bytes(Method::POST, "/v1/check", "[")
        .await
        .problem(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn two_designers_never_overwrite_each_other_unawares() {
    let world = World::open().await;
    let first = save(&world, &answering("first"), None).await;
    let seen = etag(&first);
    let unseen = save(&world, &answering("second"), None).await;
    unseen.problem(StatusCode::PRECONDITION_REQUIRED);
    let detail = unseen.json["detail"].as_str().unwrap();
    assert!(detail.contains("`tests`") && detail.contains("saved"), "{detail}");

    let second = save(&world, &answering("second"), Some(&seen)).await;
    assert_ne!(etag(&second), seen);
    let stale = save(&world, &answering("third"), Some(&seen)).await;
    stale.problem(StatusCode::PRECONDITION_FAILED);
    for method in [Method::DELETE, Method::POST] {
        let path = if method == Method::POST { VERSIONS } else { DRAFT };
        let request = world.authorized(method, path).header(header::IF_MATCH, &seen);
        world.send(request).await.problem(StatusCode::PRECONDITION_FAILED);
    }
    let kept = world.ask(Method::GET, DRAFT).await;
    assert_eq!(etag(&kept), etag(&second));
    assert_eq!(kept.json["document"], answering("second"));

    let wanted = world.authorized(Method::PUT, DRAFT).json(&answering("fourth"));
    let request = wanted.header(header::IF_NONE_MATCH, "*");
    world.send(request).await.problem(StatusCode::PRECONDITION_FAILED);
    save(&world, &answering("fourth"), Some("twelve")).await.problem(StatusCode::BAD_REQUEST);
    let fourth = etag(&save(&world, &answering("fourth"), Some("*")).await);

    let gone = world.ask(Method::DELETE, DRAFT).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    let late = save(&world, &answering("fifth"), Some(&fourth)).await;
    late.problem(StatusCode::PRECONDITION_FAILED);
    world.ask(Method::DELETE, DRAFT).await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn at_the_same_moment_one_of_many_is_saved() {
    let world = World::open().await;
    let seen = etag(&save(&world, &answering("first"), None).await);
    let documents: Vec<Value> = (0..8).map(|n| answering(&n.to_string())).collect();
    let saves = documents.iter().map(|document| save(&world, document, Some(&seen)));
    let answers = futures::future::join_all(saves).await;
    let saved = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(saved, 1, "{answers:?}");
}

#[tokio::test]
async fn a_published_draft_is_a_version_that_stays_what_it_is() {
    let world = World::open().await;
    save(&world, &answering("one"), None).await.ok();
    let published = world.tell(Method::POST, VERSIONS, &json!({ "note": "the first" })).await;
    assert_eq!(published.status, StatusCode::CREATED);
    assert_eq!(published.json["version"], 1);
    world.ask(Method::GET, DRAFT).await.problem(StatusCode::NOT_FOUND);
    world.ask(Method::POST, VERSIONS).await.problem(StatusCode::NOT_FOUND);
    assert_eq!(result(&world).await, "one");

    assert_eq!(save(&world, &answering("two"), None).await.ok()["base"], 1);
    assert_eq!(result(&world).await, "one");
    assert_eq!(world.ask(Method::POST, VERSIONS).await.json["version"], 2);
    assert_eq!(result(&world).await, "two");

    let world = world.reopen().await;
    let versions = world.ask(Method::GET, VERSIONS).await.ok();
    let numbers: Vec<&Value> =
        versions.as_array().unwrap().iter().map(|version| &version["version"]).collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!(versions[1]["note"], "the first");
    assert_eq!(versions[1]["published_by"], "tests");
    let first = world.ask(Method::GET, &format!("{VERSIONS}/1")).await.ok();
    assert_eq!(first["document"], answering("one"));
    for unknown in ["3", "0", "one", "-1"] {
        let answer = world.ask(Method::GET, &format!("{VERSIONS}/{unknown}")).await;
        answer.problem(StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_draft_does_not_undo_what_was_published_meanwhile() {
    let world = World::open().await;
    world.publish(&answering("one")).await;
    save(&world, &answering("draft"), None).await.ok();
    world.publish(&answering("urgent")).await;
    let refused = world.ask(Method::POST, VERSIONS).await;
    refused.problem(StatusCode::CONFLICT);
    assert_eq!(refused.json["type"], "urn:patchcord:problem:published-meanwhile");
    let detail = refused.json["detail"].as_str().unwrap();
    assert!(detail.contains("version 2") && detail.contains("from version 1"), "{detail}");
    assert_eq!(result(&world).await, "urgent");

    let wrong = world.tell(Method::POST, VERSIONS, &json!({ "over": 1 })).await;
    wrong.problem(StatusCode::CONFLICT);
    let over = world.tell(Method::POST, VERSIONS, &json!({ "over": 2 })).await;
    assert_eq!((over.status, &over.json["version"]), (StatusCode::CREATED, &json!(3)));
    assert_eq!(result(&world).await, "draft");

    // A designer who loaded version 1 and saves it now says so.
    let request = world.authorized(Method::PUT, &format!("{DRAFT}?base=1")).json(&answering("x"));
    assert_eq!(world.send(request).await.ok()["base"], 1);
    world.ask(Method::POST, VERSIONS).await.problem(StatusCode::CONFLICT);
}

#[tokio::test]
async fn what_differs_is_told_block_by_block() {
    let world = World::open().await;
    let mut changed = answering("two");
    changed["title"] = "Greeting".into();
    changed["blocks"][0]["exits"] = json!({ "next": "log" });
    let added = json!({
        "id": "log", "block": "core.set-variable",
        "properties": { "variable": "seen", "value": true }, "exits": { "next": "end" }
    });
    changed["blocks"].as_array_mut().unwrap().push(added.clone());
    world.publish(&answering("one")).await;
    save(&world, &changed, None).await.ok();
    let diff = format!("{PATH}/diff");
    let told = world.ask(Method::GET, &diff).await.ok();
    assert_eq!((&told["from"], &told["to"]), (&json!("1"), &json!("draft")));
    let expected = json!([
        { "what": "scenario", "name": "title", "new": "Greeting" },
        { "what": "exit", "block": "remember", "name": "next", "old": "end", "new": "log" },
        { "what": "property", "block": "end", "name": "result", "old": "one", "new": "two" },
        { "what": "block", "block": "log", "new": added },
    ]);
    assert_eq!(told["changes"], expected);

    world.ask(Method::POST, VERSIONS).await;
    let told = world.ask(Method::GET, &diff).await.ok();
    assert_eq!((&told["from"], &told["to"]), (&json!("1"), &json!("2")));
    assert_eq!(told["changes"], expected);
    let none = world.ask(Method::GET, &format!("{diff}?from=2&to=published")).await.ok();
    assert_eq!(none["changes"], json!([]));
    world.ask(Method::GET, &format!("{diff}?from=7")).await.problem(StatusCode::NOT_FOUND);
    world.ask(Method::GET, &format!("{diff}?to=newest")).await.problem(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn going_back_makes_a_new_version_and_rewrites_nothing() {
    let world = World::open().await;
    world.publish(&answering("one")).await;
    world.publish(&answering("two")).await;
    let back = format!("{PATH}/rollback");
    let body = json!({ "version": 1, "note": "two was wrong" });
    let answer = world.tell(Method::POST, &back, &body).await;
    assert_eq!((answer.status, &answer.json["version"]), (StatusCode::CREATED, &json!(3)));
    assert_eq!(result(&world).await, "one");
    let versions = world.ask(Method::GET, VERSIONS).await.ok();
    assert_eq!(versions[0]["restores"], 1);
    assert_eq!(versions[0]["note"], "two was wrong");
    let second = world.ask(Method::GET, &format!("{VERSIONS}/2")).await.ok();
    assert_eq!(second["document"], answering("two"));
    world.tell(Method::POST, &back, &json!({ "version": 9 })).await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_deleted_scenario_keeps_its_versions_and_its_count() {
    let world = World::open().await;
    world.publish(&answering("one")).await;
    save(&world, &answering("two"), None).await.ok();
    assert_eq!(world.ask(Method::DELETE, PATH).await.status, StatusCode::NO_CONTENT);
    world.ask(Method::DELETE, PATH).await.problem(StatusCode::NOT_FOUND);
    for path in [PATH, DRAFT] {
        world.ask(Method::GET, path).await.problem(StatusCode::NOT_FOUND);
    }
    let world = world.reopen().await;
    assert_eq!(world.ask(Method::GET, "/v1/scenarios").await.ok(), json!([]));
    let runs = world.tell(Method::POST, &format!("{PATH}/runs"), &json!({})).await;
    runs.problem(StatusCode::NOT_FOUND);
    let kept = world.ask(Method::GET, &format!("{VERSIONS}/1")).await.ok();
    assert_eq!(kept["document"], answering("one"));

    assert_eq!(world.publish(&answering("again")).await["version"], 2);
    world.ask(Method::DELETE, PATH).await;
    let back =
        world.tell(Method::POST, &format!("{PATH}/rollback"), &json!({ "version": 1 })).await;
    assert_eq!(back.json["version"], 3);
    assert_eq!(result(&world).await, "one");
}

#[tokio::test]
async fn a_draft_may_name_what_is_not_there_yet() {
    let world = World::with_blocks().await;
    let scenario = json!({
        "patchcord": "1.0", "name": "greeting", "start": "account",
        "blocks": [
            {
                "id": "account", "block": "microsoft-dynamics.select-account",
                "properties": { "account": "Sales" }, "exits": { "next": "end", "failed": "end" }
            },
            { "id": "end", "block": "core.exit", "properties": { "result": "selected" } }
        ]
    });
    let saved = save(&world, &scenario, None).await.ok();
    assert_eq!(saved["problems"][0]["pointer"], "/blocks/0/properties/account");
    assert_eq!(saved["problems"][0]["severity"], "error");
    world.add_account(&account("Sales")).await;
    let problems = world.ask(Method::GET, DRAFT).await.ok()["problems"].clone();
    assert_eq!(problems.as_array().unwrap().len(), 1, "{problems}");
    assert_eq!(problems[0]["severity"], "warning", "nobody has consented: {problems}");
    assert_eq!(world.ask(Method::POST, VERSIONS).await.status, StatusCode::CREATED);
    assert_eq!(result(&world).await, "selected");
}

#[tokio::test]
async fn a_run_under_way_ends_on_the_version_with_which_it_began() {
    let (world, far) = consented().await;
    let body = json!({ "deadline_ms": 60_000 });
    let publish = async {
        far.asked.acquire().await.unwrap().forget();
        let mut other = search();
        other["blocks"][1]["properties"]["result"] = "found anew".into();
        assert_eq!(world.publish(&other).await["version"], 2);
        far.answer.add_permits(2);
    };
    let (answer, ()) = futures::future::join(world.call("search", &body), publish).await;
    assert_eq!(answer["result"], "found");
    let run = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
    assert_eq!(world.ask(Method::GET, &run).await.ok()["version"], 1);
    assert_eq!(world.call("search", &body).await["result"], "found anew");
}
