//! The settings of a runtime, with their defaults and units. What wasmtime makes of them stands in `engine.rs`.

use std::path::PathBuf;
use std::time::Duration;

use crate::Limits;

/// How a [`Runtime`](crate::Runtime) is set up.
#[derive(Debug, Clone)]
pub struct RuntimeConfig {
    /// A folder of the runtime's own for compiled artefacts, made with mode 0700 where it is missing and refused where
    /// others may write to it: whoever can, can run native code in this process. None compiles every block anew.
    pub cache: Option<PathBuf>,
    /// How many sandboxes may be in use at once; further invocations wait for one within their deadline. Each reserves
    /// about 4 GiB of address space, no memory. At least 1.
    pub max_instances: u32,
    /// How long a guest computes before it is interrupted, its limits are looked at and other tasks of its thread get
    /// their turn. The CPU limit is kept to this precision.
    pub tick: Duration,
    /// How long `describe` may take when a block is loaded, from first to last.
    pub describe: Duration,
    /// What one step may use where nothing is set for its block.
    pub limits: Limits,
    /// What [`Block::limited`](crate::Block::limited) may set at most; `limits` keep to it too.
    pub maxima: Limits,
}

impl Default for RuntimeConfig {
    fn default() -> Self {
        Self {
            cache: None,
            max_instances: 256,
            tick: Duration::from_millis(2),
            describe: Duration::from_secs(5),
            limits: Limits::default(),
            maxima: Limits::maxima(),
        }
    }
}
