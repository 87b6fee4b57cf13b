//! `cargo xtask bench`: the blocks, then criterion. What is measured stands in `benches/`.

use anyhow::Result;

use crate::debian::need_debian_package;
use crate::workspace::Workspace;
use crate::{blocks, process};

/// Runs the benchmarks; `arguments` go to `cargo bench`, and after a `--` to criterion.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    need_debian_package("cc", "gcc")?;
    blocks::build(workspace, false)?;
    let mut command = workspace.cargo(&["bench", "--package", "patchcord-benches"]);
    command.args(arguments).env("PATCHCORD_BLOCKS", workspace.blocks_folder());
    process::run(&mut command, "cargo bench")
}
