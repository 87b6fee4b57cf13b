//! Loads, checks, instantiates and meters scenario blocks, and gives them their host functions.
//!
//! A [`Runtime`] is a value: two of them can live in one process. It knows wasm and the contract in `wit/`; it has
//! never heard of HTTP, of accounts or of scenarios. A CRM is whatever implements [`Crm`].

mod crm;
mod error;
mod manifest;
mod outcome;
mod record_set;

pub use crm::{Answer, Crm, CrmError, CrmErrorKind, RowId};
pub use error::{LoadError, RuntimeError, StepError};
pub use manifest::{Exit, Manifest, Operation, Output, OutputKind};
pub use outcome::{Effect, HostCall, Invocation, Invoked, LogLevel, LogLine, Outcome, ScreenPop};
pub use record_set::RecordSet;
