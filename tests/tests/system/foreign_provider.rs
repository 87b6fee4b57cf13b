//! Sign-in and tokens at a certified OpenID provider that was not written here: strict where Entra ID is lenient.
//!
//! A refresh token works once there; a second use kills the grant. So one that stays alive proves that no token was
//! ever used twice.

use std::time::{Duration, Instant};

use futures::future::join_all;
use patchcord::dynamics::{CertificateFiles, Client, ClientCredential, ErrorKind};
use patchcord_tests::{Counts, Organisation};
use secrecy::SecretString;

/// Every printable sign that a form, a URL or a shell could mistake for its own.
const SECRET: &str = r#"a+b&c%d=e/f g?h#i"j'k~l;m:n@o<p>q\r{s}|t^u`v%2B"#;
const CERTIFICATE: &str =
    include_str!("../../../crates/dynamics/tests/certificates/certificate.pem");
const KEY: &str = include_str!("../../../crates/dynamics/tests/certificates/key.pem");

fn secret(text: &str) -> ClientCredential {
    ClientCredential::Secret(SecretString::from(text))
}

fn certificate() -> ClientCredential {
    let files = CertificateFiles {
        file: CERTIFICATE.as_bytes(),
        key: Some(KEY.as_bytes()),
        password: None,
    };
    ClientCredential::Certificate(files.read().unwrap().into())
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(30)
}

async fn hundred_calls(client: &Client) {
    for answer in join_all((0..100).map(|_| client.who_am_i(soon()))).await {
        answer.unwrap();
    }
}

/// Several times over: all tokens are bad, a hundred callers find out at once, one of them refreshes.
async fn refreshed_once_a_round(organisation: &Organisation, client: &Client) {
    for round in 1..=5 {
        organisation.expire_access_tokens().await.unwrap();
        hundred_calls(client).await;
        let counts = organisation.counts().await.unwrap();
        assert_eq!(counts, Counts { refreshed: round, refused: 0, killed: 0 }, "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_and_refreshes_with_a_secret_of_odd_signs() {
    let organisation = Organisation::start(Some(SECRET), None).await.unwrap();
    let consented = organisation.consent("with-secret", &secret(SECRET)).await.unwrap();
    refreshed_once_a_round(&organisation, &consented.client).await;
    assert_eq!(consented.vault.lost(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn consent_and_refreshes_with_a_certificate() {
    let organisation = Organisation::start(None, Some(CERTIFICATE)).await.unwrap();
    let consented = organisation.consent("with-certificate", &certificate()).await.unwrap();
    refreshed_once_a_round(&organisation, &consented.client).await;
    assert_eq!(consented.vault.lost(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_secret_is_refused_and_said() {
    let organisation = Organisation::start(Some(SECRET), None).await.unwrap();
    let refused = organisation.consent("with-secret", &secret("another")).await;
    let error = refused.err().expect("the provider knows another secret");
    let error = error.downcast_ref::<patchcord::dynamics::Error>().expect("the client's own error");
    assert_eq!(error.kind, ErrorKind::ConsentRequired);
    assert!(error.message.contains("secret"), "{error}");
}

/// The strictness that the other tests rely on: who uses a token twice loses the grant, and is told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_used_twice_ends_the_consent() {
    let organisation = Organisation::start(Some(SECRET), None).await.unwrap();
    let consented = organisation.consent("with-secret", &secret(SECRET)).await.unwrap();
    let stolen = consented.vault.token().expect("a refresh token");
    organisation.expire_access_tokens().await.unwrap();
    consented.client.who_am_i(soon()).await.unwrap();

    let settings = consented.client.settings();
    let vault = patchcord_tests::MemoryVault::with(stolen);
    let pool = patchcord::dynamics::Pool::new(vault.clone());
    let thief = pool.client(settings, &secret(SECRET)).unwrap();
    let error = thief.who_am_i(soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConsentRequired, "{error}");
    assert_eq!(vault.lost().len(), 1);
    assert_eq!(organisation.counts().await.unwrap().killed, 1);

    let error = consented.client.who_am_i(soon()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::ConsentRequired, "{error}");
}
