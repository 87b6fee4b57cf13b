//! Runs while they are under way: watched, cancelled, hung up on; and what must not be seen of them.

use std::time::Duration;

use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::calls::{consented, search};
use crate::kit::{FarSide, NOBODY, World, greeting};

/// Server-sent events as they come.
struct Stream {
    response: Response,
    text: String,
}

impl Stream {
    async fn open(world: &World, path: &str) -> Self {
        let response = world.authorized(Method::GET, path).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// Name and data of the next event; none once the stream has ended.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let line = event.lines().find_map(|line| line.strip_prefix(name));
                    line.map(str::trim).unwrap_or_default().to_owned()
                };
                let (name, data) = (field("event:"), field("data:"));
                self.text = rest.to_owned();
                if !name.is_empty() {
                    return Some((name, serde_json::from_str(&data).unwrap()));
                }
                continue;
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }
}

/// A caller of the scenario `search`, whose query has reached the far side and is not answered.
async fn caller(world: &World, far: &FarSide) -> JoinHandle<reqwest::Result<Response>> {
    let body = json!({ "deadline_ms": 60_000 });
    let request = world.authorized(Method::POST, "/v1/scenarios/search/runs").json(&body);
    let caller = tokio::spawn(request.send());
    far.asked.acquire().await.unwrap().forget();
    caller
}

async fn hang_up(caller: JoinHandle<reqwest::Result<Response>>) {
    caller.abort();
    assert!(caller.await.unwrap_err().is_cancelled());
}

/// The first run that has left a trace.
async fn traced(world: &World) -> Value {
    let look = async {
        loop {
            let runs = world.ask(Method::GET, "/v1/runs").await.ok();
            if let Some(run) = runs.as_array().unwrap().first() {
                return run.clone();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), look).await.unwrap()
}

async fn publish_finishing(world: &World) {
    let mut finishing = search();
    finishing["on_hang_up"] = "finish".into();
    world.publish(&finishing).await;
}

#[tokio::test]
async fn a_run_is_watched_and_cancelled_while_it_is_under_way() {
    let (world, far) = consented().await;
    let mut all = Stream::open(&world, "/v1/runs/events?scenario=search").await;
    let caller = caller(&world, &far).await;
    let (name, began) = all.next().await.unwrap();
    assert_eq!((name.as_str(), &began["scenario"]), ("run_began", &json!("search")));
    let path = format!("/v1/runs/{}", began["run"].as_str().unwrap());
    let (name, step) = all.next().await.unwrap();
    assert_eq!((name.as_str(), &step["step"]), ("step_began", &json!("find")));
    let mut one = Stream::open(&world, &format!("{path}/events")).await;

    let cancelled = world.ask(Method::DELETE, &path).await;
    assert_eq!(cancelled.status, StatusCode::ACCEPTED, "{}", cancelled.text);
    let answer: Value = caller.await.unwrap().unwrap().json().await.unwrap();
    assert_eq!(answer["result"], "cancelled", "{answer}");
    let run = world.ask(Method::GET, &path).await.ok();
    assert_eq!(
        (&run["result"], &run["failure"]["kind"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    world.ask(Method::DELETE, &path).await.problem(StatusCode::CONFLICT);

    for stream in [&mut all, &mut one] {
        let (name, step) = stream.next().await.unwrap();
        assert_eq!((name.as_str(), &step["step"]["id"]), ("step_ended", &json!("find")));
        let (name, ended) = stream.next().await.unwrap();
        assert_eq!((name.as_str(), &ended["result"]), ("run_ended", &json!("cancelled")));
    }
    assert!(one.next().await.is_none(), "there is no more of a run that has ended");
    let mut late = Stream::open(&world, &format!("{path}/events")).await;
    assert_eq!(late.next().await.unwrap().0, "run_ended");
    assert!(late.next().await.is_none());
}

#[tokio::test]
async fn a_run_under_way_tells_the_steps_that_have_ended() {
    let (world, far) = consented().await;
    let mut remembering = search();
    remembering["start"] = "remember".into();
    remembering["sensitive"] = json!(["item.from"]);
    remembering["blocks"].as_array_mut().unwrap().push(json!({
        "id": "remember", "block": "core.set-variable",
        "properties": { "variable": "caller", "value": "$(item.from)" }, "exits": { "next": "find" }
    }));
    world.publish(&remembering).await;
    assert_eq!(world.ask(Method::GET, "/v1/runs?under_way=true").await.ok(), json!([]));
    let body = json!({ "deadline_ms": 60_000, "variables": { "item.from": "+15550100" } });
    let request = world.authorized(Method::POST, "/v1/scenarios/search/runs").json(&body);
    let caller = tokio::spawn(request.send());
    far.asked.acquire().await.unwrap().forget();

    let listed = world.ask(Method::GET, "/v1/runs?under_way=true&scenario=search").await.ok();
    let [run] = listed.as_array().unwrap().as_slice() else { panic!("{listed}") };
    assert_eq!((&run["under_way"], &run["version"]), (&json!(true), &json!(2)), "{run}");
    assert!(run["started_at"].is_string() && run["result"].is_null(), "{run}");
    let path = format!("/v1/runs/{}", run["run"].as_str().unwrap());
    let run = world.ask(Method::GET, &path).await.ok();
    assert_eq!(run["under_way"], true);
    let [step] = run["steps"].as_array().unwrap().as_slice() else { panic!("{run}") };
    assert_eq!((&step["id"], &step["exit"]), (&json!("remember"), &json!("next")));
    assert_eq!(step["changed"]["caller"]["after"], "•••");
    assert!(!run.to_string().contains("0100"), "{run}");
    // Those that have ended are listed apart.
    assert_eq!(world.ask(Method::GET, "/v1/runs").await.ok(), json!([]));
    for query in ["scenario=greeting", "until=2026-01-01T00:00:00Z", "since=2999-01-01T00:00:00Z"] {
        let none = world.ask(Method::GET, &format!("/v1/runs?under_way=true&{query}")).await.ok();
        assert_eq!(none, json!([]), "{query}");
    }
    for query in ["result=found", "failure=failed"] {
        let path = format!("/v1/runs?under_way=true&{query}");
        world.ask(Method::GET, &path).await.problem(StatusCode::BAD_REQUEST);
    }

    far.answer.add_permits(1);
    caller.await.unwrap().unwrap();
    let run = world.ask(Method::GET, &path).await.ok();
    assert_eq!((&run["result"], &run["under_way"]), (&json!("found"), &Value::Null), "{run}");
    assert_eq!(world.ask(Method::GET, "/v1/runs?under_way=true").await.ok(), json!([]));
}

#[tokio::test]
async fn what_is_no_run_is_neither_watched_nor_cancelled() {
    let world = World::open().await;
    let path = format!("/v1/runs/{NOBODY}");
    world.ask(Method::DELETE, &path).await.problem(StatusCode::NOT_FOUND);
    world.ask(Method::GET, &format!("{path}/events")).await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stream_of_events_does_not_keep_the_server_from_stopping() {
    let world = World::open().await;
    let mut all = Stream::open(&world, "/v1/runs/events").await;
    let _world = world.reopen().await;
    assert!(all.next().await.is_none());
}

#[tokio::test]
async fn a_run_whose_caller_hangs_up_is_cancelled() {
    let (world, far) = consented().await;
    hang_up(caller(&world, &far).await).await;
    let run = traced(&world).await;
    assert_eq!(run["result"], "cancelled", "{run}");
    assert_eq!(run["steps"][0]["id"], "find");
}

#[tokio::test]
async fn a_run_whose_scenario_says_so_goes_on_when_its_caller_hangs_up() {
    let (world, far) = consented().await;
    publish_finishing(&world).await;
    hang_up(caller(&world, &far).await).await;
    far.answer.add_permits(1);
    let run = traced(&world).await;
    assert_eq!(run["result"], "found", "{run}");
}

#[tokio::test]
async fn a_server_that_stops_waits_for_the_run_of_a_caller_who_hung_up() {
    let (world, far) = consented().await;
    publish_finishing(&world).await;
    hang_up(caller(&world, &far).await).await;
    let release = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        far.answer.add_permits(1);
    };
    let (world, ()) = tokio::join!(world.reopen(), release);
    let runs = world.ask(Method::GET, "/v1/runs").await.ok();
    assert_eq!(runs[0]["result"], "found", "{runs}");
}

#[tokio::test]
async fn what_a_scenario_calls_sensitive_is_in_no_trace() {
    let world = World::open().await;
    let mut secret = greeting();
    secret["sensitive"] = json!(["item.from"]);
    world.publish(&secret).await;
    let mut all = Stream::open(&world, "/v1/runs/events").await;
    let body = json!({ "variables": { "item.from": "+15550100" } });
    let answer = world.call("greeting", &body).await;
    assert_eq!(answer["variables"]["caller"], "+15550100", "the call flow is told all the same");
    let path = format!("/v1/runs/{}", answer["run"].as_str().unwrap());
    let run = world.ask(Method::GET, &path).await.ok();
    assert_eq!(run["steps"][0]["changed"]["caller"]["after"], "•••", "{run}");
    loop {
        let (name, event) = all.next().await.unwrap();
        assert!(!event.to_string().contains("0100"), "{event}");
        if name == "run_ended" {
            break;
        }
    }
    secret["sensitive"] = json!(["item.from", "no path"]);
    let refused = world.tell(Method::PUT, "/v1/scenarios/greeting", &secret).await;
    assert_eq!(refused.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/sensitive/1"]);
}

#[tokio::test]
async fn what_an_account_calls_sensitive_is_in_no_trace() {
    let (world, far) = consented().await;
    let accounts = world.ask(Method::GET, "/v1/accounts").await.ok();
    let mut fields = far.account("Sales");
    fields["default"] = true.into();
    fields["policy"] = json!({ "sensitive_columns": ["contacts.fullname"] });
    let path = format!("/v1/accounts/{}", accounts[0]["id"].as_str().unwrap());
    world.tell(Method::PUT, &path, &fields).await.ok();
    far.answer.add_permits(1);
    let answer = world.call("search", &json!({})).await;
    let run =
        world.ask(Method::GET, &format!("/v1/runs/{}", answer["run"].as_str().unwrap())).await;
    let run = run.ok();
    let changed = &run["steps"][0]["changed"];
    assert_eq!(changed["Found"]["after"], json!([{ "fullname": "•••" }]), "{run}");
    assert!(!run.to_string().contains("Ann"), "{run}");
    let shape = &run["steps"][0]["host_calls"][0];
    assert_eq!((&shape["shape"], &shape["bytes_out"]), (&json!("contacts?$top=…"), &json!(6)));

    fields["policy"] = json!({ "sensitive_columns": ["a.b.c"] });
    let refused = world.tell(Method::PUT, &path, &fields).await;
    assert_eq!(refused.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/policy/sensitive_columns"]);
}
