//! Scenarios: drafts that designers work on, published versions that never change, and the plans that calls run.
//!
//! What calls read is in memory; drafts and earlier versions are read from the store when somebody asks for them. What
//! changes one scenario never goes through all of them: a host may have thousands.

mod asked;
mod delete;
mod difference;
mod drafts;
mod import;
mod kept_cases;
mod list;
mod precondition;
mod publish;
mod record;
mod routing;
mod tried;
mod versions;

use std::sync::Arc;

use patchcord_scenario::{Problem, Severity};
use patchcord_store::Store;

pub use difference::{PinChange, ScenarioDiff, Which};
pub use import::ImportedScenario;
pub(crate) use import::{Coming, Incoming};
pub use kept_cases::{CasesHead, KeptCases, SavedCases};
pub use precondition::Precondition;
pub(crate) use publish::Published;
pub use record::{
    DraftHead, PublishedScenario, Saved, SavedDraft, ScenarioDraft, ScenarioSummary,
    ScenarioVersion,
};
pub use routing::RoutesView;
pub use tried::TriedDocument;

use crate::Error;
use crate::blocks::id_of;
use crate::catalog::{Catalog, Pinned};
use crate::plans::{Current, Plans, Ready};
use crate::routes::RouteTable;
pub(crate) use asked::{Asked, Found};
use record::PUBLISHED;

pub(crate) struct Scenarios {
    store: Store,
    catalog: Arc<Catalog>,
    plans: Arc<Plans>,
    /// Which scenario answers a call that names none.
    routes: RouteTable,
    /// Held while the store and what calls read are changed together, from the checks on: a block or an account that
    /// changes meanwhile has the scenario checked again afterwards.
    changing: tokio::sync::Mutex<()>,
}

impl Scenarios {
    pub(crate) async fn open(store: Store, catalog: Arc<Catalog>) -> Result<Self, Error> {
        let plans = Arc::clone(&catalog.plans);
        let routes = routing::load(&store).await?;
        let scenarios = Self { store, catalog, plans, routes, changing: Default::default() };
        for (name, published) in scenarios.all().await? {
            scenarios.prepare(name, published);
        }
        Ok(scenarios)
    }

    /// Every published scenario by name, read from the store.
    pub(crate) async fn all(&self) -> Result<Vec<(String, PublishedScenario)>, Error> {
        let documents = self.store.list::<PublishedScenario>(PUBLISHED).await?;
        Ok(documents.into_iter().map(|document| (document.key, document.value)).collect())
    }

    /// Has calls to `name` run this version.
    fn prepare(&self, name: String, published: PublishedScenario) {
        let (head, pins) = (published.head, published.pins);
        let title = published.document.title.clone();
        let pinned = Pinned::new(&self.catalog, &pins);
        let ready = match patchcord_scenario::check(published.document, &pinned) {
            Ok((plan, _)) => Ready::runs(plan.with_version(head.version)),
            Err(problems) => {
                let problems = errors(problems);
                let first = problems.first().map(ToString::to_string).unwrap_or_default();
                tracing::error!(scenario = name, problem = first, "a scenario cannot run");
                Ready::Broken(problems)
            }
        };
        let asked = pinned.into_asked();
        self.plans.put(name, Current { head, title, pins, ready: Arc::new(ready), asked });
    }

    /// Looks again at the scenarios that need what has changed of blocks and accounts, as a restart would.
    pub(crate) async fn check_again(&self) {
        let _changing = self.changing.lock().await;
        self.plans.forget_earlier();
        for (name, current) in self.plans.all() {
            let pinned = Pinned::new(&self.catalog, &current.pins);
            if current.asked.holds(&pinned) {
                continue;
            }
            match self.published(&name).await {
                Ok(published) => self.prepare(name, published),
                Err(error) => {
                    tracing::error!(scenario = name, %error, "a scenario could not be checked again");
                }
            }
        }
    }

    /// Names of the scenarios that calls get and that use this version of a block.
    pub(crate) fn users_of(&self, id: &str, version: &str) -> Vec<String> {
        let uses = |current: &Current| {
            let mut pins = current.pins.iter();
            pins.any(|(reference, pin)| id_of(reference) == id && pin.version == version)
        };
        let all = self.plans.all().into_iter();
        all.filter(|(_, current)| uses(current)).map(|(name, _)| name).collect()
    }

    /// What a call to `name` runs.
    pub(crate) fn ready(&self, name: &str) -> Option<Arc<Ready>> {
        self.plans.ready(name)
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The catalogue, for who outlives a borrow of it.
    pub(crate) fn shared_catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }
}

fn missing(name: &str) -> Error {
    Error::NotFound { what: "scenario", name: name.to_owned() }
}

fn errors(problems: Vec<Problem>) -> Vec<Problem> {
    problems.into_iter().filter(|problem| problem.severity == Severity::Error).collect()
}

fn error(pointer: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem { pointer: pointer.into(), severity: Severity::Error, message: message.into() }
}

fn warning(pointer: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem { pointer: pointer.into(), severity: Severity::Warning, message: message.into() }
}
