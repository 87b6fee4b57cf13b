//! Routes: which scenario answers a call that names none, chosen by the number that was called, the queue or the channel.
//!
//! Rules are looked at in their order and the first one that fits is taken, so that a designer can read the list from top
//! to bottom. Nothing is weighed.

mod check;
mod pattern;
mod table;

use serde::{Deserialize, Deserializer, Serialize};

pub(crate) use check::check;
pub(crate) use table::{LookedAt, RouteTable};

/// The routes of a host, in the order in which they are looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteList {
    /// The routes; the first one that fits is taken.
    #[serde(default)]
    pub routes: Vec<Route>,
    /// The scenario for calls that no route takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// What people call it; given once.
    pub name: String,
    /// What a call must be like: all that is named here.
    pub when: Conditions,
    /// The scenario that answers it.
    pub scenario: String,
}

/// What a call must be like. Of several values one will do; a condition that is left out holds for every call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conditions {
    /// `item.to`, the number that was called: a number, or how it begins with a `*` after it.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// `item.queue`.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub queue: Vec<String>,
    /// `item.channel`.
    #[serde(default, deserialize_with = "one_or_many", skip_serializing_if = "Vec::is_empty")]
    pub channel: Vec<String>,
}

/// Where a call is led.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RouteTaken {
    /// Name of the route; none where it is the default.
    pub route: Option<String>,
    /// Name of the scenario.
    pub scenario: String,
}

/// One text is a list of one.
fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a text or a list of texts is wanted here")]
    enum Given {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Given::deserialize(deserializer)? {
        Given::One(one) => vec![one],
        Given::Many(many) => many,
    })
}
