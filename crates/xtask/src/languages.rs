//! Builds the example block in each of its languages, as its author would: with `patchcord block build` and that
//! language's own tools.
//!
//! The tools go to `target/languages`, a folder a language, and are exactly those that the lock files of
//! `examples/blocks` name; the components go beside them. Nothing is written to the source tree but cargo's lock file
//! where it is out of date. What has not changed since the last time is not built again.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Context, Result};

use crate::clients::{Installation, has_venv, install_node, install_python};
use crate::debian::{need_debian_package, need_from_debian};
use crate::workspace::Workspace;
use crate::{process, toolchain};

/// The languages, as their folders are named.
pub(crate) const LANGUAGES: [&str; 4] = ["rust", "javascript", "python", "c"];

/// `cargo xtask languages`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    toolchain::need_wasm_target()?;
    need_debian_package("python3", "python3")?;
    need_from_debian("python3's venv", "python3-venv", has_venv)?;
    need_debian_package("node", "nodejs")?;
    need_debian_package("npm", "npm")?;
    let (sources, folder) = (workspace.root.join("examples/blocks"), workspace.languages_folder());
    let locked = ["package.json", "package-lock.json"];
    let tools = Installation::new(&folder, "javascript", &sources, &locked, "node")?;
    tools.unless_current(install_node)?;
    for name in ["python", "c"] {
        let tools = Installation::new(&folder, name, &sources, &["requirements.txt"], "python3")?;
        tools.unless_current(install_python)?;
    }
    // The program that the tests build and run: a plain build would resolve features differently, and compile wasmtime
    // once more.
    let arguments = ["test", "--workspace", "--all-targets", "--no-run"];
    process::run(&mut workspace.cargo(&arguments), "building patchcord")?;
    for language in LANGUAGES {
        build(workspace, &sources.join(language), &folder)?;
    }
    Ok(())
}

fn build(workspace: &Workspace, project: &Path, folder: &Path) -> Result<()> {
    let language = project.file_name().context("a project has a name")?;
    let out = folder.join("built");
    let component = out.join(language).with_extension("wasm");
    let program = workspace.debug_program("patchcord");
    let mut sources = vec![project.to_owned(), program.clone()];
    if language == "rust" {
        sources
            .extend(["block", "block-macros"].map(|part| workspace.root.join("crates").join(part)));
    }
    if is_current(&component, &sources)? {
        println!("{} is up to date", component.display());
        return Ok(());
    }
    let mut command = Command::new(program);
    command.args(["block", "build"]).arg(project).arg("--out").arg(out);
    command.arg("--tools").arg(folder.join(language));
    // The SDK is compiled here once, not in the source tree.
    command.env("CARGO_TARGET_DIR", folder.join("cargo"));
    process::run(&mut command, &format!("building {}", project.display()))
}

/// Whether a file is newer than every file of its sources.
fn is_current(built: &Path, sources: &[PathBuf]) -> Result<bool> {
    let Ok(made) = fs::metadata(built).and_then(|data| data.modified()) else {
        return Ok(false);
    };
    let mut newest = SystemTime::UNIX_EPOCH;
    for source in sources {
        newest = newest.max(newest_in(source)?);
    }
    Ok(newest < made)
}

fn newest_in(path: &Path) -> Result<SystemTime> {
    let data = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?;
    if !data.is_dir() {
        return Ok(data.modified()?);
    }
    let mut newest = SystemTime::UNIX_EPOCH;
    for entry in fs::read_dir(path)? {
        newest = newest.max(newest_in(&entry?.path())?);
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_older_than_a_source_is_not_current() {
        let folder = std::env::temp_dir().join(format!("xtask-languages-{}", std::process::id()));
        let source = folder.join("source/deep");
        fs::create_dir_all(&source).unwrap();
        fs::write(source.join("a.c"), "").unwrap();
        let built = folder.join("a.wasm");
        let current = |built: &Path| is_current(built, &[folder.join("source")]).unwrap();
        assert!(!current(&built), "there is none");
        let file = fs::File::create(&built).unwrap();
        file.set_modified(SystemTime::now() + std::time::Duration::from_secs(60)).unwrap();
        assert!(current(&built));
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert!(!current(&built));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn every_example_has_its_folder() {
        let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/blocks");
        for language in LANGUAGES {
            assert!(examples.join(language).is_dir(), "{language}");
        }
    }
}
