//! Lines for the log of the run, which its trace shows. The host caps their length and number.
//!
//! The macros format as `format!` does; the functions beside them take anything that can be shown.
//!
//! ```
//! use patchcord_block::log;
//!
//! let open = 3;
//! log::info!("{open} cases are open");
//! log::warn("the caller has no name");
//! ```

use std::fmt::Display;

use crate::host;

pub use crate::{
    __log_debug as debug, __log_error as error, __log_info as info, __log_trace as trace,
    __log_warn as warn,
};

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
pub fn log(level: Level, message: impl Display) {
    host::log(level, &message.to_string());
}

/// Writes every detail.
pub fn trace(message: impl Display) {
    log(Level::Trace, message);
}

/// Writes a line for the block's author.
pub fn debug(message: impl Display) {
    log(Level::Debug, message);
}

/// Writes a line for the designer.
pub fn info(message: impl Display) {
    log(Level::Info, message);
}

/// Says that something was not as it should be.
pub fn warn(message: impl Display) {
    log(Level::Warn, message);
}

/// Says that the block could not do its work.
pub fn error(message: impl Display) {
    log(Level::Error, message);
}

/// Writes every detail, formatted as by `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_trace {
    ($($format:tt)*) => { $crate::log::log($crate::log::Level::Trace, ::core::format_args!($($format)*)) };
}

/// Writes a line for the block's author, formatted as by `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_debug {
    ($($format:tt)*) => { $crate::log::log($crate::log::Level::Debug, ::core::format_args!($($format)*)) };
}

/// Writes a line for the designer, formatted as by `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_info {
    ($($format:tt)*) => { $crate::log::log($crate::log::Level::Info, ::core::format_args!($($format)*)) };
}

/// Says that something was not as it should be, formatted as by `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_warn {
    ($($format:tt)*) => { $crate::log::log($crate::log::Level::Warn, ::core::format_args!($($format)*)) };
}

/// Says that the block could not do its work, formatted as by `format!`.
#[macro_export]
#[doc(hidden)]
macro_rules! __log_error {
    ($($format:tt)*) => { $crate::log::log($crate::log::Level::Error, ::core::format_args!($($format)*)) };
}
