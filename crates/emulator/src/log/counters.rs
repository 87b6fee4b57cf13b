//! How many requests there were.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde::Serialize;

use super::lock;

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
