//! The API under `/v1`: one file for each kind of thing. Nothing is decided here.

mod account_body;
pub(crate) mod accounts;
pub(crate) mod agents;
pub(crate) mod audit;
pub(crate) mod blocks;
pub(crate) mod cases;
pub(crate) mod drafts;
pub(crate) mod moving;
mod page;
pub(crate) mod routes;
pub(crate) mod run_events;
pub(crate) mod runs;
pub(crate) mod scenarios;
pub(crate) mod session;
pub(crate) mod statistics;
mod stream;
pub(crate) mod tables;
pub(crate) mod tokens;
pub(crate) mod trying;
pub(crate) mod users;
pub(crate) mod versions;

use uuid::Uuid;

use crate::problem::Problem;

/// An id in a path, which must be a UUID to name anything.
fn id(what: &'static str, text: &str) -> Result<Uuid, Problem> {
    let missing = || patchcord::Error::NotFound { what, name: text.to_owned() };
    Ok(Uuid::try_parse(text).map_err(|_| missing())?)
}
