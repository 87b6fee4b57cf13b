//! The catalogue as a trial sees it: under its scenario's name there is what is tried, and a replay finds the versions with
//! which its run was made.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use patchcord_scenario::{
    Catalog, FetchError, FetchRequest, Fetched, NoBlock, Plan, ScenarioBlock, TableColumns,
    TableName,
};

/// A catalogue with other plans.
pub(super) struct TrialCatalog<'a> {
    pub(super) inner: &'a dyn Catalog,
    /// What is tried.
    pub(super) tried: Arc<Plan>,
    /// Plans that a replayed run had, by name.
    pub(super) recorded: &'a HashMap<String, Arc<Plan>>,
    /// Whether a scenario that is started now is started in the version that the run had.
    pub(super) rebuilds: bool,
}

#[async_trait]
impl Catalog for TrialCatalog<'_> {
    fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
        self.inner.block(reference)
    }

    fn account(&self, name: &str) -> Option<String> {
        self.inner.account(name)
    }

    fn default_account(&self) -> Option<String> {
        self.inner.default_account()
    }

    fn unusable(&self, account: &str) -> Option<String> {
        self.inner.unusable(account)
    }

    fn block_ids(&self) -> Vec<String> {
        self.inner.block_ids()
    }

    fn tables(&self, account: &str) -> Option<Arc<[TableName]>> {
        self.inner.tables(account)
    }

    fn columns(&self, account: &str, table: &str) -> Option<Arc<TableColumns>> {
        self.inner.columns(account, table)
    }

    fn scenario(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        let fits = |plan: &&Arc<Plan>| version.is_none_or(|version| version == plan.version());
        if name == self.tried.scenario().name && fits(&&self.tried) {
            return Some(Arc::clone(&self.tried));
        }
        let recorded = self.recorded.get(name).filter(fits);
        match recorded.filter(|_| self.rebuilds || version.is_some()) {
            Some(plan) => Some(Arc::clone(plan)),
            None => self.inner.scenario(name, version),
        }
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        self.inner.fetch(request).await
    }
}
