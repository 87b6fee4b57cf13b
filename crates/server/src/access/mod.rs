//! Who may do what, and what is written down of it: the gate through which every request of the API goes.
//!
//! `rules` what each route needs, and which role and which scope of a token have it; `caller` who asks; `gate` lets in or
//! refuses; `origin` whether a browser was sent here by a page of ours; `cookies` what browsers keep; `address` where a
//! request comes from; `record` the audit log.

mod address;
mod caller;
mod cookies;
mod gate;
mod origin;
mod record;
mod rules;

pub(crate) use address::{From, Proxies};
pub(crate) use caller::Caller;
pub(crate) use cookies::Cookies;
pub(crate) use gate::{Gate, enter};
pub(crate) use origin::{Origins, sent_from};
pub(crate) use record::{DoneBy, Subject};
pub(crate) use rules::Needs;
#[cfg(test)]
pub(crate) use rules::{role_name, scope_name};
