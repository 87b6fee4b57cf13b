//! Exception Handler: gets the failures that no exit deals with, of the steps that come after it.

use patchcord_runtime::Manifest;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{About, Context, CoreBlock, CoreOutcome, exit_of};

const TRY: &str = "try";
/// The exit that a failure takes.
pub(crate) const CATCH: &str = "catch";

/// Properties of Exception Handler: none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::ExceptionHandler,
        title: "Exception Handler",
        description: "Gets the failures of the steps after Try that no exit of theirs deals with.",
        icon: "shield",
        exits: vec![
            exit_of(TRY, "Try", "Where the run goes on."),
            exit_of(CATCH, "Catch", "Where it goes on after a failure that no exit dealt with."),
        ],
        outputs: Vec::new(),
    }
    .manifest::<Properties>()
}

pub(crate) fn run(_: Properties, context: &mut Context<'_>) -> CoreOutcome {
    context.steering.handle(context.place);
    CoreOutcome::Leave(TRY)
}
