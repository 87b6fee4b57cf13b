//! Where the workspace is and what cargo says about its members.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use cargo_metadata::{MetadataCommand, Package};

/// The workspace that contains the current folder.
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) members: Vec<Package>,
}

impl Workspace {
    /// Asks cargo, without resolving or fetching dependencies.
    pub(crate) fn find() -> Result<Self> {
        let metadata = MetadataCommand::new()
            .no_deps()
            .exec()
            .context("cannot read the workspace's manifests")?;
        Ok(Self {
            root: metadata.workspace_root.into(),
            target: metadata.target_directory.into(),
            members: metadata.packages,
        })
    }

    /// A cargo command in the workspace's root, run by the cargo that runs this program.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// A member's folder, relative to the root, with `/` between its parts.
    pub(crate) fn folder_of(&self, member: &Package) -> String {
        let folder = member.manifest_path.parent().map_or(Path::new(""), |path| path.as_std_path());
        let relative = folder.strip_prefix(&self.root).unwrap_or(folder);
        relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    }

    /// Where `cargo xtask blocks` puts the blocks.
    pub(crate) fn blocks_folder(&self) -> PathBuf {
        self.target.join("blocks")
    }

    /// Where `cargo xtask clients` puts the clients that were not written here.
    pub(crate) fn clients_folder(&self) -> PathBuf {
        self.target.join("clients")
    }

    /// Where `cargo xtask languages` puts tools and components.
    pub(crate) fn languages_folder(&self) -> PathBuf {
        self.target.join("languages")
    }

    /// Where `cargo xtask console` puts the console.
    pub(crate) fn console_folder(&self) -> PathBuf {
        self.target.join("console")
    }

    /// A program of the workspace, as the tests build it.
    pub(crate) fn debug_program(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}
