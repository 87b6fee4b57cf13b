//! What the attributes write down, and no part of the public API: the crates that derive, and traits whose only work is to
//! say in words what an author left out.

pub use schemars;
pub use serde;

use crate::{Failure, Outcome, Result};

/// Answers for a block that has no `run` of its own, and asks what no type has.
pub trait WithoutRun: Sized {
    /// Never called, because it does not compile.
    ///
    /// # Errors
    /// None.
    fn run(self) -> Result<Outcome>
    where
        Self: HasRun;
}

impl<B> WithoutRun for B {
    fn run(self) -> Result<Outcome>
    where
        Self: HasRun,
    {
        Ok(Outcome::next())
    }
}

/// Nothing has it.
#[diagnostic::on_unimplemented(
    message = "the block `{Self}` has no method `run`",
    label = "write `impl {Self} {{ fn run(self) -> Result<Outcome> {{ … }} }}`",
    note = "`run` does the block's work, and is all that `#[block]` does not write itself"
)]
pub trait HasRun {}

/// What `run` returned, as the host takes it.
///
/// # Errors
/// What `run` failed with.
pub fn ended<E: Into<Failure>>(result: std::result::Result<Outcome, E>) -> Result<Outcome> {
    result.map_err(Into::into)
}
