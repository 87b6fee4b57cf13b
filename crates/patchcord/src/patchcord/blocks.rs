//! Blocks: which there are, what they may do and use, and one of them run alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use patchcord_runtime::{Capability, LimitSettings};
use serde_json::{Map, Value};

use super::Patchcord;
use crate::Error;
use crate::blocks::{BlockOffer, BlockView};
use crate::invoke::{self, BlockAnswer};

impl Patchcord {
    /// Every block: those of the engine, then those installed.
    pub fn blocks(&self) -> Vec<BlockView> {
        let core = patchcord_scenario::core_manifests().iter().cloned();
        let core = core.map(BlockView::of_the_engine);
        core.chain(self.blocks.list()).collect()
    }

    /// Reads the folders with blocks again. Runs under way end on the blocks with which they began.
    ///
    /// # Errors
    /// The runtime is shut down meanwhile. A block that is refused is told in the log, and the one before it stays.
    pub async fn reload_blocks(&self) -> Result<(), Error> {
        let blocks = Arc::clone(&self.blocks);
        self.change(async move {
            blocks.load_folders().await;
            Ok(())
        })
        .await
    }

    /// One block, of the engine or installed.
    ///
    /// # Errors
    /// There is no such block.
    pub fn block(&self, id: &str) -> Result<BlockView, Error> {
        let core = patchcord_scenario::core_manifests().iter().find(|manifest| manifest.id == id);
        match core {
            Some(manifest) => Ok(BlockView::of_the_engine(manifest.clone())),
            None => self.blocks.get(id),
        }
    }

    /// Checks a block and installs it beside the other versions of its id. The same bytes again change nothing.
    ///
    /// # Errors
    /// Why it is refused: what is wrong with it, other bytes under its version, a capability that is not granted, a
    /// signature that is missing or not trusted. Nothing is installed then.
    pub async fn install_block(&self, offer: BlockOffer) -> Result<BlockView, Error> {
        let blocks = Arc::clone(&self.blocks);
        self.change(async move { blocks.install(offer, "installed".into()).await }).await
    }

    /// Fetches a block from an OCI registry, such as `oci://ghcr.io/acme/greet:1.0.0`, and installs it.
    ///
    /// # Errors
    /// As [`Patchcord::install_block`]; the registry did not give it.
    pub async fn pull_block(
        &self,
        reference: &str,
        grant: BTreeSet<Capability>,
    ) -> Result<BlockView, Error> {
        let (blocks, reference) = (Arc::clone(&self.blocks), reference.to_owned());
        self.change(async move { blocks.pull(&reference, grant).await }).await
    }

    /// Says what the versions of a block may do, in place of what was said before.
    ///
    /// # Errors
    /// There is no such block, or the store failed.
    pub async fn grant_block(
        &self,
        id: &str,
        capabilities: BTreeSet<Capability>,
    ) -> Result<BlockView, Error> {
        let (blocks, id) = (Arc::clone(&self.blocks), id.to_owned());
        self.change(async move { blocks.grant(&id, capabilities).await }).await
    }

    /// Says what steps of a block may use, in place of what was said before; what is left out is as for every block.
    ///
    /// # Errors
    /// There is no such block, a limit is past the operator's maximum, or the store failed.
    pub async fn limit_block(&self, id: &str, settings: LimitSettings) -> Result<BlockView, Error> {
        let (blocks, id) = (Arc::clone(&self.blocks), id.to_owned());
        self.change(async move { blocks.limit(&id, settings).await }).await
    }

    /// Removes one version of a block.
    ///
    /// # Errors
    /// There is no such version, a published scenario uses it, or the store failed.
    pub async fn remove_block(&self, id: &str, version: &str) -> Result<(), Error> {
        let (blocks, scenarios) = (Arc::clone(&self.blocks), Arc::clone(&self.scenarios));
        let (id, version) = (id.to_owned(), version.to_owned());
        self.change(async move {
            let scenarios = scenarios.users_of(&id, &version);
            if !scenarios.is_empty() {
                let block = format!("{id}@{version}");
                return Err(Error::BlockInUse { block, scenarios });
            }
            blocks.remove(&id, &version).await
        })
        .await
    }

    /// Runs one block alone, with `properties` as a designer writes them.
    ///
    /// # Errors
    /// There is no such block, or a property, the account or the deadline is wrong; pointers lead into
    /// `{"properties": …, "account": …, "deadline_ms": …}`.
    pub async fn invoke_block(
        &self,
        block: &str,
        properties: Map<String, Value>,
        account: Option<String>,
        deadline: Option<Duration>,
    ) -> Result<BlockAnswer, Error> {
        invoke::invoke(self.scenarios.catalog(), block, properties, account, deadline).await
    }
}
