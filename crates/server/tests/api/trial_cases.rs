//! Test cases made of trials: of what a trial was answered, by Dynamics 365, by what shows its writes, or by a recording.

use reqwest::Method;
use serde_json::{Value, json};

use crate::calls::{consented, search};
use crate::kit::{World, greeting};

const PATH: &str = "/v1/scenarios/search/try";

async fn attempt(world: &World, path: &str, body: &Value) -> Value {
    world.tell(Method::POST, path, body).await.ok()
}

/// Runs a case against a document, which it must pass.
async fn passes(world: &World, document: &Value, case: &Value) {
    let path = format!("/v1/scenarios/{}/test", document["name"].as_str().unwrap());
    let body = json!({ "document": document, "cases": [case] });
    let tested = world.tell(Method::POST, &path, &body).await.ok();
    assert_eq!(tested["failed"], 0, "{tested:#}");
}

/// A scenario that finds somebody, writes of him and tells the key of what it made.
fn writing() -> Value {
    let mut document = search();
    document["blocks"][0]["exits"] = json!({ "next": "note", "no_data": "end", "failed": "end" });
    let blocks = document["blocks"].as_array_mut().unwrap();
    blocks.push(json!({
        "id": "note", "block": "microsoft-dynamics.create-object",
        "properties": {
            "object_type": "phonecalls", "id_variable": "call",
            "fields": { "subject": "Called by $(Found.fullname)" }
        },
        "exits": { "next": "told", "failed": "end" }
    }));
    blocks.push(json!({
        "id": "told", "block": "core.exit",
        "properties": { "result": "noted", "answer": { "call": "$(call)" } }
    }));
    document
}

#[tokio::test]
async fn a_dry_run_makes_a_case_that_passes() {
    let (world, far) = consented().await;
    let document = writing();
    far.answer.add_permits(1);
    let body = json!({ "document": document, "case": true, "deadline_ms": 20_000 });
    let tried = attempt(&world, PATH, &body).await;
    assert_eq!(tried["result"], "noted", "{tried:#}");
    let recorded = &tried["case"];
    assert_eq!(recorded["report"]["passed"], true, "{recorded:#}");
    assert!(recorded.get("version").is_none(), "it was not published: {recorded:#}");
    let case = &recorded["case"];
    assert_eq!(
        (&case["name"], &case["deadline_ms"]),
        (&json!("search ends as noted"), &json!(20_000))
    );
    let asked: Vec<&Value> =
        case["expect"]["requests"].as_array().unwrap().iter().map(|one| &one["call"]).collect();
    assert_eq!(asked, ["query", "create"]);
    assert_eq!(
        case["expect"]["requests"][1]["columns"],
        json!({ "subject": "Called by Ann Example" })
    );
    let asked_before = far.asked.available_permits();
    passes(&world, &document, case).await;
    assert_eq!(far.asked.available_permits(), asked_before, "nobody was asked");
    far.answer.add_permits(1);
    let tried = attempt(&world, PATH, &json!({ "document": document })).await;
    assert!(tried.get("case").is_none() && tried.get("no_case").is_none(), "{tried:#}");
}

#[tokio::test]
async fn steps_of_trials_and_of_cases_are_not_counted_among_those_of_calls() {
    let (world, far) = consented().await;
    far.answer.add_permits(2);
    world.call("search", &json!({})).await;
    let tried = attempt(&world, PATH, &json!({ "document": writing(), "case": true })).await;
    assert_eq!(tried["case"]["report"]["passed"], true, "{tried:#}");
    let metrics = world.anonymously(Method::GET, "/metrics").await.text;
    let counts = |block: &str| {
        let steps = metrics.lines().filter(|line| line.starts_with("patchcord_block_steps_total"));
        steps.filter(|line| line.contains(block)).count()
    };
    assert!(counts("search-object") > 0, "{metrics}");
    assert_eq!(counts("create-object"), 0, "no call creates anything in these tests: {metrics}");
}

#[tokio::test]
async fn a_replay_makes_a_case_of_recorded_and_live_answers() {
    let (world, far) = consented().await;
    far.answer.add_permits(1);
    let run =
        world.call("search", &json!({ "variables": { "item.from": "1" } })).await["run"].clone();
    let whole = json!({ "replay": { "run": run }, "case": true });
    let same = attempt(&world, PATH, &whole).await;
    assert_eq!(
        (&same["case"]["version"], &same["case"]["report"]["passed"]),
        (&json!(1), &json!(true))
    );
    assert_eq!(same["case"]["case"]["variables"], json!({ "item.from": "1" }));
    passes(&world, &search(), &same["case"]["case"]).await;

    let rebuilt = json!({ "replay": { "run": run, "from": { "step": "end" } }, "case": true });
    let rebuilt = attempt(&world, PATH, &rebuilt).await;
    assert_eq!(rebuilt["case"]["case"], same["case"]["case"], "{rebuilt:#}");

    // What it asks otherwise is not guessed: it is read, or there is no case.
    let mut other = search();
    other["blocks"][0]["properties"]["query"] = "$top=2".into();
    other["blocks"][0]["exits"]["failed"] = "end".into();
    let mut asked = json!({ "replay": { "run": run }, "case": true, "document": other });
    let differs = attempt(&world, PATH, &asked).await;
    let why = differs["no_case"].as_str().unwrap();
    assert!(why.contains("`find`, visit 1, asks was not recorded"), "{why}");
    assert!(differs.get("case").is_none());
    far.answer.add_permits(1);
    asked["live_reads"] = true.into();
    let live = attempt(&world, PATH, &asked).await;
    assert_eq!(live["case"]["report"]["passed"], true, "{live:#}");
    passes(&world, &other, &live["case"]["case"]).await;
}

#[tokio::test]
async fn a_case_of_a_trial_is_masked_as_its_answer_is() {
    let world = World::open().await;
    let mut document = greeting();
    document["sensitive"] = json!(["caller"]);
    document["blocks"][1]["properties"]["result"] = "known: $(caller)".into();
    let body =
        json!({ "document": document, "variables": { "item.from": "+15550100" }, "case": true });
    let tried = attempt(&world, "/v1/scenarios/greeting/try", &body).await;
    assert_eq!(tried["case"]["masked"], true, "{tried:#}");
    assert_eq!(tried["case"]["case"]["name"], "greeting ends as known: •••");
    assert_eq!(tried["case"]["report"]["passed"], true, "{tried:#}");
    assert!(!tried.to_string().contains("5550100"), "{tried:#}");
}

#[tokio::test]
async fn a_run_that_ends_as_what_is_masked_makes_a_case() {
    let world = World::open().await;
    let mut document = greeting();
    document["sensitive"] = json!(["caller"]);
    document["blocks"][1]["properties"]["result"] = "known: $(caller)".into();
    world.publish(&document).await;
    let answer =
        world.call("greeting", &json!({ "variables": { "item.from": "+15550100" } })).await;
    let path = format!("/v1/runs/{}/case", answer["run"].as_str().unwrap());
    let made = world.ask(Method::GET, &path).await;
    assert!(!made.text.contains("5550100"), "{}", made.text);
    let made = made.ok();
    assert_eq!(made["case"]["expect"]["result"], "known: •••");
    assert_eq!((&made["masked"], &made["report"]["passed"]), (&json!(true), &json!(true)));
}
