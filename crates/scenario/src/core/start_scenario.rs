//! Start Another Scenario: walks a published scenario and comes back. The engine does the walking.

use patchcord_runtime::{Manifest, Output, OutputKind};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{About, CoreBlock};

/// Properties of Start Another Scenario.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// Name of the scenario. It finds the variables of this one, and leaves its own behind.
    scenario: String,
    /// The variable that gets its result.
    #[serde(default)]
    #[schemars(extend("x-patchcord-kind" = "variable-name"))]
    result_variable: Option<String>,
    /// The variable that gets what its Exit block answers besides, as an object.
    #[serde(default)]
    #[schemars(extend("x-patchcord-kind" = "variable-name"))]
    answer_variable: Option<String>,
}

/// The scenario that is to be walked, and where its answer goes.
#[derive(Debug, PartialEq)]
pub(crate) struct Start {
    pub(crate) scenario: String,
    pub(crate) result_variable: Option<String>,
    pub(crate) answer_variable: Option<String>,
}

pub(crate) fn manifest() -> Manifest {
    let output = |property: &str, description: &str| Output {
        property: property.into(),
        kind: OutputKind::Variable,
        description: description.into(),
    };
    About {
        block: CoreBlock::StartScenario,
        title: "Start Another Scenario",
        description: "Walks another published scenario with the variables of this one, and comes back.",
        icon: "scenario",
        exits: Vec::new(),
        outputs: vec![
            output("result_variable", "The result of the other scenario."),
            output("answer_variable", "What the other scenario answered besides."),
        ],
    }
    .manifest::<Properties>()
}

pub(crate) fn run(properties: Properties) -> Start {
    let Properties { scenario, result_variable, answer_variable } = properties;
    Start { scenario, result_variable, answer_variable }
}
