//! Names of the runtime's metrics and the few places that count. Labels hold ids and versions of installed blocks, exits
//! that their manifests declare, causes and limits: each has an end, whatever a block does.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Counter, Histogram, counter, histogram};

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

/// What counts the steps of one block. Those that go well are counted by meters that are looked up once: finding a meter
/// by its labels takes far longer than counting. The recorder has to be there before the first step: meters found
/// without one count nothing.
pub(crate) struct StepMeters {
    seconds: OnceLock<Histogram>,
    by_exit: Vec<(String, OnceLock<Counter>)>,
}

impl StepMeters {
    pub(crate) fn of(manifest: &Manifest) -> Self {
        let declared = manifest.exits.iter().map(|exit| exit.id.as_str());
        let exits = ["next", "failed"].into_iter().chain(declared);
        let by_exit = exits.map(|exit| (exit.to_owned(), OnceLock::new())).collect();
        Self { seconds: OnceLock::new(), by_exit }
    }

    /// Counts a step of the block whose `manifest` this is.
    pub(crate) fn step_ended(
        &self,
        manifest: &Manifest,
        result: &Result<Outcome, StepError>,
        elapsed: Duration,
    ) {
        match result {
            Ok(outcome) => self.left(manifest, outcome.exit.as_deref().unwrap_or("next")),
            Err(error) => failed(manifest, error),
        }
        let seconds = || histogram!(STEP_SECONDS, "block" => manifest.id.clone());
        self.seconds.get_or_init(seconds).record(elapsed.as_secs_f64());
    }

    fn left(&self, manifest: &Manifest, exit: &str) {
        // An exit that is not declared never gets here.
        if let Some((_, counter)) = self.by_exit.iter().find(|(name, _)| name == exit) {
            counter.get_or_init(|| steps(manifest, exit, "none")).increment(1);
        }
    }
}

fn failed(manifest: &Manifest, error: &StepError) {
    let block = manifest.id.clone();
    match error {
        StepError::Crashed { .. } => counter!(TRAPS, "block" => block).increment(1),
        StepError::LimitExceeded { kind, .. } => {
            counter!(LIMITS_HIT, "block" => block, "limit" => kind.name()).increment(1);
        }
        StepError::Busy => counter!(BUSY, "block" => block).increment(1),
        _ => {}
    }
    steps(manifest, "failed", cause(error)).increment(1);
}

fn steps(manifest: &Manifest, exit: &str, cause: &'static str) -> Counter {
    let (block, version) = (manifest.id.clone(), manifest.version.clone());
    counter!(STEPS, "block" => block, "version" => version, "exit" => exit.to_owned(), "cause" => cause)
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
