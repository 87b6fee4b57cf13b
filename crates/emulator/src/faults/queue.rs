//! The faults that wait, and which of them meets a request.
//!
//! They are looked at in the order in which they were added; the first that is for the request and
//! whose turn it is meets it. A request that a fault lets pass, by `after` or by its dice, may still
//! be met by a later one.

use std::sync::{Mutex, MutexGuard, PoisonError};

use http::Method;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Map, Value, json};

use super::json::written;
use super::kind::FaultKind;
use super::pattern;
use super::rule::{FaultRule, FaultTarget, Route};

/// What a fault looks at in a request.
pub(crate) struct Seen<'a> {
    pub(crate) route: Option<Route>,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    /// Whether it is a token request that sends a refresh token.
    pub(crate) refreshes: bool,
}

struct Waiting {
    id: u64,
    rule: FaultRule,
    dice: StdRng,
}

#[derive(Default)]
struct Inner {
    waiting: Vec<Waiting>,
    last: u64,
}

#[derive(Default)]
pub(crate) struct Faults(Mutex<Inner>);

impl Faults {
    /// Adds a fault behind those that wait, and returns its number.
    pub(crate) fn add(&self, mut rule: FaultRule) -> u64 {
        let mut inner = self.lock();
        inner.last += 1;
        let id = inner.last;
        let rolls =
            rule.probability.is_some() || matches!(rule.kind, FaultKind::LatencyBetween { .. });
        if rolls && rule.seed.is_none() {
            // Small enough for every reader of JSON.
            rule.seed = Some(u64::from(rand::random::<u32>()));
        }
        if rule.times != Some(0) {
            let dice = StdRng::seed_from_u64(rule.seed.unwrap_or_default());
            inner.waiting.push(Waiting { id, rule, dice });
        }
        id
    }

    pub(crate) fn clear(&self) {
        self.lock().waiting.clear();
    }

    /// Whether there was one of that number.
    pub(crate) fn remove(&self, id: u64) -> bool {
        let mut inner = self.lock();
        let before = inner.waiting.len();
        inner.waiting.retain(|waiting| waiting.id != id);
        inner.waiting.len() < before
    }

    /// The waiting faults as JSON, each with its number.
    pub(crate) fn list(&self) -> Vec<(u64, Map<String, Value>)> {
        let json = |waiting: &Waiting| {
            let mut members = written(&waiting.rule);
            members.insert("id".into(), json!(waiting.id));
            (waiting.id, members)
        };
        self.lock().waiting.iter().map(json).collect()
    }

    /// Takes one use of the fault that meets the request.
    pub(crate) fn take(&self, seen: &Seen<'_>) -> Option<FaultKind> {
        let mut inner = self.lock();
        let mut met = None;
        for (at, waiting) in inner.waiting.iter_mut().enumerate() {
            if !waiting.rule.is_for(seen) {
                continue;
            }
            let passed = waiting.lets_pass(met.is_some());
            if met.is_none() && !passed {
                met = Some((at, waiting.happens()));
            }
        }
        let (at, kind) = met?;
        if inner.waiting[at].rule.times == Some(0) {
            inner.waiting.remove(at);
        }
        Some(kind)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FaultRule {
    fn is_for(&self, seen: &Seen<'_>) -> bool {
        if self.kind == FaultKind::RevokedRefreshToken && !seen.refreshes {
            return false;
        }
        match &self.target {
            FaultTarget::Route(route) => seen.route == Some(*route),
            FaultTarget::Path { method, path } => {
                method.as_deref().is_none_or(|method| method == seen.method.as_str())
                    && pattern::matches(path, seen.path)
            }
        }
    }
}

impl Waiting {
    /// Counts a request of its own; `after` counts also those that another fault met.
    fn lets_pass(&mut self, met: bool) -> bool {
        if self.rule.after > 0 {
            self.rule.after -= 1;
            return true;
        }
        if met {
            return true;
        }
        self.rule.probability.is_some_and(|probability| self.dice.random::<f64>() >= probability)
    }

    fn happens(&mut self) -> FaultKind {
        self.rule.times = self.rule.times.map(|times| times.saturating_sub(1));
        match self.rule.kind {
            FaultKind::LatencyBetween { min_ms, max_ms } => {
                FaultKind::Latency { ms: self.dice.random_range(min_ms..=max_ms.max(min_ms)) }
            }
            _ => self.rule.kind.clone(),
        }
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
