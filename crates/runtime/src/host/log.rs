//! The log of one step: as many lines as it may have, and no more text than a trace can bear.
//!
//! What a block logs may hold what a caller said or who he is, whatever level the block gave it. The trace of the run is
//! where it belongs; the log of the server gets it as [`LogLine::tell`] says.

use crate::stop::Stop;
use crate::{LimitKind, LogLevel, LogLine};

/// Where the lines of a step end, all together.
const TEXT_BYTES: usize = 64 << 10;
/// A block that writes so many times as many lines as are kept wants to do harm, or will not stop by itself.
const PATIENCE: u64 = 10;

#[derive(Default)]
pub(crate) struct Log {
    pub(crate) lines: Vec<LogLine>,
    text: usize,
    written: u64,
    full: bool,
}

impl Log {
    /// Keeps a line, where there is room for it; the first one for which there is none leaves a note.
    pub(super) fn write(
        &mut self,
        level: LogLevel,
        message: String,
        most: u32,
    ) -> wasmtime::Result<()> {
        self.written += 1;
        if self.written > u64::from(most.max(1)) * PATIENCE {
            let limit = format!("{most} log lines, and that {PATIENCE} times over");
            return Err(Stop::limit(LimitKind::LogLines, limit));
        }
        if self.full {
            return Ok(());
        }
        let line = LogLine::worded(level, message);
        if self.lines.len() < most as usize && self.text + line.message.len() <= TEXT_BYTES {
            self.text += line.message.len();
            line.tell();
            self.lines.push(line);
        } else {
            self.full = true;
            let message = format!(
                "further lines are dropped: a step may log {most}, and {} KiB of text",
                TEXT_BYTES >> 10
            );
            self.lines.push(LogLine { level: LogLevel::Warn, message });
        }
        Ok(())
    }
}

impl LogLevel {
    /// Its name in logs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::MESSAGE_BYTES;

    #[test]
    fn text_has_an_end_too() {
        let mut log = Log::default();
        for _ in 0..100 {
            log.write(LogLevel::Info, "x".repeat(MESSAGE_BYTES), 200).unwrap();
        }
        assert_eq!(log.lines.len(), TEXT_BYTES / MESSAGE_BYTES + 1);
        let last = &log.lines[log.lines.len() - 1].message;
        assert!(last.contains("further lines are dropped"), "{last}");
        log.write(LogLevel::Info, "short".into(), 200).unwrap();
        assert_eq!(log.lines.len(), TEXT_BYTES / MESSAGE_BYTES + 1, "nothing follows the note");
    }

    #[test]
    fn a_flood_is_stopped() {
        let mut log = Log::default();
        let written = (0..).take_while(|_| log.write(LogLevel::Info, String::new(), 3).is_ok());
        assert_eq!(written.count(), 30);
        assert_eq!(log.lines.len(), 4);
    }
}
