//! Request token, from the link to the page that the browser comes back to.

use std::collections::HashMap;

use patchcord::Role;
use patchcord_server::ServerConfig;
use reqwest::{Method, StatusCode, header};
use url::Url;

use crate::kit::{
    ACCESS_TOKEN, Answer, Browser, CLIENT_SECRET, FarSide, NOBODY, REFRESH_TOKEN, USER, World,
    account,
};

/// Begins a consent. Returns its `state`.
pub(crate) async fn begin(world: &World, id: &str) -> String {
    parameters(world, id, "").await.remove("state").unwrap()
}

/// Begins a consent as somebody who is signed in. Returns its `state`, and the cookie by which the browser is known again.
pub(crate) async fn begin_in(world: &World, browser: &Browser, id: &str) -> (String, String) {
    let path = format!("/v1/accounts/{id}/consent");
    let answer = world.by(browser, Method::POST, &path, None).await;
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    let url = Url::parse(answer.ok()["authorize_url"].as_str().unwrap()).unwrap();
    let state = url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    (state, set.split(';').next().unwrap().to_owned())
}

/// Comes back to the browser that has this cookie.
pub(crate) async fn come_back_in(world: &World, cookie: &str, query: &[(&str, &str)]) -> Answer {
    let request = world.request(Method::GET, "/admin/msdynamicscallback.html").query(query);
    world.send(request.header(header::COOKIE, cookie)).await
}

/// What the link that a consent begins with says.
async fn parameters(world: &World, id: &str, query: &str) -> HashMap<String, String> {
    let path = format!("/v1/accounts/{id}/consent{query}");
    let link = world.ask(Method::POST, &path).await.ok();
    let url = Url::parse(link["authorize_url"].as_str().unwrap()).unwrap();
    let parameters: HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(parameters["redirect_uri"], link["redirect_uri"].as_str().unwrap());
    parameters
}

/// Comes back from the sign-in page with these parameters.
pub(crate) async fn come_back(world: &World, query: &[(&str, &str)]) -> Answer {
    let request = world.request(Method::GET, "/admin/msdynamicscallback.html").query(query);
    let page = world.send(request).await;
    assert!(page.headers.contains_key(header::CONTENT_SECURITY_POLICY));
    for secret in [CLIENT_SECRET, ACCESS_TOKEN, REFRESH_TOKEN] {
        assert!(!page.text.contains(secret), "{}", page.text);
    }
    page
}

async fn state_of(world: &World, id: &str) -> serde_json::Value {
    world.ask(Method::GET, &format!("/v1/accounts/{id}")).await.ok()
}

/// An account without its tokens, which a server fetches anew when it starts.
fn lasting(mut account: serde_json::Value) -> serde_json::Value {
    assert!(account["token"]["obtained_at"].is_string(), "{account}");
    account.as_object_mut().unwrap().remove("token");
    account
}

#[tokio::test]
async fn a_consent_ends_in_a_valid_connection_and_works_once() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let id = world.add_account(&far.account("Sales <b>& more</b>")).await;
    let state = begin(&world, &id).await;
    let page = come_back(&world, &[("state", &state), ("code", "the code")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("Connection is valid."), "{}", page.text);
    assert!(page.text.contains("Sales &lt;b&gt;&amp; more&lt;/b&gt;"), "{}", page.text);

    let asked = far.token_requests();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["code"], "the code");
    assert_eq!(asked[0]["client_secret"], CLIENT_SECRET);
    assert!(asked[0].contains_key("code_verifier"));

    let account = state_of(&world, &id).await;
    assert_eq!(account["state"], "valid");
    assert_eq!(account["identity"]["user_id"], USER);
    let again = come_back(&world, &[("state", &state), ("code", "the code")]).await;
    assert_eq!(again.status, StatusCode::GONE);
    assert_eq!(far.token_requests().len(), 1, "a state that was used asks for no token");

    let world = world.reopen().await;
    assert_eq!(lasting(state_of(&world, &id).await), lasting(account.clone()));
    let tested = world.ask(Method::POST, &format!("/v1/accounts/{id}/test")).await.ok();
    assert_eq!(lasting(tested), lasting(account));
}

#[tokio::test]
async fn a_consent_that_was_begun_in_a_browser_ends_in_that_browser() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let id = world.add_account(&far.account("Sales")).await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    let (state, cookie) = begin_in(&world, &ann, &id).await;
    let (_, another) =
        begin_in(&world, &world.signed_in("bob", Role::Administrator).await, &id).await;
    let query = [("state", &*state), ("code", "the code")];
    let lured = come_back(&world, &query).await;
    assert_eq!(lured.status, StatusCode::GONE, "no cookie: somebody was sent the link");
    for elsewhere in [&another, &ann.cookie] {
        let page = come_back_in(&world, elsewhere, &query).await;
        assert_eq!(page.status, StatusCode::GONE, "{elsewhere}");
    }
    assert_eq!(far.token_requests().len(), 0);
    let page = come_back_in(&world, &cookie, &query).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("Connection is valid."), "{}", page.text);
}

#[tokio::test]
async fn a_consent_is_not_begun_where_it_cannot_come_back_to() {
    let public_url = Some(Url::parse("http://localhost:8460").unwrap());
    let server = ServerConfig { public_url, ..ServerConfig::default() };
    let world = World::listening(server).await;
    let id = world.add_account(&account("Sales")).await;
    let ann = world.signed_in("ann", Role::Administrator).await;
    let from = |origin: &str| {
        let path = format!("/v1/accounts/{id}/consent");
        let request = ann.shown(world.request(Method::POST, &path));
        world.send(request.header(header::ORIGIN, origin))
    };
    let elsewhere = from(world.url.as_str().trim_end_matches('/')).await;
    elsewhere.problem(StatusCode::CONFLICT);
    assert!(elsewhere.text.contains("http://localhost:8460/"), "{}", elsewhere.text);
    assert_eq!(from("http://localhost:8460").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_consent_can_be_asked_for_the_whole_organisation() {
    let world = World::open().await;
    let id = world.add_account(&account("Sales")).await;
    let prompt = async |query| parameters(&world, &id, query).await.remove("prompt").unwrap();
    let (user, organisation) = (prompt("").await, prompt("?organisation=true").await);
    assert_ne!(user, organisation);
    let path = format!("/v1/accounts/{id}/consent?organisation=perhaps");
    world.ask(Method::POST, &path).await.problem(StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_unknown_state_is_answered_with_what_to_do() {
    let world = World::open().await;
    for query in [
        &[][..],
        &[("state", "made up"), ("code", "c")],
        &[("error", "x"), ("error_description", "canary")],
    ] {
        let page = come_back(&world, query).await;
        assert_eq!(page.status, StatusCode::GONE, "{}", page.text);
        assert!(page.text.contains("Request token"), "{}", page.text);
        assert!(!page.text.contains("canary"), "nobody's words without a sign-in: {}", page.text);
    }
    let page = come_back(&world, &[("state", "a"), ("state", "b")]).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.text.contains("<!DOCTYPE html>"), "{}", page.text);
}

#[tokio::test]
async fn a_refusal_is_told_in_a_sentence_of_ours() {
    let world = World::open().await;
    let id = world.add_account(&account("Sales")).await;
    let state = begin(&world, &id).await;
    let said = "<script>alert(1)</script>";
    let query = [("state", &*state), ("error", "access_denied"), ("error_description", said)];
    let page = come_back(&world, &query).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(
        page.text.contains("the consent was declined, or an Entra ID administrator"),
        "{}",
        page.text
    );
    assert!(!page.text.contains("<script>"), "{}", page.text);
    assert_eq!(state_of(&world, &id).await["state"], "consent_required");
}

#[tokio::test]
async fn an_administrators_consent_alone_is_no_connection() {
    let world = World::open().await;
    let page =
        come_back(&world, &[("admin_consent", "True"), ("tenant", "t"), ("state", "x")]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    assert!(page.text.contains("The organisation has consented."), "{}", page.text);
    assert!(page.text.contains("Request token") && !page.text.contains("Connection is valid"));
}

#[tokio::test]
async fn the_code_of_a_refusal_says_what_to_do() {
    let world = World::open().await;
    let id = world.add_account(&account("Sales")).await;
    let state = begin(&world, &id).await;
    let said = "AADSTS90094: The grant requires admin permission.";
    let query = [("state", &*state), ("error", "access_denied"), ("error_description", said)];
    let page = come_back(&world, &query).await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    assert!(page.text.contains("request the token for the organisation"), "{}", page.text);
}

#[tokio::test]
async fn a_refused_code_is_the_reason_of_an_account_that_was_not_valid() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let id = world.add_account(&far.account("Sales")).await;
    *far.refusal.lock().unwrap() = Some("invalid_client");
    let state = begin(&world, &id).await;
    come_back(&world, &[("state", &state), ("code", "c")]).await;
    let view = state_of(&world, &id).await;
    assert_eq!(view["cause"], "credential_refused", "{view}");
    assert!(view["reason"].as_str().unwrap().contains("enter one that is valid"), "{view}");
}

#[tokio::test]
async fn a_wrong_secret_that_is_mended_needs_no_new_consent() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let id = world.add_account(&far.account("Sales")).await;
    let state = begin(&world, &id).await;
    come_back(&world, &[("state", &state), ("code", "c")]).await;
    let path = format!("/v1/accounts/{id}");
    *far.refusal.lock().unwrap() = Some("invalid_client");
    let mut fields = far.account("Sales");
    fields["client_secret"] = "wrong".into();
    world.tell(Method::PUT, &path, &fields).await.ok();
    world.ask(Method::POST, &format!("{path}/test")).await.problem(StatusCode::CONFLICT);
    assert_eq!(state_of(&world, &id).await["cause"], "credential_refused");
    *far.refusal.lock().unwrap() = None;
    fields["client_secret"] = "right".into();
    world.tell(Method::PUT, &path, &fields).await.ok();
    for _ in 0..200 {
        let view = state_of(&world, &id).await;
        if view["state"] == "valid" && view["identity"]["user_id"] == USER {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{}", state_of(&world, &id).await);
}

#[tokio::test]
async fn a_code_that_entra_id_refuses_leaves_the_account_as_it_was() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let id = world.add_account(&far.account("Sales")).await;
    *far.refusal.lock().unwrap() = Some("invalid_grant");
    let state = begin(&world, &id).await;
    let page = come_back(&world, &[("state", &state), ("code", "c")]).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.text);
    assert!(page.text.contains("The connection is not valid."), "{}", page.text);
    assert_eq!(state_of(&world, &id).await["state"], "consent_required");
}

#[tokio::test]
async fn an_account_that_was_removed_meanwhile_gets_no_token() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let id = world.add_account(&far.account("Sales")).await;
    let state = begin(&world, &id).await;
    world.ask(Method::DELETE, &format!("/v1/accounts/{id}")).await;
    let page = come_back(&world, &[("state", &state), ("code", "c")]).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", page.text);
    assert!(far.token_requests().is_empty());
    let consent = format!("/v1/accounts/{NOBODY}/consent");
    world.ask(Method::POST, &consent).await.problem(StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_consent_holds_for_what_it_was_given_for() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let id = world.add_account(&far.account("Sales")).await;
    let state = begin(&world, &id).await;
    come_back(&world, &[("state", &state), ("code", "c")]).await;
    let path = format!("/v1/accounts/{id}");

    let mut fields = far.account("Renamed");
    fields.as_object_mut().unwrap().remove("client_secret");
    assert_eq!(world.tell(Method::PUT, &path, &fields).await.ok()["state"], "valid");
    fields["client_id"] = "another app".replace(' ', "-").into();
    assert_eq!(world.tell(Method::PUT, &path, &fields).await.ok()["state"], "consent_required");
    let tested = world.ask(Method::POST, &format!("{path}/test")).await;
    tested.problem(StatusCode::CONFLICT);
    let world = world.reopen().await;
    assert_eq!(state_of(&world, &id).await["state"], "consent_required");
}

#[tokio::test]
async fn a_lost_consent_is_seen_at_once_and_after_a_restart() {
    let (world, far) = (World::open().await, FarSide::start().await);
    let id = world.add_account(&far.account("Sales")).await;
    let state = begin(&world, &id).await;
    come_back(&world, &[("state", &state), ("code", "c")]).await;
    *far.refusal.lock().unwrap() = Some("invalid_grant");
    // A server that has just started must ask for an access token first.
    let world = world.reopen().await;
    let test = format!("/v1/accounts/{id}/test");
    world.ask(Method::POST, &test).await.problem(StatusCode::CONFLICT);
    let lost = state_of(&world, &id).await;
    assert_eq!(lost["state"], "consent_required");
    assert!(lost["reason"].as_str().unwrap().contains("Request token"), "{lost}");
    let world = world.reopen().await;
    assert_eq!(state_of(&world, &id).await, lost);
}
