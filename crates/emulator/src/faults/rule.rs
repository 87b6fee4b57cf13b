//! A fault with the requests that it meets: which, from when on, how often.

use super::kind::FaultKind;

/// A group of requests that a fault meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// The token endpoints, v1 and v2.
    Token,
    /// The authorization endpoints, v1 and v2: where a browser's sign-in begins.
    Authorize,
    /// The Dataverse Web API. What stands inside a `$batch` is not met by itself.
    Api,
}

impl Route {
    pub(crate) const ALL: [Self; 3] = [Self::Token, Self::Authorize, Self::Api];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Authorize => "authorize",
            Self::Api => "api",
        }
    }
}

/// A fault for the next requests of a route: the short form of a [`FaultRule`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which requests it meets.
    pub route: Route,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many requests it meets.
    pub times: u32,
}

/// Which requests a fault meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultTarget {
    /// Those of a route.
    Route(Route),
    /// Those with a method and a path.
    Path {
        /// HTTP method; any when not given.
        method: Option<String>,
        /// Path in which `*` stands for any characters, such as `/api/data/*/contacts*`.
        path: String,
    },
}

/// A fault waiting to happen.
#[derive(Debug, Clone, PartialEq)]
pub struct FaultRule {
    /// Which requests it meets.
    pub target: FaultTarget,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How many requests it meets; `None` for no end.
    pub times: Option<u32>,
    /// How many of those requests it lets pass first.
    pub after: u32,
    /// How likely it is that it meets one of them, from 0 to 1; certain when not given.
    pub probability: Option<f64>,
    /// What the dice of probability and latency begin with, so that a run can be repeated.
    pub seed: Option<u64>,
}

impl FaultRule {
    /// A fault for the next request of `target`.
    pub fn new(target: impl Into<FaultTarget>, kind: FaultKind) -> Self {
        Self {
            target: target.into(),
            kind,
            times: Some(1),
            after: 0,
            probability: None,
            seed: None,
        }
    }

    /// Meets `times` requests.
    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Lets `after` requests pass first.
    #[must_use]
    pub fn after(self, after: u32) -> Self {
        Self { after, ..self }
    }

    /// Meets requests with this probability, without end, by dice that begin with `seed`.
    #[must_use]
    pub fn probability(self, probability: f64, seed: u64) -> Self {
        Self { probability: Some(probability), seed: Some(seed), times: None, ..self }
    }
}

impl From<Route> for FaultTarget {
    fn from(route: Route) -> Self {
        Self::Route(route)
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> Self {
        Self::new(fault.route, fault.kind).times(fault.times)
    }
}
