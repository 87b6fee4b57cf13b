//! Reads the engine's errors: which limit, which trap, and the frames of the guest when it happened.

use wasmtime::{FrameInfo, Trap, WasmBacktrace};

use crate::StepError;
use crate::stop::Stop;
use crate::text::{MESSAGE_BYTES, NAME_BYTES, cut, written};

/// How the engine's error begins that has no type: a guest gave more to the host in one call than it may.
const COPIED_TOO_MUCH: &str = "too much data is being copied between the host and the guest";

/// The typed cause of an error that ended a guest; `copied` is the limit that it passed where it gave too much at once.
pub(crate) fn step_error(error: &wasmtime::Error, copied: impl FnOnce() -> Stop) -> StepError {
    match error.downcast_ref::<Stop>() {
        Some(stop) => stopped(stop, error),
        None if error.root_cause().to_string().starts_with(COPIED_TOO_MUCH) => {
            stopped(&copied(), error)
        }
        None => crashed(message(error), error),
    }
}

fn stopped(stop: &Stop, error: &wasmtime::Error) -> StepError {
    match stop {
        Stop::Limit(kind, limit) => StepError::LimitExceeded { kind: *kind, limit: limit.clone() },
        Stop::Forbidden(why) => crashed(why.clone(), error),
        Stop::Denied(error) => StepError::Crm(error.clone()),
    }
}

/// An answer that the contract does not allow.
pub(crate) fn broken_contract(message: impl Into<String>) -> StepError {
    StepError::Crashed { message: cut(message.into(), MESSAGE_BYTES), backtrace: Vec::new() }
}

fn crashed(message: String, error: &wasmtime::Error) -> StepError {
    let frames = error.downcast_ref::<WasmBacktrace>().map_or(&[][..], WasmBacktrace::frames);
    let message = cut(message, MESSAGE_BYTES);
    StepError::Crashed { message, backtrace: frames.iter().map(frame).collect() }
}

fn message(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<Trap>() {
        Some(Trap::UnreachableCodeReached) => {
            "it gave up (unreachable code), as after a panic or a failed allocation".into()
        }
        Some(Trap::StackOverflow) => "its call stack is exhausted".into(),
        Some(trap) => trap.to_string(),
        None => error.root_cause().to_string(),
    }
}

/// A frame by the name of its function; a block that was stripped of its names has only numbers.
fn frame(frame: &FrameInfo) -> String {
    let name = frame
        .symbols()
        .first()
        .and_then(|symbol| symbol.name())
        .or_else(|| frame.func_name())
        .map_or_else(|| format!("function {}", frame.func_index()), readable);
    match frame.module_offset() {
        Some(offset) => format!("{name} at {offset:#x}"),
        None => name,
    }
}

/// Names of Rust as their author wrote them, without the hash; other names as they are. A name may be as long as the
/// block, and a mangled one may stand for one that is far longer.
fn readable(name: &str) -> String {
    written(format_args!("{:#}", rustc_demangle::demangle(name)), NAME_BYTES)
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn names_of_rust_become_readable() {
        assert_eq!(
            readable("_RNvNtCsgXGp5Oqx2Ny_4core9panicking9panic_fmt"),
            "core::panicking::panic_fmt"
        );
        assert_eq!(
            readable("_ZN4core9panicking9panic_fmt17h0123456789abcdefE"),
            "core::panicking::panic_fmt"
        );
        assert_eq!(readable("give_up"), "give_up");
        assert!(readable(&"x".repeat(1 << 20)).len() < 300, "names do not fill the trace");
    }
}
