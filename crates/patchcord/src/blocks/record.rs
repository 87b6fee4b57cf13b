//! What the store keeps of a block: each version with where it came from, its bytes under their digest, and what an
//! operator has granted to its id.

use std::collections::BTreeSet;

use jiff::Timestamp;
use patchcord_runtime::{Capability, LimitSettings};
use patchcord_store::{Batch, Document, Store, StoreError};
use serde::{Deserialize, Serialize};

/// Versions, by `id@version`.
const VERSIONS: &str = "blocks";
/// Bytes, by digest.
const BYTES: &str = "block_bytes";
/// What is set of the limits, by id.
const LIMITS: &str = "block_limits";
/// Grants, by id.
const GRANTS: &str = "block_grants";

/// A version of a block that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    pub(crate) version: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub(crate) digest: String,
    /// Where it came from, for a person.
    pub(crate) source: String,
    pub(crate) added_at: Timestamp,
    /// The minisign signature that came with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) signature: Option<String>,
}

/// What the blocks of one id may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grants {
    pub(crate) capabilities: BTreeSet<Capability>,
}

impl Record {
    fn key(&self) -> String {
        format!("{}@{}", self.id, self.version)
    }

    /// Everything of a new version, to be written together.
    pub(crate) fn added(
        &self,
        bytes: Vec<u8>,
        grants: &Grants,
        replaced: Option<&str>,
    ) -> Result<Batch, StoreError> {
        let mut batch = Batch::new();
        if let Some(digest) = replaced {
            batch.delete_blob(BYTES, digest);
        }
        batch.put(VERSIONS, &self.key(), self)?;
        batch.put_blob(BYTES, &self.digest, bytes);
        batch.put(GRANTS, &self.id, grants)?;
        Ok(batch)
    }

    /// Takes the version out again. What was granted to its id stays.
    pub(crate) fn removed(&self) -> Batch {
        let mut batch = Batch::new();
        batch.delete(VERSIONS, &self.key());
        batch.delete_blob(BYTES, &self.digest);
        batch
    }

    pub(crate) async fn all(store: &Store) -> Result<Vec<Self>, StoreError> {
        Ok(store.list(VERSIONS).await?.into_iter().map(|document| document.value).collect())
    }

    pub(crate) async fn bytes(&self, store: &Store) -> Result<Option<Vec<u8>>, StoreError> {
        store.blob(BYTES, &self.digest).await
    }
}

impl Grants {
    pub(crate) async fn all(store: &Store) -> Result<Vec<(String, Self)>, StoreError> {
        let documents: Vec<Document<Self>> = store.list(GRANTS).await?;
        Ok(documents.into_iter().map(|document| (document.key, document.value)).collect())
    }

    pub(crate) fn put(&self, id: &str) -> Result<Batch, StoreError> {
        let mut batch = Batch::new();
        batch.put(GRANTS, id, self)?;
        Ok(batch)
    }
}

/// What is set of the limits of each block.
pub(crate) async fn all_limits(store: &Store) -> Result<Vec<(String, LimitSettings)>, StoreError> {
    let documents: Vec<Document<LimitSettings>> = store.list(LIMITS).await?;
    Ok(documents.into_iter().map(|document| (document.key, document.value)).collect())
}

pub(crate) fn put_limits(id: &str, limits: &LimitSettings) -> Result<Batch, StoreError> {
    let mut batch = Batch::new();
    batch.put(LIMITS, id, limits)?;
    Ok(batch)
}
