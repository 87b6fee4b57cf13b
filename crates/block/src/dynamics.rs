//! Dynamics 365, as the user who consented to the integration account that the run uses at this step. The host holds
//! account, tokens, connections, retries and throttling: an error that arrives here has been retried already as far as the
//! deadline allowed.

use std::time::Duration;

use serde::Serialize;

use crate::{RecordId, RecordSet, host};

/// Why Dynamics 365 did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The cause.
    pub kind: ErrorKind,
    /// HTTP status of the answer, where there was one.
    pub status: Option<u16>,
    /// Code of the Dataverse error, such as `0x80040217`, where there was one.
    pub code: Option<String>,
    /// What went wrong, for a person. Holds no secret.
    pub message: String,
}

/// The cause of an error, told apart as far as a designer can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is wrong: a query, a column, a value. Repeating it cannot help.
    InvalidRequest,
    /// The consent of the account's user is missing, expired or revoked.
    ConsentRequired,
    /// The user who consented lacks a privilege in Dynamics 365.
    Forbidden,
    /// There is no such record or table.
    NotFound,
    /// The record was changed or made by someone else meanwhile, or a duplicate rule refused it.
    Conflict,
    /// Dynamics 365 asks to wait this long, which is longer than the run's deadline allows.
    Throttled(Duration),
    /// The run's deadline passed.
    Timeout,
    /// Dynamics 365 or Entra ID cannot be reached, or failed on its side.
    Unavailable,
    /// The block's manifest or the account's policy does not allow this.
    PolicyDenied,
}

/// Codes of Dataverse for a record that is not there: ObjectDoesNotExist and RecordNotFoundByEntityKey.
const NO_SUCH_RECORD: [&str; 2] = ["0x80040217", "0x80060891"];

impl Error {
    /// An error of this kind without an answer of Dynamics 365 behind it.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, status: None, code: None, message: message.into() }
    }

    /// Whether it is the record that is missing, and not the table: a misspelt table is a mistake of the scenario, a
    /// missing record is an answer.
    pub fn is_missing_record(&self) -> bool {
        let code = self.code.as_deref();
        self.kind == ErrorKind::NotFound && code.is_some_and(|code| NO_SUCH_RECORD.contains(&code))
    }
}

/// Reads the records that match `options`: OData query options such as an [`ODataQuery`](crate::ODataQuery), an
/// [`odata::Query`](crate::odata::Query) or text.
///
/// # Errors
/// [`Error`] with its cause.
pub fn query(entity_set: impl AsRef<str>, options: impl AsRef<str>) -> Result<RecordSet, Error> {
    host::query(entity_set.as_ref(), options.as_ref()).map(RecordSet::new)
}

/// Reads one record by its primary key; the set holds exactly one. Of `options` only `$select` and `$expand` make sense.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn retrieve(
    entity_set: impl AsRef<str>,
    id: &RecordId,
    options: impl AsRef<str>,
) -> Result<RecordSet, Error> {
    host::retrieve(entity_set.as_ref(), id.as_str(), options.as_ref()).map(RecordSet::new)
}

/// Makes a record of `columns`, which serialize to a JSON object, and returns its primary key. Safe to repeat: the host
/// gives the record a key of the step's own, so that a lost answer cannot make a second record.
///
/// # Errors
/// [`Error`] with its cause.
pub fn create(entity_set: impl AsRef<str>, columns: &impl Serialize) -> Result<RecordId, Error> {
    host::create(entity_set.as_ref(), &json(columns)?).map(RecordId::given)
}

/// Changes the given columns of an existing record. Never makes one.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn update(
    entity_set: impl AsRef<str>,
    id: &RecordId,
    columns: &impl Serialize,
) -> Result<(), Error> {
    host::update(entity_set.as_ref(), id.as_str(), &json(columns)?)
}

/// Removes a record.
///
/// # Errors
/// [`Error`] with its cause; a missing record is one for which [`Error::is_missing_record`] holds.
pub fn delete(entity_set: impl AsRef<str>, id: &RecordId) -> Result<(), Error> {
    host::delete(entity_set.as_ref(), id.as_str())
}

fn json(columns: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(columns)
        .map_err(|error| Error::new(ErrorKind::InvalidRequest, format!("columns: {error}")))
}
