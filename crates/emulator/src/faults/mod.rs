//! Faults on demand: what goes wrong, for which requests, how often.
//!
//! A fault waits in a list until a request comes that it is for (`queue`), or comes with the request
//! itself in the header `x-emulator-fault`. Without a probability it is certain which request fails,
//! which is what a test wants; with one and a seed a run can still be repeated.

mod aadsts;
pub(crate) mod answer;
pub(crate) mod body;
mod catalogue;
pub(crate) mod control;
mod form;
mod json;
mod kind;
mod page;
mod pattern;
pub(crate) mod queue;
mod rule;

pub(crate) use json::kind_alone;
pub use kind::FaultKind;
pub use rule::{Fault, FaultRule, FaultTarget, Route};

/// The request header that carries a fault for its request only.
pub(crate) const HEADER: &str = "x-emulator-fault";
