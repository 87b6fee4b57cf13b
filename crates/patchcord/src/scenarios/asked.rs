//! What the checks of a scenario asked of the catalogue, and what they were told: as long as they would be told the same,
//! nothing else can come out. So a block that is installed does not have thousands of documents read and checked again.
//! Only what decides whether a scenario can run is kept; what is doubtful is told when somebody looks.

use std::collections::HashMap;
use std::sync::Arc;

use patchcord_scenario::{Catalog, NoBlock, ScenarioBlock};

/// What a reference to a block came to.
pub(crate) type Found = Result<Arc<dyn ScenarioBlock>, NoBlock>;

/// The questions with their answers.
#[derive(Default)]
pub(crate) struct Asked {
    pub(crate) blocks: HashMap<String, Found>,
    pub(crate) accounts: HashMap<String, Option<String>>,
    pub(crate) default_account: Option<Option<String>>,
    pub(crate) block_ids: Option<Vec<String>>,
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
        let asked = Asked {
            blocks: HashMap::from([("a".to_owned(), then.block("a"))]),
            accounts: HashMap::from([("b".to_owned(), None)]),
            default_account: Some(None),
            block_ids: None,
        };
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
