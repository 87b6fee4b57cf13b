//! Set Variable: gives a variable a value.

use patchcord_runtime::{Manifest, Output, OutputKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{About, CoreBlock, CoreOutcome};
use crate::variables::Variables;

/// Properties of Set Variable.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// Name of the variable, without `$(` and `)`.
    #[schemars(extend("x-patchcord-kind" = "variable-name"))]
    variable: String,
    /// The value: text, `$(…)`, an expression such as `=$(count) + 1`, or any JSON value. Text that is one variable takes
    /// its type.
    value: Value,
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::SetVariable,
        title: "Set Variable",
        description: "Gives a variable a value.",
        icon: "variable",
        exits: Vec::new(),
        outputs: vec![Output {
            property: "variable".into(),
            kind: OutputKind::Variable,
            description: "The value that was set.".into(),
        }],
    }
    .manifest::<Properties>()
}

pub(crate) fn run(
    properties: Properties,
    variables: &mut Variables,
) -> Result<CoreOutcome, String> {
    variables.set(&properties.variable, properties.value);
    Ok(CoreOutcome::Leave("next"))
}
