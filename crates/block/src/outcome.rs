//! How a block ends: well, with an exit and effects, or with a failure. Effects are only collected here; the host does
//! them, in order and all or none, after the block has returned.

use serde_json::Value;

use crate::{AccountRef, EntitySet, RecordId, RecordSet, RecordsetName, VariableName, dynamics};

/// How a block ended well: the exit that it took and what the host is to do.
#[derive(Debug, Default)]
#[must_use]
pub struct Outcome {
    pub(crate) exit: Option<String>,
    pub(crate) effects: Vec<Effect>,
}

/// What the host is asked to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Effect {
    /// Set a variable.
    SetVariable(VariableName, Value),
    /// Set a recordset, its cursor on the first record.
    SetRecordset(RecordsetName, RecordSet),
    /// Let the blocks after this one use another integration account.
    SelectAccount(AccountRef),
    /// Show a record to the agent who takes the call.
    PopScreen(EntitySet, RecordId),
}

impl Outcome {
    /// Leaves by `next`.
    pub fn next() -> Self {
        Self::default()
    }

    /// Leaves by a named exit, which the manifest must declare.
    pub fn exit(id: &str) -> Self {
        Self { exit: Some(id.into()), effects: Vec::new() }
    }

    /// Sets a variable, which an output of the manifest must declare.
    pub fn set_variable(self, name: &VariableName, value: impl Into<Value>) -> Self {
        self.with(Effect::SetVariable(name.clone(), value.into()))
    }

    /// Sets a recordset, which an output of the manifest must declare. The records stay in the host.
    pub fn set_recordset(self, name: &RecordsetName, records: RecordSet) -> Self {
        self.with(Effect::SetRecordset(name.clone(), records))
    }

    /// Lets the blocks after this one use another integration account. Needs `selects_account` in the manifest.
    pub fn select_account(self, account: &AccountRef) -> Self {
        self.with(Effect::SelectAccount(account.clone()))
    }

    /// Shows a record to the agent who takes the call. Needs `pops_screen` in the manifest.
    pub fn pop_screen(self, entity_set: &EntitySet, id: &RecordId) -> Self {
        self.with(Effect::PopScreen(entity_set.clone(), id.clone()))
    }

    fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// The exit taken, `next` where none was named.
    pub fn exit_taken(&self) -> &str {
        self.exit.as_deref().unwrap_or("next")
    }

    /// What the host is asked to do, in order.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// The value that a variable is set to, the last where it is set twice.
    pub fn variable(&self, name: &str) -> Option<&Value> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::SetVariable(set, value) if set.as_str() == name => Some(value),
            _ => None,
        })
    }

    /// The records that a recordset is set to, the last where it is set twice.
    pub fn recordset(&self, name: &str) -> Option<&RecordSet> {
        self.effects.iter().rev().find_map(|effect| match effect {
            Effect::SetRecordset(set, records) if set.as_str() == name => Some(records),
            _ => None,
        })
    }
}

/// Why a block could not do its work. The run leaves the step by `failed`, and no effect happens.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Dynamics 365 refused, or could not be reached.
    #[error(transparent)]
    Dynamics(#[from] dynamics::Error),
    /// The properties make no sense; the text names the property.
    #[error("invalid properties: {0}")]
    InvalidProperties(String),
    /// Anything else, in a sentence for the designer.
    #[error("{0}")]
    Other(String),
}

impl Failure {
    /// A property whose value makes no sense, and why.
    pub fn invalid(property: &str, problem: impl std::fmt::Display) -> Self {
        Self::InvalidProperties(format!("`{property}`: {problem}"))
    }

    /// Anything that is neither Dynamics 365's fault nor a property's, in a sentence for the designer.
    pub fn other(problem: impl Into<String>) -> Self {
        Self::Other(problem.into())
    }
}

/// A record or a text that is not of the expected shape.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(format!("unexpected shape of JSON: {error}"))
    }
}
