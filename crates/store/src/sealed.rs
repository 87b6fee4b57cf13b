//! Documents that only the holder of the key can read: what must survive a crash and is nobody's business.
//!
//! The body in the table is the sealed JSON in base64, as a JSON text, so that the table stays what it says it is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;

use crate::batch::Address;
use crate::seal::{Place, Sealer};
use crate::store::Document;
use crate::{Store, StoreError};

/// The body of a document as it is written.
pub(crate) fn seal(sealer: &Sealer, at: &Address, body: &str) -> Result<String, StoreError> {
    let place = Place { owner: &at.collection, name: &at.key };
    let sealed = sealer.seal_document(place, body).map_err(|_| StoreError::SecretTooLong {
        owner: at.collection.clone(),
        name: at.key.clone(),
    })?;
    Ok(format!("\"{}\"", STANDARD.encode(sealed)))
}

impl Store {
    /// One document that [`Batch::put_sealed`](crate::Batch::put_sealed) wrote, or `None` if there
    /// is none.
    ///
    /// # Errors
    /// [`StoreError::DocumentAltered`] when it was altered or moved outside the store;
    /// [`StoreError::Decode`] when it is not a `T`; [`StoreError::Database`].
    pub async fn get_sealed<T: DeserializeOwned>(
        &self,
        collection: &str,
        key: &str,
    ) -> Result<Option<Document<T>>, StoreError> {
        let sealed = self.get::<String>(collection, key).await?;
        sealed.map(|document| self.open_document(collection, document)).transpose()
    }

    fn open_document<T: DeserializeOwned>(
        &self,
        collection: &str,
        sealed: Document<String>,
    ) -> Result<Document<T>, StoreError> {
        let Document { key, revision, updated_at, value } = sealed;
        let place = Place { owner: collection, name: &key };
        let bytes = STANDARD.decode(&value).unwrap_or_default();
        let collection = collection.to_owned();
        match self.shared.sealer.open_document(place, &bytes) {
            Err(_) => Err(StoreError::DocumentAltered { collection, key }),
            Ok(body) => match serde_json::from_str(&body) {
                Ok(value) => Ok(Document { key, revision, updated_at, value }),
                Err(source) => Err(StoreError::Decode { collection, key, source }),
            },
        }
    }
}
