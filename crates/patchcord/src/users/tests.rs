//! Users and their sessions, on a store.

use std::net::IpAddr;
use std::time::Duration;

use patchcord_store::{KeySource, Store, StoreConfig};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use super::{AccessSettings, Role, SignInError, Users};
use crate::Error;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
const PASSWORD: &str = "correct horse";

async fn users(settings: AccessSettings) -> (TempDir, Users) {
    let folder = TempDir::new().unwrap();
    let config = StoreConfig { folder: folder.path().to_owned(), key: KeySource::File };
    let users = Users::new(Store::open(&config).await.unwrap(), settings);
    users.add("Ann", Role::Administrator, &PASSWORD.into()).await.unwrap();
    (folder, users)
}

#[tokio::test]
async fn there_is_always_an_administrator() {
    let (_folder, users) = users(AccessSettings::default()).await;
    let only = |done: Result<_, Error>| matches!(done, Err(Error::LastAdministrator(_)));
    assert!(only(users.remove("ann").await));
    assert!(only(users.set_role("ann", Role::Viewer).await));
    users.add("bob", Role::Administrator, &PASSWORD.into()).await.unwrap();
    users.remove("ann").await.unwrap();
    assert!(only(users.remove("bob").await));
}

#[tokio::test]
async fn changes_at_the_same_time_keep_the_rules() {
    let (_folder, users) = users(AccessSettings::default()).await;
    users.add("bob", Role::Administrator, &PASSWORD.into()).await.unwrap();
    let (a, b) = tokio::join!(users.remove("ann"), users.remove("bob"));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let password = PASSWORD.into();
    let add = || users.add("carl", Role::Viewer, &password);
    let (a, b) = tokio::join!(add(), add());
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_or_old() {
    for (idle, longest) in [(1_500, 60_000), (60_000, 1_500)].map(|(a, b)| (ms(a), ms(b))) {
        let settings = AccessSettings {
            session_idle: idle,
            session_longest: longest,
            ..AccessSettings::default()
        };
        let (_folder, users) = users(settings).await;
        let session = users.sign_in("ann", &PASSWORD.into(), HERE).await.unwrap();
        assert!(users.session(&session.secret).await.unwrap().is_some());
        tokio::time::sleep(ms(1_700)).await;
        assert!(users.session(&session.secret).await.unwrap().is_none(), "{idle:?} {longest:?}");
    }
}

#[tokio::test]
async fn a_session_in_use_is_not_idle() {
    let settings = AccessSettings { session_idle: ms(4_000), ..AccessSettings::default() };
    let (_folder, users) = users(settings).await;
    let session = users.sign_in("ann", &PASSWORD.into(), HERE).await.unwrap();
    for _ in 0..5 {
        tokio::time::sleep(ms(1_000)).await;
        assert!(users.session(&session.secret).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn the_secret_of_a_session_lies_nowhere_and_tells_nothing_of_its_csrf_token() {
    let (folder, users) = users(AccessSettings::default()).await;
    let session = users.sign_in("ann", &PASSWORD.into(), HERE).await.unwrap();
    let csrf = session.csrf_token();
    assert!(session.is_csrf_token(&csrf) && !session.is_csrf_token(""));
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        for secret in [session.secret.expose_secret(), &csrf, PASSWORD, "$argon2id$"] {
            let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!found, "{secret} in {}", path.display());
        }
    }
}

#[tokio::test]
async fn an_unknown_name_waits_as_a_known_one_does() {
    let (_folder, users) = users(AccessSettings::default()).await;
    let wrong = SecretString::from("wrong password");
    for name in ["ann", "nobody"] {
        for _ in 0..5 {
            let refused = users.sign_in(name, &wrong, HERE).await.unwrap_err();
            assert!(matches!(refused, SignInError::Wrong), "{name}: {refused}");
        }
        let refused = users.sign_in(name, &PASSWORD.into(), HERE).await.unwrap_err();
        assert!(matches!(refused, SignInError::Wait(_)), "{name}: {refused}");
    }
}

#[tokio::test]
async fn guesses_made_at_once_are_counted_as_those_made_one_after_the_other() {
    let (_folder, users) = users(AccessSettings::default()).await;
    let wrong = SecretString::from("wrong password");
    let guesses = (0..20).map(|_| users.sign_in("ann", &wrong, HERE));
    let looked_at = futures::future::join_all(guesses).await.into_iter();
    let looked_at = looked_at.filter(|done| matches!(done, Err(SignInError::Wrong))).count();
    assert_eq!(looked_at, 5);
}

#[tokio::test]
async fn the_first_user_is_made_once() {
    let folder = TempDir::new().unwrap();
    let config = StoreConfig { folder: folder.path().to_owned(), key: KeySource::File };
    let users = Users::new(Store::open(&config).await.unwrap(), AccessSettings::default());
    let (first, password) = (users.setup_code().await.unwrap().unwrap(), PASSWORD.into());
    let code = users.setup_code().await.unwrap().unwrap();
    let refused = users.set_up(&first, "ann", &password, HERE).await.unwrap_err();
    assert!(matches!(refused, SignInError::Other(Error::SetupCode)), "replaced: {refused}");
    let refused = users.set_up(&code, "ann", &"short".into(), HERE).await.unwrap_err();
    assert!(matches!(refused, SignInError::Other(Error::Refused { .. })), "{refused}");
    let (a, b) = tokio::join!(
        users.set_up(&code, "ann", &password, HERE),
        users.set_up(&code, "eve", &password, HERE)
    );
    assert!(a.is_ok() != b.is_ok());
    assert!(users.setup_code().await.unwrap().is_none());
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}
