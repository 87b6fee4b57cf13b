//! The request log: what came in, what went out, and what a fault did to it.
//!
//! It answers "what did my scenario actually send?". It is a bounded ring in memory, by number and by
//! bytes. Secrets and tokens are masked before they enter it (`mask`), so that nothing that reads it
//! can leak one.

pub(crate) mod body;
pub(crate) mod control;
mod counters;
pub(crate) mod curl;
pub(crate) mod detail;
mod fetch_xml;
pub(crate) mod filter;
mod json_mask;
pub(crate) mod mask;
pub(crate) mod multipart;
pub(crate) mod page;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;

pub(crate) use counters::CounterCells;
pub use counters::Counters;

const CAPACITY: usize = 500;
/// What all entries may take together.
const BYTES: usize = 16 * 1024 * 1024;

/// One request and its answer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct LogEntry {
    /// Its number; the first answered is 1.
    pub n: u64,
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
    /// Origin, path and query as sent, secrets masked.
    pub url: String,
    /// Who sent it: a user's name, or an app's id, as far as the request says so.
    pub who: Option<String>,
    /// The kind of the fault on demand that met it.
    pub fault: Option<String>,
    /// HTTP status of the answer; 0 where the connection was cut instead.
    pub status: u16,
    /// Milliseconds from the request's last byte to the answer's first.
    pub ms: f64,
    /// Headers of the request, secrets masked.
    pub request_headers: Vec<(String, String)>,
    /// Bytes of the request's body.
    pub request_bytes: usize,
    /// Body of the request, secrets masked, cut at 64 KiB.
    pub request_body: String,
    /// Headers of the answer, secrets masked.
    pub response_headers: Vec<(String, String)>,
    /// Bytes of the answer's body.
    pub response_bytes: usize,
    /// Body of the answer, secrets masked, cut at 64 KiB.
    pub response_body: String,
}

impl LogEntry {
    /// What it takes in memory, about.
    fn size(&self) -> usize {
        let pairs = |pairs: &[(String, String)]| -> usize {
            pairs.iter().map(|(name, value)| name.len() + value.len() + 48).sum()
        };
        size_of::<Self>()
            + pairs(&self.options)
            + pairs(&self.request_headers)
            + pairs(&self.response_headers)
            + self.path.len()
            + self.query.len()
            + self.url.len()
            + self.request_body.len()
            + self.response_body.len()
    }

    /// The first value of a header of the request, or of the answer.
    pub(crate) fn header<'a>(headers: &'a [(String, String)], name: &str) -> &'a str {
        let found = headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }
}

#[derive(Default)]
struct Inner {
    entries: VecDeque<LogEntry>,
    bytes: usize,
    last: u64,
}

#[derive(Default)]
pub(crate) struct RequestLog(Mutex<Inner>);

impl RequestLog {
    pub(crate) fn push(&self, mut entry: LogEntry) {
        let mut inner = lock(&self.0);
        inner.last += 1;
        entry.n = inner.last;
        inner.bytes += entry.size();
        inner.entries.push_back(entry);
        while inner.entries.len() > CAPACITY || (inner.bytes > BYTES && inner.entries.len() > 1) {
            let gone = inner.entries.pop_front().map_or(0, |entry| entry.size());
            inner.bytes = inner.bytes.saturating_sub(gone);
        }
    }

    pub(crate) fn entries(&self) -> Vec<LogEntry> {
        lock(&self.0).entries.iter().cloned().collect()
    }

    /// The entries that `wanted` takes, oldest first.
    pub(crate) fn select(&self, wanted: impl Fn(&LogEntry) -> bool) -> Vec<LogEntry> {
        lock(&self.0).entries.iter().filter(|entry| wanted(entry)).cloned().collect()
    }

    pub(crate) fn entry(&self, n: u64) -> Option<LogEntry> {
        lock(&self.0).entries.iter().find(|entry| entry.n == n).cloned()
    }

    /// Forgets the entries; numbers go on.
    pub(crate) fn clear(&self) {
        let mut inner = lock(&self.0);
        inner.entries.clear();
        inner.bytes = 0;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_is_bounded_by_number() {
        let log = RequestLog::default();
        for n in 0..CAPACITY + 3 {
            log.push(LogEntry { path: n.to_string(), ..LogEntry::default() });
        }
        let entries = log.entries();
        assert_eq!(entries.len(), CAPACITY);
        assert_eq!((entries[0].path.as_str(), entries[0].n), ("3", 4));
    }

    #[test]
    fn the_log_is_bounded_by_bytes() {
        let log = RequestLog::default();
        for _ in 0..300 {
            let request_body = "x".repeat(100_000);
            log.push(LogEntry { request_body, ..LogEntry::default() });
        }
        assert!((100..170).contains(&log.entries().len()));
        assert!(lock(&log.0).bytes <= BYTES);
        assert_eq!(log.entry(300).map(|entry| entry.n), Some(300));
        log.clear();
        assert_eq!((log.entries().len(), lock(&log.0).bytes), (0, 0));
    }
}
