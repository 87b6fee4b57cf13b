//! What one write does: a list of operations that take effect together or not at all.
//!
//! Values are encoded when they are added, so that a value that cannot be encoded is found before
//! anything is written. The operations run in the order in which they were added.

use std::fmt;

use jiff::Timestamp;
use secrecy::SecretString;
use serde::Serialize;

use crate::StoreError;

/// The state that a document must be in for [`Batch::put_if`] to write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// There is no such document.
    Absent,
    /// The document's revision is this one.
    Revision(i64),
}

/// A list of writes for [`Store::write`](crate::Store::write).
#[derive(Default)]
pub struct Batch {
    pub(crate) operations: Vec<Operation>,
}

/// The collection and key of a document or a blob.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) collection: String,
    pub(crate) key: String,
}

pub(crate) enum Operation {
    Put(Put),
    Delete { at: Address },
    PutSecret { owner: String, name: String, value: SecretString },
    DeleteSecret { owner: String, name: String },
    PutBlob { at: Address, bytes: Vec<u8> },
    DeleteBlob { at: Address },
    Prune { collection: String, older_than: Timestamp },
}

/// A document to be written.
pub(crate) struct Put {
    pub(crate) at: Address,
    pub(crate) expect: Option<Expect>,
    pub(crate) body: String,
    /// Whether the body is sealed before it is written.
    pub(crate) sealed: bool,
    /// Names and values; they replace those that the document had.
    pub(crate) labels: Vec<(&'static str, String)>,
}

impl Batch {
    /// A batch that does nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes a document, whether or not it exists.
    ///
    /// # Errors
    /// [`StoreError::Encode`] when the value cannot be written as JSON.
    pub fn put(
        &mut self,
        collection: &str,
        key: &str,
        value: &impl Serialize,
    ) -> Result<&mut Self, StoreError> {
        let put = Put::of(collection, key, value)?;
        Ok(self.add(Operation::Put(put)))
    }

    /// Writes a document that [`Search`](crate::Search) finds by its labels, each a name and a value.
    ///
    /// # Errors
    /// As [`Batch::put`].
    pub fn put_labelled(
        &mut self,
        collection: &str,
        key: &str,
        value: &impl Serialize,
        labels: Vec<(&'static str, String)>,
    ) -> Result<&mut Self, StoreError> {
        let put = Put { labels, ..Put::of(collection, key, value)? };
        Ok(self.add(Operation::Put(put)))
    }

    /// Writes a document that nobody can read without the key of the secrets: it is read by
    /// [`Store::get_sealed`](crate::Store::get_sealed) alone. Its own key stays readable.
    ///
    /// # Errors
    /// As [`Batch::put`].
    pub fn put_sealed(
        &mut self,
        collection: &str,
        key: &str,
        value: &impl Serialize,
    ) -> Result<&mut Self, StoreError> {
        let put = Put { sealed: true, ..Put::of(collection, key, value)? };
        Ok(self.add(Operation::Put(put)))
    }

    /// As [`Batch::put_sealed`], if the document is in the expected state, as [`Batch::put_if`] has it.
    ///
    /// # Errors
    /// As [`Batch::put`].
    pub fn put_sealed_if(
        &mut self,
        collection: &str,
        key: &str,
        expect: Expect,
        value: &impl Serialize,
    ) -> Result<&mut Self, StoreError> {
        let put = Put { sealed: true, expect: Some(expect), ..Put::of(collection, key, value)? };
        Ok(self.add(Operation::Put(put)))
    }

    /// Writes a document if it is in the expected state; otherwise the write fails with
    /// [`StoreError::Conflict`] and nothing of the batch is written.
    ///
    /// # Errors
    /// [`StoreError::Encode`] when the value cannot be written as JSON.
    pub fn put_if(
        &mut self,
        collection: &str,
        key: &str,
        expect: Expect,
        value: &impl Serialize,
    ) -> Result<&mut Self, StoreError> {
        let put = Put { expect: Some(expect), ..Put::of(collection, key, value)? };
        Ok(self.add(Operation::Put(put)))
    }

    /// Deletes a document; one that does not exist is no error.
    pub fn delete(&mut self, collection: &str, key: &str) -> &mut Self {
        self.add(Operation::Delete { at: Address::new(collection, key) })
    }

    /// Seals and writes a secret, whether or not it exists.
    pub fn put_secret(&mut self, owner: &str, name: &str, value: &SecretString) -> &mut Self {
        let (owner, name, value) = (owner.to_owned(), name.to_owned(), value.clone());
        self.add(Operation::PutSecret { owner, name, value })
    }

    /// Deletes a secret; one that does not exist is no error.
    pub fn delete_secret(&mut self, owner: &str, name: &str) -> &mut Self {
        self.add(Operation::DeleteSecret { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// Writes a blob with its SHA-256, whether or not it exists.
    pub fn put_blob(
        &mut self,
        collection: &str,
        key: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> &mut Self {
        self.add(Operation::PutBlob { at: Address::new(collection, key), bytes: bytes.into() })
    }

    /// Deletes a blob; one that does not exist is no error.
    pub fn delete_blob(&mut self, collection: &str, key: &str) -> &mut Self {
        self.add(Operation::DeleteBlob { at: Address::new(collection, key) })
    }

    /// Deletes the documents of a collection that were last written before `older_than`.
    pub fn prune(&mut self, collection: &str, older_than: Timestamp) -> &mut Self {
        self.add(Operation::Prune { collection: collection.to_owned(), older_than })
    }

    /// Adds what `other` does, after what is there already.
    pub fn append(&mut self, other: Self) -> &mut Self {
        self.operations.extend(other.operations);
        self
    }

    fn add(&mut self, operation: Operation) -> &mut Self {
        self.operations.push(operation);
        self
    }
}

impl Put {
    fn of(collection: &str, key: &str, value: &impl Serialize) -> Result<Self, StoreError> {
        let at = Address::new(collection, key);
        match serde_json::to_string(value) {
            Ok(body) => Ok(Self { at, expect: None, body, sealed: false, labels: Vec::new() }),
            Err(source) => {
                Err(StoreError::Encode { collection: at.collection, key: at.key, source })
            }
        }
    }
}

impl Address {
    fn new(collection: &str, key: &str) -> Self {
        Self { collection: collection.to_owned(), key: key.to_owned() }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.collection, self.key)
    }
}

/// Shows how much there is, not what: documents may be long, and secrets stay out of logs.
impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("operations", &self.operations.len()).finish()
    }
}
