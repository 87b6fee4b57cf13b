//! Names of the metrics and the few places that count. Labels hold operations, causes and ids of accounts,
//! never names, URLs or anything secret.

use std::time::Duration;

use dashmap::DashMap;
use metrics::{Counter, Histogram, counter, gauge, histogram};
use uuid::Uuid;

/// The outcome of a call that went well.
pub(crate) const OK: &str = "ok";

/// Calls ended, by `operation` and `outcome` (`ok` or the error's kind).
const CALLS: &str = "patchcord_dynamics_calls_total";
/// Seconds from call to answer, by `operation`.
const CALL_SECONDS: &str = "patchcord_dynamics_call_seconds";
/// HTTP requests sent to the Web API, by `operation`.
const REQUESTS: &str = "patchcord_dynamics_requests_total";
/// Requests repeated, by `operation` and `cause` (`lost`, `unavailable`, `throttled`, `unauthorized`).
const RETRIES: &str = "patchcord_dynamics_retries_total";
/// Token requests, by `grant` (`code`, `refresh`) and `outcome`.
const TOKEN_REQUESTS: &str = "patchcord_dynamics_token_requests_total";

/// Answers of `429`, by `limit` (`requests`, `execution-time`, `concurrency`, `unknown`).
const THROTTLED: &str = "patchcord_dynamics_throttled_total";
/// What Dynamics 365 said last of what is left of its limits, by `account` (its id): requests, seconds of execution time,
/// and how many parallel requests it recommends.
pub(crate) const LEFT: [&str; 3] = [
    "patchcord_dynamics_ratelimit_remaining_requests",
    "patchcord_dynamics_ratelimit_remaining_execution_seconds",
    "patchcord_dynamics_recommended_parallel_requests",
];
/// Reads answered from the cache, by `why` (`fresh`, `stale`), and those that joined another's request (`shared`).
const SPARED: &str = "patchcord_dynamics_reads_spared_total";

pub(crate) fn throttled(limit: &'static str) {
    counter!(THROTTLED, "limit" => limit).increment(1);
}

pub(crate) fn read_spared(why: &'static str) {
    counter!(SPARED, "why" => why).increment(1);
}

pub(crate) fn limit_left(metric: &'static str, account: Uuid, number: f64) {
    gauge!(metric, "account" => account.to_string()).set(number);
}

pub(crate) fn request_repeated(operation: &'static str, cause: &'static str) {
    counter!(RETRIES, "operation" => operation, "cause" => cause).increment(1);
}

pub(crate) fn token_requested(grant: &'static str, outcome: &'static str) {
    counter!(TOKEN_REQUESTS, "grant" => grant, "outcome" => outcome).increment(1);
}

/// What counts the calls of one account. The meters of an operation are looked up once: finding a meter by its labels takes
/// far longer than counting. The recorder has to be there before the first call: meters found without one count nothing.
#[derive(Default)]
pub(crate) struct CallMeters(DashMap<&'static str, OperationMeters>);

struct OperationMeters {
    requests: Counter,
    went_well: Counter,
    seconds: Histogram,
}

impl CallMeters {
    pub(crate) fn request_sent(&self, operation: &'static str) {
        self.of(operation, |meters| meters.requests.increment(1));
    }

    /// A call has ended, with `ok` or a kind of error.
    pub(crate) fn call_ended(
        &self,
        operation: &'static str,
        outcome: &'static str,
        took: Duration,
    ) {
        self.of(operation, |meters| {
            match outcome {
                OK => meters.went_well.increment(1),
                _ => calls(operation, outcome).increment(1),
            }
            meters.seconds.record(took.as_secs_f64());
        });
    }

    fn of(&self, operation: &'static str, count: impl FnOnce(&OperationMeters)) {
        if let Some(meters) = self.0.get(operation) {
            return count(&meters);
        }
        let meters = OperationMeters {
            requests: counter!(REQUESTS, "operation" => operation),
            went_well: calls(operation, OK),
            seconds: histogram!(CALL_SECONDS, "operation" => operation),
        };
        count(&self.0.entry(operation).or_insert(meters));
    }
}

fn calls(operation: &'static str, outcome: &'static str) -> Counter {
    counter!(CALLS, "operation" => operation, "outcome" => outcome)
}
