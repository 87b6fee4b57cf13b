//! The contract between host and block, as it was when this program was built, for the toolchains that read it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The contract's text.
pub(super) const WIT: &str = include_str!("../../../../wit/block.wit");
/// The world of a block that carries out no actions.
pub(super) const WORLD: &str = "block";
/// Where a project keeps its copy.
pub(super) const FOLDER: &str = ".patchcord/wit";

/// The folder with the contract: the project's own copy, or one that is written into `scratch`.
pub(super) fn folder(project: &Path, scratch: &Path) -> Result<PathBuf> {
    let own = project.join(FOLDER);
    if own.is_dir() {
        return Ok(own);
    }
    let folder = scratch.join("wit");
    let written = std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(folder.join("block.wit"), WIT));
    written.with_context(|| format!("cannot write the contract to {}", folder.display()))?;
    Ok(folder)
}
