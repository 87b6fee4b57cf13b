//! Names of the runtime's metrics and the few places that count. Labels hold ids and versions of installed blocks, exits
//! that their manifests declare, causes and limits: each has an end, whatever a block does.

use std::time::Duration;

use metrics::{counter, histogram};

use crate::{Manifest, Outcome, StepError};

/// Steps ended, by `block`, `version`, `exit` (`failed` where there was no outcome) and `cause` of the failure (`none`
/// where there was an outcome).
const STEPS: &str = "patchcord_block_steps_total";
/// Seconds from the call of a block to its end, the wait for a sandbox included, by `block`.
const STEP_SECONDS: &str = "patchcord_block_seconds";
/// Steps that trapped or answered what the contract does not allow, by `block`.
const TRAPS: &str = "patchcord_block_traps_total";
/// Steps that a limit ended, by `block` and `limit`.
const LIMITS_HIT: &str = "patchcord_block_limits_hit_total";
/// Steps that found no sandbox before their deadline, by `block`.
const BUSY: &str = "patchcord_block_busy_total";
/// Seconds that a step waited where it did not get its sandbox at once, by `for`: `pool` where all were in use, `block`
/// where its own block had as many as it may.
const WAIT_SECONDS: &str = "patchcord_sandbox_wait_seconds";

pub(crate) fn waited(of: &'static str, time: Duration) {
    histogram!(WAIT_SECONDS, "for" => of).record(time.as_secs_f64());
}

pub(crate) fn step_ended(
    manifest: &Manifest,
    result: &Result<Outcome, StepError>,
    elapsed: Duration,
) {
    let block = || manifest.id.clone();
    match result {
        Err(StepError::Crashed { .. }) => counter!(TRAPS, "block" => block()).increment(1),
        Err(StepError::LimitExceeded { kind, .. }) => {
            counter!(LIMITS_HIT, "block" => block(), "limit" => kind.name()).increment(1);
        }
        Err(StepError::Busy) => counter!(BUSY, "block" => block()).increment(1),
        _ => {}
    }
    let (exit, cause) = match result {
        Ok(outcome) => (outcome.exit.clone().unwrap_or_else(|| "next".into()), "none"),
        Err(error) => ("failed".into(), cause(error)),
    };
    let version = manifest.version.clone();
    let labels =
        [("block", block()), ("version", version), ("exit", exit), ("cause", cause.into())];
    counter!(STEPS, &labels).increment(1);
    histogram!(STEP_SECONDS, "block" => block()).record(elapsed.as_secs_f64());
}

fn cause(error: &StepError) -> &'static str {
    match error {
        StepError::Crm(_) => "crm",
        StepError::InvalidProperties(_) => "invalid_properties",
        StepError::Failed(_) => "failed",
        StepError::Timeout => "timeout",
        StepError::Busy => "busy",
        StepError::LimitExceeded { .. } => "limit",
        StepError::Crashed { .. } => "crashed",
    }
}
