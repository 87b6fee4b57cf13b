//! Labels: what is found by them, in what order, and that they live and die with their documents.

use patchcord_store::{Search, StoreError};
use proptest::prelude::*;

use crate::kit::{Kit, check};

async fn put(kit: &Kit, key: &str, labels: &[(&'static str, &str)]) {
    let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    kit.write(|batch| {
        batch.put_labelled("run", key, &key, labels).unwrap();
    })
    .await;
}

async fn found(kit: &Kit, labels: &[(&'static str, &str)], bounds: Search) -> Vec<String> {
    let labels = labels.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let limit = if bounds.limit == 0 { 100 } else { bounds.limit };
    let search = Search { labels, limit, ..bounds };
    let documents = kit.store.search::<String>("run", &search).await.unwrap();
    documents.into_iter().map(|document| document.key).collect()
}

#[tokio::test]
async fn documents_are_found_by_all_their_labels_highest_key_first() {
    let kit = Kit::new().await;
    put(&kit, "1", &[("scenario", "a"), ("result", "known")]).await;
    put(&kit, "2", &[("scenario", "a"), ("result", "failed")]).await;
    put(&kit, "3", &[("scenario", "b"), ("result", "failed")]).await;
    put(&kit, "4", &[("scenario", "a"), ("result", "failed")]).await;
    let all = || Search::default();
    assert_eq!(found(&kit, &[], all()).await, ["4", "3", "2", "1"]);
    assert_eq!(found(&kit, &[("scenario", "a")], all()).await, ["4", "2", "1"]);
    let both = [("result", "failed"), ("scenario", "a")];
    assert_eq!(found(&kit, &both, all()).await, ["4", "2"]);
    assert_eq!(found(&kit, &[("result", "nothing")], all()).await, [""; 0]);
    let page = |before: &str| Search { before: Some(before.into()), limit: 1, ..all() };
    assert_eq!(found(&kit, &both, page("4")).await, ["2"]);
    let from = Search { from: Some("2".into()), before: Some("4".into()), ..all() };
    assert_eq!(found(&kit, &[], from).await, ["3", "2"]);
}

#[tokio::test]
async fn labels_are_replaced_and_go_with_their_document() {
    let kit = Kit::new().await;
    put(&kit, "1", &[("result", "known")]).await;
    put(&kit, "1", &[("result", "failed")]).await;
    assert_eq!(found(&kit, &[("result", "known")], Search::default()).await, [""; 0]);
    assert_eq!(found(&kit, &[("result", "failed")], Search::default()).await, ["1"]);
    kit.write(|batch| {
        batch.delete("run", "1");
    })
    .await;
    let left: i64 =
        sqlx::query_scalar("SELECT count(*) FROM label").fetch_one(&kit.raw().await).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_search_walks_an_index_and_sorts_nothing() {
    let kit = Kit::new().await;
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(
        "EXPLAIN QUERY PLAN SELECT d.body FROM label l CROSS JOIN document d
         ON d.collection = l.collection AND d.key = l.key
         WHERE l.collection = 'run' AND l.name = 'scenario' AND l.value = 'a' AND l.key < '9'
         ORDER BY l.key DESC LIMIT 5",
    )
    .fetch_all(&kit.raw().await)
    .await
    .unwrap();
    let told = format!("{plan:?}");
    assert!(!told.contains("SCAN") && !told.contains("TEMP B-TREE"), "{told}");
}

#[tokio::test]
async fn what_is_sealed_is_read_with_the_key_only() {
    let kit = Kit::new().await;
    kit.write(|batch| {
        batch.put_sealed("journal", "1", &"+1 555 0100").unwrap();
    })
    .await;
    let opened = kit.store.get_sealed::<String>("journal", "1").await.unwrap().unwrap();
    assert_eq!(opened.value, "+1 555 0100");
    let raw = kit.raw().await;
    let body: String =
        sqlx::query_scalar("SELECT body FROM document").fetch_one(&raw).await.unwrap();
    assert!(!body.contains("555"), "{body}");
    sqlx::query("UPDATE document SET key = '2'").execute(&raw).await.unwrap();
    let moved = kit.store.get_sealed::<String>("journal", "2").await.unwrap_err();
    assert!(matches!(moved, StoreError::DocumentAltered { .. }), "{moved:?}");
}

#[tokio::test]
async fn a_name_is_held_by_one_store_at_a_time() {
    let kit = Kit::new().await;
    let other = crate::kit::open(kit.folder.path()).await;
    let held = kit.store.hold("runs").unwrap();
    assert!(held.is_some());
    assert!(other.hold("runs").unwrap().is_none());
    drop(held);
    assert!(other.hold("runs").unwrap().is_some());
}

#[test]
fn a_search_finds_what_reading_everything_would() {
    let run = ("[a-c]{1,3}", "[xy]", "[xy]");
    let cases = (prop::collection::btree_map("[a-c]{1,3}", run, 0..12), "[a-c]{1,3}", "[xy]");
    check(cases, async |kit, (runs, before, wanted)| {
        let old = kit.store.list::<String>("run").await.unwrap();
        kit.write(|batch| {
            for document in &old {
                batch.delete("run", &document.key);
            }
            for (key, (_, scenario, result)) in &runs {
                let labels = vec![("scenario", scenario.clone()), ("result", result.clone())];
                batch.put_labelled("run", key, key, labels).unwrap();
            }
        })
        .await;
        let matches = |(key, (_, scenario, result)): &(&String, &(String, String, String))| {
            **key < before && *scenario == wanted && *result == wanted
        };
        let expected: Vec<_> =
            runs.iter().filter(matches).map(|(key, _)| key.clone()).rev().collect();
        let labels = [("scenario", wanted.as_str()), ("result", wanted.as_str())];
        let bounds = Search { before: Some(before.clone()), ..Search::default() };
        assert_eq!(found(kit, &labels, bounds).await, expected);
    });
}
