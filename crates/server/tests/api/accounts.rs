//! Integration accounts: fields checked one by one, one default, and a client secret that goes in and never comes out.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::kit::{Answer, CLIENT_SECRET, World, account};

const PATH: &str = "/v1/accounts";

fn without_secret(answer: &Answer) {
    assert!(!answer.text.contains(CLIENT_SECRET), "{}", answer.text);
}

fn path(id: &str) -> String {
    format!("{PATH}/{id}")
}

#[tokio::test]
async fn an_account_is_made_changed_and_removed_and_its_secret_never_shown() {
    let world = World::open().await;
    let made = world.tell(Method::POST, PATH, &account("Sales")).await;
    without_secret(&made);
    let id = made.json["id"].as_str().unwrap().to_owned();
    assert_eq!(made.json["client_secret_set"], true);
    assert_eq!(made.json["state"], "consent_required");

    let mut fields = account("Sales and service");
    fields.as_object_mut().unwrap().remove("client_secret");
    let changed = world.tell(Method::PUT, &path(&id), &fields).await;
    without_secret(&changed);
    let changed = changed.ok();
    assert_eq!(changed["name"], "Sales and service");
    assert_eq!(changed["client_secret_set"], true);
    assert_eq!(changed["since"], made.json["since"], "nothing of its state has changed");

    let world = world.reopen().await;
    let listed = world.ask(Method::GET, PATH).await;
    without_secret(&listed);
    assert_eq!(listed.json, json!([changed]));
    let debug = format!("{:?}", world.patchcord.accounts());
    assert!(!debug.contains(CLIENT_SECRET), "{debug}");

    let gone = world.ask(Method::DELETE, &path(&id)).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    world.ask(Method::GET, &path(&id)).await.problem(StatusCode::NOT_FOUND);
    world.ask(Method::DELETE, &path(&id)).await.problem(StatusCode::NOT_FOUND);
    assert_eq!(world.ask(Method::GET, PATH).await.json, json!([]));
}

#[test]
fn what_is_entered_can_be_debugged_without_its_secret() {
    let input: patchcord::AccountInput = serde_json::from_value(account("Sales")).unwrap();
    assert!(!format!("{input:?}").contains(CLIENT_SECRET));
}

#[tokio::test]
async fn every_wrong_field_is_pointed_at_at_once() {
    let world = World::open().await;
    let wrong = json!({
        "name": " ", "client_id": "", "client_secret": CLIENT_SECRET,
        "authorization_url": "https://login.example/authorize", "token_url": "login.example",
        "api_url": "http://org.example/api/data/v9.2",
        "policy": { "max_concurrent": 0, "tables": ["con tacts"] },
    });
    let answer = world.tell(Method::POST, PATH, &wrong).await;
    without_secret(&answer);
    let pointers = answer.pointers(StatusCode::UNPROCESSABLE_ENTITY);
    for field in [
        "/name",
        "/client_id",
        "/authorization_url",
        "/token_url",
        "/api_url",
        "/policy/max_concurrent",
        "/policy/tables",
    ] {
        assert!(pointers.contains(&field), "{field}: {}", answer.text);
    }
    let missing = world.tell(Method::POST, PATH, &json!({})).await;
    let fields = ["/name", "/client_id", "/authorization_url", "/token_url", "/api_url"];
    assert_eq!(missing.pointers(StatusCode::UNPROCESSABLE_ENTITY), fields);
    assert_eq!(world.ask(Method::GET, PATH).await.ok(), json!([]));
}

#[tokio::test]
async fn a_wrong_address_is_answered_with_what_a_right_one_looks_like() {
    let world = World::open().await;
    for (field, example) in [
        ("authorization_url", "https://login.microsoftonline.com/TENANT/oauth2/v2.0/authorize"),
        ("token_url", "https://login.microsoftonline.com/TENANT/oauth2/v2.0/token"),
        ("api_url", "https://ORG.crm.dynamics.com/api/data/v9.2"),
    ] {
        let mut fields = account("Sales");
        fields[field] = "not a URL".into();
        let answer = world.tell(Method::POST, PATH, &fields).await;
        assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), [format!("/{field}")]);
        let message = answer.json["problems"][0]["message"].as_str().unwrap();
        assert!(message.contains(example), "{message}");
    }
}

#[tokio::test]
async fn an_unknown_field_is_refused_also_within_the_policy() {
    let world = World::open().await;
    let mut fields = account("Sales");
    fields["policy"] = json!({ "operation": ["query"] });
    let answer = world.tell(Method::POST, PATH, &fields).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/policy/operation"]);
    let mut fields = account("Sales");
    fields["clientid"] = "x".into();
    let answer = world.tell(Method::POST, PATH, &fields).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/clientid"]);
}

#[tokio::test]
async fn a_policy_is_kept_and_what_it_leaves_out_is_the_default() {
    let world = World::open().await;
    let mut fields = account("Sales");
    fields["policy"] = json!({ "operations": ["query", "retrieve"], "max_concurrent": 4 });
    let id = world.add_account(&fields).await;
    let policy = json!({
        "operations": ["query", "retrieve"], "tables": null, "max_concurrent": 4, "request_timeout_ms": 30_000,
        "token_timeout_ms": 15_000, "connect_timeout_ms": 5_000, "affinity_cookie": false,
    });
    let world = world.reopen().await;
    assert_eq!(world.ask(Method::GET, &path(&id)).await.ok()["policy"], policy);
}

#[tokio::test]
async fn a_name_can_be_taken_once() {
    let world = World::open().await;
    let first = world.add_account(&account("Sales")).await;
    let answer = world.tell(Method::POST, PATH, &account(" Sales ")).await;
    answer.problem(StatusCode::CONFLICT);
    let second = world.add_account(&account("Service")).await;
    let answer = world.tell(Method::PUT, &path(&second), &account("Sales")).await;
    answer.problem(StatusCode::CONFLICT);
    world.tell(Method::PUT, &path(&first), &account("Sales")).await.ok();
}

#[tokio::test]
async fn of_two_that_take_a_name_at_the_same_moment_one_gets_it() {
    let world = World::open().await;
    let fields = account("Sales");
    let (a, b) = tokio::join!(
        world.tell(Method::POST, PATH, &fields),
        world.tell(Method::POST, PATH, &fields)
    );
    let mut statuses = [a.status, b.status];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::CREATED, StatusCode::CONFLICT]);
}

#[tokio::test]
async fn the_default_moves_to_the_account_that_claims_it_last() {
    let world = World::open().await;
    let defaults = |listed: &Value| -> Vec<String> {
        let all = listed.as_array().unwrap().iter().filter(|account| account["default"] == true);
        all.map(|account| account["name"].as_str().unwrap().to_owned()).collect()
    };
    let by_default = |name: &str| {
        let mut fields = account(name);
        fields["default"] = true.into();
        fields
    };
    let first = world.add_account(&by_default("Sales")).await;
    world.add_account(&by_default("Service")).await;
    assert_eq!(defaults(&world.ask(Method::GET, PATH).await.ok()), ["Service"]);
    world.tell(Method::PUT, &path(&first), &by_default("Sales")).await.ok();
    assert_eq!(defaults(&world.ask(Method::GET, PATH).await.ok()), ["Sales"]);
    let world = world.reopen().await;
    assert_eq!(defaults(&world.ask(Method::GET, PATH).await.ok()), ["Sales"]);
}

#[tokio::test]
async fn a_secret_is_neither_emptied_nor_led_to_another_host_by_accident() {
    let world = World::open().await;
    let id = world.add_account(&account("Sales")).await;
    let mut fields = account("Sales");
    fields["client_secret"] = " ".into();
    let answer = world.tell(Method::PUT, &path(&id), &fields).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/client_secret"]);

    let mut fields = account("Sales");
    fields["token_url"] = "https://elsewhere.example/tenant/oauth2/v2.0/token".into();
    fields.as_object_mut().unwrap().remove("client_secret");
    let answer = world.tell(Method::PUT, &path(&id), &fields).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/client_secret"]);
    let stored = world.ask(Method::GET, &path(&id)).await.ok();
    assert_eq!(stored["token_url"], account("Sales")["token_url"]);
}

#[tokio::test]
async fn request_token_needs_a_client_secret() {
    let world = World::open().await;
    let mut fields = account("Sales");
    fields.as_object_mut().unwrap().remove("client_secret");
    let id = world.add_account(&fields).await;
    for what in ["consent", "test"] {
        let answer = world.ask(Method::POST, &format!("{PATH}/{id}/{what}")).await;
        assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/client_secret"]);
    }
}
