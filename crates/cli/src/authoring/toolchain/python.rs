//! Python: componentize-py of PyPI, which snapshots CPython with the block in it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::{need_from_pip, run};
use crate::authoring::contract;
use crate::authoring::language::Language;
use crate::authoring::project::Project;

pub(in crate::authoring) fn build(project: &Project, component: &Path) -> Result<()> {
    let tool = project.venv.join("bin/componentize-py");
    need_from_pip(project, "componentize-py", &tool)?;
    let scratch = tempfile::tempdir().context("a temporary folder")?;
    let module = Language::Python.marker().trim_end_matches(".py");
    let mut python = Command::new(tool);
    // Compiled modules are the snapshot's business, not the project's.
    python.current_dir(&project.folder).env("PYTHONDONTWRITEBYTECODE", "1");
    python.args(["--wit-path"]).arg(contract::folder(&project.folder, scratch.path())?);
    python.args(["--world", contract::WORLD, "componentize", module]);
    // What the project imports lies beside it or in its virtual environment, not in the machine's Python.
    python.env("VIRTUAL_ENV", &project.venv).args(["--python-path", "."]);
    python.args(["--stub-wasi", "--output"]).arg(component);
    run(&mut python, "componentize-py")
}
