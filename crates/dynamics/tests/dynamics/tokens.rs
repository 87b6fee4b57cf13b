//! Tokens: one refresh however many wait, rotation made durable first, refusals told to the administrator.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::kit::{
    MemoryVault, REFRESH, SECRET, entra_error, far_side, grant, json, read, rotate, soon, status,
};
use axum::response::IntoResponse;
use patchcord_dynamics::{ErrorKind, Policy, Query};

/// 100 queries at once; every one must succeed.
async fn hundred_calls(client: &Arc<patchcord_dynamics::Client>) {
    let calls: Vec<_> = (0..100)
        .map(|_| {
            let client = Arc::clone(client);
            tokio::spawn(async move {
                client.query("contacts", Query::OData("$top=1"), &read(), soon()).await
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_calls_without_a_token_make_one_token_request() {
    let far = far_side().delay(Duration::from_millis(50)).start().await;
    hundred_calls(&far.client()).await;
    assert_eq!(far.token_requests().len(), 1);
    assert_eq!(far.calls().len(), 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_refusals_of_one_token_make_one_refresh() {
    let far = far_side()
        .api(|seen| match seen.header("authorization") {
            "Bearer access-canary-1" => status(401),
            _ => json(200, r#"{"value":[]}"#),
        })
        .delay(Duration::from_millis(20))
        .start()
        .await;
    let client = far.client_with(Policy { max_concurrent: 100, ..Policy::default() });
    hundred_calls(&client).await;
    assert_eq!(far.token_requests().len(), 2);
}

#[tokio::test]
async fn a_second_refusal_in_a_row_is_reported() {
    let far = far_side().api(|_| crate::kit::dataverse_error(401, "0x80041d1f")).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConsentRequired);
    assert_eq!(error.code.as_deref(), Some("0x80041d1f"));
    assert_eq!((far.token_requests().len(), far.calls().len()), (2, 2));
}

#[tokio::test]
async fn an_expired_token_is_not_used() {
    let short = r#"{"token_type":"Bearer","expires_in":"0","access_token":"a"}"#;
    let far = far_side().v1().tokens(move |_| json(200, short)).start().await;
    let client = far.client();
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert_eq!(far.token_requests().len(), 2);
}

#[tokio::test]
async fn a_caller_who_leaves_does_not_end_the_refresh() {
    let far = far_side().delay(Duration::from_millis(200)).start().await;
    let client = far.client();
    let early = Instant::now() + Duration::from_millis(50);
    let error = client.query("contacts", Query::OData(""), &read(), early).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout);
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert_eq!(far.token_requests().len(), 1);
}

#[tokio::test]
async fn secrets_of_any_characters_arrive_intact() {
    let refresh = "r+&%=/ ü'\"\\";
    let far = far_side().vault(MemoryVault::with(refresh)).start().await;
    far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    let request = far.token_requests().remove(0);
    let form = request.form();
    assert_eq!(form["client_secret"], SECRET);
    assert_eq!(form["refresh_token"], refresh);
    assert_eq!(form["grant_type"], "refresh_token");
    assert_eq!(form["client_id"], "client-id");
    assert!(form["scope"].starts_with(&format!("{}/user_impersonation ", far.origin)));
    assert!(!form.contains_key("resource"));
    assert_eq!(request.header("authorization"), "");
}

#[tokio::test]
async fn v1_endpoints_are_asked_with_resource() {
    let far = far_side().v1().start().await;
    far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    let form = far.token_requests().remove(0).form();
    assert_eq!(form["resource"], format!("{}/", far.origin));
    assert!(!form.contains_key("scope"));
}

#[tokio::test]
async fn a_rotated_token_is_saved_and_used_next() {
    let far = far_side()
        .tokens(|seen| rotate(&format!("a{}", seen.number), &format!("r{}", seen.number)))
        .api(|seen| match seen.header("authorization") {
            "Bearer a1" => status(401),
            _ => json(200, r#"{"value":[]}"#),
        })
        .start()
        .await;
    far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert_eq!(far.vault.saved(), ["r1", "r2"]);
    let sent: Vec<_> =
        far.token_requests().iter().map(|seen| seen.form()["refresh_token"].clone()).collect();
    assert_eq!(sent, [REFRESH, "r1"]);
}

#[tokio::test]
async fn a_token_that_cannot_be_saved_is_not_used_and_not_forgotten() {
    let vault = MemoryVault::with(REFRESH);
    vault.failing_saves.store(1, Ordering::SeqCst);
    let far = far_side()
        .vault(vault)
        .tokens(|seen| rotate(&format!("a{}", seen.number), &format!("r{}", seen.number)))
        .start()
        .await;
    let client = far.client();
    let error = client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(far.calls().is_empty());
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert_eq!(far.vault.saved(), ["r1", "r2"]);
    assert_eq!(far.token_requests()[1].form()["refresh_token"], "r1");
}

#[tokio::test]
async fn a_refused_refresh_token_is_told_and_not_sent_again() {
    let far = far_side().tokens(|_| entra_error("invalid_grant", 700_082)).start().await;
    let client = far.client();
    for _ in 0..3 {
        let error = client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::ConsentRequired);
        assert_eq!(error.code.as_deref(), Some("AADSTS700082"));
        assert_eq!(error.request_id.as_deref(), Some("00000000-0000-0000-0000-0000000000aa"));
    }
    assert_eq!(far.token_requests().len(), 1);
    assert!(far.calls().is_empty());
    let lost = far.vault.lost();
    assert_eq!(lost.len(), 1);
    assert!(lost[0].contains("press Request token"), "{}", lost[0]);
}

#[tokio::test]
async fn a_wrong_secret_is_told_as_such() {
    let far = far_side().tokens(|_| entra_error("invalid_client", 7_000_215)).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConsentRequired);
    assert!(far.vault.lost()[0].contains("client secret is wrong"));
}

#[tokio::test]
async fn a_passing_failure_is_repeated_and_consent_kept() {
    let far = far_side()
        .tokens(|seen| match seen.number {
            1 => status(503),
            2 => entra_error("invalid_grant", 90_033),
            _ => grant("a"),
        })
        .start()
        .await;
    far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert!(far.vault.lost().is_empty());
}

#[tokio::test]
async fn a_lasting_failure_is_unavailable_and_consent_kept() {
    let far = far_side().tokens(|_| status(503)).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(far.vault.lost().is_empty());
}

#[tokio::test]
async fn pages_and_redirects_are_no_tokens() {
    let page = |_: &crate::kit::Seen| axum::response::Html("<html>sign in</html>").into_response();
    let far = far_side().tokens(page).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    let far = far_side().tokens(|_| crate::kit::redirect("/elsewhere/token")).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert_eq!(far.token_requests().len(), 1);
    assert!(far.vault.lost().is_empty());
}

#[tokio::test]
async fn an_account_without_consent_asks_nobody() {
    let far = far_side().vault(MemoryVault::default()).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConsentRequired);
    assert!(far.token_requests().is_empty());
}

#[tokio::test]
async fn a_new_consent_ends_a_refusal() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let far = far_side()
        .tokens(move |seen| {
            counter.fetch_add(1, Ordering::SeqCst);
            if seen.form()["refresh_token"] == REFRESH {
                entra_error("invalid_grant", 50_173)
            } else {
                grant("a")
            }
        })
        .start()
        .await;
    let client = far.client();
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    use patchcord_dynamics::TokenVault;
    let fresh = patchcord_dynamics::StoredToken {
        refresh_token: "fresh".into(),
        obtained_at: jiff::Timestamp::UNIX_EPOCH,
        scope: None,
    };
    far.vault.save(uuid::Uuid::nil(), &fresh).await.unwrap();
    client.query("contacts", Query::OData(""), &read(), soon()).await.unwrap();
    assert_eq!(asked.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_failing_sign_in_is_asked_once_for_all_callers() {
    let far = far_side().tokens(|_| status(503)).delay(Duration::from_millis(50)).start().await;
    let client = far.client_with(Policy { max_concurrent: 100, ..Policy::default() });
    let read = read();
    let calls = (0..100).map(|_| client.query("contacts", Query::OData(""), &read, soon()));
    for result in futures::future::join_all(calls).await {
        assert_eq!(result.unwrap_err().kind, ErrorKind::Unavailable);
    }
    // One refresh of three attempts, not one for each caller.
    assert_eq!(far.token_requests().len(), 3);
}
