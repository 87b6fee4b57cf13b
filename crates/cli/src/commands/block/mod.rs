//! `patchcord block …`: the palette, checking a file, installing and trying a block.

mod check;
mod install;
mod invoke;
mod list;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::args::{Output, Remote};
use crate::client::Client;

#[derive(Subcommand)]
pub(crate) enum BlockCommand {
    /// List the blocks that scenarios can use.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Check a file: is it a block that this host can run, and what does it say of itself?
    Check {
        /// The component (*.wasm).
        file: PathBuf,
    },
    /// Install a block on the server, in place of one with the same id.
    Install {
        /// The component (*.wasm).
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
    /// Run one block alone.
    Invoke(invoke::InvokeArgs),
}

pub(crate) async fn run(command: BlockCommand, how: Output) -> Result<()> {
    match command {
        BlockCommand::List { remote } => list::list(&Client::from_args(&remote)?, how).await,
        BlockCommand::Check { file } => check::check(&file, how).await,
        BlockCommand::Install { file, remote } => install::install(&file, &remote, how).await,
        BlockCommand::Invoke(args) => invoke::invoke(args).await,
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
