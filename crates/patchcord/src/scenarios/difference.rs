//! What differs between two versions of a scenario, or a version and the draft.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use patchcord_scenario::{Difference, Scenario};
use serde::Serialize;

use super::drafts::no_draft;
use super::{PublishedScenario, ScenarioVersion, Scenarios};
use crate::Error;
use crate::catalog::{Pin, Pins};

/// One of the documents of a scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The version that calls get.
    Published,
    /// The draft.
    Draft,
    /// Exactly this version.
    Version(u64),
}

/// The differences.
#[derive(Debug, Clone, Serialize)]
pub struct ScenarioDiff {
    /// Name of the scenario.
    pub name: String,
    /// The older side: a version, or `draft`.
    pub from: String,
    /// The newer side.
    pub to: String,
    /// What differs between the documents.
    pub changes: Vec<Difference>,
    /// The references to blocks that mean another version, in a draft: would mean if it were published now.
    pub pins: Vec<PinChange>,
}

/// A reference that means another version of its block.
#[derive(Debug, Clone, Serialize)]
pub struct PinChange {
    /// The reference in the document.
    pub block: String,
    /// What it meant.
    pub old: Option<Pin>,
    /// What it means.
    pub new: Option<Pin>,
}

/// A document with what its references mean.
struct Side {
    name: String,
    document: Scenario,
    pins: Pins,
}

impl FromStr for Which {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "published" => Ok(Self::Published),
            "draft" => Ok(Self::Draft),
            number => number.parse().map(Self::Version).map_err(|_| {
                format!("`{text}` is no version: name its number, `published` or `draft`")
            }),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Published => f.write_str("published"),
            Self::Draft => f.write_str("draft"),
            Self::Version(number) => write!(f, "{number}"),
        }
    }
}

impl Scenarios {
    /// What differs. Where nothing is said, `to` is the draft, or the version that calls get where there is no draft; and
    /// `from` is the version before it.
    pub(crate) async fn diff(
        &self,
        name: &str,
        from: Option<Which>,
        to: Option<Which>,
    ) -> Result<ScenarioDiff, Error> {
        let to = match to {
            Some(to) => to,
            None if self.stored_draft(name).await?.is_some() => Which::Draft,
            None => Which::Published,
        };
        let from = match (from, to) {
            (Some(from), _) => from,
            (None, Which::Draft) => Which::Published,
            (None, Which::Version(number)) => Which::Version(number.saturating_sub(1)),
            (None, Which::Published) => {
                Which::Version(self.published(name).await?.head.version.saturating_sub(1))
            }
        };
        let (old, new) = (self.side(name, from).await?, self.side(name, to).await?);
        let changes = patchcord_scenario::diff(&old.document, &new.document);
        let pins = pins(&old.pins, &new.pins);
        Ok(ScenarioDiff { name: name.to_owned(), from: old.name, to: new.name, changes, pins })
    }

    async fn side(&self, name: &str, which: Which) -> Result<Side, Error> {
        let published = match which {
            Which::Published => self.published(name).await?,
            Which::Version(version) => self.version(name, version).await?,
            Which::Draft => {
                let draft = self.stored_draft(name).await?.ok_or_else(|| no_draft(name))?;
                let document = draft.value.document;
                let pins = self.catalog.pins(&document);
                return Ok(Side { name: which.to_string(), document, pins });
            }
        };
        let PublishedScenario { head: ScenarioVersion { version, .. }, document, pins } = published;
        Ok(Side { name: version.to_string(), document, pins })
    }
}

/// The references that are in both and mean something else; what was added or removed shows in the document.
fn pins(old: &Pins, new: &Pins) -> Vec<PinChange> {
    let references: BTreeSet<&String> = old.keys().filter(|key| new.contains_key(*key)).collect();
    let changed = |reference: &&String| old.get(*reference) != new.get(*reference);
    let change = |reference: &String| PinChange {
        block: reference.clone(),
        old: old.get(reference).cloned(),
        new: new.get(reference).cloned(),
    };
    references.into_iter().filter(changed).map(change).collect()
}
