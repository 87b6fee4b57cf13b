//! `cargo xtask demo`: from a clean checkout to a call that was placed.
//!
//! It builds; the demo itself is `patchcord demo`, which a user of a built binary has as well.

use std::process::Command;

use anyhow::Result;

use crate::debian::need_debian_package;
use crate::workspace::Workspace;
use crate::{blocks, console, process};

/// Builds what is out of date and becomes `patchcord demo`.
pub(crate) fn run(workspace: &Workspace, arguments: &[String]) -> Result<()> {
    need_debian_package("cc", "gcc")?;
    process::step(1, 4, "building the console", || {
        // The demo shows a call; without Node it goes without the console.
        if let Err(error) = console::run(workspace) {
            println!("going on without the console: {error:#}");
        }
        Ok(())
    })?;
    process::step(2, 4, "building patchcord (the first time takes minutes)", || {
        process::run(&mut workspace.cargo(&["build", "--workspace"]), "cargo build")
    })?;
    process::step(3, 4, "building the blocks", || blocks::build(workspace, false))?;
    println!("[4/4] patchcord demo …");
    let mut demo = program(workspace);
    process::become_program(demo.args(arguments))
}

/// The built binary with what every demo needs.
pub(crate) fn program(workspace: &Workspace) -> Command {
    let mut command = Command::new(workspace.debug_program("patchcord"));
    command.current_dir(&workspace.root).arg("demo").arg("--blocks").arg(workspace.blocks_folder());
    command
}
