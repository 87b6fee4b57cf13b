//! What is to come of a case, in the words that cases of blocks and cases of scenarios have in common.

use patchcord_runtime::{HostFunction, ScreenPop};
use patchcord_scenario::FailureKind;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::difference::{Parts, Want};
use super::{TracedCall, host_calls};

/// A record that is shown to the agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedPop {
    /// Entity set name of the table.
    pub entity_set: String,
    /// Primary key of the record.
    pub id: String,
}

impl From<&ScreenPop> for ExpectedPop {
    fn from(pop: &ScreenPop) -> Self {
        Self { entity_set: pop.entity_set.clone(), id: pop.id.clone() }
    }
}

/// Why a block or a run fails.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedFailure {
    /// The cause, by the name of its exit.
    #[schemars(schema_with = "failure_kinds")]
    pub kind: FailureKind,
    /// Text that the message holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl ExpectedFailure {
    /// Whether a failure of this kind with this message is meant.
    pub fn is(&self, kind: FailureKind, message: &str) -> bool {
        kind == self.kind && message.contains(self.message.as_deref().unwrap_or_default())
    }
}

/// A host call.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedCall {
    /// What is called.
    #[schemars(schema_with = "host_calls")]
    pub call: HostFunction,
    /// On which table; several, as a search for a number has, are joined by `, `.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// Key of the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Text that the question holds: of query options, columns, a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<String>,
    /// The columns that are written, or the parameters of an action: all of them, compared as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Map<String, Value>>,
}

impl ExpectedCall {
    /// What the case says of it, part by part.
    pub fn wants(&self) -> Vec<(&'static str, Want)> {
        let text = |text: &String| Want::Is(json!(text));
        let parts = [
            ("call", Some(Want::Is(json!(self.call.name())))),
            ("table", self.table.as_ref().map(text)),
            ("key", self.key.as_ref().map(text)),
            ("asked", self.asked.clone().map(Want::Holds)),
            ("columns", self.columns.clone().map(|columns| Want::Is(Value::Object(columns)))),
        ];
        parts.into_iter().filter_map(|(part, want)| Some((part, want?))).collect()
    }
}

impl TracedCall {
    /// What there is to say of it, part by part.
    pub fn parts(&self) -> Parts {
        let text = |text: &str| (!text.is_empty()).then(|| json!(text));
        let parts = [
            ("call", Some(json!(self.call.name()))),
            ("table", text(&self.table)),
            ("key", self.key.as_ref().map(|key| json!(key))),
            ("asked", text(&self.asked)),
            ("columns", self.columns().map(Value::Object)),
        ];
        let there = parts.into_iter().filter_map(|(part, value)| Some((part.to_owned(), value?)));
        there.collect()
    }

    /// The columns that it writes, or the parameters of its action.
    pub fn columns(&self) -> Option<Map<String, Value>> {
        let json = match self.call {
            HostFunction::Create | HostFunction::Upsert | HostFunction::Update => {
                self.asked.as_str()
            }
            HostFunction::Execute => self.asked.split_once(' ')?.1,
            _ => return None,
        };
        serde_json::from_str(json).ok()
    }
}

/// The schema of a cause's name.
pub(super) fn failure_kinds(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": FailureKind::ALL })
}
