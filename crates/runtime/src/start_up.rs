//! What it costs to start a block: the part of every step that the block's author can do something about.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::host::State;
use crate::{Block, StepError, crash, invoke};

/// What one fresh sandbox took, after the block was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartUp {
    /// Making the sandbox: every step pays it.
    pub instantiate: Duration,
    /// The call of `describe` in it: what the guest needs until it does its first work.
    pub describe: Duration,
}

impl Block {
    /// Starts the block once, in a sandbox of its own, and asks it for its manifest.
    ///
    /// # Errors
    /// It failed, or took longer than `describe` may.
    pub async fn start_up(&self) -> Result<StartUp, StepError> {
        let (shared, linked) = self.parts();
        let deadline = Instant::now() + shared.config.limits.describe;
        let sandbox = shared.sandbox(deadline).await?;
        let state = State::new(shared.config.limits.clone(), None);
        let meter = Arc::clone(&state.meter);
        let begun = Instant::now();
        let mut store = sandbox.store(state);
        let crashed = |error: wasmtime::Error| crash::step_error(&error);
        let work = async {
            let instance = linked.instance.instantiate_async(&mut store).await.map_err(crashed)?;
            let instantiate = begun.elapsed();
            let block = linked.exports.load(&mut store, &instance).map_err(crashed)?;
            block.call_describe(&mut store).await.map_err(crashed)?;
            Ok(StartUp { instantiate, describe: begun.elapsed().saturating_sub(instantiate) })
        };
        invoke::until(deadline, meter.counting(work)).await.unwrap_or(Err(StepError::Timeout))
    }
}
