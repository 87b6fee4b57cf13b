//! The CRM as the runtime sees it: reads, writes, callers and actions on the account that the engine bound, nothing
//! more. What is asked for is a struct, so that a new wish of the contract is a new field and no new argument.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{RecordSet, Spent};

/// The key under which a create makes its record, so that repeating it cannot make a second one.
pub type RowId = uuid::Uuid;

/// A bound account of a CRM. Every call returns by `deadline`, whatever happens.
#[async_trait]
pub trait Crm: Send + Sync {
    /// Reads records.
    async fn query(
        &self,
        asked: &Query<'_>,
        deadline: Instant,
    ) -> Result<Answer<RecordSet>, CrmError>;

    /// Counts the records for which `filter` holds; all where it is empty.
    async fn count(
        &self,
        entity_set: &str,
        filter: &str,
        deadline: Instant,
    ) -> Result<Answer<u64>, CrmError>;

    /// Reads one record by its key; the set holds exactly one.
    async fn retrieve(
        &self,
        asked: &Retrieve<'_>,
        deadline: Instant,
    ) -> Result<Answer<RecordSet>, CrmError>;

    /// Makes a record under the key `row`.
    async fn create(
        &self,
        asked: &Create<'_>,
        deadline: Instant,
    ) -> Result<Answer<Created>, CrmError>;

    /// Changes a record, or makes it where there is none.
    async fn upsert(
        &self,
        asked: &Change<'_>,
        deadline: Instant,
    ) -> Result<Answer<Upserted>, CrmError>;

    /// Changes an existing record. The answer holds it as it is afterwards, where that was asked for.
    async fn update(
        &self,
        asked: &Change<'_>,
        deadline: Instant,
    ) -> Result<Answer<Option<RecordSet>>, CrmError>;

    /// Removes a record; where `etag` is given, only the one that still has it.
    async fn delete(
        &self,
        record: Reference<'_>,
        etag: Option<&str>,
        deadline: Instant,
    ) -> Result<Answer<()>, CrmError>;

    /// Ties two records together, or takes them apart again.
    async fn link(&self, asked: &Link<'_>, deadline: Instant) -> Result<Answer<()>, CrmError>;

    /// Carries out an action; the answer is JSON. Never repeated once it may have been carried out.
    async fn execute(
        &self,
        asked: &Execute<'_>,
        deadline: Instant,
    ) -> Result<Answer<String>, CrmError>;

    /// Looks for a phone number in whatever notation it is stored, table by table until one knows it.
    async fn find_by_phone(
        &self,
        asked: &PhoneQuery<'_>,
        deadline: Instant,
    ) -> Result<Answer<PhoneMatch>, CrmError>;
}

/// How a read may be answered. The default is one page, from the CRM, for the caller alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReadOptions {
    /// Follow the pages until so many records are there; none is the first page only.
    pub max_records: Option<u32>,
    /// Records that one page may hold.
    pub page_size: Option<u32>,
    /// Formatted values and the names of looked-up records too.
    pub annotations: bool,
    /// Share one request with identical reads under way at the same moment.
    pub share: bool,
    /// A cached answer that is at most so old will do.
    pub max_age: Option<Duration>,
    /// An answer that is at most so old will do where the CRM is down, throttling or late.
    pub stale_for: Option<Duration>,
}

/// Conditions of a write, and what it is to give back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Write only where the record still has this etag.
    pub etag: Option<String>,
    /// Columns to give back as they are after the write.
    pub returning: Option<String>,
    /// Let duplicate rules refuse the record.
    pub detect_duplicates: bool,
}

/// A record, named: the entity set of its table, and a GUID or an alternate key such as `accountnumber='A1'`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference<'a> {
    /// Entity set name.
    pub entity_set: &'a str,
    /// Key.
    pub key: &'a str,
}

/// The language of a query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryText<'a> {
    /// OData query options with or without the leading `?`.
    OData(&'a str),
    /// A query in FetchXML.
    FetchXml(&'a str),
}

/// What [`Crm::query`] is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query<'a> {
    /// Entity set name of the table.
    pub entity_set: &'a str,
    /// The query.
    pub text: QueryText<'a>,
    /// How it may be answered.
    pub read: ReadOptions,
}

/// What [`Crm::retrieve`] is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retrieve<'a> {
    /// The record.
    pub record: Reference<'a>,
    /// OData query options: `$select` and `$expand`.
    pub options: &'a str,
    /// How it may be answered.
    pub read: ReadOptions,
}

/// What [`Crm::create`] is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create<'a> {
    /// Entity set name of the table.
    pub entity_set: &'a str,
    /// Key of the record to make.
    pub row: RowId,
    /// A JSON object.
    pub columns: &'a str,
    /// Conditions, and what is to be given back.
    pub write: WriteOptions,
}

/// What [`Crm::update`] and [`Crm::upsert`] are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change<'a> {
    /// The record.
    pub record: Reference<'a>,
    /// A JSON object.
    pub columns: &'a str,
    /// Conditions, and what is to be given back.
    pub write: WriteOptions,
}

/// What [`Crm::link`] is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link<'a> {
    /// The record that has the navigation property.
    pub record: Reference<'a>,
    /// Name of the navigation property: a collection or a lookup.
    pub relationship: &'a str,
    /// The other record.
    pub to: Reference<'a>,
    /// Whether the two are to be tied together; taken apart otherwise.
    pub tie: bool,
}

/// What [`Crm::execute`] is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execute<'a> {
    /// The record on which the action works; none for an unbound action.
    pub bound_to: Option<Reference<'a>>,
    /// Name of the action.
    pub action: &'a str,
    /// A JSON object.
    pub parameters: &'a str,
}

/// What [`Crm::find_by_phone`] is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneQuery<'a> {
    /// The number, in any notation.
    pub number: &'a str,
    /// Where to look, in this order.
    pub searches: Vec<PhoneSearch>,
    /// Records to read at most.
    pub top: u32,
    /// How the reads may be answered.
    pub read: ReadOptions,
}

/// A table in which to look for a phone number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneSearch {
    /// Entity set name.
    pub entity_set: String,
    /// The columns that hold phone numbers.
    pub columns: Vec<String>,
    /// The columns to read; empty reads all.
    pub select: Vec<String>,
    /// Leave out records that are not active.
    pub active_only: bool,
}

/// What became of a search for a phone number.
#[derive(Debug, Clone)]
pub enum PhoneMatch {
    /// There is no number in the text; the CRM was not asked.
    NoNumber,
    /// No record has it.
    Nobody,
    /// One record has it.
    One {
        /// Place of the search among those given.
        search: usize,
        /// The record.
        records: RecordSet,
    },
    /// Several have it.
    Several {
        /// Place of the search among those given.
        search: usize,
        /// The records.
        records: RecordSet,
    },
}

/// What a create has made.
#[derive(Debug, Clone)]
pub struct Created {
    /// Primary key.
    pub id: String,
    /// The record, where it was asked for.
    pub row: Option<RecordSet>,
}

/// What an upsert has done.
#[derive(Debug, Clone)]
pub struct Upserted {
    /// Primary key, where the CRM told it.
    pub id: Option<String>,
    /// Whether the record was made, where the CRM told it.
    pub created: Option<bool>,
    /// The record, where it was asked for.
    pub row: Option<RecordSet>,
}

/// What the CRM answered: the value read from it, and the answer itself.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// HTTP status; none where nothing had to be asked.
    pub status: Option<u16>,
    /// Body as received; empty where there was none.
    pub body: Arc<str>,
    /// HTTP requests that it took.
    pub requests: u32,
    /// Where its time went.
    pub spent: Spent,
    /// How old the answer is; none where it is not from a cache.
    pub age: Option<Duration>,
    /// Whether it stands in for one that the CRM could not give.
    pub stale: bool,
}

impl<T> Answer<T> {
    /// An answer that the CRM gave to one request.
    pub fn fresh(value: T, status: u16, body: impl Into<Arc<str>>) -> Self {
        let (status, body) = (Some(status), body.into());
        let spent = Spent::default();
        Self { value, status, body, requests: 1, spent, age: None, stale: false }
    }

    /// The same answer with another value.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Answer<U> {
        let Self { value, status, body, requests, spent, age, stale } = self;
        Answer { value: map(value), status, body, requests, spent, age, stale }
    }
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
    /// HTTP requests that it took to come to this.
    pub requests: u32,
    /// Where the time went on the way to it.
    pub spent: Spent,
}

impl CrmError {
    /// An error made on this side, without an answer of the CRM.
    pub fn local(kind: CrmErrorKind, message: impl Into<String>) -> Self {
        let (message, spent) = (message.into(), Spent::default());
        Self { kind, status: None, code: None, message, body: None, requests: 0, spent }
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
