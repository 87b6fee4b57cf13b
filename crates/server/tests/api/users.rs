//! Users and API tokens, as an administrator keeps them.

use patchcord::Role;
use reqwest::{Method, StatusCode, header};
use serde_json::json;

use crate::kit::{NOBODY, PASSWORD, World};

#[tokio::test]
async fn a_user_is_added_changed_and_removed() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    let new = json!({ "name": "bob@example.org", "role": "viewer", "password": PASSWORD });
    let made = world.by(&ann, Method::POST, "/v1/users", Some(&new)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert!(!made.text.contains(PASSWORD) && !made.text.contains("argon2"), "{}", made.text);
    world.by(&ann, Method::POST, "/v1/users", Some(&new)).await.problem(StatusCode::CONFLICT);

    let bob = crate::kit::Browser::of(&world.sign_in("bob@example.org", PASSWORD).await);
    let path = "/v1/users/bob@example.org";
    let role = json!({ "role": "designer" });
    let changed = world.by(&ann, Method::PATCH, path, Some(&role)).await.ok();
    assert_eq!(changed["role"], "designer");
    let session = world.by(&bob, Method::GET, "/v1/session", None).await.ok();
    assert_eq!(session["user"]["role"], "designer", "in force at once");

    let password = json!({ "password": "yet another one" });
    let path_password = format!("{path}/password");
    let set = world.by(&ann, Method::PUT, &path_password, Some(&password)).await;
    assert_eq!(set.status, StatusCode::NO_CONTENT, "{}", set.text);
    assert!(!world.knows(&bob).await);
    let bob = crate::kit::Browser::of(&world.sign_in("bob@example.org", "yet another one").await);

    let listed = world.by(&ann, Method::GET, "/v1/users", None).await;
    assert_eq!(listed.json.as_array().unwrap().len(), 2);
    assert!(!listed.text.contains("argon2"), "{}", listed.text);
    let removed = world.by(&ann, Method::DELETE, path, None).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT);
    assert!(!world.knows(&bob).await);
    world.by(&ann, Method::DELETE, path, None).await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    let (path, role) = ("/v1/users/ann", json!({ "role": "viewer" }));
    world.by(&ann, Method::DELETE, path, None).await.problem(StatusCode::CONFLICT);
    world.by(&ann, Method::PATCH, path, Some(&role)).await.problem(StatusCode::CONFLICT);
    assert!(world.knows(&ann).await);
}

#[tokio::test]
async fn a_user_with_faults_is_told_all_of_them() {
    let world = World::open().await;
    let new = json!({ "name": "<script>", "role": "viewer", "password": "x".repeat(300) });
    let refused = world.tell(Method::POST, "/v1/users", &new).await;
    assert_eq!(refused.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/name", "/password"]);
    let same =
        json!({ "name": "Ann@example.org", "role": "viewer", "password": "ann@EXAMPLE.org" });
    let refused = world.tell(Method::POST, "/v1/users", &same).await;
    assert_eq!(refused.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/password"]);
    let role = json!({ "name": "ann", "role": "king", "password": PASSWORD });
    let refused = world.tell(Method::POST, "/v1/users", &role).await;
    assert_eq!(refused.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/role"]);
}

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    let new = json!({ "name": "front desk PBX", "scope": "run" });
    let made = world.by(&ann, Method::POST, "/v1/tokens", Some(&new)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    assert_eq!(made.headers[header::CACHE_CONTROL], "no-store");
    let token = made.json["token"].as_str().unwrap();
    let listed = world.by(&ann, Method::GET, "/v1/tokens", None).await;
    assert!(listed.text.contains("front desk PBX") && !listed.text.contains(token));

    let runs = || world.send(world.request(Method::GET, "/v1/runs").bearer_auth(token));
    assert_eq!(runs().await.status, StatusCode::OK);
    let path = format!("/v1/tokens/{}", made.json["id"].as_str().unwrap());
    let gone = world.by(&ann, Method::DELETE, &path, None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    runs().await.problem(StatusCode::UNAUTHORIZED);
    let path = format!("/v1/tokens/{NOBODY}");
    world.by(&ann, Method::DELETE, &path, None).await.problem(StatusCode::NOT_FOUND);
    let unnamed = json!({ "name": " ", "scope": "run" });
    let refused = world.by(&ann, Method::POST, "/v1/tokens", Some(&unnamed)).await;
    assert_eq!(refused.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/name"]);
}
