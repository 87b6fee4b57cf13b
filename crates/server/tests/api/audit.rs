//! The audit log: what of all that happens is written down, and that no secret is in it.

use patchcord::Role;
use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::consent::{begin_in, come_back_in};
use crate::kit::{CLIENT_SECRET, FarSide, PASSWORD, World, account, greeting};

async fn entries(world: &World, query: &str) -> Vec<Value> {
    let listed = world.ask(Method::GET, &format!("/v1/audit{query}")).await.ok();
    listed.as_array().unwrap().clone()
}

/// Who did what to what, and what came of it; the newest last.
fn told(entries: &[Value]) -> Vec<String> {
    let text = |entry: &Value, field: &str| entry[field].as_str().unwrap_or("-").to_owned();
    let line = |entry: &Value| {
        ["who", "what", "subject", "outcome", "reason"].map(|f| text(entry, f)).join(" ")
    };
    entries.iter().rev().map(line).collect()
}

#[tokio::test]
async fn what_people_and_tokens_change_is_written_down() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let ann = world.signed_in("ann", Role::Administrator).await;
    let made = world.by(&ann, Method::POST, "/v1/accounts", Some(&far.account("Sales"))).await;
    let id = made.json["id"].as_str().unwrap().to_owned();
    let state = begin_in(&world, &ann, &id).await;
    come_back_in(&world, &state.1, &[("state", &state.0), ("code", "c")]).await;
    let again = begin_in(&world, &ann, &id).await;
    come_back_in(&world, &again.1, &[("state", &again.0), ("error", "access_denied")]).await;
    let wrong = json!({ "name": "" });
    world.by(&ann, Method::PUT, &format!("/v1/accounts/{id}"), Some(&wrong)).await;
    world.publish(&greeting()).await;
    world.by(&ann, Method::DELETE, "/v1/scenarios/greeting", None).await;
    world.by(&ann, Method::DELETE, "/v1/session", None).await;
    let all = entries(&world, "").await;
    let wanted = [
        "ann session.sign-in ann done -".to_owned(),
        format!("ann account.create {id} done -"),
        format!("ann account.consent {id} done -"),
        format!("ann account.consented {id} done -"),
        format!("ann account.consent {id} done -"),
        format!("ann account.consented {id} refused consent-refused"),
        format!("ann account.update {id} refused invalid"),
        "tests scenario.publish greeting done -".to_owned(),
        "ann scenario.delete greeting done -".to_owned(),
        "ann session.sign-out - done -".to_owned(),
    ];
    assert_eq!(told(&all), wanted);
    let kinds: Vec<_> = all.iter().map(|entry| entry["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        ["user", "user", "token", "user", "user", "user", "user", "user", "user", "user"]
    );
    assert!(all.iter().all(|entry| entry["address"] == "127.0.0.1"));
}

#[tokio::test]
async fn calls_and_what_changes_nothing_are_not_written_down() {
    let world = World::open().await;
    world.publish(&greeting()).await;
    world.call("greeting", &json!({ "variables": { "item.from": "1" } })).await;
    world.tell(Method::POST, "/v1/check", &greeting()).await;
    assert_eq!(told(&entries(&world, "").await), ["tests scenario.publish greeting done -"]);
}

#[tokio::test]
async fn refused_sign_ins_are_written_down_without_what_was_typed() {
    let world = World::open().await;
    world.signed_in("Ann", Role::Viewer).await;
    world.sign_in("ann", "wrong password").await;
    // Somebody was too fast with the tabulator.
    world.sign_in(PASSWORD, "").await;
    world.sign_in("", "").await;
    let lines = told(&entries(&world, "?what=session.sign-in").await);
    let unknown = "- session.sign-in a name that nobody has refused wrong-password";
    let known = "- session.sign-in ann refused wrong-password";
    assert_eq!(lines, ["Ann session.sign-in Ann done -", known, unknown, unknown]);
}

#[tokio::test]
async fn what_somebody_may_not_do_is_written_down_and_what_nobody_asks_is_not() {
    let world = World::open().await;
    let vera = world.signed_in("vera", Role::Viewer).await;
    world.by(&vera, Method::DELETE, "/v1/scenarios/greeting", None).await;
    let request = vera.sent(world.request(Method::DELETE, "/v1/session"));
    world.send(request).await.problem(StatusCode::FORBIDDEN);
    world.anonymously(Method::DELETE, "/v1/scenarios/greeting").await;
    world.anonymously(Method::GET, "/admin/msdynamicscallback.html?state=x&code=y").await;
    let wanted = [
        "vera session.sign-in vera done -",
        "vera scenario.delete greeting refused forbidden",
        "vera session.sign-out - refused csrf",
    ];
    assert_eq!(told(&entries(&world, "").await), wanted);
}

#[tokio::test]
async fn entries_are_found_page_by_page() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    for n in 0..5 {
        let new = json!({ "name": format!("token {n}"), "scope": "run" });
        world.by(&ann, Method::POST, "/v1/tokens", Some(&new)).await;
    }
    let first = world.ask(Method::GET, "/v1/audit?what=token&who=ANN&limit=3").await;
    assert_eq!(first.json.as_array().unwrap().len(), 3);
    let link = first.headers[header::LINK].to_str().unwrap();
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    let rest = world.ask(Method::GET, next).await;
    assert_eq!(rest.json.as_array().unwrap().len(), 2);
    assert!(!rest.headers.contains_key(header::LINK));
    assert!(entries(&world, "?who=nobody").await.is_empty());
    assert!(entries(&world, "?until=2020-01-01T00:00:00Z").await.is_empty());
    world.ask(Method::GET, "/v1/audit?since=yesterday").await.problem(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn no_secret_is_in_the_audit_log_and_it_outlives_a_restart() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    let mut secrets = vec![PASSWORD.to_owned(), CLIENT_SECRET.to_owned(), ann.csrf.clone()];
    secrets.push(ann.cookie.split_once('=').unwrap().1.to_owned());
    world.by(&ann, Method::POST, "/v1/accounts", Some(&account("Sales"))).await;
    let new = json!({ "name": "pbx", "scope": "run" });
    let made = world.by(&ann, Method::POST, "/v1/tokens", Some(&new)).await;
    secrets.push(made.json["token"].as_str().unwrap().to_owned());
    let user = json!({ "name": "bob", "role": "viewer", "password": PASSWORD });
    world.by(&ann, Method::POST, "/v1/users", Some(&user)).await;
    let change = json!({ "old": PASSWORD, "password": "another canary" });
    let changed = world.by(&ann, Method::PUT, "/v1/session/password", Some(&change)).await;
    secrets.extend([changed.json["csrf"].as_str().unwrap().to_owned(), "another canary".into()]);
    let before = entries(&world, "").await;
    assert_eq!(before.len(), 5);
    let world = world.reopen().await;
    let after = world.ask(Method::GET, "/v1/audit").await;
    assert_eq!(after.json.as_array().unwrap(), &before);
    for secret in secrets {
        assert!(!after.text.contains(&secret), "{secret} in {}", after.text);
    }
}
