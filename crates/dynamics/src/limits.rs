//! What Dynamics 365 says of the limits of an account's user (service protection API limits): what is left of them, and how
//! often one of them was met. Kept by successive clients of an account together, in memory alone.
//!
//! Every answer is noted on the path of a call, so nothing is locked for it: each number is a cell of its own. The answers
//! of `429` are few, and are counted by minute.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::{HeaderMap, HeaderName};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::telemetry;

/// Concurrent requests that Dataverse takes of a user ("Service protection API limits").
pub const CONCURRENT_REQUESTS: u32 = 52;
/// Requests that it takes of a user within [`LIMIT_WINDOW`].
pub const REQUESTS: u32 = 6_000;
/// Seconds of execution time that it grants a user within [`LIMIT_WINDOW`].
pub const EXECUTION_SECONDS: u32 = 1_200;
/// The sliding window of the other two limits.
pub const LIMIT_WINDOW: Duration = Duration::from_secs(300);

/// How far back answers of `429` are counted.
const COUNTED: SignedDuration = SignedDuration::from_hours(24);

/// What is left, by header.
static LEFT: [HeaderName; 3] = [
    HeaderName::from_static("x-ms-ratelimit-burst-remaining-xrm-requests"),
    HeaderName::from_static("x-ms-ratelimit-time-remaining-xrm-requests"),
    HeaderName::from_static("x-ms-dop-hint"),
];

/// A number that Dynamics 365 told, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The number.
    pub value: f64,
    /// When the answer came that told it.
    pub at: Timestamp,
}

/// Answers of `429`, by the limit that was met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Throttled {
    /// [`REQUESTS`] within [`LIMIT_WINDOW`].
    pub requests: u64,
    /// [`EXECUTION_SECONDS`] within [`LIMIT_WINDOW`].
    pub execution_time: u64,
    /// [`CONCURRENT_REQUESTS`].
    pub concurrency: u64,
    /// The answer did not say which.
    pub unknown: u64,
}

/// How much more an account may ask, as far as that is known. What is left of the limits is what one web server of
/// Dynamics 365 said: it counts for itself, and the next answer may come from another.
#[derive(Debug, Clone, PartialEq)]
pub struct HeadRoom {
    /// Requests left of [`REQUESTS`].
    pub requests: Option<Reading>,
    /// Seconds left of [`EXECUTION_SECONDS`].
    pub execution_seconds: Option<Reading>,
    /// Parallel requests that Dynamics 365 recommends.
    pub recommended_parallel: Option<Reading>,
    /// Requests under way.
    pub in_use: usize,
    /// How many there may be at once by the account's policy.
    pub allowed: usize,
    /// How many there may be at once now: fewer after a wait that was asked for.
    pub open: usize,
    /// Callers that wait for a place, or for the end of a wait that was asked for.
    pub waiting: usize,
    /// Until when Dynamics 365 asked to wait.
    pub wait_until: Option<Timestamp>,
    /// Answers of `429` since the time asked for.
    pub throttled: Throttled,
}

/// What is known of the limits of one account.
#[derive(Clone, Default)]
pub(crate) struct Limits(Arc<Known>);

#[derive(Default)]
struct Known {
    left: [Cell; 3],
    /// Answers of `429`, by minute, oldest first.
    throttled: Mutex<VecDeque<(Timestamp, Throttled)>>,
}

/// Number and time are two words: who reads between the writes of two answers sees one of each, which does no harm. A time
/// is seen only where there is a number.
#[derive(Default)]
struct Cell {
    bits: AtomicU64,
    /// Microseconds; 0 where nothing was told.
    at: AtomicI64,
}

impl Cell {
    fn set(&self, value: f64, at: Timestamp) {
        self.bits.store(value.to_bits(), Ordering::Relaxed);
        self.at.store(at.as_microsecond(), Ordering::Release);
    }

    fn get(&self) -> Option<Reading> {
        let at = Some(self.at.load(Ordering::Acquire)).filter(|at| *at != 0)?;
        let at = Timestamp::from_microsecond(at).ok()?;
        Some(Reading { value: f64::from_bits(self.bits.load(Ordering::Relaxed)), at })
    }
}

impl Limits {
    /// Notes what an answer to `account` says of what is left.
    pub(crate) fn note(&self, account: Uuid, headers: &HeaderMap) {
        for ((header, cell), metric) in LEFT.iter().zip(&self.0.left).zip(telemetry::LEFT) {
            let text = headers.get(header).and_then(|value| value.to_str().ok());
            if let Some(number) = text.and_then(number) {
                cell.set(number, Timestamp::now());
                telemetry::limit_left(metric, account, number);
            }
        }
    }

    /// Counts an answer of `429`.
    pub(crate) fn met(&self, limit: &'static str) {
        telemetry::throttled(limit);
        self.count(limit, Timestamp::now());
    }

    fn count(&self, limit: &str, now: Timestamp) {
        let minute = now.as_second() - now.as_second().rem_euclid(60);
        let minute = Timestamp::from_second(minute).unwrap_or(now);
        let mut counted = self.0.throttled.lock().unwrap_or_else(PoisonError::into_inner);
        counted.retain(|(at, _)| *at > now - COUNTED);
        if counted.back().is_none_or(|(at, _)| *at < minute) {
            counted.push_back((minute, Throttled::default()));
        }
        if let Some((_, last)) = counted.back_mut() {
            *last.of(limit) += 1;
        }
    }

    /// Requests, seconds and parallel requests, as they were told last.
    pub(crate) fn left(&self) -> [Option<Reading>; 3] {
        [0, 1, 2].map(|index: usize| self.0.left.get(index).and_then(Cell::get))
    }

    /// Answers of `429` in the minutes from `since` on.
    pub(crate) fn throttled(&self, since: Timestamp) -> Throttled {
        let counted = self.0.throttled.lock().unwrap_or_else(PoisonError::into_inner);
        let wanted = counted.iter().filter(|(at, _)| *at >= since);
        wanted.fold(Throttled::default(), |sum, (_, minute)| sum.and(minute))
    }
}

impl Throttled {
    fn of(&mut self, limit: &str) -> &mut u64 {
        match limit {
            "requests" => &mut self.requests,
            "execution-time" => &mut self.execution_time,
            "concurrency" => &mut self.concurrency,
            _ => &mut self.unknown,
        }
    }

    fn and(self, other: &Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            execution_time: self.execution_time + other.execution_time,
            concurrency: self.concurrency + other.concurrency,
            unknown: self.unknown + other.unknown,
        }
    }
}

/// Numbers have a comma for thousands.
fn number(text: &str) -> Option<f64> {
    let number: f64 = text.replace(',', "").trim().parse().ok()?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_dynamics_writes_them() {
        assert_eq!(number("5999"), Some(5_999.0));
        assert_eq!(number("1,199.46"), Some(1_199.46));
        for other in ["", "x", "inf", "NaN"] {
            assert_eq!(number(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_left_is_what_was_told_last() {
        let limits = Limits::default();
        assert_eq!(limits.left(), [None; 3]);
        let before = Timestamp::now() - SignedDuration::from_millis(1);
        let told = |values: &[&'static str]| {
            let values = values.iter().copied().map(http::HeaderValue::from_static);
            limits.note(Uuid::nil(), &LEFT.iter().cloned().zip(values).collect());
        };
        told(&["5999", "1,199.46", "4"]);
        told(&["5998", "much"]);
        let left = limits.clone().left().map(Option::unwrap);
        assert_eq!(left.map(|reading| reading.value), [5_998.0, 1_199.46, 4.0]);
        assert!(left.iter().all(|reading| before < reading.at && reading.at <= Timestamp::now()));
    }

    #[test]
    fn answers_of_429_are_counted_by_limit_and_forgotten_after_a_day() {
        let (limits, hours) = (Limits::default(), SignedDuration::from_hours);
        let now: Timestamp = "2026-11-26T12:00:30Z".parse().unwrap();
        for (limit, at) in [
            ("unknown", now - hours(25)),
            ("requests", now - hours(2)),
            ("execution-time", now),
            ("concurrency", now),
            ("concurrency", now),
        ] {
            limits.count(limit, at);
        }
        let lately = Throttled { execution_time: 1, concurrency: 2, ..Throttled::default() };
        assert_eq!(limits.throttled(now - hours(1)), lately);
        assert_eq!(limits.throttled(now - hours(48)), Throttled { requests: 1, ..lately });
        assert_eq!(limits.throttled(now + hours(1)), Throttled::default());
    }
}
