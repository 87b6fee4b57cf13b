//! The CRM as the runtime sees it: five operations on the account that the engine bound, nothing more.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::RecordSet;

/// The key under which a create makes its record, so that repeating it cannot make a second one.
pub type RowId = uuid::Uuid;

/// A bound account of a CRM. Every call returns by `deadline`, whatever happens.
#[async_trait]
pub trait Crm: Send + Sync {
    /// Reads records; `options` are OData query options with or without the leading `?`.
    async fn query(
        &self,
        entity_set: &str,
        options: &str,
        deadline: Instant,
    ) -> Result<Answer<RecordSet>, CrmError>;

    /// Reads one record by its primary key; the set holds exactly one.
    async fn retrieve(
        &self,
        entity_set: &str,
        id: &str,
        options: &str,
        deadline: Instant,
    ) -> Result<Answer<RecordSet>, CrmError>;

    /// Makes a record of `columns` (a JSON object) under the key `row`. Returns the key.
    async fn create(
        &self,
        entity_set: &str,
        row: RowId,
        columns: &str,
        deadline: Instant,
    ) -> Result<Answer<String>, CrmError>;

    /// Changes the columns named in `columns` (a JSON object) of an existing record.
    async fn update(
        &self,
        entity_set: &str,
        id: &str,
        columns: &str,
        deadline: Instant,
    ) -> Result<Answer<()>, CrmError>;

    /// Removes a record.
    async fn delete(
        &self,
        entity_set: &str,
        id: &str,
        deadline: Instant,
    ) -> Result<Answer<()>, CrmError>;
}

/// What the CRM answered: the value read from it, and the answer itself.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// HTTP status.
    pub status: u16,
    /// Body as received; empty where there was none.
    pub body: Arc<str>,
}

/// Why the CRM did not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct CrmError {
    /// The cause.
    pub kind: CrmErrorKind,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Code of the Dataverse error, such as `0x80040217`.
    pub code: Option<String>,
    /// For a person; holds no secret.
    pub message: String,
    /// Body as received, where there was one.
    pub body: Option<Arc<str>>,
}

impl CrmError {
    /// An error made on this side, without an answer of the CRM.
    pub fn local(kind: CrmErrorKind, message: impl Into<String>) -> Self {
        Self { kind, status: None, code: None, message: message.into(), body: None }
    }
}

/// The cause of a CRM error, told apart as far as a designer can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrmErrorKind {
    /// The request is wrong; repeating it cannot help.
    InvalidRequest,
    /// Consent is missing, expired or revoked.
    ConsentRequired,
    /// The consenting user lacks a privilege.
    Forbidden,
    /// No such record or table.
    NotFound,
    /// Changed or made by someone else meanwhile.
    Conflict,
    /// Asked to wait, in milliseconds, for longer than the deadline allows.
    Throttled(u64),
    /// The deadline passed.
    Timeout,
    /// The CRM or its sign-in cannot be reached, or failed on its side.
    Unavailable,
    /// The block's manifest or the account's policy forbids it.
    PolicyDenied,
}
