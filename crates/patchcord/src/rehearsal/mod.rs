//! Rehearsals: blocks and scenarios that run against a Dynamics 365 which answers what it is told to, with whoever wrote
//! them listening.

mod answer;
mod canned;
mod traced;

use serde_json::Value;

pub use answer::{CannedAnswer, CannedError, ErrorKind, host_calls};
pub use canned::CannedCrm;
pub use traced::{TracedCall, TracedCrm, name};

/// A value as it is read: a text without quotation marks.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
