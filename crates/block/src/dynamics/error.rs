//! Why Dynamics 365 did not do what a block asked of it.

use std::time::Duration;

/// Why Dynamics 365 did not do what was asked. `?` makes a [`Failure`](crate::Failure) of it; what is an answer rather than
/// an error is told apart first:
///
/// ```
/// use patchcord_block::prelude::*;
///
/// fn close(case: &RecordId) -> Result<Outcome> {
///     let columns = serde_json::json!({"statecode": 1});
///     match dynamics::update("incidents", case, &columns) {
///         Err(error) if error.is_missing_record() => Ok(Outcome::exit("no_data")),
///         Err(error) if error.is_conflict() => Ok(Outcome::exit("changed")),
///         answer => Ok(answer.map(|()| Outcome::next())?),
///     }
/// }
/// ```
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

    /// Whether the record was changed or made by someone else meanwhile, or a duplicate rule refused it.
    pub fn is_conflict(&self) -> bool {
        self.kind == ErrorKind::Conflict
    }

    /// Whether neither the block nor its properties are to blame, and the same may work in a later call: Dynamics 365 is
    /// throttling, late or down.
    pub fn is_temporary(&self) -> bool {
        use ErrorKind::{Throttled, Timeout, Unavailable};
        matches!(self.kind, Throttled(_) | Timeout | Unavailable)
    }

    /// Whether the block's manifest or the account's policy does not allow what was asked.
    pub fn is_policy_denied(&self) -> bool {
        self.kind == ErrorKind::PolicyDenied
    }
}
