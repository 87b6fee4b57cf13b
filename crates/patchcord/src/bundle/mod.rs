//! Export and import: scenarios on their way to another host, as one JSON file or as a zip archive with their blocks.
//!
//! What goes with them is what they name: integration accounts by their names, blocks by id, version and digest. An
//! export holds no secret and no id that means something on one host only.

mod archive;
mod chosen;
mod export;
mod import;
mod installing;
mod preview;

use jiff::Timestamp;
use patchcord_scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::catalog::{Pin, Pins};
use crate::routes::RouteList;

pub use export::Selected;
pub use import::{ImportRequest, Imported, Missing};
pub use preview::{ImportPreview, ScenarioPreview};

/// Version of the format of an export.
pub(crate) const FORMAT: &str = "1.0";
/// Largest export, in bytes as it is sent.
pub const LARGEST_BUNDLE: usize = 128 << 20;
/// Largest list of scenarios within it, in bytes.
const LARGEST_LIST: usize = 64 << 20;

/// Scenarios as they are exported.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Version of this format: `1.0`.
    pub patchcord_export: String,
    /// When it was exported.
    #[serde(default)]
    pub exported_at: Option<Timestamp>,
    /// The scenarios.
    pub scenarios: Vec<BundledScenario>,
    /// The integration accounts that they name.
    #[serde(default)]
    pub accounts: Vec<NamedAccount>,
    /// The blocks that they need.
    #[serde(default)]
    pub blocks: Vec<BundledBlock>,
    /// The routes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub routes: Option<RouteList>,
}

/// A scenario in an export.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledScenario {
    /// The version that it was; none for a draft.
    #[serde(default)]
    pub version: Option<u64>,
    /// What was new in it.
    #[serde(default)]
    pub note: Option<String>,
    /// What its references to blocks meant.
    #[serde(default)]
    pub pins: Pins,
    /// The document.
    pub document: Scenario,
}

/// An integration account that scenarios in an export name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamedAccount {
    /// Its name.
    pub name: String,
    /// JSON pointers into the export to each place where it is named.
    pub at: Vec<String>,
}

/// A block that scenarios in an export need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BundledBlock {
    /// Its id.
    pub id: String,
    /// Semantic version.
    pub version: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
}

impl BundledBlock {
    fn pin(&self) -> Pin {
        Pin { version: self.version.clone(), digest: self.digest.clone() }
    }
}

impl Bundle {
    /// Reads an export.
    fn read(text: &[u8]) -> Result<Self, Error> {
        if text.len() > LARGEST_LIST {
            return Err(Error::Bundle(format!("its list is longer than {LARGEST_LIST} bytes")));
        }
        let mut reader = serde_json::Deserializer::from_slice(text);
        let bundle: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            let pointer = patchcord_scenario::pointer_to(error.path());
            fault(pointer, error.into_inner().to_string())
        })?;
        reader.end().map_err(|error| fault("", format!("is no JSON: {error}")))?;
        if bundle.patchcord_export != FORMAT {
            let message = format!(
                "the format `{}` is not known; this host reads `{FORMAT}`",
                bundle.patchcord_export
            );
            return Err(fault("/patchcord_export", message));
        }
        Ok(bundle)
    }
}

/// One fault in an export, with its place.
fn fault(pointer: impl Into<String>, message: impl Into<String>) -> Error {
    use patchcord_scenario::Severity::Error as Bad;
    let (pointer, message) = (pointer.into(), message.into());
    Error::Problems(vec![Problem { pointer, severity: Bad, message }])
}
