//! The interface `call`: what a block may know of the call for which it works, its clock, its random bytes and its log.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rand::TryRngCore;
use rand::rngs::OsRng;

use super::State;
use crate::bindings::patchcord::block::call::{Host, Level};

/// What the contract promises at most for one call of `random`.
const RANDOM_BYTES: u32 = 4096;

impl Host for State {
    fn run_id(&mut self) -> wasmtime::Result<String> {
        Ok(self.step()?.invocation.run.clone())
    }

    fn deadline_left(&mut self) -> wasmtime::Result<u64> {
        let left = self.step()?.invocation.deadline.saturating_duration_since(Instant::now());
        Ok(u64::try_from(left.as_millis()).unwrap_or(u64::MAX))
    }

    fn locale(&mut self) -> wasmtime::Result<String> {
        Ok(self.step()?.invocation.locale.clone())
    }

    fn now(&mut self) -> wasmtime::Result<u64> {
        self.step()?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        Ok(u64::try_from(now.as_millis())?)
    }

    fn random(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        self.step()?;
        let mut bytes = vec![0; count.min(RANDOM_BYTES) as usize];
        OsRng.try_fill_bytes(&mut bytes)?;
        self.cross_in(bytes.len())?;
        Ok(bytes)
    }

    fn log(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.cross_out(message.len())?;
        let most = self.limits.log_lines;
        self.step()?.trace.log.write(level.into(), message, most)
    }
}
