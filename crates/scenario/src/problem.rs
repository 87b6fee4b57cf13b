//! A fault found in a scenario document, with the place where it is.

use serde::{Deserialize, Serialize};
use serde_path_to_error::Segment;

/// Something wrong, or doubtful, in a scenario document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// JSON pointer (RFC 6901) to the place in the document; empty for the whole of it. Of what is missing, to where it
    /// belongs.
    pub pointer: String,
    /// Whether the scenario can be published in spite of it.
    pub severity: Severity,
    /// What is wrong and what to do, in one sentence.
    pub message: String,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Cannot be published.
    Error,
    /// Can be published; somebody should look.
    Warning,
}

impl Problem {
    pub(crate) fn error(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), severity: Severity::Error, message: message.into() }
    }

    pub(crate) fn warning(pointer: impl Into<String>, message: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), severity: Severity::Warning, message: message.into() }
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

/// The JSON pointer (RFC 6901) to the place that a deserializer had come to.
pub fn pointer_to(path: &serde_path_to_error::Path) -> String {
    path.iter().fold(String::new(), |pointer, segment| match segment {
        Segment::Seq { index } => child(&pointer, &index.to_string()),
        Segment::Map { key } => child(&pointer, key),
        Segment::Enum { .. } | Segment::Unknown => pointer,
    })
}

/// Appends a reference token to a JSON pointer, escaped as RFC 6901 section 3 asks.
pub(crate) fn child(pointer: &str, token: &str) -> String {
    format!("{pointer}/{}", token.replace('~', "~0").replace('/', "~1"))
}
