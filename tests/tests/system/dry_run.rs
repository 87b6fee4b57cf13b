//! Trying a scenario out against an organisation: a dry run shows what the run then sends, and a run that failed is walked
//! once more after its scenario was mended.

use std::collections::BTreeMap;

use patchcord_emulator::LogEntry;
use patchcord_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

const OPEN_CASE: &str = include_str!("../../../examples/scenarios/open-case.json");
/// What every request of the Web API has besides, and a dry run does not show: who asks, which request it is, and what the
/// connection needs.
const OF_THE_SENDING: [&str; 6] = [
    "authorization",
    "x-ms-client-request-id",
    "host",
    "user-agent",
    "content-length",
    "accept-encoding",
];

async fn ask(world: &World, path: &str, body: &Value) -> Value {
    world.api.ask(Method::POST, path, Some(body)).await.unwrap()
}

async fn attempt(world: &World, body: &Value) -> Value {
    ask(world, "/v1/scenarios/open-case/try", body).await
}

/// The same, of which a test case is to be made.
fn made_a_case(asked: &Value) -> Value {
    let mut asked = asked.clone();
    asked["case"] = true.into();
    asked
}

fn brought(number: &str) -> Value {
    json!({ "item": { "from": number, "fullName": "Nora O'Neil" }, "subject": "It's \"broken\" & 100%" })
}

/// A request that was sent, as a dry run shows it.
fn shown(entry: &LogEntry) -> Value {
    let headers = entry.request_headers.iter();
    let headers: BTreeMap<_, _> =
        headers.filter(|(name, _)| !OF_THE_SENDING.contains(&name.as_str())).cloned().collect();
    json!({ "method": entry.method, "url": entry.url, "headers": headers, "body": entry.request_body })
}

/// The requests that were sent since the request `after` and that write.
fn writes(world: &World, after: u64) -> Vec<Value> {
    let log = world.emulator.log();
    let writes = log.iter().filter(|entry| entry.n > after && entry.method != "GET");
    writes.map(shown).collect()
}

fn last(world: &World) -> u64 {
    world.emulator.log().iter().map(|entry| entry.n).max().unwrap_or(0)
}

/// The requests that a dry run shows, without the steps that would have sent them; in place of a record of one run, that of
/// another.
fn requests(tried: &Value, ids: &[(&Value, &Value)]) -> Vec<Value> {
    let mut text = tried["requests"].to_string();
    for (own, other) in ids {
        text = text.replace(own.as_str().unwrap(), other.as_str().unwrap());
    }
    let mut requests: Vec<Value> = serde_json::from_str(&text).unwrap();
    for request in &mut requests {
        let request = request.as_object_mut().unwrap();
        request.remove("step").unwrap();
        request.remove("visit").unwrap();
    }
    requests
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_exactly_what_the_run_then_sends() {
    let world = World::consented(20).await.unwrap();
    world.api.publish(OPEN_CASE).await.unwrap();
    let known = world.emulator.caller(0).phone;
    for (number, sent) in [(known.as_str(), 1), ("+493055501234", 2)] {
        let asked = json!({ "variables": brought(number) });
        let before = last(&world);
        let tried = attempt(&world, &made_a_case(&asked)).await;
        assert_eq!(tried["case"]["report"]["passed"], true, "{tried}");
        assert_eq!((&tried["result"], &tried["dry_run"]), (&json!("opened"), &json!(true)));
        assert_eq!(writes(&world, before), Vec::<Value>::new(), "nothing was written");
        let ran = ask(&world, "/v1/scenarios/open-case/runs", &asked).await;
        assert_eq!(ran["result"], "opened", "{ran}");
        // The keys of records are derived from the id of the run.
        let of = |answer: &Value, name: &str| answer["variables"][name].clone();
        let (own, other) = (of(&tried, "case_id"), of(&ran, "case_id"));
        let (contact, real) = (of(&tried, "contact_id"), of(&ran, "contact_id"));
        let shown = requests(&tried, &[(&own, &other), (&contact, &real)]);
        assert_eq!(shown.len(), sent, "{tried}");
        assert_eq!(shown, writes(&world, before));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_that_is_asked_to_write_sends_what_the_dry_run_with_its_id_showed() {
    let world = World::consented(5).await.unwrap();
    world.api.publish(OPEN_CASE).await.unwrap();
    let run = "0192d3a0-0000-7000-8000-00000000000a";
    let mut asked = json!({ "variables": brought("+493055501235"), "run": run });
    let tried = attempt(&world, &asked).await;
    let before = last(&world);
    asked["dry_run"] = false.into();
    let wrote = attempt(&world, &asked).await;
    assert_eq!((&wrote["dry_run"], &wrote["requests"]), (&json!(false), &json!([])), "{wrote}");
    assert_eq!(requests(&tried, &[]), writes(&world, before));
    let runs = world.api.ask(Method::GET, "/v1/runs", None).await.unwrap();
    assert_eq!(runs, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_policy_forbids_is_forbidden_in_a_dry_run_too() {
    let world = World::consented(5).await.unwrap();
    world.api.publish(OPEN_CASE).await.unwrap();
    let accounts = world.api.ask(Method::GET, "/v1/accounts", None).await.unwrap();
    let path = format!("/v1/accounts/{}", accounts[0]["id"].as_str().unwrap());
    let mut fields = patchcord_tests::account_fields(&world.emulator);
    fields["policy"] = json!({ "operations": ["query", "retrieve"] });
    world.api.ask(Method::PUT, &path, Some(&fields)).await.unwrap();
    let tried = attempt(&world, &json!({ "variables": brought("+493055501236") })).await;
    assert_eq!((&tried["result"], &tried["requests"]), (&json!("unavailable"), &json!([])));
    let kinds: Vec<_> =
        tried["steps"].as_array().unwrap().iter().map(|step| &step["failure"]["kind"]).collect();
    assert!(kinds.contains(&&json!("policy_denied")), "{tried}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_failed_is_walked_once_more_after_its_scenario_was_mended() {
    let world = World::consented(5).await.unwrap();
    // The number that was found has no such column, so that the run fails after the case was opened.
    let broken =
        OPEN_CASE.replace("\"case_id\": \"$(case_id)\"", "\"case_id\": \"$(Caller.fullname)\"");
    assert_ne!(broken, OPEN_CASE);
    world.api.publish(&broken).await.unwrap();
    let caller = world.emulator.caller(0).phone;
    let asked = json!({ "variables": brought(&caller) });
    let ran = ask(&world, "/v1/scenarios/open-case/runs", &asked).await;
    assert_eq!((&ran["result"], &ran["failure"]["step"]), (&json!("failed"), &json!("opened")));
    let path = "/v1/scenarios/open-case/draft";
    world.api.send_text(Method::PUT, path, OPEN_CASE).await.unwrap().error_for_status().unwrap();

    let before = last(&world);
    let replay = json!({ "run": ran["run"] });
    let whole = attempt(&world, &json!({ "replay": replay })).await;
    assert_eq!(
        (&whole["result"], &whole["document"]),
        (&json!("opened"), &json!("draft")),
        "{whole}"
    );
    assert_eq!(whole["variables"]["case_id"], ran["variables"]["case_id"]);
    for (step, rebuilt) in [("account", 0), ("find", 1), ("open", 3), ("opened", 4)] {
        let from = json!({ "run": ran["run"], "from": { "step": step } });
        let tried = attempt(&world, &made_a_case(&json!({ "replay": from }))).await;
        assert_eq!(
            (&tried["result"], &tried["rebuilt"]),
            (&json!("opened"), &json!(rebuilt)),
            "{tried}"
        );
        assert_eq!(tried["case"]["report"]["passed"], true, "from `{step}`: {tried}");
        assert_eq!((&tried["variables"], &tried["differences"]), (&whole["variables"], &json!([])));
    }
    let as_it_was = attempt(&world, &json!({ "replay": replay, "version": 1 })).await;
    assert_eq!(as_it_was["failure"], ran["failure"], "its own version comes to the same");
    assert_eq!(last(&world), before, "Dynamics 365 was not asked");

    let mended = OPEN_CASE.replace("Opened during a call from", "Opened for");
    let asked =
        json!({ "replay": replay, "document": serde_json::from_str::<Value>(&mended).unwrap() });
    let differs = attempt(&world, &asked).await;
    assert_eq!((&differs["result"], &differs["requests"]), (&json!("unavailable"), &json!([])));
    let difference = &differs["differences"][0];
    assert!(difference["asked"]["asked"].as_str().unwrap().contains("Opened for"), "{difference}");
    let mut live = asked;
    live["live_reads"] = true.into();
    let shown = attempt(&world, &live).await;
    assert_eq!(shown["result"], "opened", "{shown}");
    assert!(shown["requests"][0]["body"].as_str().unwrap().contains("Opened for"), "{shown}");
    assert_eq!(writes(&world, before), Vec::<Value>::new(), "a replay writes nothing");
    assert!(world.leaks().await.unwrap().is_empty());
}
