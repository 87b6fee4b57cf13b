//! `patchcord block …`: from a new project to a block that is installed.

mod build;
mod check;
mod grants;
mod install;
mod invoke;
mod limits;
mod list;
mod new;
mod push;
mod run;
pub(crate) mod show;
mod test;

use std::path::Path;

use anyhow::{Context, Result};
use clap::Subcommand;

use crate::args::{Output, Remote};
use crate::client::Client;

#[derive(Subcommand)]
pub(crate) enum BlockCommand {
    /// Make a new project: a block that builds, with test cases.
    New(new::NewArgs),
    /// Build a project into a component, with its language's own toolchain.
    Build(build::BuildArgs),
    /// Check a component: can this host run it, what does it ask for, what does it cost?
    Check(check::CheckArgs),
    /// Run a component once on this machine, and show each host call.
    Run(run::RunArgs),
    /// Run the cases of a project: properties, canned answers, expected outcome.
    Test(test::TestArgs),
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
    /// List the blocks that scenarios can use.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Run an installed block alone, on the server.
    Invoke(invoke::InvokeArgs),
}

pub(crate) async fn run(command: BlockCommand, how: Output) -> Result<()> {
    match command {
        BlockCommand::List { remote } => list::list(&Client::from_args(&remote)?, how).await,
        BlockCommand::New(args) => new::new(&args, how),
        BlockCommand::Build(args) => build::build(args, how).await,
        BlockCommand::Check(args) => check::check(&args, how).await,
        BlockCommand::Run(args) => run::run(args, how).await,
        BlockCommand::Test(args) => test::test(args, how).await,
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
            say!("Removed {block}");
            Ok(())
        }
        BlockCommand::Push(args) => push::push(args, how).await,
        BlockCommand::Invoke(args) => invoke::invoke(args).await,
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
