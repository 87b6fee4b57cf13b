//! A scenario that writes: the contact is found or made, the case is opened, and a lost answer doubles nothing.

use patchcord_emulator::{Fault, FaultKind, LogEntry, Route};
use patchcord_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

const OPEN_CASE: &str = include_str!("../../../examples/scenarios/open-case.json");

async fn world() -> World {
    let world = World::consented(20).await.unwrap();
    world.api.publish(OPEN_CASE).await.unwrap();
    world
}

/// Runs one block alone and returns what it did.
async fn invoke(world: &World, block: &str, properties: Value) -> Value {
    let path = format!("/v1/blocks/microsoft-dynamics.{block}/invoke");
    let body = json!({ "properties": properties });
    world.api.ask(Method::POST, &path, Some(&body)).await.unwrap()
}

/// How many records of a table match.
async fn count(world: &World, table: &str, filter: &str) -> u64 {
    let query = format!("$select=createdon&$filter={filter}");
    let properties = json!({ "object_type": table, "query": query, "recordset": "Found" });
    let answer = invoke(world, "search-object", properties).await;
    assert!(answer["failure"].is_null(), "{answer}");
    answer["variables"]["Found"].as_array().unwrap().len() as u64
}

/// A call from somebody about something.
async fn open_case(world: &World, number: &str, subject: &str) -> Value {
    let item = json!({ "from": number, "fullName": "Nora O'Neil" });
    let body = json!({ "variables": { "item": item, "subject": subject } });
    let path = "/v1/scenarios/open-case/runs";
    world.api.ask(Method::POST, path, Some(&body)).await.unwrap()
}

fn creates(log: &[LogEntry]) -> usize {
    log.iter().filter(|entry| entry.method == "PATCH").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_caller_gets_a_case() {
    let world = world().await;
    let caller = world.emulator.caller(0);
    let answer = open_case(&world, &caller.phone, "It's \"broken\" & 100%").await;
    assert_eq!(answer["result"], "opened", "{answer}");
    let filter = format!(
        "_customerid_value eq {} and title eq 'It''s \"broken\" & 100%'",
        caller.contact_id
    );
    assert_eq!(count(&world, "incidents", &filter).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_caller_becomes_a_contact_with_a_case() {
    let world = world().await;
    let number = "+4930' or 1 eq 1 or '&$top=1";
    let answer = open_case(&world, number, "a question").await;
    assert_eq!(answer["result"], "opened", "{answer}");
    let filter = format!("telephone1 eq '{}'", number.replace('\'', "''"));
    assert_eq!(count(&world, "contacts", &filter).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_record() {
    let world = world().await;
    let number = "+493055501000";
    // With every further lost answer another request of the run is hit: the search, the contact, the case.
    for times in 1..=3 {
        world.emulator.add_fault(Fault { route: Route::Api, kind: FaultKind::CutAfter, times });
        let subject = format!("lost answers: {times}");
        let answer = open_case(&world, number, &subject).await;
        assert_eq!(answer["result"], "opened", "{answer}");
        world.emulator.clear_faults();
        assert_eq!(count(&world, "incidents", &format!("title eq '{subject}'")).await, 1);
    }
    assert_eq!(count(&world, "contacts", &format!("telephone1 eq '{number}'")).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_create_is_sent_again_when_its_answer_is_lost() {
    let world = world().await;
    let properties = json!({
        "object_type": "leads", "fields": { "subject": "lost", "lastname": "Ünal" }, "id_variable": "id"
    });
    world.emulator.add_fault(Fault { route: Route::Api, kind: FaultKind::CutAfter, times: 2 });
    let answer = invoke(&world, "create-object", properties).await;
    assert_eq!(answer["exit"], "next", "{answer}");
    assert_eq!(creates(&world.emulator.log()), 3, "two lost answers, then one that came");
    assert_eq!(count(&world, "leads", "subject eq 'lost'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_changed_and_removed() {
    let world = world().await;
    let id = world.emulator.caller(0).contact_id;
    let fields = json!({ "jobtitle": "Head of O'Neil & Sons; 100%", "numberofchildren": 2 });
    let change = json!({ "object_type": "contacts", "object_id": id, "fields": fields });
    let changed = invoke(&world, "update-object", change).await;
    assert_eq!(changed["exit"], "next", "{changed}");
    assert_eq!(count(&world, "contacts", "jobtitle eq 'Head of O''Neil & Sons; 100%'").await, 1);
    let removal = json!({ "object_type": "contacts", "object_id": id });
    assert_eq!(invoke(&world, "delete-object", removal.clone()).await["exit"], "next");
    assert_eq!(invoke(&world, "delete-object", removal).await["exit"], "no_data");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_column_is_told_of_once_its_table_is_known() {
    let world = World::consented(1).await.unwrap();
    let mut document: Value = serde_json::from_str(OPEN_CASE).unwrap();
    let text = document.to_string().replace("$select=contactid", "$select=contactit");
    document = serde_json::from_str(&text).unwrap();
    let problems = |answer: &Value| answer["problems"].as_array().unwrap().clone();
    let before = world.api.publish(&document.to_string()).await.unwrap();
    assert_eq!(problems(&before), Vec::<Value>::new(), "nothing is asked for a check");
    let path = "/v1/accounts/Dynamics%20365%20(demo)/tables/contacts";
    world.api.ask(Method::GET, path, None).await.unwrap();
    let after = world.api.publish(&document.to_string()).await.unwrap();
    let told = &problems(&after)[0];
    assert_eq!(told["severity"], "warning", "{after}");
    let message = told["message"].as_str().unwrap();
    assert!(message.contains("`contacts` has no column `contactit`"), "{message}");
    assert!(message.ends_with("did you mean `contactid`?"), "{message}");
}
