//! Loads, checks, instantiates and meters scenario blocks, and gives them their host functions.
//!
//! A [`Runtime`] is a value: two of them can live in one process. It knows wasm and the contract in `wit/`; it has
//! never heard of HTTP, of accounts or of scenarios. A CRM is whatever implements [`Crm`].

mod bindings;
mod block;
mod capability;
mod check;
mod config;
mod convert;
mod crash;
mod crm;
mod effects;
mod engine;
mod error;
mod host;
mod host_function;
mod imports;
mod instance;
mod invoke;
mod limits;
mod manifest;
mod meter;
mod outcome;
mod record_set;
mod runtime;
mod schema;
mod shelf;
mod spent;
mod start_up;
mod stop;
mod tables;
mod telemetry;
pub mod testing;
mod text;
mod ticker;

pub use block::{Block, digest};
pub use capability::{Capability, UnknownCapability};
pub use config::RuntimeConfig;
pub use crm::{
    Answer, Change, Create, Created, Crm, CrmError, CrmErrorKind, Execute, Link, PhoneMatch,
    PhoneQuery, PhoneSearch, Query, QueryText, ReadOptions, Reference, Retrieve, RowId, Upserted,
    WriteOptions,
};
pub use engine::engine_config;
pub use error::{LoadError, RuntimeError, StepError};
pub use host_function::HostFunction;
pub use limits::{LimitBounds, LimitError, LimitKind, LimitSettings, Limits};
pub use manifest::{Exit, Manifest, Operation, Output, OutputKind};
pub use outcome::{
    Effect, HostCall, Invocation, Invoked, LastAnswer, LogLevel, LogLine, Outcome, ScreenPop,
    TracedAttempt,
};
pub use record_set::RecordSet;
pub use runtime::Runtime;
pub use spent::{Attempt, HttpMethod, Spent, wait_us};
pub use start_up::StartUp;
