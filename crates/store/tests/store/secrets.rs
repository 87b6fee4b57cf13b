//! Secrets: they come back, only in their own place, and are nowhere in the files.

use patchcord_store::{Batch, StoreError};
use proptest::prelude::*;
use secrecy::{ExposeSecret, SecretString};

use crate::kit::{Kit, check};

#[tokio::test]
async fn a_secret_is_replaced_and_deleted() {
    let kit = Kit::new().await;
    for value in ["first", "second"] {
        kit.write(|batch| {
            batch.put_secret("sales", "client_secret", &value.into());
        })
        .await;
        let got = kit.store.secret("sales", "client_secret").await.unwrap().unwrap();
        assert_eq!(got.expose_secret(), value);
    }
    assert!(kit.store.secret("sales", "refresh_token").await.unwrap().is_none());
    kit.write(|batch| {
        batch.delete_secret("sales", "client_secret");
    })
    .await;
    assert!(kit.store.secret("sales", "client_secret").await.unwrap().is_none());
}

#[tokio::test]
async fn a_sealed_value_that_was_moved_to_another_row_is_refused() {
    let kit = Kit::new().await;
    let token = SecretString::from("a token worth stealing");
    kit.write(|batch| {
        batch.put_secret("sales", "token", &token);
    })
    .await;
    let raw = kit.raw().await;
    for (owner, name) in [("service", "token"), ("sales", "other"), ("sale", "stoken")] {
        let copy = "INSERT INTO secret SELECT ?, ?, sealed FROM secret WHERE owner = 'sales' AND name = 'token'";
        sqlx::query(copy).bind(owner).bind(name).execute(&raw).await.unwrap();
        let error = kit.store.secret(owner, name).await.unwrap_err();
        assert!(matches!(error, StoreError::SecretAltered { .. }), "{error:?}");
        assert!(!format!("{error} {error:?}").contains("stealing"));
    }
    assert!(kit.store.secret("sales", "token").await.unwrap().is_some());
}

#[tokio::test]
async fn no_file_and_no_debug_output_holds_a_secret() {
    let kit = Kit::new().await;
    let mut batch = Batch::new();
    batch.put_secret("sales", "token", &"needle-4711".into()).put("account", "sales", &1).unwrap();
    assert!(!format!("{batch:?} {:?}", kit.store).contains("needle"));
    kit.store.write(batch).await.unwrap();
    let mut files = 0;
    for entry in std::fs::read_dir(kit.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(11).any(|window| window == b"needle-4711"));
        files += 1;
    }
    assert!(files >= 2, "database and key file expected");
}

#[test]
fn any_secret_comes_back_as_it_was_put() {
    let text = any::<String>;
    check(prop::collection::btree_map((text(), text()), text(), 1..20), async |kit, case| {
        kit.write(|batch| {
            for ((owner, name), value) in &case {
                batch.put_secret(owner, name, &value.as_str().into());
            }
        })
        .await;
        for ((owner, name), value) in &case {
            let got = kit.store.secret(owner, name).await.unwrap().unwrap();
            assert_eq!(got.expose_secret(), value);
        }
    });
}
