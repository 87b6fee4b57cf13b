//! Trying scenarios out: what is tried, what is shown and not done, and what a replay makes of a past run.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::calls::{consented, search};
use crate::kit::{NOBODY, World, greeting};

const TRY: &str = "/v1/scenarios/greeting/try";

async fn attempt(world: &World, path: &str, body: &Value) -> Value {
    world.tell(Method::POST, path, body).await.ok()
}

/// The scenario `greeting`, which answers so.
fn answering(result: &str) -> Value {
    let text = greeting().to_string().replace("\"known\"", &format!("\"{result}\""));
    serde_json::from_str(&text).unwrap()
}

#[tokio::test]
async fn what_is_tried_is_the_document_or_a_version_or_the_draft_or_what_calls_get() {
    let world = World::open().await;
    let variables = json!({ "item.from": "+1" });
    let mut asked = json!({ "variables": variables });
    world.tell(Method::POST, TRY, &asked).await.problem(StatusCode::NOT_FOUND);
    world.publish(&answering("first")).await;
    world.publish(&answering("second")).await;
    let tried = attempt(&world, TRY, &asked).await;
    assert_eq!((&tried["result"], &tried["version"]), (&json!("second"), &json!(2)));
    assert_eq!((&tried["dry_run"], &tried["document"]), (&json!(true), &json!("version")));
    assert_eq!(tried["variables"], json!({ "caller": "+1" }));
    assert_eq!(tried["steps"][0]["id"], "remember");
    let path = "/v1/scenarios/greeting/draft";
    assert_eq!(world.tell(Method::PUT, path, &answering("drafted")).await.status, StatusCode::OK);
    let tried = attempt(&world, TRY, &asked).await;
    assert_eq!((&tried["result"], &tried["document"]), (&json!("drafted"), &json!("draft")));
    asked["version"] = 1.into();
    assert_eq!(attempt(&world, TRY, &asked).await["result"], "first");
    asked.as_object_mut().unwrap().remove("version");
    asked["document"] = answering("given");
    let tried = attempt(&world, TRY, &asked).await;
    assert_eq!((&tried["result"], &tried["document"]), (&json!("given"), &json!("given")));
    assert_eq!(world.ask(Method::GET, "/v1/runs").await.ok(), json!([]), "none of them is a run");
}

#[tokio::test]
async fn a_document_is_refused_as_publishing_refuses_it() {
    let world = World::open().await;
    let mut document = greeting();
    document["blocks"][0]["exits"]["next"] = "nowhere".into();
    let published = world.tell(Method::PUT, "/v1/scenarios/greeting", &document).await;
    published.problem(StatusCode::UNPROCESSABLE_ENTITY);
    let tried = world.tell(Method::POST, TRY, &json!({ "document": document })).await;
    tried.problem(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tried.json, published.json);
}

#[tokio::test]
async fn what_makes_no_sense_together_is_named_with_its_place() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    let run = world.call("greeting", &json!({ "variables": { "item.from": 1 } })).await;
    let replay = json!({ "run": run["run"] });
    for (asked, pointer) in [
        (json!({ "document": greeting(), "version": 1 }), "/version"),
        (json!({ "deadline_ms": 0 }), "/deadline_ms"),
        (json!({ "variables": { "a b": 1 } }), "/variables"),
        (json!({ "live_reads": true }), "/live_reads"),
        (json!({ "replay": replay, "dry_run": false }), "/dry_run"),
        (json!({ "replay": replay, "variables": { "a": 1 } }), "/variables"),
        (json!({ "replay": replay, "locale": "de" }), "/locale"),
        (json!({ "replay": { "run": run["run"], "from": { "step": "nowhere" } } }), "/replay/from"),
        (json!({ "run": run["run"] }), "/run"),
    ] {
        let answer = world.tell(Method::POST, TRY, &asked).await;
        assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), [pointer], "{}", answer.text);
    }
    let unknown = json!({ "replay": { "run": NOBODY } });
    world.tell(Method::POST, TRY, &unknown).await.problem(StatusCode::NOT_FOUND);
    let mut other = greeting();
    other["name"] = "other".into();
    world.publish(&other).await;
    let answer =
        world.tell(Method::POST, "/v1/scenarios/other/try", &json!({ "replay": replay })).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/replay/run"]);
}

#[tokio::test]
async fn a_run_is_replayed_with_what_it_was_answered() {
    let (world, far) = consented().await;
    far.answer.add_permits(1);
    let run = world.call("search", &json!({})).await;
    assert_eq!(run["variables"]["Found"][0]["fullname"], "Ann Example");
    let asked_before = far.asked.available_permits();
    let path = "/v1/scenarios/search/try";
    let replay = json!({ "run": run["run"] });
    let same = attempt(&world, path, &json!({ "replay": replay })).await;
    assert_eq!((&same["result"], &same["variables"]), (&run["result"], &run["variables"]));
    assert_eq!((&same["differences"], &same["rebuilt"]), (&json!([]), &json!(0)));
    let end = json!({ "run": run["run"], "from": { "step": "end" } });
    let rebuilt = attempt(&world, path, &json!({ "replay": end })).await;
    assert_eq!((&rebuilt["result"], &rebuilt["rebuilt"]), (&json!("found"), &json!(1)));
    assert_eq!(far.asked.available_permits(), asked_before, "nobody was asked");

    let mut other = search();
    other["blocks"][0]["properties"]["query"] = "$top=2".into();
    let asked = json!({ "replay": replay, "document": other });
    let differs = attempt(&world, path, &asked).await;
    assert_eq!(differs["failure"]["kind"], "unavailable", "{differs}");
    let difference = &differs["differences"][0];
    assert!(difference["asked"]["asked"].as_str().unwrap().contains("$top=2"), "{difference}");
    assert!(difference["recorded"]["asked"].as_str().unwrap().contains("$top=1"), "{difference}");
    far.answer.add_permits(1);
    let asked = json!({ "replay": replay, "document": other, "live_reads": true });
    let live = attempt(&world, path, &asked).await;
    assert_eq!(
        (&live["result"], live["differences"].as_array().unwrap().len()),
        (&json!("found"), 1)
    );
    assert_eq!(far.asked.available_permits(), asked_before + 1);

    other["blocks"][0]["id"] = "seek".into();
    other["start"] = "seek".into();
    let from = json!({ "run": run["run"], "from": { "step": "find" } });
    let answer =
        world.tell(Method::POST, path, &json!({ "replay": from, "document": other })).await;
    answer.problem(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("no block instance `find`"), "{}", answer.text);
}

#[tokio::test]
async fn a_trial_that_has_just_been_goes_on_from_one_of_its_steps() {
    let (world, far) = consented().await;
    let path = "/v1/scenarios/search/try";
    far.answer.add_permits(1);
    let mut document = search();
    document["sensitive"] = json!(["item.note"]);
    let id = "0192d3a0-0000-7000-8000-000000000002";
    let asked = json!({ "document": document, "variables": { "item.note": "said by nobody else" }, "run": id });
    let first = attempt(&world, path, &asked).await;
    assert_eq!((&first["run"], &first["result"]), (&json!(id), &json!("found")));
    let asked_before = far.asked.available_permits();

    // The document is mended from there on, and hides nothing any more: what was hidden before stays so.
    let mut mended = search();
    let end = mended["blocks"].as_array().unwrap().iter().position(|block| block["id"] == "end");
    mended["blocks"][end.unwrap()]["properties"]["result"] = "mended: $(item.note)".into();
    let replay = json!({ "run": id, "from": { "step": "end" } });
    let second = attempt(&world, path, &json!({ "document": mended, "replay": replay })).await;
    assert_eq!((&second["result"], &second["rebuilt"]), (&json!("mended: •••"), &json!(1)));
    assert_eq!(far.asked.available_permits(), asked_before, "nobody was asked");

    // So does what came of it, from its own step on: the step before is the first trial's.
    let replay = json!({ "run": second["run"], "from": { "step": "end" } });
    let third = attempt(&world, path, &json!({ "document": mended, "replay": replay })).await;
    assert_eq!((&third["result"], &third["rebuilt"]), (&json!("mended: •••"), &json!(1)));
    let replay = json!({ "run": second["run"], "from": { "step": "find" } });
    let answer = world.tell(Method::POST, path, &json!({ "replay": replay })).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/replay/from"]);
    world.ask(Method::GET, &format!("/v1/runs/{id}")).await.problem(StatusCode::NOT_FOUND);

    // A test case has the whole way, with what the first trial was answered.
    let replay = json!({ "run": second["run"] });
    let asked = json!({ "document": mended, "replay": replay, "case": true });
    let made = attempt(&world, path, &asked).await;
    let answers = made["case"]["case"]["answers"].as_array();
    assert_eq!(answers.map(Vec::len), Some(1), "{made}");
}

#[tokio::test]
async fn a_replay_asks_everything_anew_where_it_is_to() {
    let (world, far) = consented().await;
    far.answer.add_permits(1);
    let run = world.call("search", &json!({})).await;
    let asked_before = far.asked.available_permits();
    far.answer.add_permits(1);
    let replay = json!({ "run": run["run"], "from": { "step": "find" }, "afresh": true });
    let path = "/v1/scenarios/search/try";
    let tried = attempt(&world, path, &json!({ "replay": replay })).await;
    assert_eq!((&tried["result"], &tried["differences"]), (&json!("found"), &json!([])));
    assert_eq!(far.asked.available_permits(), asked_before + 1);
    // Its id stays its own.
    let answer = world.tell(Method::POST, path, &json!({ "run": run["run"] })).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/run"]);
}

#[tokio::test]
async fn a_recording_outlives_the_server_and_nobody_can_read_it() {
    let (world, far) = consented().await;
    far.answer.add_permits(1);
    let brought = json!({ "variables": { "item": { "note": "said by nobody else" } } });
    let run = world.call("search", &brought).await;
    let world = world.reopen().await;
    let replay = json!({ "replay": { "run": run["run"] } });
    assert_eq!(attempt(&world, "/v1/scenarios/search/try", &replay).await["result"], "found");
    let data = world.data().to_owned();
    world.patchcord.close().await;
    for entry in std::fs::read_dir(data).unwrap().map(Result::unwrap) {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        let said = bytes.windows(19).any(|window| window == b"said by nobody else");
        assert!(!said, "{} can be read", entry.path().display());
    }
}

#[tokio::test]
async fn a_trial_is_heard_of_by_its_id_alone_and_can_be_ended() {
    let (world, far) = consented().await;
    let id = "0192d3a0-0000-7000-8000-000000000001";
    let body = json!({ "run": id, "deadline_ms": 60_000 });
    let request = world.authorized(Method::POST, "/v1/scenarios/search/try").json(&body);
    let trying = tokio::spawn(request.send());
    far.asked.acquire().await.unwrap().forget();
    let path = format!("/v1/runs/{id}");
    let mut events = world.authorized(Method::GET, &format!("{path}/events")).send().await.unwrap();
    assert_eq!(events.status(), StatusCode::OK);
    world.ask(Method::GET, &path).await.problem(StatusCode::NOT_FOUND);
    assert_eq!(world.ask(Method::DELETE, &path).await.status, StatusCode::ACCEPTED);
    let answer: Value = trying.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!((&answer["run"], &answer["result"]), (&json!(id), &json!("cancelled")), "{answer}");
    let mut told = String::new();
    while let Some(chunk) = events.chunk().await.unwrap() {
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    assert!(told.contains("step_ended") && told.contains("run_ended"), "{told}");
    world.ask(Method::DELETE, &path).await.problem(StatusCode::NOT_FOUND);
    assert_eq!(world.ask(Method::GET, "/v1/runs").await.ok(), json!([]));
}

#[tokio::test]
async fn who_listens_before_a_trial_begins_hears_all_of_it() {
    let world = World::open().await;
    let id = "0192d3a0-0000-7000-8000-000000000003";
    let path = format!("/v1/runs/events?trial={id}");
    let mut events = world.authorized(Method::GET, &path).send().await.unwrap();
    attempt(&world, TRY, &json!({ "document": greeting(), "variables": { "item.from": 1 } })).await;
    let asked = json!({ "document": greeting(), "variables": { "item.from": 1 }, "run": id });
    attempt(&world, TRY, &asked).await;
    let mut told = String::new();
    while let Some(chunk) = events.chunk().await.unwrap() {
        told.push_str(std::str::from_utf8(&chunk).unwrap());
    }
    let names: Vec<_> = told.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names.first(), Some(&"run_began"), "{told}");
    assert_eq!(names.last(), Some(&"run_ended"), "{told}");
    assert_eq!(told.matches("run_began").count(), 1, "another trial was heard: {told}");
}

#[tokio::test]
async fn what_an_answer_must_not_show_is_masked() {
    let world = World::open().await;
    let mut document = greeting();
    document["sensitive"] = json!(["caller"]);
    let asked = json!({ "document": document, "variables": { "item.from": "+15550100" } });
    let tried = attempt(&world, TRY, &asked).await;
    assert_eq!(tried["variables"]["caller"], "•••", "{tried}");
    assert!(!tried["steps"].to_string().contains("+15550100"), "{tried}");
}

#[tokio::test]
async fn a_web_server_is_asked_and_told_nothing() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let told: fn() -> std::future::Ready<String> = || panic!("it was told something");
    let read = || async { "read" };
    let web = axum::Router::new().route("/", axum::routing::get(read).post(told));
    tokio::spawn(async move { axum::serve(listener, web).await });
    let world = World::fetching(vec![host.clone()]).await;
    let fetch = |id: &str, method: &str, next: &str| {
        json!({
            "id": id, "block": "core.fetch-url",
            "properties": { "method": method, "url": format!("http://{host}/"), "body": { "a": id },
                "headers": { "Authorization": "Bearer canary", "X-Mine": "1" } },
            "exits": { "next": next, "no_data": "end", "failed": "end" }
        })
    };
    let document = json!({
        "patchcord": "1.0", "name": "greeting", "start": "read",
        "blocks": [
            fetch("read", "GET", "write"), fetch("write", "POST", "done"),
            { "id": "done", "block": "core.exit", "properties": { "result": "done" } },
            { "id": "end", "block": "core.exit", "properties": { "result": "$(fetchURLResultBody)" } }
        ]
    });
    let tried = attempt(&world, TRY, &json!({ "document": document })).await;
    assert_eq!(tried["result"], "done", "{tried}");
    let requests = tried["requests"].as_array().unwrap();
    assert_eq!(requests.len(), 1, "{tried}");
    assert_eq!((&requests[0]["step"], &requests[0]["method"]), (&json!("write"), &json!("POST")));
    assert_eq!(requests[0]["body"], "{\"a\":\"write\"}");
    assert_eq!(requests[0]["headers"]["x-mine"], "1");
    assert!(!tried.to_string().contains("canary"), "{tried}");
}
