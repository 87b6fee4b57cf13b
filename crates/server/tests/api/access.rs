//! Who may do what: every operation of the contract, with nothing, with too small a token, and with a revoked one. What
//! goes through a browser is in `browsers`.

use patchcord::Scope;
use reqwest::{Method, StatusCode, header};
use secrecy::ExposeSecret;

use crate::kit::{World, operations};

const METHODS: [Method; 5] =
    [Method::GET, Method::POST, Method::PUT, Method::DELETE, Method::PATCH];

#[tokio::test]
async fn what_needs_somebody_known_refuses_who_is_not() {
    let world = World::open().await;
    for operation in operations().iter().filter(|operation| operation.role.is_some()) {
        let answer = world.anonymously(operation.method.clone(), &operation.path).await;
        answer.problem(StatusCode::UNAUTHORIZED);
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
        let request = world.request(operation.method.clone(), &operation.path);
        let answer = world.send(request.bearer_auth("pc_unknown_token")).await;
        answer.problem(StatusCode::UNAUTHORIZED);
        let request = world.request(operation.method.clone(), &operation.path);
        let answer = world.send(request.header(header::COOKIE, "patchcord-session=unknown")).await;
        answer.problem(StatusCode::UNAUTHORIZED);
    }
}

#[tokio::test]
async fn what_needs_nobody_asks_for_nobody() {
    let world = World::open().await;
    let open: Vec<_> = operations().into_iter().filter(|o| o.role.is_none()).collect();
    for operation in open {
        let answer = world.anonymously(operation.method.clone(), &operation.path).await;
        assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{operation}");
        assert_ne!(answer.status, StatusCode::FORBIDDEN, "{operation}");
    }
}

#[tokio::test]
async fn a_token_opens_what_its_scope_covers_and_nothing_beyond() {
    let world = World::open().await;
    let scopes =
        [("run", Scope::Run), ("design", Scope::Design), ("administer", Scope::Administer)];
    for (rank, (name, scope)) in scopes.into_iter().enumerate() {
        let token = world.patchcord.issue_token(name, scope).await.unwrap().token;
        for operation in operations().iter().filter(|operation| operation.role.is_some()) {
            let needed = operation
                .scope
                .map(|needed| scopes.iter().position(|(name, _)| *name == needed).unwrap());
            let request = world.request(operation.method.clone(), &operation.path);
            let answer = world.send(request.bearer_auth(token.expose_secret())).await;
            let refused = needed.is_none_or(|needed| needed > rank);
            let place = format!("{operation} with {name}");
            assert_eq!(answer.status == StatusCode::FORBIDDEN, refused, "{place}");
            assert_ne!(answer.status, StatusCode::UNAUTHORIZED, "{place}");
        }
    }
}

#[tokio::test]
async fn what_the_contract_does_not_list_is_not_there() {
    let world = World::open().await;
    let listed = operations();
    for path in listed.iter().map(|operation| &operation.path) {
        for method in METHODS {
            if listed.iter().any(|o| o.method == method && o.path == *path) {
                continue;
            }
            let answer = world.ask(method, path).await;
            answer.problem(StatusCode::METHOD_NOT_ALLOWED);
            assert!(answer.headers.contains_key(header::ALLOW), "{path}");
        }
    }
    world.ask(Method::GET, "/v1").await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once() {
    let world = World::open().await;
    let issued = world.patchcord.issue_token("to be revoked", Scope::Run).await.unwrap();
    let runs = || {
        let request = world.request(Method::GET, "/v1/runs");
        world.send(request.bearer_auth(issued.token.expose_secret()))
    };
    assert_eq!(runs().await.status, StatusCode::OK);
    world.patchcord.revoke_token(issued.id).await.unwrap();
    runs().await.problem(StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_token_is_kept_as_a_hash_only() {
    let world = World::open().await;
    let issued = world.patchcord.issue_token("mine", Scope::Run).await.unwrap();
    let secret = issued.token.expose_secret().splitn(3, '_').nth(2).unwrap();
    let listed = world.patchcord.tokens().await.unwrap();
    let told = format!("{} {listed:?} {issued:?}", serde_json::to_string(&listed).unwrap());
    assert!(told.contains("mine") && !told.contains(secret), "{told}");
    assert!(!told.contains("hash"), "{told}");
}
