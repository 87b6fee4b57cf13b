//! For Each: goes round once for each item of a list or each record of a recordset.
//!
//! The way round leads from `next` back to this block. The items are those there were when the loop began.

use patchcord_runtime::{Manifest, Output, OutputKind};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{About, Context, CoreBlock, CoreFailure, CoreOutcome, exit_of, read};
use crate::steering::{Items, Loop};

const DONE: &str = "done";

/// Properties of For Each.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Properties {
    /// The list, such as `$(answer.items)`. Give this or a recordset.
    #[serde(default)]
    list: Option<Value>,
    /// Name of the recordset. Its current record is each of them in turn.
    #[serde(default)]
    #[schemars(extend("x-patchcord-kind" = "recordset-name"))]
    recordset: Option<String>,
    /// The variable that gets each item, or each record as an object.
    #[serde(default)]
    #[schemars(extend("x-patchcord-kind" = "variable-name"))]
    item_variable: Option<String>,
}

pub(crate) fn manifest() -> Manifest {
    About {
        block: CoreBlock::ForEach,
        title: "For Each",
        description: "Goes round once for each item of a list or each record of a recordset.",
        icon: "loop",
        exits: vec![exit_of(DONE, "Done", "There is no further item.")],
        outputs: vec![Output {
            property: "item_variable".into(),
            kind: OutputKind::Variable,
            description: "The item, or the record.".into(),
        }],
    }
    .manifest::<Properties>()
}

/// `properties` are of use where the loop begins.
pub(crate) fn run(
    properties: Value,
    context: &mut Context<'_>,
) -> Result<CoreOutcome, CoreFailure> {
    if !context.steering.is_in_loop(context.place) {
        let begun = begin(read(properties)?, context)?;
        context.steering.begin_loop(begun);
    }
    let goes_on = context.steering.turn(context.place, context.variables);
    Ok(CoreOutcome::Leave(if goes_on { "next" } else { DONE }))
}

fn begin(properties: Properties, context: &Context<'_>) -> Result<Loop, String> {
    let items = match (properties.list, properties.recordset) {
        (Some(Value::Array(items)), None) => Items::List(items),
        (Some(_), None) => return Err("property `list`: is no list".to_owned()),
        (None, Some(name)) => match context.variables.recordset(&name) {
            Some(records) => Items::Recordset { name, records },
            None => {
                let message =
                    format!("property `recordset`: there is no recordset `{name}` in this run");
                return Err(message);
            }
        },
        _ => return Err("give one of the properties `list` and `recordset`".to_owned()),
    };
    Ok(Loop { place: context.place, item: properties.item_variable, items, next: 0 })
}
