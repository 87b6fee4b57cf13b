//! What the store keeps of scenarios: the version that calls get, every version there ever was, and drafts.

use std::collections::BTreeMap;

use jiff::Timestamp;
use patchcord_scenario::{Problem, Scenario};
use serde::{Deserialize, Serialize};

use crate::catalog::Pin;

/// The version that calls get, by name.
pub(super) const PUBLISHED: &str = "scenarios";
/// Every version ever published, by `name@version`: runs and roll-backs refer to them.
pub(super) const VERSIONS: &str = "scenario_versions";
/// Drafts, by name.
pub(super) const DRAFTS: &str = "scenario_drafts";

/// A published version of a scenario. It never changes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublishedScenario {
    /// Counts from 1 for each name.
    pub version: u64,
    /// When it was published.
    pub published_at: Timestamp,
    /// Name of the user or API token by whom it was published.
    #[serde(default)]
    pub published_by: Option<String>,
    /// What is new in it, in the words of whoever published it.
    #[serde(default)]
    pub note: Option<String>,
    /// The version whose document it brings back.
    #[serde(default)]
    pub restores: Option<u64>,
    /// The document.
    pub document: Scenario,
    /// The versions of blocks that its references meant when it was published, by reference. Runs use these.
    #[serde(default)]
    pub pins: BTreeMap<String, Pin>,
}

/// What is known of a version without its document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ScenarioVersion {
    /// Counts from 1 for each name.
    pub version: u64,
    /// When it was published.
    pub published_at: Timestamp,
    /// Name of the user or API token by whom it was published.
    #[serde(default)]
    pub published_by: Option<String>,
    /// What is new in it.
    #[serde(default)]
    pub note: Option<String>,
    /// The version whose document it brings back.
    #[serde(default)]
    pub restores: Option<u64>,
}

/// A draft as it lies in the store, where its revision is that of the document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Draft {
    pub(super) saved_at: Timestamp,
    pub(super) saved_by: Option<String>,
    pub(super) base: Option<u64>,
    pub(super) document: Scenario,
}

/// What is known of a draft without its document.
#[derive(Debug, Clone, Serialize)]
pub struct DraftHead {
    /// Changes with each save. Whoever saves names the one that he has seen.
    pub revision: i64,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// Name of the user or API token by whom it was saved.
    pub saved_by: Option<String>,
    /// The published version from which it was made; none where there was none.
    pub base: Option<u64>,
}

/// A draft that was saved, and what is wrong with it.
#[derive(Debug, Clone, Serialize)]
pub struct SavedDraft {
    /// Name of the scenario.
    pub name: String,
    /// When and by whom it was saved.
    #[serde(flatten)]
    pub head: DraftHead,
    /// What is wrong with it, or doubtful. Errors keep it from being published.
    pub problems: Vec<Problem>,
}

/// A draft with its document.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioDraft {
    /// All but the document.
    #[serde(flatten)]
    pub saved: SavedDraft,
    /// The document.
    pub document: Scenario,
}

/// What became of a document that was published.
#[derive(Debug, Clone, Serialize)]
pub struct Saved {
    /// Name of the scenario.
    pub name: String,
    /// The version that calls get from now on.
    pub version: u64,
    /// What somebody should look at; no error is among it.
    pub problems: Vec<Problem>,
}

/// A scenario in a list.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioSummary {
    /// Its name.
    pub name: String,
    /// What people read.
    pub title: Option<String>,
    /// The version that calls get; none where it was never published.
    pub version: Option<u64>,
    /// When that was published.
    pub published_at: Option<Timestamp>,
    /// Name of the user or API token by whom it was published.
    pub published_by: Option<String>,
    /// Whether calls are taken: it is published, and the blocks and accounts that it needs are there.
    pub can_run: bool,
    /// The draft that waits to be published.
    pub draft: Option<DraftHead>,
}

impl PublishedScenario {
    /// All but the document.
    pub fn head(&self) -> ScenarioVersion {
        ScenarioVersion {
            version: self.version,
            published_at: self.published_at,
            published_by: self.published_by.clone(),
            note: self.note.clone(),
            restores: self.restores,
        }
    }
}

/// The key of a version.
pub(super) fn version_key(name: &str, version: u64) -> String {
    format!("{name}@{version}")
}

/// What the keys of all versions of a scenario begin with. A name holds no `@`.
pub(super) fn versions_of(name: &str) -> String {
    format!("{name}@")
}
