//! Consent by administrators, and what users meet who may not consent.

use crate::kit::browser::Browser;
use crate::kit::{authorize_query, emulator, parameter};

const RESERVED: [(&str, &str); 2] = [
    ("client_id", "a3f7c9d2-64b1-4f0e-8c3a-2e5d7b9f1a63"),
    ("redirect_uri", "http://127.0.0.1:9/callback"),
];

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

// Source: learn.microsoft.com/entra/identity-platform/v2-admin-consent
#[tokio::test]
async fn an_administrator_consents_for_everybody() {
    let emulator = emulator(0).await;
    let setup = emulator.setup().clone();
    let whole = format!("{}/.default offline_access openid", setup.http_url);
    let mut query = authorize_query(&emulator, &RESERVED);
    query.retain(|(name, _)| name != "scope");
    query.push(("scope".to_owned(), format!("{whole} User.Read.All")));

    let agent = Browser::new(&emulator);
    let page = agent.open(&setup.authorization_url, &query).await.page();
    let page = agent.sign_in(&page, "agent@emulator.example").await.page();
    assert!(page.contains("AADSTS90094") && page.contains("Need admin approval"), "{page}");
    let back = agent.decide(&page, "no-approval").await.redirect();
    assert_eq!(parameter(&back, "error").as_deref(), Some("access_denied"));

    let url = format!("{}/{}/v2.0/adminconsent", setup.http_url, setup.tenant);
    let ask = [RESERVED[0], RESERVED[1], ("state", "12345"), ("scope", &whole)];
    let refused = agent.open(&url, &owned(&ask)).await.page();
    assert!(refused.contains("AADSTS90094"));

    let admin = Browser::new(&emulator);
    let page = admin.open(&url, &owned(&ask)).await.page();
    let page = admin.sign_in(&page, "demo@emulator.example").await.page();
    let cancelled = admin.decide(&page, "cancel").await.redirect();
    assert_eq!(parameter(&cancelled, "error").as_deref(), Some("consent_required"));
    let page = admin.open(&url, &owned(&ask)).await.page();
    let target = admin.decide(&page, "accept").await.redirect();
    assert_eq!(parameter(&target, "admin_consent").as_deref(), Some("True"));
    assert_eq!(parameter(&target, "tenant"), Some(setup.tenant.clone()));
    assert_eq!(parameter(&target, "state").as_deref(), Some("12345"));
    assert!(parameter(&target, "scope").unwrap().contains("user_impersonation"));

    let target = agent.open(&setup.authorization_url, &query).await.redirect();
    assert!(parameter(&target, "code").is_some(), "{target}");
}

#[tokio::test]
async fn v1_asks_for_an_administrator_by_prompt() {
    let emulator = emulator(0).await;
    let setup = emulator.setup().clone();
    let resource = format!("{}/", setup.http_url);
    let query = authorize_query(&emulator, &[("prompt", "admin_consent"), ("resource", &resource)]);
    let browser = Browser::new(&emulator);
    let page = browser.open(&setup.authorization_url_v1, &query).await.page();
    let page = browser.sign_in(&page, "demo@emulator.example").await.page();
    let target = browser.decide(&page, "accept").await.redirect();
    assert_eq!(parameter(&target, "admin_consent").as_deref(), Some("True"));
    assert!(parameter(&target, "code").is_some());

    let agent = Browser::new(&emulator);
    let page = agent.open(&setup.authorization_url_v1, &query).await.page();
    let page = agent.sign_in(&page, "agent@emulator.example").await.page();
    assert!(page.contains("AADSTS90094"));
}
