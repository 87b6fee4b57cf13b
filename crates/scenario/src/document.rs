//! The scenario document: what the designer saves and what is exchanged. Format 1.0.
//!
//! Only shapes live here; whether a document makes sense is said by [`crate::check`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::unique::unique;

/// The version of the document's format that this crate reads and writes.
pub const FORMAT: &str = "1.0";

/// Longest time that a document may name, in milliseconds.
pub(crate) const LONGEST_MS: u64 = 600_000;

/// A scenario: block instances and how their exits are wired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Address of the JSON Schema, for editors; not read.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Version of this document's format: `1.0`.
    #[schemars(extend("const" = FORMAT))]
    pub patchcord: String,
    /// Name under which call flows ask for it: lower-case letters, digits and dashes.
    #[schemars(length(min = 1, max = 100), regex(pattern = "^[a-z0-9-]+$"))]
    pub name: String,
    /// What people read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Milliseconds within which a run is to be answered, where the call flow names no deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = LONGEST_MS))]
    pub deadline_ms: Option<u64>,
    /// What becomes of a run when its caller hangs up.
    #[serde(default, skip_serializing_if = "OnHangUp::is_default")]
    pub on_hang_up: OnHangUp,
    /// Variables whose values no trace of a run shows: `item.from`, or `Caller.birthdate` for a column.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sensitive: Vec<String>,
    /// Names of the variables that the call flow brings besides `item` and `user`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<String>,
    /// Id of the block instance with which a run begins.
    pub start: String,
    /// The block instances.
    #[schemars(length(min = 1))]
    pub blocks: Vec<BlockInstance>,
}

/// What becomes of a run when its caller hangs up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnHangUp {
    /// It is cancelled: nobody waits for its answer any more.
    #[default]
    Cancel,
    /// It goes on to its end, as one does that writes down what became of the call.
    Finish,
}

impl OnHangUp {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A block placed in a scenario.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BlockInstance {
    /// Its id within the scenario: letters, digits, dashes and underscores.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]+$"))]
    pub id: String,
    /// Which block: an id as `microsoft-dynamics.search-object`, or `id@version`.
    pub block: String,
    /// What the designer calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Name of the integration account to use, in place of the selected or the default one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Milliseconds that a step of it may take, where that is less than is left of the run's deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = LONGEST_MS))]
    pub timeout_ms: Option<u64>,
    /// Where the designer shows it; no run reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The block's properties; text may hold `$(variable)`.
    #[serde(
        default,
        deserialize_with = "unique::<_, Value, _>",
        skip_serializing_if = "Map::is_empty"
    )]
    pub properties: Map<String, Value>,
    /// Exit → id of the block instance that comes next.
    #[serde(
        default,
        deserialize_with = "unique::<_, String, _>",
        skip_serializing_if = "BTreeMap::is_empty"
    )]
    pub exits: BTreeMap<String, String>,
}

/// A place on the designer's canvas, in pixels at its usual size; to the right and down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// How far to the right.
    pub x: f64,
    /// How far down.
    pub y: f64,
}

/// The JSON Schema of the document, as published in `examples/scenario.schema.json`.
pub fn schema() -> Value {
    schemars::schema_for!(Scenario).to_value()
}
