//! What scenarios can refer to: the installed blocks, the integration accounts and each other.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use patchcord_scenario::{
    FetchError, FetchRequest, Fetched, NoBlock, Plan, Scenario, ScenarioBlock, TableColumns,
    TableName,
};
use semver::Version;
use serde::{Deserialize, Serialize};

use crate::accounts::Accounts;
use crate::blocks::{Blocks, Installed, Reference, Sought, id_of};
use crate::fetch::Fetcher;
use crate::plans::Plans;
use crate::scenarios::{Asked, Found};

/// Blocks, accounts and published scenarios, as they are now.
pub(crate) struct Catalog {
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) blocks: Arc<Blocks>,
    pub(crate) plans: Arc<Plans>,
    pub(crate) fetcher: Fetcher,
}

/// The version of a block that a published scenario goes on using.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Semantic version.
    pub version: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub digest: String,
}

/// The pins of a scenario, by the reference in its document.
pub(crate) type Pins = BTreeMap<String, Pin>;

impl Catalog {
    /// What the references of a document mean now. What means nothing is found by the checks.
    pub(crate) fn pins(&self, document: &Scenario) -> Pins {
        let pin = |reference: &str| {
            let installed = self.find(reference).ok()?;
            let (version, digest) = (installed.version().to_string(), installed.digest().into());
            Some((reference.to_owned(), Pin { version, digest }))
        };
        document.blocks.iter().filter_map(|instance| pin(&instance.block)).collect()
    }

    pub(crate) fn find(&self, reference: &str) -> Result<Arc<Installed>, NoBlock> {
        let parsed = Reference::parse(reference)
            .map_err(|error| NoBlock::Because(format!("`{reference}`: {error}")))?;
        let versions = || {
            let there = self.blocks.get(&parsed.id).ok()?.versions;
            let there: Vec<String> = there.into_iter().map(|version| version.version).collect();
            let there = there.join(", ");
            Some(NoBlock::Because(format!(
                "there is no version of the block `{}` within `{reference}`; there are: {there}",
                parsed.id
            )))
        };
        match self.blocks.find(&parsed) {
            Sought::Found(installed) => Ok(installed),
            Sought::Waits(why) => Err(NoBlock::Because(why)),
            Sought::Missing => Err(versions().unwrap_or(NoBlock::Unknown)),
        }
    }

    /// Whether a block can be had as it was pinned.
    pub(crate) fn has(&self, reference: &str, pin: &Pin) -> bool {
        self.pinned(reference, pin).is_ok()
    }

    fn pinned(&self, reference: &str, pin: &Pin) -> Result<Arc<Installed>, NoBlock> {
        let id = id_of(reference);
        let gone = |what: &str| {
            let Pin { version, .. } = pin;
            NoBlock::Because(format!(
                "the scenario was published with the block `{id}@{version}`, which {what}: publish it again"
            ))
        };
        let version = Version::parse(&pin.version).map_err(|_| gone("has no version"))?;
        match self.blocks.exactly(id, &version) {
            // A version in development has no bytes of its own: its author replaces them.
            Sought::Found(installed)
                if installed.digest() == pin.digest || !version.pre.is_empty() =>
            {
                Ok(installed)
            }
            Sought::Found(_) => Err(gone("has other bytes now")),
            Sought::Waits(why) => Err(NoBlock::Because(why)),
            Sought::Missing => Err(gone("is not here any more")),
        }
    }
}

#[async_trait]
impl patchcord_scenario::Catalog for Catalog {
    fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
        Ok(self.find(reference)?)
    }

    fn account(&self, name: &str) -> Option<String> {
        self.accounts.directory().handle(name)
    }

    fn default_account(&self) -> Option<String> {
        self.accounts.directory().default_handle()
    }

    fn unusable(&self, account: &str) -> Option<String> {
        self.accounts.unusable(account)
    }

    fn block_ids(&self) -> Vec<String> {
        self.blocks.ids()
    }

    fn tables(&self, account: &str) -> Option<Arc<[TableName]>> {
        self.accounts.known_tables(account)
    }

    fn columns(&self, account: &str, table: &str) -> Option<Arc<TableColumns>> {
        self.accounts.known_columns(account, table)
    }

    fn scenario(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        self.plans.plan(name, version)
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        self.fetcher.fetch(request).await
    }
}

/// The catalogue as a published scenario sees it: each block in the version with which it was published. It notes what it
/// is asked where the answer decides whether a scenario can run.
pub(crate) struct Pinned<'a> {
    catalog: &'a Catalog,
    pins: &'a Pins,
    /// What it has been asked.
    asked: Mutex<Asked>,
}

impl<'a> Pinned<'a> {
    pub(crate) fn new(catalog: &'a Catalog, pins: &'a Pins) -> Self {
        Self { catalog, pins, asked: Mutex::default() }
    }

    /// What it has been asked, and has answered.
    pub(crate) fn into_asked(self) -> Asked {
        self.asked.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, reference: &str) -> Found {
        match self.pins.get(reference) {
            Some(pin) => Ok(self.catalog.pinned(reference, pin)?),
            None => Ok(self.catalog.find(reference)?),
        }
    }
}

#[async_trait]
impl patchcord_scenario::Catalog for Pinned<'_> {
    fn block(&self, reference: &str) -> Result<Arc<dyn ScenarioBlock>, NoBlock> {
        let found = self.find(reference);
        self.asked().blocks.insert(reference.to_owned(), found.clone());
        found
    }

    fn account(&self, name: &str) -> Option<String> {
        let handle = self.catalog.account(name);
        self.asked().accounts.insert(name.to_owned(), handle.clone());
        handle
    }

    fn default_account(&self) -> Option<String> {
        let handle = self.catalog.default_account();
        self.asked().default_account = Some(handle.clone());
        handle
    }

    fn block_ids(&self) -> Vec<String> {
        let ids = self.catalog.block_ids();
        self.asked().block_ids = Some(ids.clone());
        ids
    }

    fn unusable(&self, account: &str) -> Option<String> {
        self.catalog.unusable(account)
    }

    fn tables(&self, account: &str) -> Option<Arc<[TableName]>> {
        self.catalog.tables(account)
    }

    fn columns(&self, account: &str, table: &str) -> Option<Arc<TableColumns>> {
        self.catalog.columns(account, table)
    }

    fn scenario(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        self.catalog.scenario(name, version)
    }

    async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        self.catalog.fetch(request).await
    }
}
