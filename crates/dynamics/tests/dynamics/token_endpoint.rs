//! A token endpoint that misbehaves: typed errors, bounded time and memory, nothing secret in any message; and what is
//! sent to it arrives as it was meant, whatever it is.

use std::time::{Duration, Instant};

use crate::kit::{REFRESH, SECRET, Seen, cut, far_side, grant, hang_up, json, redirect, soon};
use axum::response::Response;
use patchcord_dynamics::{ClientCredential, Error, ErrorKind, Policy, StoredToken, TokenVault};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use secrecy::SecretString;

/// The error of a call whose token endpoint answers so, and the number of token requests.
async fn failed(answer: impl Fn(&Seen) -> Response + Send + Sync + 'static) -> (Error, usize) {
    let far = far_side().tokens(answer).start().await;
    let error = far.client().who_am_i(soon()).await.unwrap_err();
    assert!(far.calls().is_empty(), "nothing is asked of the Web API without a token");
    assert!(far.vault.lost().is_empty(), "the consent may be good all the same");
    let shown = format!("{error} {error:?} {:?}", error.body);
    for secret in [SECRET, REFRESH, "canary"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    (error, far.token_requests().len())
}

#[tokio::test]
async fn each_misbehaviour_has_its_own_sentence() {
    let page = |_: &Seen| crate::kit::json(200, "<html>canary</html>");
    let (error, requests) = failed(page).await;
    assert_eq!((error.kind, requests), (ErrorKind::Unavailable, 1));
    assert!(error.message.contains("check the account's token URL"), "{error}");

    let (error, requests) = failed(|_| redirect("https://elsewhere.example/canary")).await;
    assert_eq!((error.kind, requests), (ErrorKind::Unavailable, 1));
    assert!(error.message.contains("redirect (302), which is not followed"), "{error}");

    let (error, requests) = failed(|_| cut()).await;
    assert_eq!((error.kind, requests), (ErrorKind::Unavailable, 3));
    assert!(error.message.contains("was lost before its answer was complete"), "{error}");

    let (error, requests) = failed(|_| hang_up()).await;
    assert_eq!((error.kind, requests), (ErrorKind::Unavailable, 3));
}

#[tokio::test]
async fn an_oversized_answer_is_not_read_to_its_end() {
    let huge =
        |_: &Seen| json(200, &format!(r#"{{"access_token":"{}"}}"#, "canary".repeat(200_000)));
    let (error, requests) = failed(huge).await;
    assert_eq!((error.kind, requests), (ErrorKind::Unavailable, 1));
    assert!(error.message.contains("larger than 262144 bytes"), "{error}");
}

#[tokio::test]
async fn a_slow_token_endpoint_is_given_up_after_the_accounts_time() {
    let far = far_side().delay(Duration::from_secs(60)).start().await;
    let client = far.client_with(Policy { token_timeout_ms: 1_000, ..Policy::default() });
    let begun = Instant::now();
    let error = client.who_am_i(soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("did not answer within 1 s"), "{error}");
    assert!(begun.elapsed() < Duration::from_secs(15), "three attempts of a second each");
}

#[test]
fn any_secret_arrives_as_it_is() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let far = runtime.block_on(far_side().tokens(|_| grant("a")).start());
    let text = || prop_oneof![".{1,60}", "[+&%=/ ;?#\"'\\\\äöü\u{1F511}]{1,40}"];
    let mut runner = TestRunner::new(Config { cases: 96, ..Config::default() });
    let sent = |secret: String, refresh: String| {
        runtime.block_on(async {
            let refresh_token = SecretString::from(refresh.as_str());
            let obtained_at = jiff::Timestamp::now();
            let token = StoredToken { refresh_token, obtained_at, scope: None };
            far.vault.save(far.settings().id, &token).await.unwrap();
            let credential = ClientCredential::Secret(SecretString::from(secret.as_str()));
            let client = far.pool.client(&far.settings(), &credential).unwrap();
            drop(client.who_am_i(soon()).await);
            let form = far.token_requests().pop().unwrap().form();
            (form["client_secret"].clone(), form["refresh_token"].clone())
        })
    };
    runner
        .run(&(text(), text()), |(secret, refresh)| {
            prop_assert_eq!(sent(secret.clone(), refresh.clone()), (secret, refresh));
            Ok(())
        })
        .unwrap();
}
