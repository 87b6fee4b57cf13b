//! What the checks of a scenario asked of the catalogue, and what they were told: as long as they would be told the same,
//! nothing else can come out. So a block that is installed does not have thousands of documents read and checked again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use patchcord_scenario::{Catalog, NoBlock, ScenarioBlock};

type Found = Result<Arc<dyn ScenarioBlock>, NoBlock>;

/// A catalogue that notes what it is asked.
pub(super) struct Noted<'a> {
    catalog: &'a dyn Catalog,
    asked: Mutex<Asked>,
}

/// The questions with their answers.
#[derive(Default)]
pub(super) struct Asked {
    blocks: HashMap<String, Found>,
    accounts: HashMap<String, Option<String>>,
    default_account: Option<Option<String>>,
    block_ids: Option<Vec<String>>,
}

impl<'a> Noted<'a> {
    pub(super) fn new(catalog: &'a dyn Catalog) -> Self {
        Self { catalog, asked: Mutex::default() }
    }

    pub(super) fn into_asked(self) -> Asked {
        self.asked.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    /// Whether `catalog` would say the same.
    pub(super) fn holds(&self, catalog: &dyn Catalog) -> bool {
        let mut blocks = self.blocks.iter();
        let mut accounts = self.accounts.iter();
        blocks.all(|(reference, found)| same(found, &catalog.block(reference)))
            && accounts.all(|(name, handle)| *handle == catalog.account(name))
            && self.default_account.as_ref().is_none_or(|told| *told == catalog.default_account())
            && self.block_ids.as_ref().is_none_or(|told| *told == catalog.block_ids())
    }
}

/// A block whose limits were set anew is another one: a plan holds on to the one that it was made with.
fn same(one: &Found, other: &Found) -> bool {
    match (one, other) {
        (Ok(one), Ok(other)) => std::ptr::addr_eq(Arc::as_ptr(one), Arc::as_ptr(other)),
        (Err(one), Err(other)) => one == other,
        _ => false,
    }
}

impl Catalog for Noted<'_> {
    fn block(&self, reference: &str) -> Found {
        let found = self.catalog.block(reference);
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
}
