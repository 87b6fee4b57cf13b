//! What can go wrong in the store, by cause. A message names the place (file, collection, key,
//! owner) and says what to do where something can be done; it never holds a secret or a key.

use std::path::PathBuf;

/// Why the store could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder of the store could not be made, read or written.
    #[error("{path}: cannot {doing}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What was attempted, in the infinitive.
        doing: &'static str,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// There is a database but no key file that could open its secrets.
    #[error(
        "{key_file} is missing, and {database} cannot be read without it: put the key file back, \
         or give the key in PATCHCORD_KEY"
    )]
    KeyMissing {
        /// Where the key file was looked for.
        key_file: PathBuf,
        /// The database that needs it.
        database: PathBuf,
    },
    /// Others than the owner may read or write the key file.
    #[error("{key_file} has mode {mode:04o}: make it readable by its owner only (chmod 600)")]
    KeyPermissions {
        /// The key file.
        key_file: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The key is not 32 bytes in base64.
    #[error("the key in {place} is not 32 bytes in base64")]
    KeyMalformed {
        /// Where the key came from: a path, or `PATCHCORD_KEY`.
        place: String,
    },
    /// The key is well-formed, but the database was sealed with another one.
    #[error("the key in {place} is not the key of {database}")]
    WrongKey {
        /// Where the key came from: a path, or `PATCHCORD_KEY`.
        place: String,
        /// The database that it does not open.
        database: PathBuf,
    },
    /// The database could not be brought to this version's schema; one that was written by a
    /// later version is refused here.
    #[error("{database}: cannot bring the database to this version's schema")]
    Migrate {
        /// The database.
        database: PathBuf,
        /// What sqlx said.
        source: sqlx::migrate::MigrateError,
    },
    /// SQLite refused or failed.
    #[error("cannot {doing}")]
    Database {
        /// What was attempted, in the infinitive.
        doing: String,
        /// What sqlx said.
        source: sqlx::Error,
    },
    /// A document was not in the state that [`Batch::put_if`](crate::Batch::put_if) expected;
    /// nothing of the batch was written.
    #[error("{collection}/{key} was changed in the meantime")]
    Conflict {
        /// The document's collection.
        collection: String,
        /// The document's key.
        key: String,
    },
    /// A value cannot be written as JSON.
    #[error("{collection}/{key} cannot be written as JSON")]
    Encode {
        /// The document's collection.
        collection: String,
        /// The document's key.
        key: String,
        /// What serde said.
        source: serde_json::Error,
    },
    /// A stored document does not have the shape that was asked for.
    #[error("{collection}/{key} does not have the expected shape")]
    Decode {
        /// The document's collection.
        collection: String,
        /// The document's key.
        key: String,
        /// What serde said.
        source: serde_json::Error,
    },
    /// A sealed secret does not open: it was altered, or moved here from another row.
    #[error("the secret {name} of {owner} was altered outside the store")]
    SecretAltered {
        /// Whose secret it is.
        owner: String,
        /// Its name.
        name: String,
    },
    /// A sealed document does not open: it was altered, or moved here from another row.
    #[error("{collection}/{key} was altered outside the store")]
    DocumentAltered {
        /// The document's collection.
        collection: String,
        /// The document's key.
        key: String,
    },
    /// A secret is beyond what the cipher can seal (256 GiB).
    #[error("the secret {name} of {owner} is too long")]
    SecretTooLong {
        /// Whose secret it is.
        owner: String,
        /// Its name.
        name: String,
    },
    /// A blob's bytes do not have the SHA-256 that was stored with them.
    #[error("the blob {collection}/{key} is damaged: its SHA-256 differs")]
    BlobDamaged {
        /// The blob's collection.
        collection: String,
        /// The blob's key.
        key: String,
    },
    /// The async runtime was shut down under a write; the batch is wholly written or not at all.
    #[error("the write was interrupted because the process is shutting down")]
    Interrupted,
}

impl StoreError {
    /// Wraps an I/O error of `path`.
    pub(crate) fn file(
        path: impl Into<PathBuf>,
        doing: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, doing, source }
    }

    /// Wraps a database error; `doing` is only formatted when there is one.
    pub(crate) fn database<D: ToString>(doing: D) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { doing: doing.to_string(), source }
    }
}
