//! Signing in: the first user, sessions and how they end, and who must wait.

use std::time::Duration;

use patchcord::{AccessSettings, Role};
use patchcord_server::{Server, ServerConfig};
use reqwest::{Method, StatusCode, header};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use crate::kit::{Answer, Browser, Opening, PASSWORD, World};

async fn set_up(world: &World, code: &str, name: &str) -> Answer {
    let body = json!({ "code": code, "name": name, "password": PASSWORD });
    world.send(world.request(Method::POST, "/v1/setup").json(&body)).await
}

#[tokio::test]
async fn the_first_user_comes_in_by_the_link_once() {
    let world = World::open().await;
    let nobody = world.anonymously(Method::GET, "/v1/session").await;
    nobody.problem(StatusCode::UNAUTHORIZED);
    assert_eq!(nobody.json["set_up"], true);

    let code = world.patchcord.users().setup_code().await.unwrap().unwrap();
    let server = Server::bind(world.patchcord.clone(), ServerConfig::default()).await.unwrap();
    let link = server.setup_link(&code);
    assert_eq!(link.path(), "/admin/setup");
    let code = link.fragment().unwrap().strip_prefix("code=").unwrap();
    set_up(&world, "made up", "eve").await.problem(StatusCode::FORBIDDEN);
    let first = set_up(&world, code, "ann").await;
    assert_eq!(first.json["user"], json!({ "name": "ann", "role": "administrator" }));
    assert!(world.knows(&Browser::of(&first)).await);

    set_up(&world, code, "eve").await.problem(StatusCode::FORBIDDEN);
    assert!(world.patchcord.users().setup_code().await.unwrap().is_none());
    let nobody = world.anonymously(Method::GET, "/v1/session").await;
    assert_eq!(nobody.json["set_up"], Value::Null, "there is somebody now");
}

#[tokio::test]
async fn a_first_user_with_a_bad_password_may_try_again() {
    let world = World::open().await;
    let code = world.patchcord.users().setup_code().await.unwrap().unwrap();
    let body = json!({ "code": code.expose_secret(), "name": "<b>", "password": "short" });
    let answer = world.send(world.request(Method::POST, "/v1/setup").json(&body)).await;
    assert_eq!(answer.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/name", "/password"]);
    assert_eq!(set_up(&world, code.expose_secret(), "ann").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_session_is_kept_by_a_cookie_that_scripts_and_other_sites_cannot_use() {
    let world = World::open().await;
    world.signed_in("Ann", Role::Designer).await;
    let answer = world.sign_in("ANN", PASSWORD).await;
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(attribute), "{set}");
    }
    assert!(!set.contains("Secure"), "over http it would be lost: {set}");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let session = world.by(&Browser::of(&answer), Method::GET, "/v1/session", None).await.ok();
    assert_eq!(session["user"], json!({ "name": "Ann", "role": "designer" }));
    assert_eq!(session, answer.json);
}

#[tokio::test]
async fn over_https_the_cookie_and_the_browser_keep_to_it() {
    let public_url = Some(Url::parse("https://patchcord.example/x/").unwrap());
    let server = ServerConfig { public_url, ..ServerConfig::default() };
    let world = World::listening(server).await;
    world.patchcord.users().add("ann", Role::Viewer, &PASSWORD.into()).await.unwrap();
    let answer = world.sign_in("ann", PASSWORD).await;
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.starts_with("__Host-patchcord-session=") && set.contains("; Secure"), "{set}");
    assert!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    let plain = World::open().await.anonymously(Method::GET, "/healthz").await;
    assert!(!plain.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
}

#[tokio::test]
async fn whether_name_or_password_are_wrong_is_not_told() {
    let world = World::open().await;
    world.signed_in("ann", Role::Designer).await;
    let known = world.sign_in("ann", "wrong password").await;
    let unknown = world.sign_in("nobody", "wrong password").await;
    known.problem(StatusCode::UNAUTHORIZED);
    assert_eq!(known.json, unknown.json);
    assert!(!known.headers.contains_key(header::SET_COOKIE));
}

#[tokio::test]
async fn after_wrong_passwords_even_the_right_one_must_wait() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Designer).await;
    world.signed_in("bob", Role::Designer).await;
    for _ in 0..5 {
        world.sign_in("ann", "wrong password").await.problem(StatusCode::UNAUTHORIZED);
    }
    let answer = world.sign_in("ann", PASSWORD).await;
    answer.problem(StatusCode::TOO_MANY_REQUESTS);
    let wait: u64 = answer.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((1..=16).contains(&wait), "{wait}");
    assert!(world.knows(&ann).await, "who is signed in stays so");
    assert_eq!(world.sign_in("bob", PASSWORD).await.status, StatusCode::OK);
    for n in 0..20 {
        world.sign_in(&format!("nobody{n}"), "wrong password").await;
    }
    world.sign_in("bob", PASSWORD).await.problem(StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn signing_in_begins_a_new_session_and_ends_the_one_before() {
    let world = World::open().await;
    world.signed_in("ann", Role::Designer).await;
    let planted = "patchcord-session";
    let port = world.url.port().unwrap();
    let request = world.request(Method::POST, "/v1/session");
    let request = request.header(header::COOKIE, format!("{planted}-{port}=planted"));
    let body = json!({ "name": "ann", "password": PASSWORD });
    let first = Browser::of(&world.send(request.json(&body)).await);
    assert!(!first.cookie.contains("planted"));
    let request = first.sent(world.request(Method::POST, "/v1/session")).json(&body);
    let second = Browser::of(&world.send(request).await);
    assert_ne!(first.cookie, second.cookie);
    assert!(!world.knows(&first).await && world.knows(&second).await);
}

#[tokio::test]
async fn a_session_ends_when_its_user_signs_out() {
    let world = World::open().await;
    let ann = world.signed_in("ann", Role::Viewer).await;
    let out = world.by(&ann, Method::DELETE, "/v1/session", None).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    let set = out.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.contains("=;") && set.contains("Max-Age=0"), "{set}");
    assert!(!world.knows(&ann).await);
}

#[tokio::test]
async fn a_session_ends_by_itself_and_outlives_a_restart() {
    let session_idle = Duration::from_secs(5);
    let access = AccessSettings { session_idle, ..AccessSettings::default() };
    let world = World::with(Opening { access, ..Opening::default() }).await;
    let ann = world.signed_in("ann", Role::Viewer).await;
    let world = world.reopen().await;
    // The port, which is in the name of the cookie, is another one.
    let secret = ann.cookie.split_once('=').unwrap().1;
    let cookie = format!("patchcord-session-{}={secret}", world.url.port().unwrap());
    let ann = Browser { cookie, ..ann };
    assert!(world.knows(&ann).await);
    tokio::time::sleep(session_idle + Duration::from_millis(200)).await;
    assert!(!world.knows(&ann).await);
}

#[tokio::test]
async fn another_password_ends_the_other_sessions() {
    let world = World::open().await;
    let here = world.signed_in("ann", Role::Designer).await;
    let there = Browser::of(&world.sign_in("ann", PASSWORD).await);
    let change = async |old: &str, new: &str| {
        let body = json!({ "old": old, "password": new });
        world.by(&here, Method::PUT, "/v1/session/password", Some(&body)).await
    };
    let wrong = change("wrong password", "another password").await;
    assert_eq!(wrong.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/old"]);
    let short = change(PASSWORD, "short").await;
    assert_eq!(short.pointers(StatusCode::UNPROCESSABLE_ENTITY), ["/password"]);
    assert!(world.knows(&here).await && world.knows(&there).await);

    let now = Browser::of(&change(PASSWORD, "another password").await);
    assert_ne!(now.cookie, here.cookie);
    assert!(!world.knows(&here).await && !world.knows(&there).await && world.knows(&now).await);
    world.sign_in("ann", PASSWORD).await.problem(StatusCode::UNAUTHORIZED);
    assert_eq!(world.sign_in("ann", "another password").await.status, StatusCode::OK);
}
