//! What the checks of a scenario asked of the catalogue, and what they were told: as long as they would be told the same,
//! nothing else can come out. So a block that is installed does not have thousands of documents read and checked again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use patchcord_scenario::{Catalog, NoBlock, Plan, ScenarioBlock};

type Found = Result<Arc<dyn ScenarioBlock>, NoBlock>;

/// A catalogue that notes what it is asked.
pub(super) struct Noted<'a> {
    catalog: &'a dyn Catalog,
    asked: Mutex<Asked>,
}

/// The questions with their answers.
#[derive(Default)]
pub(crate) struct Asked {
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
    pub(crate) fn holds(&self, catalog: &dyn Catalog) -> bool {
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

    /// Not noted: whether another scenario is there decides over no error.
    fn scenario(&self, name: &str, version: Option<u64>) -> Option<Arc<Plan>> {
        self.catalog.scenario(name, version)
    }
}

#[cfg(test)]
mod tests {
    use patchcord_runtime::Manifest;

    use super::*;

    /// Of a size, so that each has an address of its own.
    struct Block(#[expect(dead_code, reason = "it only takes up room")] u8);

    #[async_trait::async_trait]
    impl ScenarioBlock for Block {
        fn manifest(&self) -> &Manifest {
            &patchcord_scenario::core_manifests()[0]
        }

        async fn run(&self, _: patchcord_scenario::StepCall) -> patchcord_runtime::Invoked {
            unreachable!("nothing is run here")
        }
    }

    #[derive(Default, Clone)]
    struct Fake {
        block: Option<Arc<Block>>,
        account: Option<String>,
        default: Option<String>,
        ids: Vec<String>,
    }

    impl Catalog for Fake {
        fn block(&self, _: &str) -> Found {
            let found: Arc<dyn ScenarioBlock> = self.block.clone().ok_or(NoBlock::Unknown)?;
            Ok(found)
        }

        fn account(&self, _: &str) -> Option<String> {
            self.account.clone()
        }

        fn default_account(&self) -> Option<String> {
            self.default.clone()
        }

        fn block_ids(&self) -> Vec<String> {
            self.ids.clone()
        }
    }

    #[test]
    fn it_holds_until_an_answer_to_what_was_asked_changes() {
        let then = Fake { block: Some(Arc::new(Block(0))), ..Fake::default() };
        let noted = Noted::new(&then);
        assert!(noted.block("a").is_ok() && noted.account("b").is_none());
        assert!(noted.default_account().is_none());
        let asked = noted.into_asked();
        assert!(asked.holds(&then));
        // Nobody asked for the ids.
        assert!(asked.holds(&Fake { ids: vec!["a".into()], ..then.clone() }));
        let default = Some("d".to_owned());
        for other in [
            Fake { block: None, ..then.clone() },
            // The same bytes with other limits, say.
            Fake { block: Some(Arc::new(Block(0))), ..then.clone() },
            Fake { account: Some("h".into()), ..then.clone() },
            Fake { default, ..then.clone() },
        ] {
            assert!(!asked.holds(&other));
        }
    }
}
