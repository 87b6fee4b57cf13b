//! The one trait of a block. What is in it is what a block must say; everything else has a default in the manifest.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{Failure, Manifest, Outcome};

/// A scenario block. The implementing struct is its properties, read anew for every step.
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
    /// A [`Failure`]: the run leaves the step by `failed`, and none of its effects happen.
    fn run(self) -> Result<Outcome, Failure>;
}
