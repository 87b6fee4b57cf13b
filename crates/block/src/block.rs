//! The trait beneath the attribute `block`. What is in it is what a block must say; everything else has a default in the
//! manifest.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Manifest, Outcome, Result};

/// A scenario block. The implementing struct is its properties, read anew for every step.
///
/// [`block`](macro@crate::block) implements it. A block that needs more, such as a manifest that is computed, or properties that
/// are no plain struct, implements it by hand and is exported by [`export!`](crate::export):
///
/// ```
/// use patchcord_block::{Block, Manifest, Operation, Outcome, Result, VariableName, dynamics};
///
/// /// Counts contacts.
/// #[derive(serde::Deserialize, schemars::JsonSchema)]
/// #[serde(deny_unknown_fields)]
/// struct CountContacts {
///     /// The variable that receives the number.
///     count: VariableName,
/// }
///
/// impl Block for CountContacts {
///     fn manifest() -> Manifest {
///         Manifest::new("example.count-contacts", env!("CARGO_PKG_VERSION"), "Count Contacts")
///             .operation(Operation::Query)
///             .table("contacts")
///             .variable("count", "Number of contacts.")
///     }
///
///     fn run(self) -> Result<Outcome> {
///         let count = dynamics::Query::table("contacts").count()?;
///         Ok(Outcome::next().set_variable(&self.count, count))
///     }
/// }
///
/// patchcord_block::export!(CountContacts);
/// ```
///
/// The documentation comment of the struct is the block's description, that of a field the field's. A field is
/// required unless it is an `Option` or has a serde default. Put `#[serde(deny_unknown_fields)]` on the struct, so that a
/// misspelt property is an error and not silently left out.
pub trait Block: DeserializeOwned + JsonSchema {
    /// What the block says of itself. Asked for once, when it is loaded; the host functions are not at hand here.
    fn manifest() -> Manifest;

    /// Does the block's work, every `$(…)` in the properties replaced.
    ///
    /// # Errors
    /// A [`Failure`](crate::Failure): the run leaves the step by `failed`, and none of its effects happen.
    fn run(self) -> Result<Outcome>;
}
