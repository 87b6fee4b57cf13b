//! The host functions, and what the host keeps for one sandbox while it works.

mod actions;
mod beside;
mod call;
mod crm_call;
mod dynamics;
mod log;
mod phone;
mod record_set;
mod shape;
mod state;

pub(crate) use state::{Allowed, State, Trace};

/// The interface `types` holds no functions.
impl crate::bindings::patchcord::block::types::Host for State {}
