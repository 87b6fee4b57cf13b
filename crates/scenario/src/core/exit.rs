//! Exit: ends the run with a result.

use patchcord_runtime::Manifest;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{About, CoreBlock, CoreOutcome};

/// Properties of Exit.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// The result that the call flow is told, such as `known`.
    result: String,
    /// What to answer besides: name and value.
    #[serde(default)]
    #[schemars(extend("x-patchcord-kind" = "column-values"))]
    answer: Map<String, Value>,
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::Exit,
        title: "Exit",
        description: "Ends the run and tells the call flow its result.",
        icon: "exit",
        exits: Vec::new(),
        outputs: Vec::new(),
    }
    .manifest::<Properties>()
}

pub(crate) fn run(properties: Properties) -> Result<CoreOutcome, String> {
    Ok(CoreOutcome::End { result: properties.result, answer: properties.answer })
}
