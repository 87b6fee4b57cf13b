//! Lines for the log of the run, which its trace shows. The host caps their length and number.

use crate::host;

/// How much a log line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Every detail.
    Trace,
    /// For the block's author.
    Debug,
    /// For the designer.
    Info,
    /// Something was not as it should be.
    Warn,
    /// The block could not do its work.
    Error,
}

/// Writes a line at a level.
pub fn log(level: Level, message: impl AsRef<str>) {
    host::log(level, message.as_ref());
}

/// Writes every detail.
pub fn trace(message: impl AsRef<str>) {
    log(Level::Trace, message);
}

/// Writes a line for the block's author.
pub fn debug(message: impl AsRef<str>) {
    log(Level::Debug, message);
}

/// Writes a line for the designer.
pub fn info(message: impl AsRef<str>) {
    log(Level::Info, message);
}

/// Says that something was not as it should be.
pub fn warn(message: impl AsRef<str>) {
    log(Level::Warn, message);
}

/// Says that the block could not do its work.
pub fn error(message: impl AsRef<str>) {
    log(Level::Error, message);
}
