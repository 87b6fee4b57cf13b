//! Who may come in: the three limits of each user, and how long one who may not has to wait.
//!
//! A refusal promises a moment, and from that moment the user is let in again; each request sent
//! before it moves it further away, up to one window. That is how the documentation describes the
//! growing `Retry-After`; by how much it grows it does not say, and here it is one slice a request.

use std::collections::HashMap;
use std::time::Duration;

use super::settings::LimitValues;
use super::window::{Measure, Window};

/// More users than a laptop's emulator has; beyond it the one idle longest is forgotten.
const MOST_USERS: usize = 1000;
/// How much a request sent while its user has to wait adds to the wait, in parts of a window.
const PENALTY_PART: u32 = 300;

/// The limit that was exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Number of requests in the window.
    Requests,
    /// Combined execution time in the window.
    ExecutionTime,
    /// Requests under way at the same time.
    Concurrent,
}

impl Limit {
    pub(crate) const ALL: [Self; 3] = [Self::Requests, Self::ExecutionTime, Self::Concurrent];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::ExecutionTime => "execution-time",
            Self::Concurrent => "concurrent",
        }
    }
}

/// Why a request is refused, and when its user is let in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) limit: Limit,
    /// Whole seconds, at least 1.
    pub(crate) retry_after: u64,
}

#[derive(Debug)]
struct User {
    window: Window,
    under_way: u32,
    wait: Option<(Limit, Duration)>,
    seen: Duration,
}

/// What is left of a user's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Remaining {
    pub(crate) requests: u64,
    pub(crate) execution_ms: u64,
}

/// One user's counts, for the control API.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub(crate) struct UserCounts {
    user: String,
    requests: u64,
    execution_ms: u64,
    under_way: u32,
    /// Seconds for which every request is refused.
    wait: u64,
}

#[derive(Debug)]
pub(crate) struct Gate {
    pub(crate) values: LimitValues,
    users: HashMap<String, User>,
}

impl Gate {
    pub(crate) fn new(values: LimitValues) -> Self {
        Self { values, users: HashMap::new() }
    }

    /// Lets a request that counts as `requests` in; [`Gate::leave`] must follow.
    pub(crate) fn enter(
        &mut self,
        now: Duration,
        user: &str,
        requests: u64,
    ) -> Result<(), Refusal> {
        self.make_room(user);
        let values = &self.values;
        let known = self.users.entry(user.to_owned()).or_insert_with(|| User {
            window: Window::new(values.window()),
            under_way: 0,
            wait: None,
            seen: now,
        });
        known.seen = now;
        known.window.forget(now);
        if let Some(refusal) = known.refused(now, values) {
            return Err(refusal);
        }
        known.under_way += 1;
        known.window.add(now, requests, 0);
        Ok(())
    }

    pub(crate) fn leave(&mut self, now: Duration, user: &str, execution_ms: u64) -> Remaining {
        let values = &self.values;
        let Some(known) = self.users.get_mut(user) else {
            return Remaining {
                requests: values.requests.into(),
                execution_ms: values.execution_ms,
            };
        };
        known.under_way = known.under_way.saturating_sub(1);
        known.window.add(now, 0, execution_ms);
        Remaining {
            requests: u64::from(values.requests)
                .saturating_sub(known.window.total(Measure::Requests)),
            execution_ms: values
                .execution_ms
                .saturating_sub(known.window.total(Measure::ExecutionMs)),
        }
    }

    pub(crate) fn counts(&mut self, now: Duration) -> Vec<UserCounts> {
        let count = |(user, known): (&String, &mut User)| {
            known.window.forget(now);
            let wait = known.wait.filter(|(_, until)| *until > now);
            UserCounts {
                user: user.clone(),
                requests: known.window.total(Measure::Requests),
                execution_ms: known.window.total(Measure::ExecutionMs),
                under_way: known.under_way,
                wait: wait.map_or(0, |(_, until)| seconds_up(until - now)),
            }
        };
        let mut counts: Vec<UserCounts> = self.users.iter_mut().map(count).collect();
        counts.sort_by(|a, b| a.user.cmp(&b.user));
        counts
    }

    fn make_room(&mut self, user: &str) {
        if self.users.len() < MOST_USERS || self.users.contains_key(user) {
            return;
        }
        let idle = self.users.iter().filter(|(_, known)| known.under_way == 0);
        let oldest = idle.min_by_key(|(_, known)| known.seen).map(|(user, _)| user.clone());
        if let Some(oldest) = oldest {
            self.users.remove(&oldest);
        }
    }
}

impl User {
    fn refused(&mut self, now: Duration, values: &LimitValues) -> Option<Refusal> {
        if self.under_way >= values.concurrent {
            let retry_after = self.mean_seconds();
            return Some(Refusal { limit: Limit::Concurrent, retry_after });
        }
        if let Some((limit, until)) = self.wait.filter(|(_, until)| *until > now) {
            let longest = now + values.window() + values.window() / PENALTY_PART;
            let until = (until + values.window() / PENALTY_PART).min(longest).max(until);
            self.wait = Some((limit, until));
            return Some(Refusal { limit, retry_after: seconds_up(until - now) });
        }
        self.wait = None;
        let most = u64::from(values.requests).saturating_sub(1);
        let room = self.window.at_most(now, Measure::Requests, most);
        let time = self.window.at_most(now, Measure::ExecutionMs, values.execution_ms - 1);
        let (limit, until) = match (room > now, time > now) {
            (false, false) => return None,
            (true, _) if room >= time => (Limit::Requests, room),
            _ => (Limit::ExecutionTime, time),
        };
        self.wait = Some((limit, until));
        Some(Refusal { limit, retry_after: seconds_up(until - now) })
    }

    /// How long the user's requests take on average: when one of those under way may be over.
    fn mean_seconds(&self) -> u64 {
        let requests = self.window.total(Measure::Requests).max(1);
        let mean = self.window.total(Measure::ExecutionMs) / requests;
        seconds_up(Duration::from_millis(mean))
    }
}

fn seconds_up(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
