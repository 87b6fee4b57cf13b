//! `patchcord block …`: from a new project to a block that is installed.

mod build;
mod check;
mod install;
mod invoke;
mod list;
mod new;
mod run;
pub(crate) mod show;
mod test;

use std::path::{Path, PathBuf};

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
    /// Install a block on the server, in place of one with the same id.
    Install {
        /// The component (*.wasm).
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
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
        BlockCommand::Install { file, remote } => install::install(&file, &remote, how).await,
        BlockCommand::Invoke(args) => invoke::invoke(args).await,
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}
