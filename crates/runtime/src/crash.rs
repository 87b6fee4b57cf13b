//! Reads the engine's errors: which limit, which trap, and the frames of the guest when it happened.

use wasmtime::{FrameInfo, Trap, WasmBacktrace};

use crate::StepError;
use crate::limits::Stop;

/// The typed cause of an error that ended a guest.
pub(crate) fn step_error(error: &wasmtime::Error) -> StepError {
    match error.downcast_ref::<Stop>() {
        Some(Stop::Limit(limit)) => StepError::LimitExceeded {
            limit: limit.clone(),
        },
        Some(Stop::Forbidden(why)) => crashed(why.clone(), error),
        None => crashed(message(error), error),
    }
}

/// An answer that the contract does not allow.
pub(crate) fn broken_contract(message: impl Into<String>) -> StepError {
    StepError::Crashed {
        message: message.into(),
        backtrace: Vec::new(),
    }
}

fn crashed(message: String, error: &wasmtime::Error) -> StepError {
    let frames = error
        .downcast_ref::<WasmBacktrace>()
        .map_or(&[][..], WasmBacktrace::frames);
    StepError::Crashed {
        message,
        backtrace: frames.iter().map(frame).collect(),
    }
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

fn frame(frame: &FrameInfo) -> String {
    let name = frame
        .symbols()
        .first()
        .and_then(|symbol| symbol.name())
        .or_else(|| frame.func_name())
        .map_or_else(|| format!("function {}", frame.func_index()), str::to_owned);
    match frame.module_offset() {
        Some(offset) => format!("{name} at {offset:#x}"),
        None => name,
    }
}
