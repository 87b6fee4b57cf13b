//! The store's face: opening, reading, and the one way to write.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::batch::Batch;
use crate::database::Database;
use crate::files::{self, Held};
use crate::key::{Key, KeySource};
use crate::seal::{Place, Sealer};
use crate::{StoreError, write};

const DATABASE_FILE: &str = "patchcord.db";
const KEY_FILE: &str = "patchcord.key";

/// Where the store lies and what opens its secrets.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The data folder; it holds `patchcord.db`, and `patchcord.key` with [`KeySource::File`].
    /// Made with mode 0700 when it does not exist.
    pub folder: PathBuf,
    /// Where the key comes from.
    pub key: KeySource,
}

/// A stored document with what the store knows about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document<T> {
    /// Its key within its collection.
    pub key: String,
    /// The number of the batch that last wrote it. It rises with every batch of the whole store,
    /// so that a document that was deleted and made anew never gets an earlier revision back.
    pub revision: i64,
    /// When it was last written, to the microsecond.
    pub updated_at: Timestamp,
    /// What was stored.
    pub value: T,
}

/// An open store. Clones share its connections; several stores, also of several processes, may be
/// open on one folder.
#[derive(Clone)]
pub struct Store {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) database: Database,
    pub(crate) sealer: Sealer,
    folder: PathBuf,
}

/// A row of the table `document`: key, revision, updated_at, body.
pub(crate) type Row = (String, i64, i64, String);

impl Store {
    /// Opens the store in a folder, making folder, key file and database as needed, and brings
    /// its schema up to date.
    ///
    /// # Errors
    /// A key that is missing beside an existing database, readable by others, malformed or not
    /// this database's; a folder that cannot be made; a database that cannot be opened or was
    /// written by a later version.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        let path = config.folder.join(DATABASE_FILE);
        let key_file = config.folder.join(KEY_FILE);
        let _entered = files::enter_folder(&config.folder).await?;
        let key = Key::load(&config.key, &key_file, &path)?;
        files::make_database_file(&path)?;
        let database = Database::open(&path, &key).await?;
        let folder = config.folder.clone();
        Ok(Self { shared: Arc::new(Shared { database, sealer: key.sealer, folder }) })
    }

    /// Takes `name` for this store alone, among all processes on its folder, until what is handed
    /// back is dropped or the process ends, however it ends. None where somebody else has it.
    ///
    /// # Errors
    /// [`StoreError::File`] when the lock file cannot be made.
    pub fn hold(&self, name: &'static str) -> Result<Option<Held>, StoreError> {
        files::hold(&self.shared.folder, name)
    }

    /// Waits for what is under way and closes the connections of this store and all its clones,
    /// whose calls fail from then on.
    pub async fn close(&self) {
        self.shared.database.readers.close().await;
        self.shared.database.writer.close().await;
    }

    /// One document, or `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::Decode`] when it is not a `T`; [`StoreError::Database`].
    pub async fn get<T: DeserializeOwned>(
        &self,
        collection: &str,
        key: &str,
    ) -> Result<Option<Document<T>>, StoreError> {
        let row: Option<Row> = sqlx::query_as(
            "SELECT key, revision, updated_at, body FROM document WHERE collection = ? AND key = ?",
        )
        .bind(collection)
        .bind(key)
        .fetch_optional(&self.shared.database.readers)
        .await
        .map_err(StoreError::database(format_args!("read {collection}/{key}")))?;
        row.map(|row| decode(collection, row)).transpose()
    }

    /// All documents of a collection, ordered by key (by its bytes).
    ///
    /// # Errors
    /// [`StoreError::Decode`] when one is not a `T`; [`StoreError::Database`].
    pub async fn list<T: DeserializeOwned>(
        &self,
        collection: &str,
    ) -> Result<Vec<Document<T>>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT key, revision, updated_at, body FROM document WHERE collection = ? ORDER BY key",
        )
        .bind(collection)
        .fetch_all(&self.shared.database.readers)
        .await
        .map_err(StoreError::database(format_args!("list {collection}")))?;
        rows.into_iter().map(|row| decode(collection, row)).collect()
    }

    /// The documents of a collection whose key begins with `prefix`, ordered by key (by its bytes).
    ///
    /// # Errors
    /// [`StoreError::Decode`] when one is not a `T`; [`StoreError::Database`].
    pub async fn under<T: DeserializeOwned>(
        &self,
        collection: &str,
        prefix: &str,
    ) -> Result<Vec<Document<T>>, StoreError> {
        // No key goes on with the last code point, which is none of a character.
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT key, revision, updated_at, body FROM document
             WHERE collection = ?1 AND key >= ?2 AND key < ?2 || char(1114111) ORDER BY key",
        )
        .bind(collection)
        .bind(prefix)
        .fetch_all(&self.shared.database.readers)
        .await
        .map_err(StoreError::database(format_args!("list {collection}/{prefix}")))?;
        rows.into_iter().map(|row| decode(collection, row)).collect()
    }

    /// At most `limit` documents of a collection, the last written first; those of one batch in
    /// descending order of key.
    ///
    /// # Errors
    /// [`StoreError::Decode`] when one is not a `T`; [`StoreError::Database`].
    pub async fn newest<T: DeserializeOwned>(
        &self,
        collection: &str,
        limit: u32,
    ) -> Result<Vec<Document<T>>, StoreError> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT key, revision, updated_at, body FROM document WHERE collection = ?
             ORDER BY revision DESC, key DESC LIMIT ?",
        )
        .bind(collection)
        .bind(limit)
        .fetch_all(&self.shared.database.readers)
        .await
        .map_err(StoreError::database(format_args!("list the newest of {collection}")))?;
        rows.into_iter().map(|row| decode(collection, row)).collect()
    }

    /// One secret, or `None` if there is none.
    ///
    /// # Errors
    /// [`StoreError::SecretAltered`] when it was altered or moved outside the store;
    /// [`StoreError::Database`].
    pub async fn secret(
        &self,
        owner: &str,
        name: &str,
    ) -> Result<Option<SecretString>, StoreError> {
        let sealed: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT sealed FROM secret WHERE owner = ? AND name = ?")
                .bind(owner)
                .bind(name)
                .fetch_optional(&self.shared.database.readers)
                .await
                .map_err(StoreError::database(format_args!("read the secret {name} of {owner}")))?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        match self.shared.sealer.open(Place { owner, name }, &sealed) {
            Ok(value) => Ok(Some(value.into())),
            Err(_) => {
                let (owner, name) = (owner.to_owned(), name.to_owned());
                Err(StoreError::SecretAltered { owner, name })
            }
        }
    }

    /// One blob, or `None` if there is none. Its bytes are compared with their SHA-256.
    ///
    /// # Errors
    /// [`StoreError::BlobDamaged`]; [`StoreError::Database`].
    pub async fn blob(&self, collection: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(Vec<u8>, Vec<u8>)> =
            sqlx::query_as("SELECT sha256, bytes FROM blob WHERE collection = ? AND key = ?")
                .bind(collection)
                .bind(key)
                .fetch_optional(&self.shared.database.readers)
                .await
                .map_err(StoreError::database(format_args!("read the blob {collection}/{key}")))?;
        match row {
            Some((sha256, bytes)) if Sha256::digest(&bytes)[..] == sha256[..] => Ok(Some(bytes)),
            Some(_) => {
                let (collection, key) = (collection.to_owned(), key.to_owned());
                Err(StoreError::BlobDamaged { collection, key })
            }
            None => Ok(None),
        }
    }

    /// Writes a batch: all of it, on disk when this returns, or nothing.
    ///
    /// The write runs to its end even if the caller stops waiting for it: a rotated refresh token
    /// must not be lost because the call that caused it ran out of time.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when an expectation was not met; [`StoreError::Database`];
    /// [`StoreError::Interrupted`] when the process is going down.
    pub async fn write(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.operations.is_empty() {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        let run = async move { write::run(&shared.database.writer, &shared.sealer, batch).await };
        tokio::spawn(run).await.map_err(|_| StoreError::Interrupted)?
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

pub(crate) fn decode<T: DeserializeOwned>(
    collection: &str,
    (key, revision, updated_at, body): Row,
) -> Result<Document<T>, StoreError> {
    // A time that no clock shows can only have been written by hand; the document still counts.
    let updated_at = Timestamp::from_microsecond(updated_at).unwrap_or(Timestamp::UNIX_EPOCH);
    match serde_json::from_str(&body) {
        Ok(value) => Ok(Document { key, revision, updated_at, value }),
        Err(source) => Err(StoreError::Decode { collection: collection.to_owned(), key, source }),
    }
}
