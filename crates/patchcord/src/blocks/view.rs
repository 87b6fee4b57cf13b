//! Blocks as designers and administrators see them.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use patchcord_runtime::{Capability, LimitSettings, Manifest};
use patchcord_scenario::{ScenarioBlock, WaysOut, ways_out};
use serde::Serialize;

use super::installed::Installed;
use super::shelf::Shelf;

/// A block: the newest of its versions that may be used, and what there is besides.
#[derive(Debug, Clone, Serialize)]
pub struct BlockView {
    /// What that version says of itself.
    #[serde(flatten)]
    pub manifest: Manifest,
    /// Whether it can leave by `next`.
    pub takes_next: bool,
    /// Whether it can fail though its properties are right.
    pub can_fail: bool,
    /// SHA-256 of its bytes, in hexadecimal; none for a block of the engine itself.
    pub digest: Option<String>,
    /// What is granted to the block, whatever its version.
    pub granted: BTreeSet<Capability>,
    /// What a step of it may use; none for a block of the engine itself.
    pub limits: Option<LimitSettings>,
    /// Every version, the newest first, releases before those in development; empty for a block of the engine itself.
    pub versions: Vec<BlockVersion>,
}

/// One version of a block.
#[derive(Debug, Clone, Serialize)]
pub struct BlockVersion {
    /// Semantic version.
    pub version: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
    /// Size, in bytes.
    pub size: usize,
    /// Everything that it asks for.
    pub capabilities: BTreeSet<Capability>,
    /// What of it has not been granted: until it is, the version cannot be used.
    pub missing: Vec<Capability>,
    /// Where it came from.
    pub source: String,
    /// When it was taken in.
    pub added_at: Timestamp,
    /// Name of the trusted key that signed it.
    pub signed_by: Option<String>,
}

impl BlockView {
    /// A block of the engine itself.
    pub(crate) fn of_the_engine(manifest: Manifest) -> Self {
        let WaysOut { next, failed } = ways_out(&manifest.id);
        Self {
            manifest,
            takes_next: next,
            can_fail: failed,
            digest: None,
            granted: BTreeSet::new(),
            limits: None,
            versions: Vec::new(),
        }
    }

    /// A block on the shelf; none where there is none with this id.
    pub(super) fn of(shelf: &Shelf, id: &str) -> Option<Self> {
        let all = shelf.versions(id);
        let usable = all.iter().find(|installed| shelf.missing(installed).is_empty());
        let shown = usable.or(all.first())?;
        let WaysOut { next, failed } = ways_out(id);
        Some(Self {
            manifest: shown.manifest().clone(),
            takes_next: next,
            can_fail: failed,
            digest: Some(shown.digest().to_owned()),
            granted: shelf.grants(id).capabilities,
            limits: Some(shown.limits()),
            versions: all.iter().map(|installed| BlockVersion::of(shelf, installed)).collect(),
        })
    }
}

impl BlockVersion {
    fn of(shelf: &Shelf, installed: &Arc<Installed>) -> Self {
        Self {
            version: installed.version().to_string(),
            digest: installed.digest().to_owned(),
            size: installed.size(),
            capabilities: installed.manifest().capabilities(),
            missing: shelf.missing(installed),
            source: installed.record.source.clone(),
            added_at: installed.record.added_at,
            signed_by: installed.signed_by.clone(),
        }
    }
}
