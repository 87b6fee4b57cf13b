//! Where the time of a call of the CRM went, as whoever makes it tells: waits, and the requests that it took.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Where the time of a call went. The default is a call for which nothing was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spent {
    /// HTTP method of the last request.
    pub method: Option<HttpMethod>,
    /// Microseconds that it waited until the account might send.
    pub gate_us: u32,
    /// Microseconds that it waited for a token.
    pub token_us: u32,
    /// The requests in the order of their ends; none where it is one at most, of which the answer says all.
    pub attempts: Option<Box<[Attempt]>>,
}

/// One HTTP request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// When it was sent.
    pub began: Instant,
    /// From there to its answer, or to the end of the wait for one.
    pub took: Duration,
    /// HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// Why there was none, for a person; holds no secret and no data.
    pub error: Option<String>,
    /// The pause before the next one.
    pub pause: Duration,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum HttpMethod {
    /// Reads.
    Get,
    /// Makes, or carries out; a read whose address is too long goes this way too.
    Post,
    /// Changes, or makes.
    Patch,
    /// Replaces.
    Put,
    /// Removes.
    Delete,
}

/// Microseconds of a wait; more than an hour of them is as good as an hour.
pub fn wait_us(wait: Duration) -> u32 {
    u32::try_from(wait.as_micros()).unwrap_or(u32::MAX)
}
