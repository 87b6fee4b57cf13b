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
    assert_eq!(made.json["credential"]["set"], true);
    assert_eq!(made.json["state"], "consent_required");

    let mut fields = account("Sales and service");
    fields.as_object_mut().unwrap().remove("client_secret");
    let changed = world.tell(Method::PUT, &path(&id), &fields).await;
    without_secret(&changed);
    let changed = changed.ok();
    assert_eq!(changed["name"], "Sales and service");
    assert_eq!(changed["credential"]["set"], true);
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
async fn every_unknown_and_misshapen_field_is_named_beside_the_others() {
    let world = World::open().await;
    let mut fields = account("");
    fields["clientid"] = 1.into();
    fields["default"] = "yes".into();
    fields["phone_region"] = "USA".into();
    fields["credential_expires"] = "soon".into();
    fields["policy"] =
        json!({ "max_concurent": 1, "request_timeout_ms": "fast", "tables": "contacts" });
    let answer = world.tell(Method::POST, PATH, &fields).await;
    let mut pointers = answer.pointers(StatusCode::UNPROCESSABLE_ENTITY);
    pointers.sort_unstable();
    let expected = [
        "/clientid",
        "/credential_expires",
        "/default",
        "/name",
        "/phone_region",
        "/policy/max_concurent",
        "/policy/request_timeout_ms",
        "/policy/tables",
    ];
    assert_eq!(pointers, expected, "{}", answer.text);
}

#[tokio::test]
async fn tenant_and_environment_stand_for_the_three_addresses() {
    const TENANT: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    let world = World::open().await;
    let asked = json!({ "tenant": TENANT, "environment_url": "org.crm4.dynamics.com" });
    let shown = world.tell(Method::POST, "/v1/accounts/endpoints", &asked).await.ok();
    let redirect = world.ask(Method::GET, "/v1/accounts/redirect-uri").await.ok();
    assert_eq!(shown["redirect_uri"], redirect["redirect_uri"]);
    let mut fields = account("Sales");
    for url in ["authorization_url", "token_url", "api_url"] {
        fields.as_object_mut().unwrap().remove(url);
    }
    fields["tenant"] = TENANT.into();
    fields["environment_url"] = "https://org.crm4.dynamics.com/main.aspx".into();
    let made = world.tell(Method::POST, PATH, &fields).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    for url in ["authorization_url", "token_url", "api_url"] {
        assert_eq!(made.json[url], shown[url]);
    }
    fields["tenant"] = "https://portal.azure.com/".into();
    fields["api_url"] = "https://org.crm.dynamics.com/api/data/v9.2".into();
    let answer = world.tell(Method::POST, PATH, &fields).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/api_url", "/tenant"]);
    let answer =
        world.tell(Method::POST, "/v1/accounts/endpoints", &json!({ "tenent": "x" })).await;
    let pointers = answer.pointers(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(pointers, ["/tenant", "/environment_url", "/tenent"]);
}

#[tokio::test]
async fn a_certificate_takes_the_place_of_a_secret_and_is_never_shown() {
    const FILE: &str = include_str!("../../../dynamics/tests/certificates/certificate.pem");
    const KEY: &str = include_str!("../../../dynamics/tests/certificates/key.pem");
    let world = World::open().await;
    let id = world.add_account(&account("Sales")).await;
    let mut fields = account("Sales");
    fields.as_object_mut().unwrap().remove("client_secret");
    fields["certificate"] = json!({ "file": FILE });
    let answer = world.tell(Method::PUT, &path(&id), &fields).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/certificate"]);
    fields["certificate"]["key"] = KEY.into();
    let changed = world.tell(Method::PUT, &path(&id), &fields).await;
    assert!(!changed.text.contains("PRIVATE"), "{}", changed.text);
    let credential = json!({
        "kind": "certificate", "set": true, "expires": "2126-11-01", "subject": "CN=patchcord test",
        "thumbprint": {
            "sha1": "CD5BE77D720DB974524EB292EE1CBC11B9103A4A",
            "sha256": "692EF34516F143A47E537C9B8B819FB3048182828101D1A618DAF3B462F447D9",
        },
    });
    assert_eq!(changed.ok()["credential"], credential);
    let world = world.reopen().await;
    assert_eq!(world.ask(Method::GET, &path(&id)).await.ok()["credential"], credential);
    world.tell(Method::PUT, &path(&id), &account("Sales")).await.ok();
    let world = world.reopen().await;
    let view = world.ask(Method::GET, &path(&id)).await.ok();
    assert_eq!(view["credential"]["kind"], "client_secret", "the certificate is gone");
    fields["client_secret"] = CLIENT_SECRET.into();
    let both = world.tell(Method::PUT, &path(&id), &fields).await;
    assert_eq!(both.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/certificate"]);
}

#[tokio::test]
async fn the_id_of_a_secret_is_not_taken_for_its_value() {
    let world = World::open().await;
    let mut fields = account("Sales");
    fields["client_secret"] = "6f1f0000-0000-4000-8000-000000000002".into();
    let answer = world.tell(Method::POST, PATH, &fields).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/client_secret"]);
    assert!(answer.text.contains("copy the secret's Value"), "{}", answer.text);
}

#[tokio::test]
async fn a_secret_that_ends_soon_is_warned_of() {
    let world = World::open().await;
    let mut fields = account("Sales");
    let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    fields["credential_expires"] = today.to_string().into();
    let made = world.tell(Method::POST, PATH, &fields).await;
    assert_eq!(made.json["warnings"][0]["cause"], "secret_expires", "{}", made.text);
    assert_eq!(made.json["credential"]["expires"], today.to_string());
    let metrics = world.anonymously(Method::GET, "/metrics").await.text;
    assert!(metrics.contains("patchcord_account_warnings"), "{metrics}");
    fields["credential_expires"] = serde_json::Value::Null;
    let id = made.json["id"].as_str().unwrap();
    let changed = world.tell(Method::PUT, &path(id), &fields).await.ok();
    assert_eq!(changed["warnings"], json!([]));
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
        "sensitive_columns": [],
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
