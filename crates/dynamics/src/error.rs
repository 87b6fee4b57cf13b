//! The one error of this crate: its cause as far as a designer can act on it, and what the far side said.
//!
//! The causes are those of the block contract, so that nothing is lost or guessed on the way to a block.
//! Neither the message nor the debug form holds a secret, a token or a record.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::sent::Spent;

/// Why Dynamics 365, or its sign-in, did not do what was asked.
#[derive(Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// The cause.
    pub kind: ErrorKind,
    /// HTTP status of the answer, where there was one.
    pub status: Option<u16>,
    /// Code of the Dataverse error, such as `0x80040217`, or of the Entra ID error, such as `AADSTS700082`.
    pub code: Option<String>,
    /// For a person; starts in lower case unless it is Dataverse's own text.
    pub message: String,
    /// Id under which the far side's support can find the request.
    pub request_id: Option<String>,
    /// Body of the answer as received, any token in it blotted out.
    pub body: Option<Arc<str>>,
    /// HTTP requests that were sent to the Web API on the way to it, repetitions included.
    pub requests: u32,
    /// Where the time went on the way to it.
    pub spent: Spent,
}

/// The cause of an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The request is wrong; repeating it cannot help.
    InvalidRequest,
    /// Consent is missing, expired or revoked, or the client's credential is refused.
    ConsentRequired,
    /// The consenting user lacks a privilege.
    Forbidden,
    /// No such record or table.
    NotFound,
    /// Changed or made by someone else meanwhile, or refused by a duplicate rule.
    Conflict,
    /// Asked to wait, in milliseconds, for longer than the deadline allows.
    Throttled(u64),
    /// The deadline passed. A change may or may not have been made.
    Timeout,
    /// Dynamics 365 or Entra ID cannot be reached, or failed on its side.
    Unavailable,
    /// The account's policy forbids it.
    PolicyDenied,
}

impl ErrorKind {
    /// The name as it is logged and counted.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid-request",
            Self::ConsentRequired => "consent-required",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::Throttled(_) => "throttled",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::PolicyDenied => "policy-denied",
        }
    }
}

impl Error {
    /// An error made on this side, without an answer.
    pub(crate) fn local(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            message: message.into(),
            request_id: None,
            body: None,
            requests: 0,
            spent: Spent::default(),
        }
    }

    /// What cannot be sent as meant.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::local(ErrorKind::InvalidRequest, message)
    }

    pub(crate) fn timeout(place: &str) -> Self {
        Self::local(ErrorKind::Timeout, format!("the deadline passed while {place}"))
    }
}

/// As much of what somebody wrote as a message can hold, with nothing in it that moves the cursor.
pub(crate) fn excerpt(text: &str) -> String {
    text.escape_debug().take(60).collect()
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("request_id", &self.request_id)
            .field("body_bytes", &self.body.as_ref().map(|body| body.len()))
            .field("requests", &self.requests)
            .finish()
    }
}
