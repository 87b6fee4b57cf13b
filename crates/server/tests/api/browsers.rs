//! What a browser in which somebody is signed in may be made to do: every operation of the contract that changes something,
//! so that one without a rule is found here.

use patchcord::{Role, Scope};
use reqwest::{Method, RequestBuilder, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::json;

use crate::kit::{Answer, Browser, Operation, World, account, operations};

/// Those that change something and need somebody known.
fn changes() -> impl Iterator<Item = Operation> {
    let found: Vec<_> =
        operations().into_iter().filter(|o| o.changes() && o.role.is_some()).collect();
    assert!(found.len() > 30, "{}", found.len());
    found.into_iter()
}

fn kind(answer: &Answer) -> &str {
    let kind = answer.json["type"].as_str().unwrap_or_default();
    kind.strip_prefix("urn:patchcord:problem:").unwrap_or(kind)
}

#[tokio::test]
async fn every_change_is_refused_without_a_session_without_a_csrf_token_and_from_elsewhere() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    let other = world.signed_in("bob", Role::Administrator).await;
    let origin = |request: RequestBuilder| request.header(header::ORIGIN, "https://evil.example");
    let site = |request: RequestBuilder| request.header("sec-fetch-site", "cross-site");
    let token = |csrf: &'static str| move |r: RequestBuilder| r.header("x-csrf-token", csrf);
    for operation in changes() {
        let request = || world.request(operation.method.clone(), &operation.path);
        let nobody = world.send(request()).await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{operation}");
        let refused = [
            (ann.sent(request()), "csrf"),
            (token("")(ann.sent(request())), "csrf"),
            (token("made-up")(ann.sent(request())), "csrf"),
            (ann.sent(request()).header("x-csrf-token", &other.csrf), "csrf"),
            (origin(ann.sent(request()).header("x-csrf-token", &ann.csrf)), "other-site"),
            (site(ann.sent(request()).header("x-csrf-token", &ann.csrf)), "other-site"),
        ];
        for (n, (request, wanted)) in refused.into_iter().enumerate() {
            let answer = world.send(request).await;
            answer.problem(StatusCode::FORBIDDEN);
            assert_eq!(kind(&answer), wanted, "{operation}, {n}");
        }
    }
    assert!(world.knows(&ann).await, "nothing of it was done");
}

#[tokio::test]
async fn every_role_opens_what_it_covers_and_nothing_beyond() {
    let world = World::open().await;
    let roles = [Role::Viewer, Role::Designer, Role::Administrator];
    let names = ["viewer", "designer", "administrator"];
    world.signed_in("owner", Role::Administrator).await;
    for (rank, role) in roles.into_iter().enumerate() {
        let mut browser = world.signed_in(names[rank], role).await;
        for operation in operations().iter().filter(|operation| operation.role.is_some()) {
            let needed = names.iter().position(|name| *name == operation.role.unwrap()).unwrap();
            let answer = world.by(&browser, operation.method.clone(), &operation.path, None).await;
            let place = format!("{operation} as {}", names[rank]);
            assert_eq!(answer.status == StatusCode::FORBIDDEN, needed > rank, "{place}");
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{place}");
            if answer.status == StatusCode::FORBIDDEN {
                assert_eq!(kind(&answer), "forbidden", "{place}");
            }
            if operation.path == "/v1/session" && operation.method == Method::DELETE {
                browser = Browser::of(&world.sign_in(names[rank], crate::kit::PASSWORD).await);
            }
        }
    }
}

#[tokio::test]
async fn a_viewer_and_a_token_that_may_only_run_change_nothing_but_runs_and_their_own_session() {
    let world = World::open().await;
    let viewer = world.signed_in("vera", Role::Viewer).await;
    let token = world.patchcord.issue_token("pbx", Scope::Run).await.unwrap().token;
    let for_tokens = ["/v1/runs", "/v1/scenarios/nothing/runs"];
    for operation in changes() {
        let place = format!("{operation}");
        let is_run = for_tokens.contains(&&*operation.path)
            || operation.path.starts_with("/v1/runs/") && operation.method == Method::DELETE;
        let request = world.request(operation.method.clone(), &operation.path);
        let with_token = world.send(request.bearer_auth(token.expose_secret())).await;
        assert_eq!(with_token.status == StatusCode::FORBIDDEN, !is_run, "{place}");
        if operation.path.starts_with("/v1/session") {
            continue;
        }
        let by_viewer = world.by(&viewer, operation.method, &operation.path, None).await;
        by_viewer.problem(StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn a_token_counts_before_a_session() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    let token = world.patchcord.issue_token("pbx", Scope::Run).await.unwrap().token;
    let request = ann.shown(world.request(Method::GET, "/v1/users"));
    let answer = world.send(request.bearer_auth(token.expose_secret())).await;
    answer.problem(StatusCode::FORBIDDEN);
    // Neither does it need what only browsers must show.
    let token = world.patchcord.issue_token("cli", Scope::Administer).await.unwrap().token;
    let request = ann.sent(world.request(Method::POST, "/v1/accounts")).json(&account("Sales"));
    let answer = world.send(request.bearer_auth(token.expose_secret())).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
}

#[tokio::test]
async fn nobody_is_signed_in_by_another_site() {
    let world = World::open().await;
    world.signed_in("ann", Role::Administrator).await;
    let body = json!({ "name": "ann", "password": crate::kit::PASSWORD });
    for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")] {
        let request = world.request(Method::POST, "/v1/session").json(&body);
        let answer = world.send(request.header(name, value)).await;
        answer.problem(StatusCode::FORBIDDEN);
        assert!(!answer.headers.contains_key(header::SET_COOKIE));
    }
}

#[tokio::test]
async fn a_viewer_sees_what_there_is_and_no_secret() {
    let world = World::open().await;
    let id = world.add_account(&account("Sales")).await;
    let viewer = world.signed_in("vera", Role::Viewer).await;
    for path in ["/v1/accounts", "/v1/scenarios", "/v1/blocks", "/v1/routes", "/v1/runs"] {
        let seen = world.by(&viewer, Method::GET, path, None).await;
        assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
        assert!(!seen.text.contains(crate::kit::CLIENT_SECRET), "{path}");
        assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
    }
    let path = format!("/v1/accounts/{id}");
    assert_eq!(world.by(&viewer, Method::GET, &path, None).await.ok()["name"], "Sales");
    for path in ["/v1/users", "/v1/tokens", "/v1/audit"] {
        world.by(&viewer, Method::GET, path, None).await.problem(StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn what_somebody_saves_has_their_name() {
    let world = World::open().await;
    let dora = world.signed_in("Dora", Role::Designer).await;
    let scenario = crate::kit::greeting();
    let path = "/v1/scenarios/greeting/draft";
    world.by(&dora, Method::PUT, path, Some(&scenario)).await.ok();
    let draft = world.ask(Method::GET, path).await.ok();
    assert!(draft.to_string().contains("\"Dora\""), "{draft}");
    let again = world.tell(Method::PUT, path, &scenario).await;
    again.problem(StatusCode::PRECONDITION_REQUIRED);
    assert!(again.text.contains("by `Dora`"), "{}", again.text);
}
