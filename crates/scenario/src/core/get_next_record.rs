//! Get Next Record: moves a recordset's cursor on.

use patchcord_runtime::Manifest;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{About, CoreBlock, CoreOutcome, exit_of};
use crate::variables::Variables;

const NO_MORE: &str = "no_more";

/// Properties of Get Next Record.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// Name of the recordset that a search returned.
    #[schemars(extend("x-patchcord-kind" = "recordset-name"))]
    recordset: String,
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::GetNextRecord,
        title: "Get Next Record",
        description: "Moves to the next record of a recordset.",
        icon: "next-record",
        exits: vec![exit_of(NO_MORE, "No More", "There was no further record.")],
        outputs: Vec::new(),
    }
    .manifest::<Properties>()
}

pub(crate) fn run(
    properties: Properties,
    variables: &mut Variables,
) -> Result<CoreOutcome, String> {
    let name = &properties.recordset;
    match variables.next_record(name) {
        Some(true) => Ok(CoreOutcome::Leave("next")),
        Some(false) => Ok(CoreOutcome::Leave(NO_MORE)),
        None => Err(format!("property `recordset`: there is no recordset `{name}` in this run")),
    }
}
