//! A host without accounts, store or server to speak of, on which scenarios are tested with the blocks of a folder.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;
use patchcord::{BlockSettings, Config, Patchcord};
use tempfile::TempDir;

use super::last;

/// Where the blocks are with which scenarios are tested.
#[derive(Args)]
pub(crate) struct BlockFolders {
    /// Folder with blocks (*.wasm), as `cargo xtask blocks` builds them; may be given several times.
    #[arg(
        long,
        env = "PATCHCORD_BLOCKS",
        value_name = "DIR",
        value_delimiter = ':',
        default_value = "target/blocks"
    )]
    blocks: Vec<PathBuf>,
}

/// The host. It lives as long as it is used, and leaves nothing behind but compiled blocks.
pub(crate) struct Bench {
    pub(crate) host: Patchcord,
    _folder: TempDir,
}

impl Bench {
    pub(crate) async fn open(folders: BlockFolders) -> Result<Self> {
        for folder in &folders.blocks {
            ensure!(
                folder.is_dir(),
                "there are no blocks in {}: build them with `cargo xtask blocks`, or say with --blocks where they are",
                folder.display()
            );
        }
        let compiled = last::cache_folder().map(|folder| folder.join("compiled"));
        let blocks =
            BlockSettings { folders: folders.blocks, compiled, ..BlockSettings::default() };
        let folder = TempDir::new().context("there is no room for temporary files")?;
        let config = Config { blocks, ..Config::new(folder.path()) };
        Ok(Self { host: Patchcord::open(config).await?, _folder: folder })
    }

    pub(crate) async fn close(self) {
        self.host.close().await;
    }
}
