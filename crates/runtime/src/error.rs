//! What can go wrong: setting a runtime up, loading a block, running one.

use crate::{CrmError, LimitError, LimitKind};

/// A runtime could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The engine refused its settings, or the machine cannot give what they ask for.
    #[error("the wasm engine could not be set up: {0}")]
    Engine(String),
    /// The folder for compiled artefacts cannot be used.
    #[error("the folder for compiled blocks cannot be used: {0}")]
    Cache(String),
    /// A default limit cannot be.
    #[error("the limits of blocks cannot be: {0}")]
    Limits(#[from] LimitError),
}

/// A block could not be loaded. Nothing of it stays behind.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file cannot be read.
    #[error("cannot read the block {path}: {source}")]
    Read {
        /// The file.
        path: std::path::PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The bytes are no wasm component.
    #[error("not a wasm component: {0}")]
    NotAComponent(String),
    /// It is a component, but the engine will not take it: invalid, or past a limit that is fixed when a block is
    /// loaded.
    #[error("the wasm engine refuses the block: {0}")]
    Refused(String),
    /// It wants something that this host does not offer.
    #[error("the block imports what this host does not offer: {}", .0.join(", "))]
    UnknownImports(Vec<String>),
    /// It does not export the contract's functions.
    #[error("the block does not fit the contract patchcord:block/block@1.1.0: {0}")]
    WrongContract(String),
    /// `describe` failed.
    #[error("the block could not describe itself: {0}")]
    Describe(String),
    /// The manifest is wrong.
    #[error("the manifest of the block is wrong at {at}: {problem}")]
    Manifest {
        /// JSON pointer into the manifest.
        at: String,
        /// What is wrong there.
        problem: String,
    },
}

/// A step did not end well.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StepError {
    /// The CRM refused or could not be reached, and the block handed that on.
    #[error(transparent)]
    Crm(CrmError),
    /// The block found its properties wrong.
    #[error("invalid properties: {0}")]
    InvalidProperties(String),
    /// The block gave up for a reason of its own.
    #[error("{0}")]
    Failed(String),
    /// The deadline passed.
    #[error("the deadline passed")]
    Timeout,
    /// Every sandbox that the block may have is in use, and none came free before the deadline.
    #[error("all sandboxes are busy, and none came free before the deadline")]
    Busy,
    /// The block went past one of its limits.
    #[error("the block went past its limit of {limit}")]
    LimitExceeded {
        /// The resource.
        kind: LimitKind,
        /// Which limit, with its value, such as `64 MiB of memory`.
        limit: String,
    },
    /// The block trapped, or answered what the contract does not allow.
    #[error("the block crashed: {message}")]
    Crashed {
        /// What happened.
        message: String,
        /// Guest frames, innermost first; empty where there are none.
        backtrace: Vec<String>,
    },
}
