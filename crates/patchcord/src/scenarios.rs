//! Published scenarios: kept as documents with versions, compiled into plans once.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use patchcord_scenario::{Problem, Scenario, Severity};
use patchcord_store::{Batch, Expect, Store};
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::blocks::id_of;
use crate::catalog::{Catalog, Pin, Pinned};
use crate::plans::Ready;

const SCENARIOS: &str = "scenarios";
/// Every version ever published, by `name@version`: runs and roll-backs refer to them.
const VERSIONS: &str = "scenario_versions";

/// A published scenario.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PublishedScenario {
    /// Counts from 1 for each name.
    pub version: u64,
    /// When it was published.
    pub published_at: Timestamp,
    /// The document.
    pub document: Scenario,
    /// The versions of blocks that its references meant when it was published, by reference. Runs use these.
    #[serde(default)]
    pub pins: BTreeMap<String, Pin>,
}

/// What became of a document that was handed in.
#[derive(Debug, Clone, Serialize)]
pub struct Saved {
    /// Name of the scenario.
    pub name: String,
    /// The version that calls get from now on.
    pub version: u64,
    /// What somebody should look at; no error is among it.
    pub problems: Vec<Problem>,
}

pub(crate) struct Scenarios {
    store: Store,
    catalog: Arc<Catalog>,
    publishing: tokio::sync::Mutex<()>,
}

impl Scenarios {
    pub(crate) async fn open(store: Store, catalog: Arc<Catalog>) -> Result<Self, Error> {
        let publishing = tokio::sync::Mutex::new(());
        let scenarios = Self { store, catalog, publishing };
        for (name, published) in scenarios.list().await? {
            scenarios.prepare(name, published);
        }
        Ok(scenarios)
    }

    fn prepare(&self, name: String, published: PublishedScenario) {
        let version = published.version;
        let catalog = Pinned { catalog: &self.catalog, pins: &published.pins };
        let ready = match patchcord_scenario::check(published.document, &catalog) {
            Ok((plan, _)) => Ready::runs(plan.with_version(version)),
            Err(problems) => {
                let problems = errors(problems);
                let first = problems.first().map(ToString::to_string).unwrap_or_default();
                tracing::error!(scenario = name, problem = first, "a scenario cannot run");
                Ready::Broken(problems)
            }
        };
        self.catalog.plans.set(name, ready);
    }

    /// Looks at every scenario again after a block or an account has changed, as a restart would.
    pub(crate) async fn check_again(&self) {
        let _publishing = self.publishing.lock().await;
        match self.list().await {
            Ok(all) => all.into_iter().for_each(|(name, published)| self.prepare(name, published)),
            Err(error) => tracing::error!(%error, "the scenarios could not be checked again"),
        }
    }

    /// Every published scenario by name.
    pub(crate) async fn list(&self) -> Result<Vec<(String, PublishedScenario)>, Error> {
        let documents = self.store.list::<PublishedScenario>(SCENARIOS).await?;
        Ok(documents.into_iter().map(|document| (document.key, document.value)).collect())
    }

    pub(crate) async fn get(&self, name: &str) -> Result<PublishedScenario, Error> {
        let document = self.store.get::<PublishedScenario>(SCENARIOS, name).await?;
        let missing = || Error::NotFound { what: "scenario", name: name.to_owned() };
        Ok(document.ok_or_else(missing)?.value)
    }

    /// Names of the scenarios that calls get and that use this version of a block.
    pub(crate) async fn users_of(&self, id: &str, version: &str) -> Result<Vec<String>, Error> {
        let uses = |published: &PublishedScenario| {
            let pins = &published.pins;
            pins.iter().any(|(reference, pin)| id_of(reference) == id && pin.version == version)
        };
        let all = self.list().await?.into_iter();
        Ok(all.filter(|(_, published)| uses(published)).map(|(name, _)| name).collect())
    }

    /// What a call to `name` runs.
    pub(crate) fn ready(&self, name: &str) -> Option<Arc<Ready>> {
        self.catalog.plans.ready(name)
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Checks a document and publishes it under `name`. Runs under way end on the version with which they began.
    pub(crate) async fn publish(&self, name: &str, text: &[u8]) -> Result<Saved, Error> {
        let document =
            patchcord_scenario::parse(text).map_err(|problem| Error::Problems(vec![problem]))?;
        if document.name != name {
            let message =
                format!("the document is named `{}`, but was sent to `{name}`", document.name);
            let problem = Problem { pointer: "/name".into(), severity: Severity::Error, message };
            return Err(Error::Problems(vec![problem]));
        }
        // Held from the check on: a block or an account that changes now has the scenario checked again afterwards.
        let _publishing = self.publishing.lock().await;
        let pins = self.catalog.pins(&document);
        let catalog = Pinned { catalog: &self.catalog, pins: &pins };
        let (plan, problems) =
            patchcord_scenario::check(document.clone(), &catalog).map_err(Error::Problems)?;
        let before = self.store.get::<PublishedScenario>(SCENARIOS, name).await?;
        let version = before.as_ref().map_or(1, |before| before.value.version + 1);
        let expect = before.map_or(Expect::Absent, |before| Expect::Revision(before.revision));
        let published_at = Timestamp::now();
        let published = PublishedScenario { version, published_at, document, pins };
        let mut batch = Batch::new();
        batch.put_if(SCENARIOS, name, expect, &published)?;
        batch.put_if(VERSIONS, &format!("{name}@{version}"), Expect::Absent, &published)?;
        self.store.write(batch).await?;
        self.catalog.plans.set(name.to_owned(), Ready::runs(plan.with_version(version)));
        Ok(Saved { name: name.to_owned(), version, problems })
    }
}

fn errors(problems: Vec<Problem>) -> Vec<Problem> {
    problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect()
}
