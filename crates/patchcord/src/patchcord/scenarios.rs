//! Scenarios, as designers ask for them: drafts, versions, test cases and routes.

use std::sync::Arc;

use patchcord_scenario::{Plan, Problem};
use serde_json::{Map, Value};

use super::{Patchcord, whole};
use crate::rehearsal::Case;
use crate::routes::{RouteList, RouteTaken};
use crate::scenarios::{
    KeptCases, Precondition, Published, PublishedScenario, RoutesView, Saved, SavedCases,
    SavedDraft, ScenarioDiff, ScenarioDraft, ScenarioSummary, ScenarioVersion, Which,
};
use crate::{CallError, Error};

impl Patchcord {
    /// Every scenario, published or a draft, by name.
    ///
    /// # Errors
    /// The store failed.
    pub async fn scenarios(&self) -> Result<Vec<ScenarioSummary>, Error> {
        self.scenarios.list().await
    }

    /// The version of a scenario that calls get.
    ///
    /// # Errors
    /// There is no such scenario, or the store failed.
    pub async fn scenario(&self, name: &str) -> Result<PublishedScenario, Error> {
        self.scenarios.published(name).await
    }

    /// What is wrong with a document, or doubtful. Nothing is stored.
    ///
    /// # Errors
    /// It cannot be read: the place of the first fault.
    pub fn check(&self, document: &[u8]) -> Result<Vec<Problem>, Error> {
        let document = patchcord_scenario::parse(document);
        let document = document.map_err(|problem| Error::Problems(vec![problem]))?;
        Ok(self.scenarios.problems(&document))
    }

    /// Checks a scenario document and publishes it at once. A draft of it stays as it is. `by` is the name of the API
    /// token, for those who look at the versions.
    ///
    /// # Errors
    /// Its problems, each with its place; nothing is stored then.
    pub async fn publish(
        &self,
        name: &str,
        document: &[u8],
        note: Option<String>,
        by: Option<String>,
    ) -> Result<Saved, Error> {
        let (scenarios, name) = (Arc::clone(&self.scenarios), name.to_owned());
        let document = document.to_vec();
        let published = whole(async move { scenarios.publish(&name, &document, note, by).await });
        Ok(self.prepared(published.await?))
    }

    /// Keeps a document as the draft of `name`, whatever is wrong with it. `base` is the version from which it was made;
    /// where nothing is said, that of the draft before it, or the one that calls get now.
    ///
    /// # Errors
    /// It cannot be read, or there is a draft that `precondition` does not name: who saved it and when.
    pub async fn save_draft(
        &self,
        name: &str,
        document: &[u8],
        base: Option<u64>,
        precondition: Precondition,
        by: Option<String>,
    ) -> Result<SavedDraft, Error> {
        let (scenarios, name) = (Arc::clone(&self.scenarios), name.to_owned());
        let document = document.to_vec();
        whole(async move { scenarios.save_draft(&name, &document, base, precondition, by).await })
            .await
    }

    /// The draft of a scenario.
    ///
    /// # Errors
    /// There is none, or the store failed.
    pub async fn draft(&self, name: &str) -> Result<ScenarioDraft, Error> {
        self.scenarios.draft(name).await
    }

    /// Throws the draft of a scenario away.
    ///
    /// # Errors
    /// There is none, or another one than `precondition` names.
    pub async fn discard_draft(&self, name: &str, precondition: Precondition) -> Result<(), Error> {
        let (scenarios, name) = (Arc::clone(&self.scenarios), name.to_owned());
        whole(async move { scenarios.discard_draft(&name, precondition).await }).await
    }

    /// Publishes the draft of a scenario.
    ///
    /// # Errors
    /// There is none; its problems; it is another one than `precondition` names; or another version was published since
    /// it was made, and `over` does not name that one.
    pub async fn publish_draft(
        &self,
        name: &str,
        precondition: Precondition,
        over: Option<u64>,
        note: Option<String>,
        by: Option<String>,
    ) -> Result<Saved, Error> {
        let (scenarios, name) = (Arc::clone(&self.scenarios), name.to_owned());
        let published =
            whole(
                async move { scenarios.publish_draft(&name, precondition, over, note, by).await },
            );
        Ok(self.prepared(published.await?))
    }

    /// Every version of a scenario, the newest first; also of one that was deleted.
    ///
    /// # Errors
    /// There is no such scenario, or the store failed.
    pub async fn scenario_versions(&self, name: &str) -> Result<Vec<ScenarioVersion>, Error> {
        self.scenarios.versions(name).await
    }

    /// One version of a scenario.
    ///
    /// # Errors
    /// There is no such version, or the store failed.
    pub async fn scenario_version(
        &self,
        name: &str,
        version: u64,
    ) -> Result<PublishedScenario, Error> {
        self.scenarios.version(name, version).await
    }

    /// The plan of a version, as runs walk it: for who takes up a run that began on it.
    ///
    /// # Errors
    /// There is no such version, or it cannot run any more.
    pub async fn scenario_plan(&self, name: &str, version: u64) -> Result<Arc<Plan>, Error> {
        self.scenarios.plan(name, version).await
    }

    /// What differs between two documents of a scenario: from the version that calls get to the draft, where nothing
    /// else is said.
    ///
    /// # Errors
    /// There is no such scenario, version or draft, or the store failed.
    pub async fn scenario_diff(
        &self,
        name: &str,
        from: Option<Which>,
        to: Option<Which>,
    ) -> Result<ScenarioDiff, Error> {
        self.scenarios.diff(name, from, to).await
    }

    /// Publishes the document of an earlier version as a new one. Nothing is rewritten.
    ///
    /// # Errors
    /// There is no such version, or it cannot run any more.
    pub async fn roll_back(
        &self,
        name: &str,
        version: u64,
        note: Option<String>,
        by: Option<String>,
    ) -> Result<Saved, Error> {
        let (scenarios, name) = (Arc::clone(&self.scenarios), name.to_owned());
        let published = whole(async move { scenarios.roll_back(&name, version, note, by).await });
        Ok(self.prepared(published.await?))
    }

    /// The test cases that are kept with a scenario; an empty list where there are none.
    ///
    /// # Errors
    /// There is no such scenario, or the store failed.
    pub async fn kept_cases(&self, name: &str) -> Result<KeptCases, Error> {
        self.scenarios.kept_cases(name).await
    }

    /// Keeps test cases with a scenario, in place of those that are. They lie sealed in the store. Steps that they name
    /// need not be there yet.
    ///
    /// # Errors
    /// There is no such scenario; what a case says and cannot mean, with its place; there are too many of them, or there
    /// are some that `precondition` does not name: who saved them and when.
    pub async fn save_cases(
        &self,
        name: &str,
        cases: Vec<Case>,
        precondition: Precondition,
        by: Option<String>,
    ) -> Result<SavedCases, Error> {
        let (scenarios, name) = (Arc::clone(&self.scenarios), name.to_owned());
        whole(async move { scenarios.save_cases(&name, cases, precondition, by).await }).await
    }

    /// Deletes a scenario with its draft and its test cases. Its versions stay for the runs that refer to them.
    ///
    /// # Errors
    /// There is no such scenario, or routes lead to it.
    pub async fn delete_scenario(&self, name: &str) -> Result<(), Error> {
        let (scenarios, name) = (Arc::clone(&self.scenarios), name.to_owned());
        whole(async move { scenarios.delete(&name).await }).await
    }

    /// The routes.
    ///
    /// # Errors
    /// The store failed.
    pub async fn routes(&self) -> Result<RoutesView, Error> {
        self.scenarios.routes().await
    }

    /// Puts a list of routes in the place of the one there is.
    ///
    /// # Errors
    /// What is wrong with it; or there is another list than `precondition` names.
    pub async fn set_routes(
        &self,
        list: RouteList,
        precondition: Precondition,
        by: Option<String>,
    ) -> Result<RoutesView, Error> {
        let scenarios = Arc::clone(&self.scenarios);
        whole(async move { scenarios.set_routes(list, precondition, by).await }).await
    }

    /// The scenario that answers a call which brings these variables and names none.
    ///
    /// # Errors
    /// A variable is wrong, or no route takes the call.
    pub fn route(&self, variables: &Map<String, Value>) -> Result<RouteTaken, CallError> {
        self.scenarios.route(variables)
    }

    /// Has the tables known that the steps of a new version write to, so that no caller waits for them.
    pub(crate) fn prepared(&self, published: Published) -> Saved {
        self.accounts.prepare(published.tables);
        published.saved
    }
}
