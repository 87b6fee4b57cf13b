//! Checks what a block asks for against what its manifest declared, before the engine does any of it. The first effect
//! that was not declared ends the step: effects happen all or none.

use serde_json::Value;
use wasmtime::component::ResourceTable;

use crate::bindings::patchcord::block::types::Effect as WitEffect;
use crate::bindings::{Failure, Outcome as WitOutcome};
use crate::crash::broken_contract;
use crate::text::{NAME_BYTES, written};
use crate::{Effect, Manifest, Outcome, OutputKind, StepError};

/// What the outcome of a block is checked against.
pub(crate) struct Declared<'a> {
    pub(crate) manifest: &'a Manifest,
    /// The properties of this invocation: they name the variables.
    pub(crate) properties: &'a Value,
}

impl Declared<'_> {
    /// The outcome in the host's own types. Recordsets leave `table`; their records are shared, not copied.
    pub(crate) fn accept(
        &self,
        outcome: WitOutcome,
        table: &mut ResourceTable,
    ) -> Result<Outcome, StepError> {
        if let Some(exit) = &outcome.exit {
            self.check_exit(exit)?;
        }
        let effects = outcome.effects.into_iter().map(|effect| self.effect(effect, table));
        Ok(Outcome { exit: outcome.exit, effects: effects.collect::<Result<_, _>>()? })
    }

    fn check_exit(&self, exit: &str) -> Result<(), StepError> {
        let known = matches!(exit, "next" | "failed")
            || self.manifest.exits.iter().any(|declared| declared.id == exit);
        if known {
            return Ok(());
        }
        let names: Vec<_> = self.manifest.exits.iter().map(|exit| exit.id.as_str()).collect();
        Err(broken_contract(format!(
            "it took the exit {}, which its manifest does not declare (declared: {})",
            quoted(exit),
            if names.is_empty() { "none".into() } else { names.join(", ") }
        )))
    }

    fn effect(&self, effect: WitEffect, table: &mut ResourceTable) -> Result<Effect, StepError> {
        match effect {
            WitEffect::SetVariable(set) => {
                self.check_output(&set.name, OutputKind::Variable)?;
                let value = serde_json::from_str(&set.value).map_err(|error| {
                    broken_contract(format!(
                        "it set the variable {} to what is no JSON: {error}",
                        quoted(&set.name)
                    ))
                })?;
                Ok(Effect::SetVariable { name: set.name, value })
            }
            WitEffect::SetRecordset(set) => {
                self.check_output(&set.name, OutputKind::Recordset)?;
                let records = table.delete(set.records).map_err(|error| {
                    broken_contract(format!("it handed back no record set: {error}"))
                })?;
                Ok(Effect::SetRecordset { name: set.name, records })
            }
            WitEffect::SelectAccount(account) => self
                .require(self.manifest.selects_account, "selected an account")
                .map(|()| Effect::SelectAccount(account)),
            WitEffect::PopScreen(pop) => self
                .require(self.manifest.pops_screen, "popped a screen")
                .map(|()| Effect::PopScreen(pop.into())),
        }
    }

    /// A block may set only what is named by those of its properties which the manifest calls outputs.
    fn check_output(&self, name: &str, kind: OutputKind) -> Result<(), StepError> {
        let declared =
            self.manifest.outputs.iter().filter(|output| output.kind == kind).any(|output| {
                self.properties.get(&output.property).and_then(Value::as_str) == Some(name)
            });
        if declared {
            return Ok(());
        }
        let what = match kind {
            OutputKind::Variable => "variable",
            OutputKind::Recordset => "recordset",
        };
        Err(broken_contract(format!(
            "it set the {what} {}, which none of its output properties names",
            quoted(name)
        )))
    }

    fn require(&self, allowed: bool, what: &str) -> Result<(), StepError> {
        if allowed {
            return Ok(());
        }
        Err(broken_contract(format!("it {what}, which its manifest does not declare")))
    }
}

/// A name that the guest chose, for a message.
fn quoted(name: &str) -> String {
    written(format_args!("{name:?}"), NAME_BYTES)
}

/// The bytes of text in the answer of a block.
pub(crate) fn length(answered: &Result<WitOutcome, Failure>) -> usize {
    match answered {
        Ok(outcome) => {
            let exit = outcome.exit.as_ref().map_or(0, String::len);
            exit + outcome.effects.iter().map(effect_length).sum::<usize>()
        }
        Err(Failure::Dynamics(error)) => {
            error.message.len() + error.code.as_ref().map_or(0, String::len)
        }
        Err(Failure::InvalidProperties(text) | Failure::Other(text)) => text.len(),
    }
}

fn effect_length(effect: &WitEffect) -> usize {
    match effect {
        WitEffect::SetVariable(set) => set.name.len() + set.value.len(),
        WitEffect::SetRecordset(set) => set.name.len(),
        WitEffect::SelectAccount(account) => account.len(),
        WitEffect::PopScreen(pop) => pop.entity_set.len() + pop.id.len(),
    }
}
