//! How much more each integration account may ask of Dynamics 365, as its client knows it.

use jiff::Timestamp;
use patchcord_dynamics::{
    CONCURRENT_REQUESTS, EXECUTION_SECONDS, HeadRoom, REQUESTS, Reading, Throttled,
};
use serde::Serialize;
use uuid::Uuid;

use crate::accounts::Accounts;

/// How much more an integration account may ask. What is left of the limits is what one web server of Dynamics 365 said
/// last; each counts for itself, and within five minutes all is there again.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccountHeadRoom {
    /// Id of the account.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Requests left of those within five minutes.
    pub requests: Option<Left>,
    /// Seconds of execution time left of those within five minutes.
    pub execution_seconds: Option<Left>,
    /// Requests at once; none where the account has no client because nobody has consented since the start.
    pub concurrency: Option<Concurrency>,
    /// Until when Dynamics 365 asked to wait; none where it does not.
    pub wait_until: Option<Timestamp>,
    /// Answers of `429` in the span asked for, counted since the host was started.
    pub throttled: ThrottledCount,
}

/// What is left of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Left {
    /// How much is left.
    pub remaining: f64,
    /// The limit that Microsoft documents. What is left may be more, where an organisation has another one.
    pub limit: u32,
    /// When Dynamics 365 said so.
    pub at: Timestamp,
}

/// Requests at once.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Concurrency {
    /// Requests under way.
    pub in_use: usize,
    /// How many the account's policy allows.
    pub allowed: usize,
    /// How many may be under way now: fewer after a wait that Dynamics 365 asked for, none during it.
    pub open: usize,
    /// Requests that wait for their turn.
    pub waiting: usize,
    /// How many Microsoft documents that a user may have.
    pub limit: u32,
    /// How many Dynamics 365 recommends.
    pub recommended: Option<f64>,
}

/// Answers of `429`, by the limit that was met.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ThrottledCount {
    /// Too many requests within five minutes.
    pub requests: u64,
    /// Too much execution time within five minutes.
    pub execution_time: u64,
    /// Too many requests at once.
    pub concurrency: u64,
    /// Dynamics 365 did not say which.
    pub unknown: u64,
}

impl Accounts {
    /// The head-room of every account, by name; answers of `429` are counted from `since` on.
    pub(crate) fn head_room(&self, since: Timestamp) -> Vec<AccountHeadRoom> {
        let known = self.clients();
        let told = known.into_iter().map(|(id, name, client)| {
            AccountHeadRoom::of(id, name, client.map(|client| client.head_room(since)))
        });
        told.collect()
    }
}

impl AccountHeadRoom {
    fn of(id: Uuid, name: String, known: Option<HeadRoom>) -> Self {
        let left = |reading: Option<Reading>, limit| {
            reading.map(|Reading { value, at }| Left { remaining: value, limit, at })
        };
        let known = known.as_ref();
        Self {
            id,
            name,
            requests: left(known.and_then(|known| known.requests), REQUESTS),
            execution_seconds: left(
                known.and_then(|known| known.execution_seconds),
                EXECUTION_SECONDS,
            ),
            concurrency: known.map(Concurrency::of),
            wait_until: known.and_then(|known| known.wait_until),
            throttled: known.map(|known| known.throttled.into()).unwrap_or_default(),
        }
    }
}

impl Concurrency {
    fn of(known: &HeadRoom) -> Self {
        let HeadRoom { in_use, allowed, open, waiting, .. } = *known;
        let recommended = known.recommended_parallel.map(|reading| reading.value);
        Self { in_use, allowed, open, waiting, limit: CONCURRENT_REQUESTS, recommended }
    }
}

impl From<Throttled> for ThrottledCount {
    fn from(counted: Throttled) -> Self {
        let Throttled { requests, execution_time, concurrency, unknown } = counted;
        Self { requests, execution_time, concurrency, unknown }
    }
}
