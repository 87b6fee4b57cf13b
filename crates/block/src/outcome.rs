//! How a block ends: well, with an exit and effects, or with a failure. Effects are only collected here; the host does
//! them, in order and all or none, after the block has returned.

use serde_json::Value;

use crate::{AccountRef, EntitySet, RecordId, RecordSet, RecordsetName, VariableName};

/// How a block ended well: the exit that it took and what the host is to do.
///
/// ```
/// use patchcord_block::prelude::*;
///
/// fn greet(name: &VariableName, pet_name: &Option<VariableName>) -> Outcome {
///     Outcome::exit("known").set_variable(name, "Ann").set_variable(pet_name, "Annie")
/// }
///
/// let outcome = greet(&VariableName::new("name")?, &None);
/// assert_eq!(outcome.exit_taken(), "known");
/// assert_eq!(outcome.effects().len(), 1);
/// # Ok::<(), Failure>(())
/// ```
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

    /// Sets a variable, which an output of the manifest must declare. Where the property with its name is an `Option` and
    /// the designer left it out, nothing is set.
    pub fn set_variable<'a>(
        self,
        name: impl Into<Option<&'a VariableName>>,
        value: impl Into<Value>,
    ) -> Self {
        match name.into() {
            Some(name) => self.with(Effect::SetVariable(name.clone(), value.into())),
            None => self,
        }
    }

    /// Sets a recordset, which an output of the manifest must declare. The records stay in the host. Where the property
    /// with its name is an `Option` and the designer left it out, nothing is set.
    pub fn set_recordset<'a>(
        self,
        name: impl Into<Option<&'a RecordsetName>>,
        records: RecordSet,
    ) -> Self {
        match name.into() {
            Some(name) => self.with(Effect::SetRecordset(name.clone(), records)),
            None => self,
        }
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
