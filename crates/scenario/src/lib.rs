//! Scenarios: the document that a designer makes, its checks, the variable language and the engine that walks it.
//!
//! Nothing in here names wasm or HTTP. Blocks are reached through [`ScenarioBlock`], so that the engine is tested
//! with blocks written in a few lines of Rust.

mod blocks;
mod breach;
mod call;
mod check;
mod core;
mod deep;
mod diff;
mod document;
mod engine;
mod expression;
mod fetch;
mod kind;
mod lookup;
mod named;
mod nearest;
mod observer;
mod parameter;
mod plan;
mod problem;
mod steering;
mod substitute;
mod template;
mod trace;
mod unique;
mod value;
mod variables;

pub use blocks::{Catalog, NoBlock, ScenarioBlock, StepCall, TableColumns, TableName};
pub use call::{Call, Finished};
pub use check::{check, parse};
pub use core::{WaysOut, manifests as core_manifests, ways_out};
pub use diff::{Difference, Part, diff};
pub use document::{BlockInstance, FORMAT, OnHangUp, Position, Scenario, schema};
pub use engine::{Checkpoint, Reached, ResumeError, resume, resume_to, run, run_to};
pub use fetch::{FetchError, FetchRequest, Fetched};
pub use kind::PropertyKind;
pub use named::accounts_named;
pub use observer::{Layer, Observer};
pub use plan::Plan;
pub use problem::{Problem, Severity, pointer_to};
pub use substitute::SubstituteError;
pub use template::{Path, Template, TemplateError};
pub use trace::{Change, Failure, FailureKind, StepTrace};
pub use value::plain;
pub use variables::Variables;
