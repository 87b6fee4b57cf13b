//! Reads the engine's errors: which limit, which trap, and the frames of the guest when it happened.

use wasmtime::{FrameInfo, Trap, WasmBacktrace};

use crate::StepError;
use crate::limits::Stop;

/// The typed cause of an error that ended a guest.
pub(crate) fn step_error(error: &wasmtime::Error) -> StepError {
    match error.downcast_ref::<Stop>() {
        Some(Stop::Limit(limit)) => StepError::LimitExceeded { limit: limit.clone() },
        Some(Stop::Denied(error)) => StepError::Crm(error.clone()),
        Some(Stop::Forbidden(why)) => crashed(why.clone(), error),
        None => crashed(message(error), error),
    }
}

/// An answer that the contract does not allow.
pub(crate) fn broken_contract(message: impl Into<String>) -> StepError {
    StepError::Crashed { message: message.into(), backtrace: Vec::new() }
}

fn crashed(message: String, error: &wasmtime::Error) -> StepError {
    let frames = error.downcast_ref::<WasmBacktrace>().map_or(&[][..], WasmBacktrace::frames);
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

/// Names of Rust as their author wrote them, without the hash; other names as they are.
fn readable(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
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
    }
}
