//! `patchcord block …`: the palette, checking a file, installing and trying a block.

mod check;
mod grants;
mod install;
mod invoke;
mod limits;
mod list;
mod push;

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
    /// Install a version of a block on the server, from a file or an OCI registry.
    Install(install::InstallArgs),
    /// Say what a block may do: what is named, or else everything that its versions wait for.
    Grant(grants::GrantArgs),
    /// Take back what a block may do; scenarios that need it cannot run any more.
    Revoke(grants::GrantArgs),
    /// Show or set what steps of a block may use.
    Limits(limits::LimitsArgs),
    /// Remove a version of a block from the server.
    Remove {
        /// The block and its version, such as `acme.greet@1.0.0`.
        #[arg(value_name = "ID@VERSION")]
        block: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Put a block into an OCI registry.
    Push(push::PushArgs),
    /// Run one block alone.
    Invoke(invoke::InvokeArgs),
}

pub(crate) async fn run(command: BlockCommand, how: Output) -> Result<()> {
    match command {
        BlockCommand::List { remote } => list::list(&Client::from_args(&remote)?, how).await,
        BlockCommand::Check { file } => check::check(&file, how).await,
        BlockCommand::Install(args) => install::install(args, how).await,
        BlockCommand::Grant(args) => grants::grant(args, how).await,
        BlockCommand::Revoke(args) => grants::revoke(args, how).await,
        BlockCommand::Limits(args) => limits::limits(args, how).await,
        BlockCommand::Remove { block, remote } => {
            let named = block.split_once('@');
            let (id, version) =
                named.context("name the version too, such as `acme.greet@1.0.0`")?;
            let client = Client::from_args(&remote)?;
            client.delete(&["blocks", id, "versions", version]).await?;
            println!("Removed {block}");
            Ok(())
        }
        BlockCommand::Push(args) => push::push(args, how).await,
        BlockCommand::Invoke(args) => invoke::invoke(args).await,
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
