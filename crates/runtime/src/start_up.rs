//! Starting a block to ask it what it is: once when it is loaded, and again where its author wants to know what every step
//! pays.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bindings::Manifest;
use crate::block::Linked;
use crate::host::State;
use crate::instance::WrongExports;
use crate::limits::size;
use crate::runtime::Shared;
use crate::stop::Stop;
use crate::{Block, LimitKind, LoadError, StepError, crash, invoke};

/// What a manifest may come to, in bytes: it is kept, listed and shown for as long as the block is installed.
const MANIFEST_BYTES: usize = 1 << 20;

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
    pub async fn start_up(&self) -> Result<StartUp, LoadError> {
        let (shared, linked) = self.parts();
        Ok(start(shared, linked).await?.1)
    }
}

/// What a block says of itself, and what asking it took.
pub(crate) async fn start(
    shared: &Shared,
    linked: &Linked,
) -> Result<(Manifest, StartUp), LoadError> {
    let failed = |error: StepError| LoadError::Describe(failure(&error));
    let deadline = Instant::now() + shared.config.describe;
    let place = shared.place(deadline).await.map_err(failed)?;
    let _running = shared.ticker.running();
    let ended = |error: wasmtime::Error| failed(crash::step_error(&error, too_long));
    let state = State::new(shared.config.limits.clone(), None);
    let meter = Arc::clone(&state.meter);
    let begun = Instant::now();
    let mut instance = shared.instance(place, state, MANIFEST_BYTES);
    let work = pin!(async {
        let refused = |error: wasmtime::Error| match error.downcast::<WrongExports>() {
            Ok(WrongExports(why)) => LoadError::WrongContract(why),
            Err(error) => ended(error),
        };
        let (store, block) = instance.exports(linked).await.map_err(refused)?;
        let instantiate = begun.elapsed();
        let said = block.call_describe(store).await.map_err(ended)?;
        let describe = begun.elapsed().saturating_sub(instantiate);
        Ok((said, StartUp { instantiate, describe }))
    });
    invoke::until(deadline, meter.counting(work))
        .await
        .unwrap_or_else(|| Err(failed(StepError::Timeout)))
}

fn too_long() -> Stop {
    Stop::Limit(LimitKind::BytesOut, format!("{} of manifest", size(MANIFEST_BYTES as u64)))
}

/// The sentence of an error with the frames of the guest below it: whoever loads a block is often its author.
fn failure(error: &StepError) -> String {
    match error {
        StepError::Crashed { message, backtrace } if !backtrace.is_empty() => {
            format!("{message} (in {})", backtrace.join(", called by "))
        }
        StepError::Crashed { message, .. } => message.clone(),
        StepError::Timeout => "it took too long".into(),
        error => error.to_string(),
    }
}
