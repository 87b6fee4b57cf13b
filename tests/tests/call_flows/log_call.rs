//! After the call: what is written of it in Dynamics 365.

use patchcord_emulator::{Fault, FaultKind, Route};
use patchcord_tests::World;
use reqwest::Method;
use serde_json::{Value, json};

const OPEN_CASE: &str = include_str!("../../../examples/scenarios/open-case.json");
const LOG_CALL: &str = include_str!("../../../examples/scenarios/log-call.json");

async fn world() -> World {
    let world = World::consented(20).await.unwrap();
    world.api.publish(OPEN_CASE).await.unwrap();
    world.api.publish(LOG_CALL).await.unwrap();
    world
}

async fn run(world: &World, scenario: &str, variables: Value) -> Value {
    let path = format!("/v1/scenarios/{scenario}/runs");
    let body = json!({ "variables": variables });
    world.api.ask(Method::POST, &path, Some(&body)).await.unwrap()
}

/// A call of three minutes from the first contact.
fn ended(world: &World, login: &str, case: &Value) -> Value {
    json!({
        "item": { "from": world.emulator.caller(0).phone, "minutes": 3 },
        "user": { "login": login },
        "outcome": "Said \"yes\" & it's done",
        "case_id": case,
    })
}

/// The phone calls that there are, with their parties.
async fn phone_calls(world: &World) -> Vec<Value> {
    let query = "$select=subject,description,phonenumber,directioncode,actualdurationminutes,statecode,statuscode,\
                 _regardingobjectid_value&$expand=phonecall_activity_parties($select=participationtypemask,\
                 _partyid_value)";
    let properties = json!({ "object_type": "phonecalls", "query": query, "recordset": "Found" });
    let path = "/v1/blocks/microsoft-dynamics.search-object/invoke";
    let body = json!({ "properties": properties });
    let answer = world.api.ask(Method::POST, path, Some(&body)).await.unwrap();
    assert!(answer["failure"].is_null(), "{answer}");
    answer["variables"]["Found"].as_array().unwrap().clone()
}

/// Who took part: the kind of participation and the id, in order.
fn parties(call: &Value) -> Vec<(u64, String)> {
    let party = |party: &Value| {
        let kind = party["participationtypemask"].as_u64().unwrap();
        (kind, party["_partyid_value"].as_str().unwrap().to_owned())
    };
    let mut parties: Vec<_> =
        call["phonecall_activity_parties"].as_array().unwrap().iter().map(party).collect();
    parties.sort();
    parties
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_logged_from_the_contact_to_the_agent_about_the_case() {
    let world = world().await;
    let caller = world.emulator.caller(0);
    let item = json!({ "from": caller.phone, "fullName": caller.full_name });
    let opened = run(&world, "open-case", json!({ "item": item, "subject": "Broken" })).await;
    let case = &opened["variables"]["case_id"];
    let login = world.emulator.setup().user.to_uppercase();
    let logged = run(&world, "log-call", ended(&world, &login, case)).await;
    assert_eq!(logged["result"], "logged", "{logged}");

    let calls = phone_calls(&world).await;
    let [call] = &calls[..] else { panic!("one call was logged: {calls:?}") };
    assert_eq!(call["activityid"], logged["variables"]["call_id"]);
    assert_eq!(call["subject"], format!("Call from {}", caller.full_name));
    assert_eq!(call["description"], "Said \"yes\" & it's done");
    assert_eq!(call["phonenumber"], caller.phone);
    assert_eq!(call["directioncode"], false);
    assert_eq!(call["actualdurationminutes"], 3);
    assert_eq!((&call["statecode"], &call["statuscode"]), (&json!(1), &json!(4)));
    assert_eq!(call["_regardingobjectid_value"], *case);
    let agent = &logged["variables"]["Agent"][0]["systemuserid"];
    let expected = [(1, caller.contact_id.to_string()), (2, agent.as_str().unwrap().to_owned())];
    assert_eq!(parties(call), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_case_and_with_an_agent_whom_nobody_knows_the_contact_has_the_call() {
    let world = world().await;
    let variables = ended(&world, "o'nobody@x", &Value::Null);
    let logged = run(&world, "log-call", variables).await;
    assert_eq!(logged["result"], "logged", "{logged}");
    let calls = phone_calls(&world).await;
    let contact = world.emulator.caller(0).contact_id.to_string();
    assert_eq!(calls[0]["_regardingobjectid_value"], contact);
    assert_eq!(parties(&calls[0]), [(1, contact)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_or_only_in_part_written_is_said() {
    let world = world().await;
    let login = world.emulator.setup().user.clone();
    let mut unknown = ended(&world, &login, &Value::Null);
    unknown["item"]["from"] = "+999".into();
    assert_eq!(run(&world, "log-call", unknown).await["result"], "unknown");
    let no_case = json!("00000000-0000-4000-8000-000000000000");
    let partly = run(&world, "log-call", ended(&world, &login, &no_case)).await;
    assert_eq!(partly["result"], "incomplete", "{partly}");
    let calls = phone_calls(&world).await;
    assert_eq!(calls.len(), 1);
    assert_eq!(calls[0]["activityid"], partly["variables"]["call_id"]);
    // A lost answer, at each request in turn, makes no second call.
    for times in 1..=4 {
        let fault = Fault { route: Route::Api, kind: FaultKind::CutAfter, times };
        world.emulator.add_fault(fault);
        let logged = run(&world, "log-call", ended(&world, &login, &Value::Null)).await;
        assert_eq!(logged["result"], "logged", "{logged}");
        world.emulator.clear_faults();
        assert_eq!(phone_calls(&world).await.len(), 1 + times as usize);
    }
}
