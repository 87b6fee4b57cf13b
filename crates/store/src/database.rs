//! Opening of the SQLite file: its settings, its schema and the check of the key.
//!
//! One connection writes and a few read. In WAL mode neither waits for the other, and a single
//! writer in the process waits in a queue rather than in SQLite's busy loop.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::StoreError;
use crate::key::Key;

/// How long a statement waits for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a caller waits for a free connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;

/// The connections to one database file.
pub(crate) struct Database {
    pub(crate) writer: SqlitePool,
    pub(crate) readers: SqlitePool,
}

impl Database {
    /// Opens the file, brings its schema up to date and checks that the key is its key.
    pub(crate) async fn open(path: &Path, key: &Key) -> Result<Self, StoreError> {
        let writer = pool(1, settings(path).journal_mode(SqliteJournalMode::Wal)).await?;
        sqlx::migrate!()
            .run(&writer)
            .await
            .map_err(|source| StoreError::Migrate { database: path.to_owned(), source })?;
        check_key(&writer, path, key).await?;
        let readers = pool(READERS, settings(path).pragma("query_only", "ON")).await?;
        Ok(Self { writer, readers })
    }
}

/// `FULL` syncs the write-ahead log at every commit: a refresh token that was said to be stored
/// must survive a power cut.
fn settings(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
}

/// Connections are never retired: a local file does not go stale, and the first call after a
/// quiet night must not pay for opening it.
async fn pool(size: u32, settings: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let path = settings.get_filename().display().to_string();
    SqlitePoolOptions::new()
        .max_connections(size)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(settings)
        .await
        .map_err(StoreError::database(format_args!("open the database {path}")))
}

/// A new database takes the key that it is opened with.
async fn check_key(writer: &SqlitePool, path: &Path, key: &Key) -> Result<(), StoreError> {
    let wrong_key = || StoreError::WrongKey { place: key.place.clone(), database: path.to_owned() };
    let check = key.sealer.check_value().map_err(|_| wrong_key())?;
    sqlx::query("INSERT INTO key_check (one, sealed) VALUES (1, ?) ON CONFLICT DO NOTHING")
        .bind(check)
        .execute(writer)
        .await
        .map_err(StoreError::database("write the key's check value"))?;
    let sealed: Vec<u8> = sqlx::query_scalar("SELECT sealed FROM key_check WHERE one = 1")
        .fetch_one(writer)
        .await
        .map_err(StoreError::database("read the key's check value"))?;
    if key.sealer.opens_check(&sealed) { Ok(()) } else { Err(wrong_key()) }
}
