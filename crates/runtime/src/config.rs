//! The settings of a runtime, with their defaults and units. What wasmtime makes of them stands in `engine.rs`.

use std::path::PathBuf;
use std::time::Duration;

/// How a [`Runtime`](crate::Runtime) is set up.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// A folder of the runtime's own for compiled artefacts, made with mode 0700 where it is missing and refused where
    /// others may write to it: whoever can, can run native code in this process. None compiles every block anew.
    pub cache: Option<PathBuf>,
    /// How many sandboxes may be in use at once; further invocations wait for one within their deadline. Each reserves
    /// about 16 GiB of address space, no memory. At least 1.
    pub max_instances: u32,
    /// How long a guest computes before it is interrupted, its limits are looked at and other tasks of its thread get
    /// their turn. The CPU limit is kept to this precision.
    pub tick: Duration,
    /// What one step may use.
    pub limits: Limits,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            cache: None,
            max_instances: 256,
            tick: Duration::from_millis(2),
            limits: Limits::default(),
        }
    }
}

/// What one step may use of each resource. Going past one ends the step with
/// [`StepError::LimitExceeded`](crate::StepError::LimitExceeded).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Linear memory of the block, all of its memories together, in bytes.
    pub memory_bytes: usize,
    /// Time in which the block itself computes. Time parked in a call of the CRM is not counted.
    pub cpu: Duration,
    /// Calls of the CRM, refused ones included.
    pub host_calls: u32,
    /// Bytes of text that cross between host and block, both directions together: properties, arguments, records
    /// looked at, the outcome. Records that are handed on as a recordset do not cross.
    pub bytes_crossing: u64,
    /// Lines in the log; further ones are dropped, with one note. A line is cut at 4,096 bytes.
    pub log_lines: u32,
    /// How long `describe` may take when a block is loaded, from first to last.
    pub describe: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 64 << 20,
            cpu: Duration::from_millis(500),
            host_calls: 64,
            bytes_crossing: 32 << 20,
            log_lines: 200,
            describe: Duration::from_secs(5),
        }
    }
}
