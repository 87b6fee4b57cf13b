//! What scenarios can refer to: the installed blocks and the integration accounts.

use std::sync::Arc;

use patchcord_scenario::ScenarioBlock;

use crate::accounts::Accounts;
use crate::blocks::Blocks;

/// Blocks and accounts, as they are now.
pub(crate) struct Catalog {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) blocks: Arc<Blocks>,
}

impl patchcord_scenario::Catalog for Catalog {
    fn block(&self, reference: &str) -> Option<Arc<dyn ScenarioBlock>> {
        Some(self.blocks.find(reference)?)
    }

    fn account(&self, name: &str) -> Option<String> {
        self.accounts.directory().handle(name)
    }

    fn default_account(&self) -> Option<String> {
        self.accounts.directory().default_handle()
    }

    fn block_ids(&self) -> Vec<String> {
        self.blocks.ids()
    }
}
