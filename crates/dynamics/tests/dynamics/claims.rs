//! Claims challenges: one more token with what was demanded, one repetition, and then a person.

use std::time::{Duration, Instant};

use crate::kit::{Seen, far_side, grant, json, soon};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use patchcord_dynamics::{AccountCause, ConsentFor, ErrorKind, begin_consent};
use url::Url;

const CLAIMS: &str = r#"{"access_token":{"nbf":{"essential":true, "value":"1604106651"}}}"#;

fn challenge() -> Response {
    let encoded = BASE64_STANDARD.encode(CLAIMS);
    let header = format!(
        "Bearer realm=\"\", authorization_uri=\"https://login.example/common/oauth2/authorize\", \
         error=\"insufficient_claims\", claims=\"{encoded}\""
    );
    (StatusCode::UNAUTHORIZED, [("www-authenticate", header)]).into_response()
}

fn claims(seen: &Seen) -> Option<String> {
    seen.form().get("claims").cloned()
}

#[tokio::test]
async fn a_challenge_is_met_with_a_token_that_has_the_claims() {
    let far = far_side()
        .tokens(|seen| grant(if claims(seen).is_some() { "with-claims" } else { "plain" }))
        .api(|seen| match seen.header("authorization") {
            "Bearer with-claims" => json(200, r#"{"value":[]}"#),
            _ => challenge(),
        })
        .start()
        .await;
    let client = far.client();
    client.who_am_i(soon()).await.unwrap_err();
    let asked: Vec<_> = far.token_requests().iter().map(claims).collect();
    assert_eq!(asked, [None, Some(CLAIMS.to_owned())]);
    assert_eq!(far.calls().len(), 2, "repeated once");
    assert!(far.vault.lost().is_empty());
}

#[tokio::test]
async fn a_second_challenge_needs_a_person_who_is_shown_what_is_demanded() {
    let far = far_side().api(|_| challenge()).start().await;
    let error = far.client().who_am_i(soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConsentRequired);
    assert!(error.message.contains("press Request token"), "{}", error.message);
    assert_eq!((far.token_requests().len(), far.calls().len()), (2, 2));
    let patience = Instant::now() + Duration::from_secs(20);
    while far.vault.lost().is_empty() && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let lost = far.vault.losses.lock().unwrap().remove(0);
    assert_eq!(lost.cause, AccountCause::ClaimsRequired);
    let redirect = Url::parse("http://127.0.0.1/admin/msdynamicscallback.html").unwrap();
    let pending = begin_consent(&far.settings(), &redirect, ConsentFor::User)
        .demanding(&lost.claims.unwrap());
    let sent: Vec<_> =
        pending.authorize_url.query_pairs().filter(|(name, _)| name == "claims").collect();
    assert_eq!(sent, [("claims".into(), CLAIMS.into())]);
}
