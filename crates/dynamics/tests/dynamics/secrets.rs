//! Secrets and tokens with known values appear in no text that this crate makes: errors, debug forms, answers.

use crate::kit::{REFRESH, SECRET, Seen, entra_error, far_side, json, read, rotate, soon, status};
use patchcord_dynamics::{ConsentFor, Error, Query, begin_consent, finish_consent};
use url::Url;

/// Everything that can be read off an error.
fn shown(error: &Error) -> String {
    format!("{error} {error:?} {:?}", error.body)
}

fn assert_clean(text: &str) {
    for secret in [SECRET, REFRESH, "access-canary", "new-refresh", "canary"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// Answers with everything that it was sent.
fn echo(seen: &Seen) -> axum::response::Response {
    let sent = format!("{:?} {}", seen.headers, seen.body);
    json(400, &serde_json::json!({"error": {"code": "0x1", "message": sent}}).to_string())
}

#[tokio::test]
async fn errors_of_the_web_api_repeat_no_token() {
    let far = far_side().api(echo).start().await;
    let error =
        far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
    assert!(error.message.contains("[token]"), "{}", error.message);
    assert_clean(&shown(&error));
}

#[tokio::test]
async fn errors_of_the_sign_in_repeat_nothing() {
    let handlers: [fn(&Seen) -> axum::response::Response; 5] = [
        |_| entra_error("invalid_grant", 70_008),
        |_| entra_error("invalid_client", 7_000_215),
        |seen| json(400, &serde_json::json!({"error": seen.body}).to_string()),
        |seen| json(200, &seen.body),
        |seen| json(200, &serde_json::json!({"access_token": seen.body}).to_string()),
    ];
    for handler in handlers {
        let far = far_side().tokens(handler).start().await;
        let error =
            far.client().query("contacts", Query::OData(""), &read(), soon()).await.unwrap_err();
        assert_clean(&shown(&error));
        for reason in far.vault.lost() {
            assert_clean(&reason);
        }
    }
}

#[tokio::test]
async fn debug_forms_show_no_secret() {
    let far = far_side()
        .tokens(|_| rotate("access-canary-1", "new-refresh"))
        .api(|_| status(500))
        .start()
        .await;
    let client = far.client();
    let redirect = Url::parse("http://127.0.0.1/admin/msdynamicscallback.html").unwrap();
    let pending = begin_consent(&far.settings(), &redirect, ConsentFor::User);
    let pending_shown = format!("{pending:?}");
    assert!(!pending_shown.contains(&pending.state));
    let error = finish_consent(&client, pending, "code-canary".into(), soon()).await.unwrap_err();
    assert_clean(&shown(&error));
    use patchcord_dynamics::TokenVault;
    let token = far.vault.load(uuid::Uuid::nil()).await.unwrap().unwrap();
    let forms = [
        format!("{client:?}"),
        format!("{:?}", far.pool),
        format!("{:?}", crate::kit::credential()),
        format!("{token:?}"),
        format!("{:?}", far.settings()),
        pending_shown,
    ];
    for form in forms {
        assert_clean(&form);
    }
}
