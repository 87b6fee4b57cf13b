//! What was sent for one caller, and where its time went: for the trace of a call.
//!
//! Most calls send one request at once. They note in place; only a second request takes memory of its own.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use http::Method;

/// A wait shorter than this is none: it is what asking takes.
const SHORTEST_WAIT: Duration = Duration::from_micros(100);

/// One HTTP request to the Web API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was sent.
    pub began: Instant,
    /// From there to its answer, or to the end of the wait for one.
    pub took: Duration,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why there was none.
    pub error: Option<String>,
    /// The pause before the next one. A wait that Dynamics 365 asked for is not in it: it is spent at the gate.
    pub pause: Duration,
}

#[derive(Debug, Clone, Default)]
struct Noted {
    requests: u32,
    method: Option<Method>,
    gate: Duration,
    token: Duration,
    first: Option<Attempt>,
    further: Vec<Attempt>,
}

impl Noted {
    fn attempts(&self) -> impl Iterator<Item = &Attempt> {
        self.first.iter().chain(&self.further)
    }
}

/// What is being sent for one caller; clones note together.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<Mutex<Noted>>);

impl Sent {
    /// How many HTTP requests have been sent.
    pub(crate) fn count(&self) -> u32 {
        self.noted().requests
    }

    /// A request is sent.
    pub(crate) fn add(&self, method: &Method) {
        let mut noted = self.noted();
        noted.requests += 1;
        noted.method = Some(method.clone());
    }

    /// A request has ended; gives its place among them.
    pub(crate) fn ended(&self, attempt: Attempt) -> usize {
        let mut noted = self.noted();
        if noted.first.is_none() {
            noted.first = Some(attempt);
            return 0;
        }
        noted.further.push(attempt);
        noted.further.len()
    }

    /// Nothing is sent for so long after the request at `place`.
    pub(crate) fn paused(&self, place: usize, pause: Duration) {
        let mut noted = self.noted();
        let attempt = match place.checked_sub(1) {
            None => noted.first.as_mut(),
            Some(further) => noted.further.get_mut(further),
        };
        if let Some(attempt) = attempt {
            attempt.pause = pause;
        }
    }

    pub(crate) fn waited_at_gate(&self, wait: Duration) {
        if wait >= SHORTEST_WAIT {
            self.noted().gate += wait;
        }
    }

    pub(crate) fn waited_for_token(&self, wait: Duration) {
        if wait >= SHORTEST_WAIT {
            self.noted().token += wait;
        }
    }

    /// What comes of it, for the answer.
    pub(crate) fn spent(&self) -> Spent {
        Spent(Some(self.clone()))
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.noted().fmt(f)
    }
}

/// Where the time of a call went; nothing, where nothing was sent for it.
#[derive(Debug, Clone, Default)]
pub struct Spent(Option<Sent>);

impl Spent {
    /// HTTP method of the last request.
    pub fn method(&self) -> Option<Method> {
        self.0.as_ref()?.noted().method.clone()
    }

    /// How long the caller waited for a place among the account's requests, and for the end of a wait that Dynamics 365
    /// asked for.
    pub fn gate(&self) -> Duration {
        self.0.as_ref().map_or(Duration::ZERO, |sent| sent.noted().gate)
    }

    /// How long the caller waited for a token.
    pub fn token(&self) -> Duration {
        self.0.as_ref().map_or(Duration::ZERO, |sent| sent.noted().token)
    }

    /// The requests in the order of their ends; none where it is one at most, of which the answer says all.
    pub fn attempts(&self) -> Vec<Attempt> {
        let Some(sent) = &self.0 else { return Vec::new() };
        let noted = sent.noted();
        if noted.further.is_empty() { Vec::new() } else { noted.attempts().cloned().collect() }
    }

    /// This, and what was spent after it.
    pub(crate) fn then(self, after: Self) -> Self {
        match (self.0.filter(|before| before.count() > 0), after.0) {
            (Some(before), Some(after)) => {
                let (mut all, after) = (before.noted().clone(), after.noted().clone());
                all.requests += after.requests;
                all.method = after.method.clone().or(all.method);
                all.gate += after.gate;
                all.token += after.token;
                let mut attempts = after.attempts().cloned();
                if all.first.is_none() {
                    all.first = attempts.next();
                }
                all.further.extend(attempts);
                Self(Some(Sent(Arc::new(Mutex::new(all)))))
            }
            (before, after) => Self(before.or(after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(status: u16) -> Attempt {
        let (began, took, pause) = (Instant::now(), Duration::ZERO, Duration::ZERO);
        Attempt { began, took, status: Some(status), error: None, pause }
    }

    #[test]
    fn one_request_is_not_listed_and_several_are() {
        let sent = Sent::default();
        sent.add(&Method::GET);
        assert_eq!(sent.ended(attempt(503)), 0);
        assert_eq!(sent.spent().attempts(), []);
        sent.paused(0, Duration::from_millis(7));
        assert_eq!(sent.ended(attempt(200)), 1);
        let told = sent.spent().attempts();
        let told: Vec<_> = told.iter().map(|a| (a.status, a.pause.as_millis())).collect();
        assert_eq!(told, [(Some(503), 7), (Some(200), 0)]);
        assert_eq!(sent.spent().method(), Some(Method::GET));
    }

    #[test]
    fn what_one_call_asked_in_several_is_told_as_one() {
        let (one, other) = (Sent::default(), Sent::default());
        one.add(&Method::GET);
        one.ended(attempt(200));
        one.waited_at_gate(Duration::from_millis(3));
        one.waited_at_gate(SHORTEST_WAIT / 2);
        other.ended(attempt(404));
        other.waited_for_token(Duration::from_millis(5));
        let nothing = Sent::default().spent();
        let both = nothing.then(one.spent()).then(other.spent());
        let statuses: Vec<_> = both.attempts().iter().map(|attempt| attempt.status).collect();
        assert_eq!(statuses, [Some(200), Some(404)]);
        assert_eq!((both.gate().as_millis(), both.token().as_millis()), (3, 5));
    }
}
