//! Reading published versions, and the plans of earlier ones.

use std::sync::Arc;

use patchcord_scenario::Plan;

use super::record::{PUBLISHED, VERSIONS, version_key, versions_of};
use super::{PublishedScenario, ScenarioVersion, Scenarios, errors, missing};
use crate::Error;
use crate::catalog::Pinned;

impl Scenarios {
    /// The version that calls get.
    pub(crate) async fn published(&self, name: &str) -> Result<PublishedScenario, Error> {
        let document = self.store.get::<PublishedScenario>(PUBLISHED, name).await?;
        Ok(document.ok_or_else(|| missing(name))?.value)
    }

    /// One version, also of a scenario that was deleted: runs refer to it.
    pub(crate) async fn version(
        &self,
        name: &str,
        version: u64,
    ) -> Result<PublishedScenario, Error> {
        let key = version_key(name, version);
        let document = self.store.get::<PublishedScenario>(VERSIONS, &key).await?;
        let missing = || Error::NotFound { what: "version of a scenario", name: key.clone() };
        Ok(document.ok_or_else(missing)?.value)
    }

    /// Every version, the newest first.
    pub(crate) async fn versions(&self, name: &str) -> Result<Vec<ScenarioVersion>, Error> {
        let under = self.store.under::<ScenarioVersion>(VERSIONS, &versions_of(name)).await?;
        let mut versions: Vec<_> = under.into_iter().map(|document| document.value).collect();
        if versions.is_empty() && self.stored_draft(name).await?.is_none() {
            return Err(missing(name));
        }
        versions.sort_by_key(|version| std::cmp::Reverse(version.version));
        Ok(versions)
    }

    /// The number of the last version there ever was; 0 where there was none.
    pub(super) async fn last_version(&self, name: &str) -> Result<u64, Error> {
        let under = self.store.under::<ScenarioVersion>(VERSIONS, &versions_of(name)).await?;
        let numbers = under.into_iter().map(|document| document.value.version);
        Ok(numbers.max().unwrap_or_default())
    }

    /// The plan of exactly this version, made anew where it is not at hand; from then on the catalogue has it too.
    ///
    /// # Errors
    /// There is no such version, or it cannot run any more.
    pub(crate) async fn plan(&self, name: &str, version: u64) -> Result<Arc<Plan>, Error> {
        if let Some(plan) = self.plans.plan(name, Some(version)) {
            return Ok(plan);
        }
        let PublishedScenario { document, pins, .. } = self.version(name, version).await?;
        let catalog = Pinned::new(&self.catalog, &pins);
        let checked = patchcord_scenario::check(document, &catalog);
        let (plan, _) = checked.map_err(|problems| Error::Problems(errors(problems)))?;
        let plan = Arc::new(plan.with_version(version));
        self.plans.keep_earlier(name, version, Arc::clone(&plan));
        Ok(plan)
    }
}
