//! What can go wrong.

use super::Route;
use crate::limits::gate::Limit;

/// What goes wrong.
///
/// A fault that answers in place of the service leaves the request undone; the others say when they
/// happen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// The request is answered with this status and not carried out.
    Status {
        /// HTTP status, 400 to 599.
        code: u16,
        /// Value of `Retry-After`, in seconds.
        retry_after: Option<u32>,
    },
    /// The request waits before it is carried out.
    Latency {
        /// Milliseconds.
        ms: u64,
    },
    /// The request waits some time between two before it is carried out.
    LatencyBetween {
        /// Milliseconds at least.
        min_ms: u64,
        /// Milliseconds at most.
        max_ms: u64,
    },
    /// The 429 of one of the service protection limits, in its documented words.
    Throttle {
        /// The limit said to be exceeded.
        limit: Limit,
        /// Value of `Retry-After`, in seconds.
        retry_after: u32,
    },
    /// Entra ID's error with this AADSTS number.
    EntraError {
        /// The number after `AADSTS`.
        code: u32,
        /// The OAuth 2.0 `error`; that of the number when not given.
        error: Option<String>,
        /// `suberror`; that of the number when not given.
        suberror: Option<String>,
        /// `claims` of the answer, for a client to send with its next request.
        claims: Option<String>,
        /// What follows the number in `error_description`.
        message: Option<String>,
    },
    /// Dataverse's error body with this code.
    DataverseError {
        /// HTTP status, 400 to 599.
        status: u16,
        /// Error code, such as `0x80040217`.
        code: String,
        /// Error message.
        message: String,
    },
    /// The connection is dropped before the request is carried out.
    CutBefore,
    /// The connection is dropped after the request was carried out, before its answer.
    CutAfter,
    /// The request is carried out; the connection is dropped in the middle of the answer's body.
    CutMiddle {
        /// Bytes of the body that are sent, under the `Content-Length` of all of it.
        bytes: u64,
    },
    /// The request is carried out; the body of the answer comes in pieces.
    SlowBody {
        /// Bytes of a piece.
        bytes: u64,
        /// Milliseconds before each piece.
        interval_ms: u64,
    },
    /// The request is not carried out and answered 200 with a body that is not JSON.
    Garbage,
    /// The request is carried out and answered with its status and headers, but with no body.
    EmptyBody,
    /// The request is carried out and its answer said to be of another type.
    WrongContentType {
        /// The `Content-Type`.
        content_type: String,
    },
    /// The client is sent elsewhere; the request is not carried out.
    Redirect {
        /// 302 or 307.
        code: u16,
        /// The `Location`.
        location: String,
    },
    /// The request is carried out; its answer is filled up with spaces, which JSON allows.
    Oversized {
        /// Bytes of the body.
        bytes: u64,
    },
    /// The token is said to have expired: 401 with the documented challenge.
    ExpiredToken,
    /// The token lacks claims: 401 with `insufficient_claims`, as Conditional Access asks it.
    ClaimsChallenge {
        /// The claims request, as JSON text.
        claims: String,
    },
    /// The refresh token is said to be revoked (AADSTS50173). It meets only requests that send one.
    RevokedRefreshToken,
    /// From this request on Entra ID's clock is wrong by so much; 0 ends it.
    ClockSkew {
        /// Seconds ahead, or behind when negative.
        seconds: i64,
    },
}

impl FaultKind {
    /// Its name in JSON.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Latency { .. } | Self::LatencyBetween { .. } => "latency",
            Self::Throttle { .. } => "throttle",
            Self::EntraError { .. } => "entra-error",
            Self::DataverseError { .. } => "dataverse-error",
            Self::CutBefore => "cut-before",
            Self::CutAfter => "cut-after",
            Self::CutMiddle { .. } => "cut-middle",
            Self::SlowBody { .. } => "slow-body",
            Self::Garbage => "garbage",
            Self::EmptyBody => "empty-body",
            Self::WrongContentType { .. } => "wrong-content-type",
            Self::Redirect { .. } => "redirect",
            Self::Oversized { .. } => "oversized",
            Self::ExpiredToken => "expired-token",
            Self::ClaimsChallenge { .. } => "claims-challenge",
            Self::RevokedRefreshToken => "revoked-refresh-token",
            Self::ClockSkew { .. } => "clock-skew",
        }
    }

    /// Whether a service of `route` ever answers so.
    pub(crate) fn fits(&self, route: Route) -> bool {
        match self {
            Self::Throttle { .. }
            | Self::DataverseError { .. }
            | Self::ExpiredToken
            | Self::ClaimsChallenge { .. } => route == Route::Api,
            Self::EntraError { .. } => route != Route::Api,
            Self::RevokedRefreshToken => route == Route::Token,
            _ => true,
        }
    }
}
