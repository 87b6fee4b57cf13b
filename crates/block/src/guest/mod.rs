//! The inside of the sandbox: the generated bindings and what makes a [`Block`] of the SDK an export of the component.
//! Reached by [`export!`](crate::export) only, and no part of the public API.

pub mod bindings;
mod convert;
pub(crate) mod host;

use std::marker::PhantomData;

use crate::{Block, entry, log};

/// Exports a block.
pub struct Exported<B>(PhantomData<B>);

impl<B: Block> bindings::Guest for Exported<B> {
    fn describe() -> bindings::Manifest {
        entry::describe::<B>().into()
    }

    fn run(properties: String) -> Result<bindings::Outcome, bindings::Failure> {
        // A panic ends the step as a trap, which carries no message: the run's log does.
        std::panic::set_hook(Box::new(|panic| log::error(panic.to_string())));
        match entry::run::<B>(&properties) {
            Ok(outcome) => Ok(outcome.into()),
            Err(failure) => Err(failure.into()),
        }
    }
}
