//! Documents and blobs: what is put is got, in order, and a batch is all or nothing.

use jiff::{Timestamp, ToSpan};
use patchcord_store::{Expect, StoreError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::kit::{Kit, batch, check};

#[tokio::test]
async fn a_document_is_replaced_and_deleted() {
    let kit = Kit::new().await;
    assert!(kit.store.get::<Value>("scenario", "a").await.unwrap().is_none());
    kit.write(|batch| {
        batch.put("scenario", "a", &json!({"n": 1})).unwrap();
    })
    .await;
    let first = kit.store.get::<Value>("scenario", "a").await.unwrap().unwrap();
    assert_eq!((first.key.as_str(), &first.value), ("a", &json!({"n": 1})));
    assert!((Timestamp::now() - first.updated_at).total(jiff::Unit::Hour).unwrap() < 1.0);

    kit.write(|batch| {
        batch.put("scenario", "a", &json!({"n": 2})).unwrap();
    })
    .await;
    let second = kit.store.get::<Value>("scenario", "a").await.unwrap().unwrap();
    assert_eq!(second.value, json!({"n": 2}));
    assert!(second.revision > first.revision);

    kit.write(|batch| {
        batch.delete("scenario", "a").delete("scenario", "never");
    })
    .await;
    assert!(kit.store.get::<Value>("scenario", "a").await.unwrap().is_none());
}

#[tokio::test]
async fn list_is_by_key_and_newest_is_by_last_write() {
    let kit = Kit::new().await;
    for (key, n) in [("b", 1), ("c", 2), ("a", 3), ("b", 4)] {
        kit.write(|batch| {
            batch.put("run", key, &n).unwrap();
        })
        .await;
    }
    kit.write(|batch| {
        batch.put("other", "z", &9).unwrap();
    })
    .await;
    let listed = kit.store.list::<i32>("run").await.unwrap();
    assert_eq!(
        listed.iter().map(|d| (d.key.as_str(), d.value)).collect::<Vec<_>>(),
        [("a", 3), ("b", 4), ("c", 2)]
    );
    let newest = kit.store.newest::<i32>("run", 2).await.unwrap();
    assert_eq!(newest.iter().map(|d| d.value).collect::<Vec<_>>(), [4, 3]);
}

#[tokio::test]
async fn what_begins_alike_is_listed_and_nothing_else() {
    let kit = Kit::new().await;
    for key in ["a", "a@", "a@1", "a@10", "a@\u{10FFFE}", "aa@1", "b@1", "a%1", "a?", "aA"] {
        kit.write(|batch| {
            batch.put("version", key, &0).unwrap().put("other", "a@2", &0).unwrap();
        })
        .await;
    }
    let listed = kit.store.under::<i32>("version", "a@").await.unwrap();
    let keys: Vec<&str> = listed.iter().map(|document| document.key.as_str()).collect();
    assert_eq!(keys, ["a@", "a@1", "a@10", "a@\u{10FFFE}"]);
    assert_eq!(kit.store.under::<i32>("version", "").await.unwrap().len(), 10);
}

#[tokio::test]
async fn an_unmet_expectation_is_a_conflict_and_writes_nothing() {
    let kit = Kit::new().await;
    kit.write(|batch| {
        batch.put_if("account", "a", Expect::Absent, &1).unwrap();
    })
    .await;
    let stored = kit.store.get::<i32>("account", "a").await.unwrap().unwrap();
    for unmet in [Expect::Absent, Expect::Revision(i64::MAX)] {
        let unmet = batch(|batch| {
            batch.put("account", "b", &2).unwrap();
            batch.put_secret("a", "secret", &"s".into()).put_blob("block", "a", *b"wasm");
            batch.delete("account", "a").put("account", "a", &5).unwrap();
            batch.put_if("account", "a", unmet, &3).unwrap();
        });
        let error = kit.store.write(unmet).await.unwrap_err();
        assert!(
            matches!(&error, StoreError::Conflict { collection, key } if collection == "account" && key == "a"),
            "{error:?}"
        );
    }
    assert_eq!(kit.store.list::<i32>("account").await.unwrap(), std::slice::from_ref(&stored));
    assert!(kit.store.secret("a", "secret").await.unwrap().is_none());
    assert!(kit.store.blob("block", "a").await.unwrap().is_none());

    let met = Expect::Revision(stored.revision);
    kit.write(|batch| {
        batch.put_if("account", "a", met, &4).unwrap();
    })
    .await;
    assert_eq!(kit.store.get::<i32>("account", "a").await.unwrap().unwrap().value, 4);
}

#[tokio::test]
async fn a_revision_does_not_come_back_after_a_delete() {
    let kit = Kit::new().await;
    kit.write(|batch| {
        batch.put("account", "a", &1).unwrap();
    })
    .await;
    let first = kit.store.get::<i32>("account", "a").await.unwrap().unwrap().revision;
    kit.write(|batch| {
        batch.delete("account", "a");
    })
    .await;
    kit.write(|batch| {
        batch.put("account", "a", &2).unwrap();
    })
    .await;
    let late = Expect::Revision(first);
    let error = kit
        .store
        .write(batch(|b| {
            b.put_if("account", "a", late, &3).unwrap();
        }))
        .await;
    assert!(matches!(error, Err(StoreError::Conflict { .. })), "{error:?}");
}

#[tokio::test]
async fn of_writers_that_expect_the_same_revision_one_wins() {
    let kit = Kit::new().await;
    kit.write(|batch| {
        batch.put("account", "a", &0).unwrap();
    })
    .await;
    let seen = Expect::Revision(kit.store.newest::<i32>("account", 1).await.unwrap()[0].revision);
    let writers: Vec<_> = (1..=8)
        .map(|n| {
            let store = kit.store.clone();
            let wanted = batch(|b| {
                b.put_if("account", "a", seen, &n).unwrap();
            });
            tokio::spawn(async move { store.write(wanted).await })
        })
        .collect();
    let mut won = 0;
    for writer in writers {
        match writer.await.unwrap() {
            Ok(()) => won += 1,
            Err(StoreError::Conflict { .. }) => {}
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(won, 1);
}

#[tokio::test]
async fn a_document_of_another_shape_names_its_place() {
    let kit = Kit::new().await;
    kit.write(|batch| {
        batch.put("account", "a", &"text").unwrap();
    })
    .await;
    let error = kit.store.get::<i32>("account", "a").await.unwrap_err();
    assert_eq!(error.to_string(), "account/a does not have the expected shape");
}

#[tokio::test]
async fn prune_deletes_what_is_older_in_its_collection_only() {
    let kit = Kit::new().await;
    kit.write(|batch| {
        batch.put("run", "old", &1).unwrap().put("account", "old", &1).unwrap();
    })
    .await;
    let raw = kit.raw().await;
    let (past, cut) = (Timestamp::now() - 48.hours(), Timestamp::now() - 24.hours());
    sqlx::query("UPDATE document SET updated_at = ?")
        .bind(past.as_microsecond())
        .execute(&raw)
        .await
        .unwrap();
    kit.write(|batch| {
        batch.put("run", "new", &2).unwrap().prune("run", cut);
    })
    .await;
    let left = kit.store.list::<i32>("run").await.unwrap();
    assert_eq!(left.iter().map(|d| d.key.as_str()).collect::<Vec<_>>(), ["new"]);
    assert_eq!(kit.store.list::<i32>("account").await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_blob_that_was_altered_outside_is_refused() {
    let kit = Kit::new().await;
    let bytes: Vec<u8> = (0..=255).cycle().take(300_000).collect();
    kit.write(|batch| {
        batch.put_blob("block", "a", bytes.clone());
    })
    .await;
    assert_eq!(kit.store.blob("block", "a").await.unwrap(), Some(bytes));
    let raw = kit.raw().await;
    sqlx::query("UPDATE blob SET bytes = x'00'").execute(&raw).await.unwrap();
    let error = kit.store.blob("block", "a").await.unwrap_err();
    assert!(matches!(error, StoreError::BlobDamaged { .. }), "{error:?}");
    kit.write(|batch| {
        batch.delete_blob("block", "a");
    })
    .await;
    assert_eq!(kit.store.blob("block", "a").await.unwrap(), None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".*", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

#[test]
fn any_document_comes_back_as_it_was_put() {
    let cases = prop::collection::btree_map((any::<String>(), any::<String>()), any_json(), 1..20);
    check(cases, async |kit, case| {
        kit.write(|batch| {
            for ((collection, key), value) in &case {
                batch.put(collection, key, value).unwrap();
            }
        })
        .await;
        for ((collection, key), value) in &case {
            let got = kit.store.get::<Value>(collection, key).await.unwrap().unwrap();
            assert_eq!((&got.key, &got.value), (key, value));
        }
    });
}
