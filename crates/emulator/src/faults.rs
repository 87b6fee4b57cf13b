//! Faults on demand: what goes wrong next, per route, a given number of times.
//!
//! Faults of a route are used up in the order in which they were added, one per request. They
//! have no probability: a test wants to know which request fails.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Which requests a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Route {
    /// The token endpoints, v1 and v2.
    Token,
    /// The Dataverse Web API.
    Api,
}

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FaultKind {
    /// The request is answered with this status and not carried out.
    Status {
        /// HTTP status, 400 to 599.
        code: u16,
        /// Value of `Retry-After`, in seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry_after: Option<u32>,
    },
    /// The request waits before it is carried out.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// The connection is dropped before the request is carried out.
    CutBefore,
    /// The connection is dropped after the request was carried out, before its answer.
    CutAfter,
    /// The request is not carried out and answered 200 with a body that is not JSON.
    Garbage,
}

/// A fault waiting to happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Which requests it meets.
    pub route: Route,
    /// What goes wrong.
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How many requests it meets; 1 when not said.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

#[derive(Default)]
pub(crate) struct Faults(Mutex<VecDeque<Fault>>);

impl Faults {
    pub(crate) fn add(&self, fault: Fault) {
        if fault.times > 0 {
            self.lock().push_back(fault);
        }
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.lock().iter().cloned().collect()
    }

    /// Takes one use of the first fault that waits for `route`.
    pub(crate) fn take(&self, route: Route) -> Option<FaultKind> {
        let mut faults = self.lock();
        let at = faults.iter().position(|fault| fault.route == route)?;
        let fault = faults.get_mut(at)?;
        let kind = fault.kind.clone();
        fault.times -= 1;
        if fault.times == 0 {
            faults.remove(at);
        }
        Some(kind)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, VecDeque<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_a_route_are_used_up_in_order() {
        let faults = Faults::default();
        let json = [
            r#"{"route":"api","kind":"status","code":429,"retry_after":2,"times":2}"#,
            r#"{"route":"token","kind":"cut-after"}"#,
            r#"{"route":"api","kind":"latency","ms":5}"#,
        ];
        for text in json {
            faults.add(serde_json::from_str(text).unwrap());
        }
        let throttled = FaultKind::Status { code: 429, retry_after: Some(2) };
        assert_eq!(faults.take(Route::Api), Some(throttled.clone()));
        assert_eq!(faults.take(Route::Api), Some(throttled));
        assert_eq!(faults.take(Route::Api), Some(FaultKind::Latency { ms: 5 }));
        assert_eq!(faults.take(Route::Api), None);
        assert_eq!(faults.take(Route::Token), Some(FaultKind::CutAfter));
    }
}
