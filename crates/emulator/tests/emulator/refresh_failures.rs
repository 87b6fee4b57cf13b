//! What an administrator changes between two refreshes, and what the second is answered.

use crate::kit::portal::Admin;
use crate::kit::{aadsts, client, code, emulator, redeem, refresh};
use patchcord_emulator::Emulator;
use serde_json::Value;

const DEMO: &str = "/portal/users/7b0e6b0c-52d5-4a0e-8f0a-6a3d1f9c2b01";
const MEMBER: [(&str, &str); 2] = [("member", "1"), ("admin", "1")];

async fn refresh_token(emulator: &Emulator) -> String {
    let http = client();
    let answer = redeem(&http, emulator, &code(&http, emulator, &[]).await, &[]).await;
    answer["refresh_token"].as_str().unwrap().to_owned()
}

async fn refused(emulator: &Emulator, token: &str) -> (u64, Value) {
    let answer = refresh(&client(), emulator, token).await;
    let (error, code) = aadsts(&answer);
    assert_eq!(error, "invalid_grant", "{answer}");
    (code, answer)
}

// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
#[tokio::test]
async fn settings_of_the_user_are_met_at_the_next_refresh() {
    let emulator = emulator(0).await;
    let token = refresh_token(&emulator).await;
    let admin = Admin::new(&emulator);
    let cases = [
        ("blocked", "1", 50057),
        ("ca", "1", 53003),
        ("mfa", "1", 50076),
        ("frequency", "0", 70043),
    ];
    for (name, value, code) in cases {
        let form = [&MEMBER[..], &[(name, value)]].concat();
        admin.post(DEMO, DEMO, &form).await;
        let (found, answer) = refused(&emulator, &token).await;
        assert_eq!(found, code, "{name}");
        if code == 50076 {
            assert_eq!(answer["suberror"], "basic_action");
            let claims: Value = serde_json::from_str(answer["claims"].as_str().unwrap()).unwrap();
            assert!(claims["access_token"].is_object());
        }
    }
    admin.post(DEMO, DEMO, &MEMBER).await;
    assert!(refresh(&client(), &emulator, &token).await["access_token"].is_string());
}

#[tokio::test]
async fn a_reset_password_ends_what_was_granted_before() {
    let emulator = emulator(0).await;
    let token = refresh_token(&emulator).await;
    let admin = Admin::new(&emulator);
    admin.post(DEMO, &format!("{DEMO}/password"), &[("password", "another")]).await;
    assert_eq!(refused(&emulator, &token).await.0, 50173);
}

#[tokio::test]
async fn a_tenants_settings_hold_for_all() {
    let emulator = emulator(0).await;
    let token = refresh_token(&emulator).await;
    let admin = Admin::new(&emulator);
    let tenant = format!("/portal/tenants/{}", emulator.setup().tenant);
    for (name, value, code) in [("mfa", "1", 50076), ("ca", "1", 53003), ("frequency", "0", 70043)]
    {
        admin.post("/portal/tenants", &tenant, &[(name, value)]).await;
        assert_eq!(refused(&emulator, &token).await.0, code);
    }
}

#[tokio::test]
async fn consent_and_permissions_can_be_taken_back() {
    let emulator = emulator(0).await;
    let token = refresh_token(&emulator).await;
    let admin = Admin::new(&emulator);
    let page = format!("/portal/apps/{}/permissions", emulator.setup().client_id);
    admin.post(&page, &format!("{page}/consent"), &[("do", "withdraw")]).await;
    let (code, answer) = refused(&emulator, &token).await;
    assert_eq!((code, &answer["suberror"]), (65001, &"consent_required".into()));

    admin.post(&page, &format!("{page}/consent"), &[("do", "grant")]).await;
    assert!(refresh(&client(), &emulator, &token).await["access_token"].is_string());
    let gone = [("permission", "Dynamics CRM/user_impersonation")];
    admin.post(&page, &format!("{page}/remove"), &gone).await;
    let scope = format!("{}/.default", emulator.setup().http_url);
    let form = [("grant_type", "refresh_token"), ("refresh_token", &token), ("scope", &scope)];
    let answer = crate::kit::redeem(&client(), &emulator, "", &form).await;
    assert_eq!(aadsts(&answer), ("invalid_resource".to_owned(), 650_057));
}

#[tokio::test]
async fn refresh_tokens_end_by_age_and_the_clock_can_be_put_ahead() {
    let emulator = emulator(0).await;
    let token = refresh_token(&emulator).await;
    emulator.set_clock_offset(89 * 24 * 3600);
    let answer = refresh(&client(), &emulator, &token).await;
    let next = answer["refresh_token"].as_str().unwrap();
    let issued = crate::kit::claims(&answer["access_token"])["iat"].as_i64().unwrap();
    assert!(issued - jiff::Timestamp::now().as_second() > 88 * 24 * 3600);
    emulator.set_clock_offset(91 * 24 * 3600);
    assert_eq!(refused(&emulator, &token).await.0, 700_082);
    assert!(refresh(&client(), &emulator, next).await["access_token"].is_string());
}
