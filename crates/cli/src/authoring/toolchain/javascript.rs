//! JavaScript: componentize-qjs of the npm registry, which snapshots the engine QuickJS with the block in it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::{install_instead, output, quoted, run};
use crate::authoring::contract;
use crate::authoring::language::Language;
use crate::authoring::project::Project;

const TOOL: &str = "node_modules/componentize-qjs/cli.mjs";

pub(in crate::authoring) fn build(project: &Project, component: &Path) -> Result<()> {
    need_tools(project)?;
    let scratch = tempfile::tempdir().context("a temporary folder")?;
    let mut node = Command::new("node");
    node.current_dir(&project.folder).arg(project.node.join(TOOL));
    node.arg("--wit").arg(contract::folder(&project.folder, scratch.path())?);
    node.args(["--js", Language::JavaScript.marker(), "--world", contract::WORLD]);
    // The host offers neither WASI nor async, and a small engine starts sooner.
    node.args(["--sync", "--stub-wasi", "--opt-size", "--output"]).arg(component);
    run(&mut node, "componentize-qjs")
}

fn need_tools(project: &Project) -> Result<()> {
    if output(Command::new("node").arg("--version")).is_none() {
        let how =
            "install Node.js 20 or newer (on Debian and Ubuntu: sudo apt-get install nodejs npm)";
        return Err(project.missing("Node.js", &[how.to_owned()]));
    }
    if project.node.join(TOOL).is_file() {
        return Ok(());
    }
    let command = "npm ci --ignore-scripts --no-audit --no-fund";
    if !project.install {
        let by_hand = format!("cd {} && {command}", quoted(&project.node));
        let commands = [by_hand, install_instead(project)];
        return Err(project.missing("componentize-qjs", &commands));
    }
    let mut npm = Command::new("npm");
    npm.current_dir(&project.node).args(command.split(' ').skip(1));
    run(npm.arg("--no-update-notifier"), "npm ci")
}
