//! Builds the console into `target/console`, from where `patchcord-server` takes it into the program.
//!
//! Its tools lie in `node_modules` beside its sources, where editors look for them too; they are exactly those of the lock
//! file, and no package's own script is run. Nothing is done while the sources are those of the last time.

mod weight;

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::debian::need_debian_package;
use crate::process;
use crate::workspace::Workspace;

/// What Vite runs on.
const OLDEST_NODE: (u32, u32) = (20, 19);
/// Made by the build itself.
const MADE: [&str; 2] = ["node_modules", "schema.d.ts"];

/// `cargo xtask console`.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    need_debian_package("node", "nodejs")?;
    need_debian_package("npm", "npm")?;
    let node = process::output_of(Command::new("node").arg("--version"), "node")?;
    if !is_new_enough(&node) {
        let (major, minor) = OLDEST_NODE;
        bail!("the console is built with Node {major}.{minor} or newer; this is {}", node.trim());
    }
    let sources = workspace.root.join("crates/server/console");
    let folder = workspace.console_folder();
    install(&sources, &folder, &node)?;
    // What the console takes from elsewhere: the API's contract, the words of the scenario language, the examples.
    let taken = ["crates/server/openapi.json", "docs/scenarios.md", "examples/scenarios"];
    let taken = taken.iter().map(|path| workspace.root.join(path));
    let inputs: Vec<PathBuf> = [sources.clone()].into_iter().chain(taken).collect();
    let stamp = Stamp::new(folder.join("built-from"), &node, &inputs)?;
    if stamp.is_current() {
        println!("the console in {} is up to date", folder.display());
        return Ok(());
    }
    let dist = folder.join("dist");
    let mut build = npm(&sources, &["run", "--silent", "build"]);
    process::run(build.env("PATCHCORD_CONSOLE", &dist), "npm run build")?;
    weight::check(&dist)?;
    stamp.keep()
}

fn install(sources: &Path, folder: &Path, node: &str) -> Result<()> {
    let inputs = ["package.json", "package-lock.json"].map(|file| sources.join(file));
    let stamp = Stamp::new(folder.join("installed-from"), node, &inputs)?;
    if stamp.is_current() && sources.join("node_modules").is_dir() {
        return Ok(());
    }
    let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"];
    process::run(&mut npm(sources, &arguments), "npm ci")?;
    stamp.keep()
}

fn npm(sources: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.current_dir(sources).args(arguments);
    npm
}

fn is_new_enough(version: &str) -> bool {
    let mut parts = version.trim().trim_start_matches('v').split('.').map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= OLDEST_NODE,
        _ => false,
    }
}

/// What something was made from, so that it is not made again from the same.
struct Stamp {
    path: PathBuf,
    made_from: String,
}

impl Stamp {
    fn new(path: PathBuf, tool: &str, inputs: &[PathBuf]) -> Result<Self> {
        let mut hash = DefaultHasher::new();
        tool.hash(&mut hash);
        for input in inputs {
            take_in(input, &mut hash)?;
        }
        Ok(Self { path, made_from: format!("{:016x}\n", hash.finish()) })
    }

    fn is_current(&self) -> bool {
        fs::read_to_string(&self.path).is_ok_and(|before| before == self.made_from)
    }

    fn keep(&self) -> Result<()> {
        let folder = self.path.parent().context("a stamp lies in a folder")?;
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&self.path, &self.made_from)
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn take_in(path: &Path, hash: &mut DefaultHasher) -> Result<()> {
    let cannot = || format!("cannot read {}", path.display());
    if path.is_file() {
        path.hash(hash);
        fs::read(path).with_context(cannot)?.hash(hash);
        return Ok(());
    }
    let mut within = Vec::new();
    for entry in path.read_dir().with_context(cannot)? {
        let entry = entry?;
        if !MADE.iter().any(|made| entry.file_name() == *made) {
            within.push(entry.path());
        }
    }
    within.sort();
    within.iter().try_for_each(|path| take_in(path, hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_versions_of_node_are_told_from_new_ones() {
        for (version, enough) in
            [("v20.19.2\n", true), ("v22.1.0", true), ("v20.18.9", false), ("v18.20.4", false)]
        {
            assert_eq!(is_new_enough(version), enough, "{version}");
        }
        assert!(!is_new_enough("no version"));
    }

    #[test]
    fn a_stamp_is_current_until_an_input_changes_and_looks_past_what_was_made() {
        let folder = std::env::temp_dir().join(format!("xtask-console-{}", std::process::id()));
        let sources = folder.join("sources");
        fs::create_dir_all(sources.join("node_modules")).unwrap();
        fs::write(sources.join("a"), "1").unwrap();
        let stamp = || Stamp::new(folder.join("stamp"), "v20", std::slice::from_ref(&sources));
        assert!(!stamp().unwrap().is_current());
        stamp().unwrap().keep().unwrap();
        fs::write(sources.join("node_modules/b"), "1").unwrap();
        assert!(stamp().unwrap().is_current());
        fs::write(sources.join("a"), "2").unwrap();
        assert!(!stamp().unwrap().is_current());
        fs::remove_dir_all(folder).unwrap();
    }
}
