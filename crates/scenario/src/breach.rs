//! Checks what a block answered against what it declared, whatever ran it: nothing is done of an answer that breaks
//! the contract.

use patchcord_runtime::{Effect, Outcome, StepError};
use serde_json::Value;

use crate::plan::PlannedStep;
use crate::substitute::Property;
use crate::trace::FailureKind;

/// The exit of an outcome that names none.
pub(crate) const NEXT: &str = "next";

/// The handles of integration accounts that a step's properties hold: what its block may select.
pub(crate) fn accounts_in(step: &PlannedStep, properties: &Value) -> Vec<String> {
    let named = |property: &Property| matches!(property, Property::Account(_));
    let accounts = step.properties.iter().filter(|(_, property)| named(property));
    accounts.filter_map(|(name, _)| Some(properties.get(name)?.as_str()?.to_owned())).collect()
}

/// The outcome, where it keeps the contract. `accounts` are the handles that the block may select.
pub(crate) fn kept(
    step: &PlannedStep,
    outcome: Outcome,
    accounts: &[String],
) -> Result<Outcome, StepError> {
    let crashed = |message: String| StepError::Crashed { message, backtrace: Vec::new() };
    let exit = outcome.exit.as_deref().unwrap_or(NEXT);
    // The checks have seen to it that every exit but `failed` is wired.
    if !step.exits.contains_key(exit) {
        return Err(if exit == FailureKind::Failed.exit() {
            StepError::Failed("the block left by `failed`".to_owned())
        } else {
            crashed(format!("it took the exit `{exit}`, which it has not"))
        });
    }
    let foreign = |effect: &Effect| match effect {
        Effect::SelectAccount(handle) => !accounts.contains(handle),
        _ => false,
    };
    if outcome.effects.iter().any(foreign) {
        let message = "it selected an integration account that none of its properties names";
        return Err(crashed(message.to_owned()));
    }
    Ok(outcome)
}
