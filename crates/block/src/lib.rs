//! The guest SDK: what a block author depends on.
//!
//! A block is a struct of properties and one trait. The struct is the Edit pane of the designer: its fields, their
//! kinds and their documentation become the JSON Schema of the manifest.
//!
//! ```
//! use patchcord_block::{Block, EntitySet, Failure, Manifest, Operation, Outcome, VariableName, dynamics, odata};
//!
//! /// Counts the contacts of a company.
//! #[derive(serde::Deserialize, schemars::JsonSchema)]
//! #[serde(deny_unknown_fields)]
//! pub struct CountColleagues {
//!     /// The company, as Dynamics 365 spells it.
//!     company: String,
//!     /// The variable that receives the number.
//!     count: VariableName,
//! }
//!
//! impl Block for CountColleagues {
//!     fn manifest() -> Manifest {
//!         Manifest::new("example.count-colleagues", "1.0.0", "Count Colleagues")
//!             .category("Examples")
//!             .operation(Operation::Query)
//!             .variable("count", "Number of contacts of the company.")
//!     }
//!
//!     fn run(self) -> Result<Outcome, Failure> {
//!         let company = odata::literal(&self.company);
//!         let query = odata::Query::new()
//!             .select(["contactid"])
//!             .filter(&format!("parentcustomerid_account/name eq {company}"));
//!         let contacts = dynamics::query("contacts", query)?;
//!         Ok(Outcome::next().set_variable(&self.count, contacts.count()))
//!     }
//! }
//!
//! patchcord_block::export!(CountColleagues);
//!
//! // Its test, on the machine of its author:
//! use patchcord_block::testing::{self, FakeHost};
//! use serde_json::json;
//!
//! let fake = FakeHost::new().finds([json!({"contactid": "…"})]);
//! let outcome = testing::run::<CountColleagues>(&fake, json!({"company": "O'Neil Ltd", "count": "n"}))?;
//! assert_eq!(outcome.variable("n"), Some(&json!(1)));
//! # Ok::<(), Failure>(())
//! ```
//!
//! Compiled for `wasm32-unknown-unknown` it is a component that imports of `patchcord:block` what
//! it uses and nothing else. On any other target [`export!`] makes nothing and the functions of this crate
//! speak to a [`testing::FakeHost`]. The generated bindings are no part of the public API, so a new version of the
//! generator is no new version of this crate.

mod block;
pub mod call;
pub mod dynamics;
mod entry;
mod kind;
pub mod log;
mod manifest;
pub mod odata;
mod outcome;
pub mod phone;
mod property;
mod record_set;
mod schema;

#[cfg(target_family = "wasm")]
#[doc(hidden)]
#[path = "guest/mod.rs"]
pub mod __guest;
#[cfg(target_family = "wasm")]
use __guest::host;

#[cfg(not(target_family = "wasm"))]
pub mod testing;
#[cfg(not(target_family = "wasm"))]
use testing::host;

pub use block::Block;
pub use kind::{
    AccountRef, EntitySet, InvalidValue, ODataQuery, RecordId, RecordsetName, Text, VariableName,
};
pub use manifest::{Exit, Manifest, Operation, Output, OutputKind};
pub use outcome::{Effect, Failure, Outcome};
pub use property::{ColumnValues, JsonText};
pub use record_set::RecordSet;

/// Makes a crate the block of this type. Once a crate; makes nothing on a native target, where it only checks that the
/// type is a block.
#[cfg(target_family = "wasm")]
#[macro_export]
macro_rules! export {
    ($block:ty) => {
        const _: () = {
            type Exported = $crate::__guest::Exported<$block>;
            $crate::__guest::bindings::export_block!(
                Exported with_types_in $crate::__guest::bindings
            );
        };
    };
}

/// Makes a crate the block of this type. Once a crate; makes nothing on a native target, where it only checks that the
/// type is a block.
#[cfg(not(target_family = "wasm"))]
#[macro_export]
macro_rules! export {
    ($block:ty) => {
        const _: fn() -> $crate::Manifest = <$block as $crate::Block>::manifest;
    };
}
