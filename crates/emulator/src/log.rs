//! The request log and the counters: what came in, what went out, and how often.
//!
//! The log answers "what did my scenario actually send?". It is a bounded ring in memory. Secrets
//! and tokens are masked before they enter it, so that nothing that reads it can leak one.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

const CAPACITY: usize = 500;
const BODY_LIMIT: usize = 4096;
const MASK: &str = "***";

/// Names of form fields, query options and JSON members whose values never enter the log.
const SECRET_NAMES: [&str; 12] = [
    "access_token",
    "assertion",
    "client_assertion",
    "client_info",
    "client_secret",
    "code",
    "code_verifier",
    "ctx",
    "id_token",
    "passwd",
    "password",
    "refresh_token",
];

/// One request and its answer.
#[derive(Debug, Clone, Serialize)]
pub struct LogEntry {
    /// When it came in, RFC 3339 in UTC.
    pub time: String,
    /// HTTP method.
    pub method: String,
    /// Path, as sent.
    pub path: String,
    /// Query, decoded, secrets masked.
    pub query: String,
    /// The options of the query, each decoded, in the order sent, secrets masked.
    pub options: Vec<(String, String)>,
    /// HTTP status of the answer; 0 where the connection was cut instead.
    pub status: u16,
    /// Milliseconds from the request's last byte to the answer's first.
    pub ms: f64,
    /// Body of the request, secrets masked, cut at 4 KiB.
    pub request_body: String,
    /// Body of the answer, secrets masked, cut at 4 KiB.
    pub response_body: String,
}

#[derive(Default)]
pub(crate) struct RequestLog(Mutex<VecDeque<LogEntry>>);

impl RequestLog {
    pub(crate) fn push(&self, entry: LogEntry) {
        let mut entries = lock(&self.0);
        if entries.len() == CAPACITY {
            entries.pop_front();
        }
        entries.push_back(entry);
    }

    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        lock(&self.0).iter().cloned().collect()
    }
}

/// How many requests there were since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Token requests by `grant_type`.
    pub token_requests: BTreeMap<String, u64>,
    /// Web API requests by HTTP method.
    pub api_requests: BTreeMap<String, u64>,
}

#[derive(Default)]
pub(crate) struct CounterCells(Mutex<Counters>);

impl CounterCells {
    pub(crate) fn count_token(&self, grant_type: &str) {
        *lock(&self.0).token_requests.entry(grant_type.to_owned()).or_default() += 1;
    }

    pub(crate) fn count_api(&self, method: &str) {
        *lock(&self.0).api_requests.entry(method.to_owned()).or_default() += 1;
    }

    pub(crate) fn snapshot(&self) -> Counters {
        lock(&self.0).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A form or query string, decoded for reading, with the values of secrets masked.
pub(crate) fn masked_form(text: &str) -> String {
    let pairs = masked_pairs(text).into_iter().map(|(name, value)| format!("{name}={value}"));
    shortened(&pairs.collect::<Vec<_>>().join("&"))
}

/// The pairs of a form or query string, decoded, with the values of secrets masked.
pub(crate) fn masked_pairs(text: &str) -> Vec<(String, String)> {
    let pair = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
        let secret = SECRET_NAMES.contains(&name.as_ref()) && !value.is_empty();
        let value = if secret { MASK.to_owned() } else { value.into_owned() };
        (name.into_owned(), value)
    };
    url::form_urlencoded::parse(text.as_bytes()).map(pair).collect()
}

/// A body for the log: JSON and forms with secrets masked, anything else by its size only.
pub(crate) fn masked_body(content_type: &str, body: &[u8]) -> String {
    if body.is_empty() {
        return String::new();
    }
    if content_type.starts_with("application/x-www-form-urlencoded") {
        return masked_form(&String::from_utf8_lossy(body));
    }
    match serde_json::from_slice::<Value>(body) {
        Ok(mut value) => {
            mask_json(&mut value);
            shortened(&value.to_string())
        }
        Err(_) => format!("({} bytes of {content_type})", body.len()),
    }
}

fn mask_json(value: &mut Value) {
    let Value::Object(members) = value else {
        return;
    };
    for (name, member) in members {
        if SECRET_NAMES.contains(&name.as_str()) && member.is_string() {
            *member = Value::from(MASK);
        }
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(BODY_LIMIT) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_forms_and_answers() {
        let form = masked_form("grant_type=authorization_code&client_secret=a%2Bb&code=xyz");
        assert_eq!(form, "grant_type=authorization_code&client_secret=***&code=***");
        let json = br#"{"token_type":"Bearer","access_token":"ey.x.y","refresh_token":"0.A"}"#;
        let masked = masked_body("application/json", json);
        assert!(!masked.contains("ey.x.y") && !masked.contains("0.A"), "{masked}");
        assert!(masked.contains("Bearer"));
    }

    #[test]
    fn a_token_in_a_malformed_body_is_not_logged() {
        assert_eq!(masked_body("text/plain", b"secret"), "(6 bytes of text/plain)");
    }

    #[test]
    fn the_log_is_bounded() {
        let log = RequestLog::default();
        for n in 0..CAPACITY + 3 {
            log.push(LogEntry {
                time: String::new(),
                method: "GET".into(),
                path: n.to_string(),
                query: String::new(),
                options: Vec::new(),
                status: 200,
                ms: 0.0,
                request_body: String::new(),
                response_body: String::new(),
            });
        }
        let entries = log.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!(entries[0].path, "3");
    }
}
