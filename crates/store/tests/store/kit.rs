//! A store in a folder that goes away with the test.

use std::path::Path;

use patchcord_store::{Batch, KeySource, Store, StoreConfig};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestRunner};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;

pub(crate) struct Kit {
    pub(crate) folder: TempDir,
    pub(crate) store: Store,
}

impl Kit {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        Self { folder, store }
    }

    pub(crate) async fn write(&self, fill: impl FnOnce(&mut Batch)) {
        self.store.write(batch(fill)).await.unwrap();
    }

    /// The same files, past the store: what a person with the file could do.
    pub(crate) async fn raw(&self) -> SqlitePool {
        let file = self.folder.path().join("patchcord.db");
        SqlitePool::connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap()
    }
}

pub(crate) fn batch(fill: impl FnOnce(&mut Batch)) -> Batch {
    let mut batch = Batch::new();
    fill(&mut batch);
    batch
}

pub(crate) fn config(folder: &Path) -> StoreConfig {
    StoreConfig { folder: folder.to_owned(), key: KeySource::File }
}

pub(crate) async fn open(folder: &Path) -> Store {
    Store::open(&config(folder)).await.unwrap()
}

pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}

/// A property over one store; few cases, because each is written to disk and synced.
pub(crate) fn check<S: Strategy>(cases: S, property: impl AsyncFn(&Kit, S::Value)) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let kit = runtime.block_on(Kit::new());
    let settings = Config { cases: 16, failure_persistence: None, ..Config::default() };
    TestRunner::new(settings)
        .run(&cases, |case| {
            runtime.block_on(property(&kit, case));
            Ok(())
        })
        .unwrap();
}
