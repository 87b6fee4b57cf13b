//! What the operations of the client answer.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::error::Error;
use crate::sent::{Sent, Spent};

/// What Dynamics 365 answered: the value read from it, and the answer itself.
#[derive(Debug, Clone)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// HTTP status.
    pub status: u16,
    /// Body as received; empty where there was none. Of several pages, the first.
    pub body: Arc<str>,
    /// HTTP requests that were sent to the Web API for this answer, repetitions included. 0 where it came from the
    /// cache, or from a request that another caller had under way.
    pub requests: u32,
    /// Where the time went that it took.
    pub spent: Spent,
    /// How old the answer is, where it came from the cache.
    pub age: Option<Duration>,
    /// Whether the answer stands in for one that Dynamics 365 did not give.
    pub stale: bool,
}

/// Records that match a query.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// The records as Dataverse sent them.
    pub records: Vec<Box<RawValue>>,
    /// Whether more records match than these.
    pub more: bool,
    /// `@odata.count`, where `$count=true` asked for it; Dataverse never counts past 5,000.
    pub count: Option<u64>,
}

/// What became of a create.
#[derive(Debug, Clone)]
pub struct Written {
    /// Key of the record.
    pub id: Uuid,
    /// The record, where it was asked for.
    pub row: Option<Box<RawValue>>,
}

/// What became of an upsert.
#[derive(Debug, Clone)]
pub struct Upserted {
    /// Key of the record, where Dataverse told it.
    pub id: Option<Uuid>,
    /// Whether the record was made; Dataverse tells only where the record was to be returned, and where an answer
    /// was lost on the way nobody knows.
    pub created: Option<bool>,
    /// The record, where it was asked for.
    pub row: Option<Box<RawValue>>,
}

/// Answer of the function `WhoAmI`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct WhoAmI {
    /// System user as whom every call is made.
    pub user_id: Uuid,
    /// The user's business unit.
    pub business_unit_id: Uuid,
    /// The Dataverse organisation.
    pub organization_id: Uuid,
}

impl<T> Answer<T> {
    /// An answer that came over the wire for this caller.
    pub(crate) fn fresh(value: T, status: u16, body: Arc<str>, sent: &Sent) -> Self {
        let (requests, spent) = (sent.count(), sent.spent());
        Self { value, status, body, requests, spent, age: None, stale: false }
    }

    /// The same answer for a caller for whom nothing was sent.
    pub(crate) fn unsent(self) -> Self {
        Self { requests: 0, spent: Spent::default(), ..self }
    }

    /// The same answer with another value.
    pub fn map<U>(self, map: impl FnOnce(T) -> U) -> Answer<U> {
        let (value, rest) = self.split();
        rest.put(map(value))
    }

    pub(crate) fn with<U>(self, value: U) -> Answer<U> {
        self.split().1.put(value)
    }

    /// Makes another value of the value; an error is given status and body of the answer.
    pub(crate) fn try_map<U>(
        self,
        read: impl FnOnce(T, &str) -> Result<U, Error>,
    ) -> Result<Answer<U>, Error> {
        let (value, rest) = self.split();
        match read(value, &rest.body) {
            Ok(value) => Ok(rest.put(value)),
            Err(error) => Err(Error {
                status: Some(rest.status),
                body: Some(rest.body),
                requests: rest.requests,
                spent: rest.spent,
                ..error
            }),
        }
    }

    fn split(self) -> (T, Answer<()>) {
        let Self { value, status, body, requests, spent, age, stale } = self;
        (value, Answer { value: (), status, body, requests, spent, age, stale })
    }
}

impl Answer<()> {
    fn put<T>(self, value: T) -> Answer<T> {
        let Self { value: (), status, body, requests, spent, age, stale } = self;
        Answer { value, status, body, requests, spent, age, stale }
    }

    /// Where an earlier attempt, whose own answer was lost, has done what was asked.
    pub(crate) fn done(failure: Error) -> Self {
        let (requests, spent) = (failure.requests, failure.spent);
        Self { requests, spent, ..Self::fresh((), 204, Arc::from(""), &Sent::default()) }
    }
}
