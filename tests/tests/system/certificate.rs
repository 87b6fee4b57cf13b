//! A certificate in place of a client secret, through the whole consent, the refresh and a restart of nothing but the
//! token: with v1 and v2 endpoints.

use patchcord_tests::{IDENTIFY_CALLER, World, account_fields};
use reqwest::{Client, Method};
use serde_json::{Value, json};

const CERTIFICATE: &str =
    include_str!("../../../crates/dynamics/tests/certificates/certificate.pem");
const KEY: &str = include_str!("../../../crates/dynamics/tests/certificates/key.pem");
const THUMBPRINT: &str = "CD5BE77D720DB974524EB292EE1CBC11B9103A4A";

/// Uploads the public part on the app's page, as an administrator does.
async fn upload(world: &World) {
    let setup = world.emulator.setup();
    let http = Client::new();
    let page = format!(
        "{}/portal/apps/{}/credentials",
        setup.http_url.trim_end_matches('/'),
        setup.client_id
    );
    let shown = http.get(&page).send().await.unwrap().text().await.unwrap();
    let token = shown.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let part = |name: &str, value: &str| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = part("csrf", token) + &part("pem", CERTIFICATE) + "--edge--\r\n";
    let upload = http
        .post(format!("{page}/certificate"))
        .header("content-type", "multipart/form-data; boundary=edge")
        .body(body);
    let answer = upload.send().await.unwrap().text().await.unwrap();
    assert!(answer.to_uppercase().contains(THUMBPRINT), "{answer}");
}

fn fields(world: &World) -> Value {
    let mut fields = account_fields(&world.emulator);
    fields.as_object_mut().unwrap().remove("client_secret");
    fields["certificate"] = json!({ "file": CERTIFICATE, "key": KEY });
    fields
}

async fn consented(world: &World, fields: &Value) -> Value {
    let account = world.api.ask(Method::POST, "/v1/accounts", Some(fields)).await.unwrap();
    assert_eq!(account["credential"]["kind"], "certificate");
    assert_eq!(account["credential"]["thumbprint"]["sha1"], THUMBPRINT);
    assert_eq!(account["credential"]["expires"], "2126-11-01");
    let id = account["id"].as_str().unwrap();
    let page = world.api.consent(id, &world.emulator).await.unwrap();
    assert!(page.contains("Connection is valid."), "{page}");
    world.api.ask(Method::GET, &format!("/v1/accounts/{id}"), None).await.unwrap()
}

/// A look-up with a token that a refresh brought.
async fn call_works(world: &World) {
    world.emulator.expire_access_tokens();
    world.api.publish(IDENTIFY_CALLER).await.unwrap();
    let caller = world.emulator.caller(0);
    let answer = world.api.call_from("identify-caller", &caller.phone).await.unwrap();
    assert_eq!(answer["variables"]["caller_name"], caller.full_name.as_str(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn code_and_refresh_are_proven_by_certificate_at_v2_endpoints() {
    let world = World::bare(5).await.unwrap();
    upload(&world).await;
    let account = consented(&world, &fields(&world)).await;
    assert!(account["identity"]["full_name"].is_string(), "{account}");
    let scopes = account["token"]["scopes"].to_string();
    assert!(scopes.contains("user_impersonation"), "{account}");
    call_works(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn code_and_refresh_are_proven_by_certificate_at_v1_endpoints() {
    let world = World::bare(5).await.unwrap();
    upload(&world).await;
    let setup = world.emulator.setup();
    let mut fields = fields(&world);
    fields["authorization_url"] = setup.authorization_url_v1.as_str().into();
    fields["token_url"] = setup.token_url_v1.as_str().into();
    consented(&world, &fields).await;
    call_works(&world).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_was_not_uploaded_is_told_and_mended_without_a_new_consent() {
    let world = World::bare(5).await.unwrap();
    let secret = account_fields(&world.emulator);
    let made = world.api.ask(Method::POST, "/v1/accounts", Some(&secret)).await.unwrap();
    let id = made["id"].as_str().unwrap();
    world.api.consent(id, &world.emulator).await.unwrap();
    let path = format!("/v1/accounts/{id}");
    let test = format!("{path}/test");
    world.api.ask(Method::PUT, &path, Some(&fields(&world))).await.unwrap();
    let refused = world.api.send(Method::POST, &test, None).await.unwrap();
    assert_eq!(refused.status(), 409);
    let view = world.api.ask(Method::GET, &path, None).await.unwrap();
    assert_eq!(view["cause"], "certificate_unknown", "{view}");
    assert!(view["reason"].as_str().unwrap().contains("upload it to the app registration"));
    // Back to the secret: the consent that there is works again, and nobody signs in.
    world.api.ask(Method::PUT, &path, Some(&secret)).await.unwrap();
    for _ in 0..200 {
        let view = world.api.ask(Method::GET, &path, None).await.unwrap();
        if view["state"] == "valid" && !view["identity"].is_null() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the account is not valid again");
}
