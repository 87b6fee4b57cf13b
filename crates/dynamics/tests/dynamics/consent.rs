//! Consent: code exchange with PKCE, the refresh token durable first, the connection proven by WhoAmI.

use crate::kit::{MemoryVault, SECRET, entra_error, far_side, json, rotate, soon, status};
use patchcord_dynamics::{ConsentFor, ErrorKind, begin_consent, finish_consent};
use secrecy::ExposeSecret;
use std::sync::atomic::Ordering;
use url::Url;

const WHO_AM_I: &str = r#"{"@odata.context":"x","BusinessUnitId":"00000000-0000-0000-0000-000000000001",
    "UserId":"00000000-0000-0000-0000-000000000002","OrganizationId":"00000000-0000-0000-0000-000000000003"}"#;

fn redirect_uri() -> Url {
    Url::parse("http://127.0.0.1:8460/admin/msdynamicscallback.html").unwrap()
}

#[tokio::test]
async fn a_code_becomes_a_proven_connection() {
    let far = far_side()
        .vault(MemoryVault::default())
        .tokens(|_| rotate("a1", "r1"))
        .api(|_| json(200, WHO_AM_I))
        .start()
        .await;
    let pending = begin_consent(&far.settings(), &redirect_uri(), ConsentFor::User);
    let verifier = pending.verifier.expose_secret().to_owned();
    let client = far.client();
    let consented = finish_consent(&client, pending, "c+de/&".into(), soon()).await.unwrap();
    assert_eq!(consented.who_am_i.user_id.as_u128(), 2);
    assert_eq!(consented.who_am_i.organization_id.as_u128(), 3);
    assert_eq!(far.vault.saved(), ["r1"]);
    let form = far.token_requests().remove(0).form();
    assert_eq!(form["code"], "c+de/&");
    assert_eq!(form["code_verifier"], verifier);
    assert_eq!(form["redirect_uri"], redirect_uri().as_str());
    assert_eq!(form["client_secret"], SECRET);
    let call = far.calls().remove(0);
    assert_eq!(call.path, "/api/data/v9.2/WhoAmI");
    assert_eq!(call.header("authorization"), "Bearer a1");
    client.who_am_i(soon()).await.unwrap();
    assert_eq!(far.token_requests().len(), 1);
}

#[tokio::test]
async fn a_token_that_cannot_be_saved_is_not_used() {
    let vault = MemoryVault::default();
    vault.failing_saves.store(1, Ordering::SeqCst);
    let far = far_side().vault(vault).tokens(|_| rotate("a1", "r1")).start().await;
    let pending = begin_consent(&far.settings(), &redirect_uri(), ConsentFor::User);
    let error = finish_consent(&far.client(), pending, "code".into(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(far.calls().is_empty());
}

#[tokio::test]
async fn a_refused_code_leaves_the_earlier_consent() {
    let far = far_side().tokens(|_| entra_error("invalid_grant", 54_005)).start().await;
    let pending = begin_consent(&far.settings(), &redirect_uri(), ConsentFor::User);
    let error = finish_consent(&far.client(), pending, "code".into(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConsentRequired);
    assert!(error.message.contains("press Request token again"), "{}", error.message);
    assert!(far.vault.lost().is_empty());
    assert!(far.vault.saved().is_empty());
}

#[tokio::test]
async fn a_grant_without_refresh_token_is_no_consent() {
    let far = far_side().start().await;
    let pending = begin_consent(&far.settings(), &redirect_uri(), ConsentFor::User);
    let error = finish_consent(&far.client(), pending, "code".into(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConsentRequired);
    assert!(error.message.contains("offline_access"), "{}", error.message);
}

#[tokio::test]
async fn a_connection_that_does_not_work_is_not_called_valid() {
    let far = far_side().tokens(|_| rotate("a1", "r1")).api(|_| status(403)).start().await;
    let pending = begin_consent(&far.settings(), &redirect_uri(), ConsentFor::User);
    let error = finish_consent(&far.client(), pending, "code".into(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Forbidden);
    assert_eq!(far.vault.saved(), ["r1"]);
}
