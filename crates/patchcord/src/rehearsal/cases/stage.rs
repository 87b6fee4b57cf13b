//! What a scenario finds around it while it is tested: the blocks that there are, every integration account that it
//! names, and the other scenarios that come with it. What is asked of Dynamics 365 and of web servers is answered
//! elsewhere, before it comes here.

use std::collections::BTreeMap;
use std::sync::Arc;

use patchcord_scenario::{Catalog, NoBlock, Plan, ScenarioBlock, TableColumns, TableName};

/// Handle of the default account where there is none.
const DEFAULT: &str = "default";

/// The catalogue of a scenario that is tested.
pub(super) struct Stage<'a> {
    pub(super) base: &'a dyn Catalog,
    /// The scenarios that come with the one that is tested, by name.
    pub(super) others: &'a BTreeMap<String, Arc<Plan>>,
}

impl Catalog for Stage<'_> {
    fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
        self.base.block(reference)
    }

    // Nothing is asked of an account, so that one that is not here will do.
    fn account(&self, name: &str) -> Option<String> {
        self.base.account(name).or_else(|| Some(name.to_owned()))
    }

    fn default_account(&self) -> Option<String> {
        self.base.default_account().or_else(|| Some(DEFAULT.to_owned()))
    }

    fn block_ids(&self) -> Vec<String> {
        self.base.block_ids()
    }

    fn tables(&self, account: &str) -> Option<Arc<[TableName]>> {
        self.base.tables(account)
    }

    fn columns(&self, account: &str, table: &str) -> Option<Arc<TableColumns>> {
        self.base.columns(account, table)
    }

    fn scenario(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        self.others.get(name).cloned().or_else(|| self.base.scenario(name, version))
    }
}
