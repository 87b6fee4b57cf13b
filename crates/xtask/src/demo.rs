//! `cargo xtask demo`: from a clean checkout to a call that was placed.
//!
//! It builds; the demo itself is `patchcord demo`, which a user of a built binary has as well.

use std::process::Command;

use anyhow::Result;

use crate::debian::need_debian_package;
use crate::workspace::Workspace;
use crate::{blocks, process};

/// Builds what is out of date and becomes `patchcord demo`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    need_debian_package("cc", "gcc")?;
    process::step(1, 3, "building patchcord (the first time takes minutes)", || {
        process::run(&mut workspace.cargo(&["build", "--workspace"]), "cargo build")
    })?;
    process::step(2, 3, "building the blocks", || blocks::build(workspace, false))?;
    println!("[3/3] patchcord demo …");
    let mut demo = program(workspace);
    process::become_program(demo.args(arguments))
}

/// The built binary with what every demo needs.
pub(crate) fn program(workspace: &Workspace) -> Command {
    let mut command = Command::new(workspace.debug_program("patchcord"));
    command.current_dir(&workspace.root).arg("demo").arg("--blocks").arg(workspace.blocks_folder());
    command
}
