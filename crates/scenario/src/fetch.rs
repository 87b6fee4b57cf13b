//! A request to a web server as a scenario asks for it, and what comes of it. Who carries it out is the host's affair.

use std::time::Instant;

use crate::trace::FailureKind;

/// What is asked of a web server.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    /// HTTP method, in capitals.
    pub method: String,
    /// The address.
    pub url: String,
    /// Parameters to be added to the address, in order; they are encoded on the way.
    pub parameters: Vec<(String, String)>,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// When an answer is of no use any more.
    pub deadline: Instant,
}

/// What a web server answered.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// HTTP status.
    pub status: u16,
    /// The body, as text.
    pub body: String,
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    /// The cause.
    pub kind: FailureKind,
    /// What happened, for a person; no secret is in it.
    pub message: String,
}

impl FetchError {
    /// The host lets no scenario ask this address.
    pub fn forbidden(url: &str) -> Self {
        let message = format!("scenarios may not fetch `{url}`: this host lets them fetch nothing");
        Self { kind: FailureKind::PolicyDenied, message }
    }
}
