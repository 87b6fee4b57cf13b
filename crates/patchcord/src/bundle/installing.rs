//! The blocks of an import: installed before its scenarios are checked, and taken out again where these are refused.

use super::BundledBlock;
use super::archive::{BlockBytes, Bytes};
use super::import::ImportRequest;
use crate::Error;
use crate::blocks::{BlockOffer, Undo};
use crate::patchcord::Patchcord;

/// A block that was installed, and how to take it out again.
pub(super) struct Taken {
    pub(super) block: BundledBlock,
    undo: Undo,
}

impl Patchcord {
    /// Those of the blocks that are not here and whose bytes are.
    pub(super) fn wanted(
        &self,
        blocks: &[BundledBlock],
        mut bytes: BlockBytes,
    ) -> Vec<(BundledBlock, Bytes)> {
        let unknown = blocks.iter().filter(|block| !self.has(block));
        unknown.filter_map(|block| Some((block.clone(), bytes.remove(&block.digest)?))).collect()
    }

    /// Installs them all, or none.
    pub(super) async fn install_all(
        &self,
        wanted: Vec<(BundledBlock, Bytes)>,
        request: &ImportRequest,
    ) -> Result<Vec<Taken>, Error> {
        if !wanted.is_empty() && !request.may_install {
            let named = |(block, _): &(BundledBlock, _)| format!("{}@{}", block.id, block.version);
            return Err(Error::MayNotInstall { blocks: wanted.iter().map(named).collect() });
        }
        let mut taken = Vec::new();
        for (block, bytes) in wanted {
            let offer = BlockOffer {
                bytes: bytes.wasm,
                signature: bytes.signature,
                grant: request.grant.clone(),
            };
            match self.blocks.install_as(&block.id, &block.version, offer).await {
                Ok(undo) => taken.push(Taken { block, undo }),
                Err(error) => {
                    self.take_out(taken).await;
                    return Err(error);
                }
            }
        }
        Ok(taken)
    }

    /// Takes blocks out again that were installed for an import which was refused.
    pub(super) async fn take_out(&self, taken: Vec<Taken>) {
        for Taken { block, undo } in taken {
            if let Err(error) = self.blocks.undo(undo).await {
                let BundledBlock { id, version, .. } = block;
                tracing::error!(block = id, version, %error, "a block stays though its import failed");
            }
        }
    }

    /// Whether a block is here with the same bytes.
    pub(super) fn has(&self, block: &BundledBlock) -> bool {
        self.scenarios.catalog().has(&block.id, &block.pin())
    }
}
