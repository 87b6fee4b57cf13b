//! An import that is only looked at: what is in it, what is here already, and what would be wrong. Nothing is stored or
//! installed.

use std::collections::BTreeSet;

use patchcord_scenario::{BlockInstance, Problem};
use serde::Serialize;

use super::chosen::Chosen;
use super::import::{ImportRequest, Missing, opened};
use super::{BundledBlock, BundledScenario};
use crate::Error;
use crate::blocks::id_of;
use crate::patchcord::Patchcord;

/// What would become of an import.
#[derive(Debug, Serialize)]
pub struct ImportPreview {
    /// The scenarios, in the order of the export.
    pub scenarios: Vec<ScenarioPreview>,
    /// The blocks that would be installed.
    pub installs: Vec<BundledBlock>,
    /// What the scenarios need, and is neither here nor in it.
    pub missing: Missing,
    /// How many routes are in it; none where it was exported without them.
    pub routes: Option<usize>,
}

/// A scenario of an import.
#[derive(Debug, Serialize)]
pub struct ScenarioPreview {
    /// The name that it would get here.
    pub name: String,
    /// What people read.
    pub title: Option<String>,
    /// The version that it was where it comes from; none for a draft.
    pub exported_version: Option<u64>,
    /// The version of this name that calls get here.
    pub version: Option<u64>,
    /// Whether there is a draft of this name here.
    pub draft: bool,
    /// What would be wrong with it, or doubtful. Of a block that would be installed no more is known than that it comes.
    pub problems: Vec<Problem>,
}

impl Patchcord {
    /// Looks at what [`Patchcord::import`] would do.
    ///
    /// # Errors
    /// It cannot be read, or names what is not in it.
    pub async fn preview_import(&self, mut request: ImportRequest) -> Result<ImportPreview, Error> {
        let (chosen, bytes) = opened(&mut request).await?;
        let Chosen { scenarios, routes, accounts, blocks } = chosen;
        let wanted = self.wanted(&blocks, bytes);
        let installs: Vec<BundledBlock> = wanted.into_iter().map(|(block, _)| block).collect();
        let mut missing = self.missing(&accounts, blocks);
        missing.blocks.retain(|block| !installs.contains(block));
        let mut previews = Vec::new();
        for (_, scenario) in scenarios {
            previews.push(self.preview(scenario, &installs).await?);
        }
        let routes = routes.map(|list| list.routes.len());
        Ok(ImportPreview { scenarios: previews, installs, missing, routes })
    }

    async fn preview(
        &self,
        scenario: BundledScenario,
        installs: &[BundledBlock],
    ) -> Result<ScenarioPreview, Error> {
        let BundledScenario { version: exported_version, document, .. } = scenario;
        let comes = |instance: &BlockInstance| {
            installs.iter().any(|block| block.id == id_of(&instance.block))
        };
        let coming = document.blocks.iter().enumerate().filter(|(_, instance)| comes(instance));
        let unknown: BTreeSet<String> =
            coming.map(|(index, _)| format!("/blocks/{index}/block")).collect();
        let mut problems = self.scenarios.problems(&document);
        problems.retain(|problem| !unknown.contains(&problem.pointer));
        let (version, draft) = self.scenarios.here(&document.name).await?;
        let (name, title) = (document.name, document.title);
        Ok(ScenarioPreview { name, title, exported_version, version, draft, problems })
    }
}
