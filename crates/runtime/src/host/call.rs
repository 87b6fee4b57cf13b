//! The interface `call`: what a block may know of the call for which it works, its clock, its random bytes and its log.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use rand::TryRngCore;
use rand::rngs::OsRng;

use super::State;
use crate::bindings::patchcord::block::call::{Host, Level};
use crate::{LogLevel, LogLine};

/// What the contract promises at most for one call of `random`.
const RANDOM_BYTES: u32 = 4096;
/// Where a line of the log is cut, in bytes.
const LINE_BYTES: usize = 4096;

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
        self.cross(bytes.len())?;
        Ok(bytes)
    }

    fn log(&mut self, level: Level, message: String) -> wasmtime::Result<()> {
        self.cross(message.len())?;
        let lines = self.limits.log_lines as usize;
        let log = &mut self.step()?.trace.log;
        if log.len() < lines {
            log.push(LogLine { level: level.into(), message: cut(message) });
        } else if log.len() == lines {
            let message = format!("further lines are dropped: a step may log {lines}");
            log.push(LogLine { level: LogLevel::Warn, message });
        }
        Ok(())
    }
}

fn cut(mut message: String) -> String {
    if message.len() > LINE_BYTES {
        message.truncate(message.floor_char_boundary(LINE_BYTES));
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests {
    use super::{LINE_BYTES, cut};

    #[test]
    fn cuts_long_lines_between_characters() {
        assert_eq!(cut("short".into()), "short");
        let long = cut("ü".repeat(LINE_BYTES));
        assert_eq!(long, format!("{}…", "ü".repeat(LINE_BYTES / 2)));
    }
}
