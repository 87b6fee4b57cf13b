//! Apps that can keep no secret: single-page, desktop, device code, and passwords in the request.

use crate::kit::browser::{Browser, Step};
use crate::kit::{aadsts, authorize_query, client, emulator, parameter};
use patchcord_emulator::Emulator;
use serde_json::Value;

const APP: &str = "a3f7c9d2-64b1-4f0e-8c3a-2e5d7b9f1a61";
const SPA: &str = "http://localhost:3000/spa";
const DESKTOP: &str = "http://localhost:5000";

async fn code(emulator: &Emulator, redirect_uri: &str, more: &[(&str, &str)]) -> url::Url {
    let browser = Browser::new(emulator);
    let more = [&[("client_id", APP), ("redirect_uri", redirect_uri)], more].concat();
    let url = &emulator.setup().authorization_url;
    let page = match browser.open(url, &authorize_query(emulator, &more)).await {
        Step::Page(page) => page,
        Step::Redirect(url) => return url,
    };
    match browser.sign_in(&page, &emulator.setup().user).await {
        Step::Page(page) => browser.decide(&page, "accept").await.redirect(),
        Step::Redirect(url) => url,
    }
}

async fn redeem(emulator: &Emulator, origin: Option<&str>, form: &[(&str, &str)]) -> Value {
    let mut request = client().post(&emulator.setup().token_url).form(form);
    if let Some(origin) = origin {
        request = request.header("Origin", origin);
    }
    let answer = request.send().await.unwrap();
    let open =
        answer.headers().get("access-control-allow-origin").map(|value| value.to_str().unwrap());
    assert_eq!(open, Some("*"));
    answer.json().await.unwrap()
}

// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, "Redirect URIs for single-page apps"
#[tokio::test]
async fn a_single_page_app_needs_pkce_and_lives_a_day() {
    let emulator = emulator(0).await;
    let refused = code(&emulator, SPA, &[]).await;
    assert!(parameter(&refused, "error_description").unwrap().starts_with("AADSTS9002325"));
    let target = code(&emulator, SPA, &[("code_challenge", "plain-verifier")]).await;
    let code = parameter(&target, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", APP),
        ("code", code.as_str()),
        ("redirect_uri", SPA),
        ("code_verifier", "plain-verifier"),
    ];
    assert_eq!(aadsts(&redeem(&emulator, None, &form).await).1, 9_002_327);
    let secret = [&form[..], &[("client_secret", "x")]].concat();
    assert_eq!(aadsts(&redeem(&emulator, Some("http://localhost:3000"), &secret).await).1, 700_025);
    let answer = redeem(&emulator, Some("http://localhost:3000"), &form).await;
    assert_eq!(crate::kit::claims(&answer["access_token"])["appidacr"], "0");
    let token = answer["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("client_id", APP), ("refresh_token", token)];
    assert!(
        redeem(&emulator, Some("http://localhost:3000"), &form).await["access_token"].is_string()
    );
    emulator.set_clock_offset(25 * 3600);
    assert_eq!(aadsts(&redeem(&emulator, Some("http://localhost:3000"), &form).await).1, 700_084);
}

#[tokio::test]
async fn a_desktop_app_needs_no_secret_and_a_browser_may_not_redeem_its_code() {
    let emulator = emulator(0).await;
    let target = code(&emulator, DESKTOP, &[]).await;
    let code = parameter(&target, "code").unwrap();
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", APP),
        ("code", code.as_str()),
        ("redirect_uri", DESKTOP),
    ];
    assert_eq!(aadsts(&redeem(&emulator, Some("http://localhost"), &form).await).1, 9_002_326);
    assert!(redeem(&emulator, None, &form).await["access_token"].is_string());
}

// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-device-code
#[tokio::test]
async fn a_device_gets_its_token_when_the_user_entered_the_code() {
    let emulator = emulator(0).await;
    let setup = emulator.setup().clone();
    let url = setup.token_url.replace("/token", "/devicecode");
    let scope = crate::kit::scope(&emulator);
    let ask = [("client_id", APP), ("scope", scope.as_str())];
    let given: Value = client().post(url).form(&ask).send().await.unwrap().json().await.unwrap();
    let (device, user) =
        (given["device_code"].as_str().unwrap(), given["user_code"].as_str().unwrap());
    assert!(given["message"].as_str().unwrap().contains(user));
    let poll = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", APP),
        ("device_code", device),
    ];
    assert_eq!(
        aadsts(&redeem(&emulator, None, &poll).await),
        ("authorization_pending".to_owned(), 70016)
    );

    let browser = Browser::new(&emulator);
    let place = given["verification_uri"].as_str().unwrap();
    browser.open(place, &[]).await.page();
    let wrong = browser.send(place, &[("otc", "WRONG")]).await.page();
    assert!(wrong.contains("role=\"alert\""));
    let page = browser.send(place, &[("otc", &user.to_lowercase())]).await.page();
    let page = browser.sign_in(&page, &setup.user).await.page();
    assert!(browser.decide(&page, "accept").await.page().contains("You have signed in"));
    let answer = redeem(&emulator, None, &poll).await;
    assert!(answer["access_token"].is_string() && answer["refresh_token"].is_string(), "{answer}");
    assert_eq!(aadsts(&redeem(&emulator, None, &poll).await).0, "bad_verification_code");
}

// Source: learn.microsoft.com/entra/identity-platform/v2-oauth-ropc
#[tokio::test]
async fn a_password_in_the_request_works_where_nothing_has_to_be_asked() {
    let emulator = emulator(0).await;
    let setup = emulator.setup().clone();
    let scope = crate::kit::scope(&emulator);
    let ask = async |user: &str, password: &str| {
        let form = [
            ("grant_type", "password"),
            ("client_id", APP),
            ("scope", scope.as_str()),
            ("username", user),
            ("password", password),
        ];
        redeem(&emulator, None, &form).await
    };
    for (user, password, code) in [
        ("demo@emulator.example", "wrong", 50126),
        ("nobody@emulator.example", "x", 50034),
        ("blocked@emulator.example", setup.password.as_str(), 50057),
        ("mfa@emulator.example", setup.password.as_str(), 50076),
        ("demo@emulator.example", setup.password.as_str(), 65001),
    ] {
        assert_eq!(
            aadsts(&ask(user, password).await),
            ("invalid_grant".to_owned(), code),
            "{user}"
        );
    }
    code(&emulator, DESKTOP, &[]).await;
    assert!(ask(&setup.user, &setup.password).await["access_token"].is_string());
}

#[tokio::test]
async fn what_msal_asks_first_is_answered() {
    let emulator = emulator(0).await;
    let setup = emulator.setup().clone();
    let get = async |path: &str| -> Value {
        let url = format!("{}/{path}", setup.http_url);
        client().get(url).send().await.unwrap().json().await.unwrap()
    };
    let instance = get("common/discovery/instance?api-version=1.1&authorization_endpoint=x").await;
    assert!(instance["tenant_discovery_endpoint"].as_str().unwrap().starts_with(&setup.http_url));
    assert_eq!(instance["metadata"][0]["aliases"][0], setup.http_url.replace("http://", ""));
    assert_eq!(
        get("common/userrealm/demo@emulator.example?api-version=1.0").await["account_type"],
        "Managed"
    );
    let common = get("common/v2.0/.well-known/openid-configuration").await;
    assert!(common["issuer"].as_str().unwrap().contains("{tenantid}"));
}
