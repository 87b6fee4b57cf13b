//! What a block's tests run it with, on a native target: a fake host whose answers are written down beforehand, and the
//! same way in as on a call, from JSON properties to an outcome. It refuses what the real host would refuse: an
//! operation, table, exit, output or effect that the manifest does not declare. It knows no table and evaluates no query; a
//! test of what Dynamics 365 answers belongs before the emulator.

mod call;
mod fake;
pub(crate) mod host;
mod rules;
mod tables;

pub use call::Call;
pub use fake::FakeHost;

use serde_json::Value;

use crate::{Block, Failure, Outcome, entry};

/// Runs a block with these properties, every `$(…)` in them already replaced.
///
/// # Errors
/// What the block fails with; [`Failure::Other`] where the host would refuse its outcome.
pub fn run<B: Block>(fake: &FakeHost, properties: Value) -> Result<Outcome, Failure> {
    let manifest = entry::describe::<B>();
    let _running = host::Running::enter(fake.clone(), &manifest, &properties);
    let outcome = entry::run::<B>(&properties.to_string())?;
    rules::check(&outcome, &manifest, &properties)?;
    Ok(outcome)
}

/// The manifest of a block as the host reads it.
///
/// # Errors
/// Where it cannot be written as JSON.
pub fn manifest<B: Block>() -> Result<Value, serde_json::Error> {
    serde_json::to_value(entry::describe::<B>())
}
