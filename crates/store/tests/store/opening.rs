//! Opening: what is made on first start, and which keys and databases are refused.

use std::fs;
use std::path::Path;

use patchcord_store::{KeySource, Store, StoreConfig, StoreError};
use secrecy::{ExposeSecret, SecretString};

use crate::kit::{Kit, config, open};

/// 32 bytes of 0, and 32 bytes of 0 but for the last.
const ZERO_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const OTHER_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE=";

/// What lies in the folder of an open store.
const FILES: [&str; 5] =
    ["patchcord.db", "patchcord.db-shm", "patchcord.db-wal", "patchcord.key", "patchcord.lock"];

fn given(folder: &Path, key: &str) -> StoreConfig {
    StoreConfig { folder: folder.to_owned(), key: KeySource::Given(key.into()) }
}

async fn refused(config: &StoreConfig) -> StoreError {
    Store::open(config).await.expect_err("this must not open")
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_made_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("a/b");
    let store = open(&folder).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(mode(&entry.path()), 0o600, "{}", entry.path().display());
        names.push(entry.file_name().into_string().unwrap());
    }
    names.sort();
    assert_eq!(names, FILES);
    store.close().await;
}

#[tokio::test]
async fn a_second_start_finds_what_the_first_one_wrote() {
    let kit = Kit::new().await;
    kit.write(|batch| {
        batch.put("account", "a", &1).unwrap().put_secret("a", "token", &"t".into());
    })
    .await;
    let folder = kit.folder;
    drop(kit.store);
    let again = open(folder.path()).await;
    assert_eq!(again.get::<i32>("account", "a").await.unwrap().unwrap().value, 1);
    assert_eq!(again.secret("a", "token").await.unwrap().unwrap().expose_secret(), "t");
}

#[tokio::test]
async fn stores_that_start_at_once_agree_on_one_key() {
    let folder = tempfile::tempdir().unwrap();
    let starts: Vec<_> = (0..4)
        .map(|_| {
            let config = config(folder.path());
            tokio::spawn(async move { Store::open(&config).await.unwrap() })
        })
        .collect();
    let mut stores = Vec::new();
    for start in starts {
        stores.push(start.await.unwrap());
    }
    let mut batch = patchcord_store::Batch::new();
    batch.put_secret("a", "token", &"t".into());
    stores[0].write(batch).await.unwrap();
    for store in &stores {
        assert_eq!(store.secret("a", "token").await.unwrap().unwrap().expose_secret(), "t");
    }
}

#[tokio::test]
async fn a_missing_key_file_is_not_made_anew() {
    let kit = Kit::new().await;
    let key_file = kit.folder.path().join("patchcord.key");
    fs::remove_file(&key_file).unwrap();
    let error = refused(&config(kit.folder.path())).await;
    assert!(matches!(error, StoreError::KeyMissing { .. }), "{error:?}");
    assert!(!key_file.exists());
}

#[cfg(unix)]
#[tokio::test]
async fn a_key_file_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let kit = Kit::new().await;
    let key_file = kit.folder.path().join("patchcord.key");
    for mode in [0o644, 0o640, 0o400] {
        fs::set_permissions(&key_file, fs::Permissions::from_mode(mode)).unwrap();
        let error = refused(&config(kit.folder.path())).await;
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

#[tokio::test]
async fn another_key_is_refused_and_named_but_not_shown() {
    let folder = tempfile::tempdir().unwrap();
    let right = given(folder.path(), ZERO_KEY);
    Store::open(&right).await.unwrap().close().await;
    let error = refused(&given(folder.path(), OTHER_KEY)).await;
    assert!(matches!(error, StoreError::WrongKey { .. }), "{error:?}");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("PATCHCORD_KEY") && !shown.contains(OTHER_KEY), "{shown}");
    let error = refused(&config(folder.path())).await;
    assert!(matches!(error, StoreError::KeyMissing { .. }), "{error:?}");
    Store::open(&right).await.unwrap();
    assert!(!folder.path().join("patchcord.key").exists());
}

#[tokio::test]
async fn what_is_no_key_is_refused_before_a_database_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for key in ["", "AAAA", "not base64 at all", &ZERO_KEY[..43]] {
        let error = refused(&given(folder.path(), key)).await;
        assert!(matches!(error, StoreError::KeyMalformed { .. }), "{error:?}");
    }
    assert!(!folder.path().join("patchcord.db").exists());
    let trailing_newline = SecretString::from(format!("{ZERO_KEY}\n"));
    Store::open(&given(folder.path(), trailing_newline.expose_secret())).await.unwrap();
}

#[tokio::test]
async fn a_database_of_a_later_version_is_refused() {
    let kit = Kit::new().await;
    let raw = kit.raw().await;
    let later =
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
                 VALUES (99990101, 'later', TRUE, x'00', 0)";
    sqlx::query(later).execute(&raw).await.unwrap();
    let error = refused(&config(kit.folder.path())).await;
    assert!(matches!(error, StoreError::Migrate { .. }), "{error:?}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("patchcord.db");
    let text = "this is somebody's shopping list, long enough for a header ".repeat(20);
    fs::write(&file, &text).unwrap();
    let error = refused(&given(folder.path(), ZERO_KEY)).await;
    assert!(matches!(error, StoreError::Database { .. } | StoreError::Migrate { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
}
