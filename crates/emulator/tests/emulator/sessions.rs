//! Sessions and `prompt`, the account picker, the second factor, and who is not let in.

use crate::kit::browser::{Browser, text};
use crate::kit::{authorize_query, context, emulator, parameter};
use patchcord_emulator::Emulator;

async fn ask(
    browser: &Browser<'_>,
    emulator: &Emulator,
    more: &[(&str, &str)],
) -> crate::kit::browser::Step {
    browser.open(&emulator.setup().authorization_url, &authorize_query(emulator, more)).await
}

fn error(url: &url::Url) -> (String, String) {
    let description = parameter(url, "error_description").unwrap_or_default();
    let code = description.split(':').next().unwrap_or_default().to_owned();
    (parameter(url, "error").unwrap_or_default(), code)
}

// Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow, parameter `prompt`
#[tokio::test]
async fn a_session_signs_in_without_asking_and_prompt_asks_again() {
    let emulator = emulator(0).await;
    let browser = Browser::new(&emulator);
    let user = emulator.setup().user.clone();
    let none = ask(&browser, &emulator, &[("prompt", "none")]).await.redirect();
    assert_eq!(error(&none), ("login_required".to_owned(), "AADSTS50058".to_owned()));

    let page = ask(&browser, &emulator, &[]).await.page();
    let page = browser.sign_in(&page, &user).await.page();
    let silent = ask(&browser, &emulator, &[("prompt", "none")]).await.redirect();
    assert_eq!(error(&silent), ("consent_required".to_owned(), "AADSTS65001".to_owned()));
    assert!(parameter(&browser.decide(&page, "accept").await.redirect(), "code").is_some());

    for more in [&[][..], &[("prompt", "none")], &[("login_hint", user.as_str())]] {
        let target = ask(&browser, &emulator, more).await.redirect();
        assert!(parameter(&target, "code").is_some(), "{more:?}: {target}");
    }
    assert!(ask(&browser, &emulator, &[("prompt", "login")]).await.page().contains("passwd"));
    assert!(ask(&browser, &emulator, &[("prompt", "consent")]).await.page().contains("Accept"));
    let picker = ask(&browser, &emulator, &[("prompt", "select_account")]).await.page();
    assert!(picker.contains("Pick an account") && picker.contains(&user));
    let hinted = ask(&browser, &emulator, &[("login_hint", "agent@emulator.example")]).await.page();
    assert!(hinted.contains("value=\"agent@emulator.example\""));
}

#[tokio::test]
async fn of_several_accounts_one_is_picked_and_signing_out_ends_the_session() {
    let emulator = emulator(0).await;
    let browser = Browser::new(&emulator);
    for user in ["demo@emulator.example", "agent@emulator.example"] {
        let page = ask(&browser, &emulator, &[("prompt", "login")]).await.page();
        let page = browser.sign_in(&page, user).await.page();
        browser.decide(&page, "accept").await.redirect();
    }
    let silent = ask(&browser, &emulator, &[("prompt", "none")]).await.redirect();
    assert_eq!(error(&silent).0, "interaction_required");
    let hint = [("prompt", "none"), ("login_hint", "agent@emulator.example")];
    assert!(parameter(&ask(&browser, &emulator, &hint).await.redirect(), "code").is_some());
    let picker = ask(&browser, &emulator, &[]).await.page();
    let other = browser.post("account", &[("ctx", &context(&picker)), ("account", "")]).await;
    assert!(other.page().contains("passwd"));
    let picker = ask(&browser, &emulator, &[]).await.page();
    let chosen = "7b0e6b0c-52d5-4a0e-8f0a-6a3d1f9c2b02";
    let form = [("ctx", &*context(&picker)), ("account", chosen)];
    assert!(parameter(&browser.post("account", &form).await.redirect(), "code").is_some());

    let setup = emulator.setup();
    let logout = format!("{}/{}/oauth2/v2.0/logout", setup.http_url, setup.tenant);
    let back = [("post_logout_redirect_uri".to_owned(), crate::kit::CALLBACK.to_owned())];
    assert!(
        browser.open(&logout, &back).await.redirect().as_str().starts_with(crate::kit::CALLBACK)
    );
    assert!(ask(&browser, &emulator, &[]).await.page().contains("passwd"));
    let elsewhere = [("post_logout_redirect_uri".to_owned(), "http://evil.example/".to_owned())];
    assert!(browser.open(&logout, &elsewhere).await.page().contains("Signed out"));
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_told_in_the_tokens() {
    let emulator = emulator(0).await;
    let browser = Browser::new(&emulator);
    let page = ask(&browser, &emulator, &[]).await.page();
    let page = browser.sign_in(&page, "mfa@emulator.example").await.page();
    let silent = ask(&browser, &emulator, &[("prompt", "none")]).await.redirect();
    assert_eq!(error(&silent), ("interaction_required".to_owned(), "AADSTS50076".to_owned()));
    let wrong = browser.post("mfa", &[("ctx", &context(&page)), ("otc", "no")]).await.page();
    assert!(wrong.contains("AADSTS500121") && wrong.contains("role=\"alert\""));
    let code = text(&wrong, "strong.code");
    let page = browser.post("mfa", &[("ctx", &context(&wrong)), ("otc", &code)]).await.page();
    let target = browser.decide(&page, "accept").await.redirect();
    let code = parameter(&target, "code").unwrap();
    let answer = crate::kit::redeem(&browser.http, &emulator, &code, &[]).await;
    assert_eq!(
        crate::kit::claims(&answer["access_token"])["amr"],
        serde_json::json!(["pwd", "mfa"])
    );
}

#[tokio::test]
async fn blocked_unassigned_and_foreign_users_are_told_on_the_page() {
    let emulator = emulator(0).await;
    let restricted = [
        ("client_id", "a3f7c9d2-64b1-4f0e-8c3a-2e5d7b9f1a62"),
        ("redirect_uri", "http://127.0.0.1:9/callback"),
    ];
    for (more, user, code) in [
        (&[][..], "blocked@emulator.example", "AADSTS50057"),
        (&[], "nobody@emulator.example", "AADSTS50034"),
        (&[], "guest@other.example", "AADSTS50020"),
        (&restricted, "agent@emulator.example", "AADSTS50105"),
    ] {
        let browser = Browser::new(&emulator);
        let page = ask(&browser, &emulator, more).await.page();
        let page = browser.sign_in(&page, user).await.page();
        assert!(page.contains(code), "{user}: {page}");
    }
    let browser = Browser::new(&emulator);
    let page = ask(&browser, &emulator, &restricted).await.page();
    assert!(browser.sign_in(&page, "assigned@emulator.example").await.page().contains("Accept"));
}

#[tokio::test]
async fn common_is_for_apps_of_several_tenants() {
    let emulator = emulator(0).await;
    let setup = emulator.setup().clone();
    let common = setup.authorization_url.replace(&setup.tenant, "common");
    let browser = Browser::new(&emulator);
    let page = browser.open(&common, &authorize_query(&emulator, &[])).await.page();
    assert!(page.contains("AADSTS50194"));
    let multi = [
        ("client_id", "a3f7c9d2-64b1-4f0e-8c3a-2e5d7b9f1a64"),
        ("redirect_uri", "http://127.0.0.1:9/callback"),
    ];
    let page = browser.open(&common, &authorize_query(&emulator, &multi)).await.page();
    let page = browser.sign_in(&page, "guest@other.example").await.page();
    let code = parameter(&browser.decide(&page, "accept").await.redirect(), "code").unwrap();
    let more = [multi[0], multi[1], ("client_secret", "emulator~demo.client-secret_4")];
    let form = crate::kit::code_form(&emulator, &code, &more);
    let url = setup.token_url.replace(&setup.tenant, "organizations");
    let answer = crate::kit::token(&browser.http, &url, &form).await;
    let token = crate::kit::claims(&answer["id_token"]);
    assert_eq!(token["tid"], "5c6f1a2e-0d7b-4b7e-9a54-0f6f3f2c8d12");
    assert_eq!(token["preferred_username"], "guest@other.example");
}

// Source: learn.microsoft.com/entra/identity-platform/v2-protocols-oidc, "Send the sign-in request"
#[tokio::test]
async fn id_tokens_come_from_the_authorization_endpoint_where_the_app_may() {
    let emulator = emulator(0).await;
    let browser = Browser::new(&emulator);
    let hybrid = [("response_type", "code id_token"), ("nonce", "n-1"), ("client_info", "1")];
    let page = ask(&browser, &emulator, &hybrid).await.page();
    let page = browser.sign_in(&page, "demo@emulator.example").await.page();
    let target = browser.decide(&page, "accept").await.redirect();
    let answer: Vec<(String, String)> =
        url::form_urlencoded::parse(target.fragment().unwrap().as_bytes()).into_owned().collect();
    let field = |name: &str| answer.iter().find(|(key, _)| key == name).unwrap().1.clone();
    let token = crate::kit::claims(&field("id_token").into());
    assert_eq!(token["nonce"], "n-1");
    assert!(token["c_hash"].is_string());
    assert!(!field("code").is_empty() && !field("client_info").is_empty());

    let no_nonce = ask(&browser, &emulator, &[("response_type", "id_token")]).await.redirect();
    assert!(no_nonce.fragment().unwrap().contains("AADSTS900144"), "{no_nonce}");
    let off = [
        ("response_type", "id_token"),
        ("nonce", "n"),
        ("client_id", "a3f7c9d2-64b1-4f0e-8c3a-2e5d7b9f1a63"),
        ("redirect_uri", "http://127.0.0.1:9/callback"),
    ];
    assert_eq!(error(&ask(&browser, &emulator, &off).await.redirect()).1, "AADSTS700054");
}
