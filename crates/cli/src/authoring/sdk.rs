//! The Rust SDK, carried in this program and written into projects: a workspace of its own that holds the SDK's crates
//! and the contract, so that a project builds without a checkout of Patchcord.

use std::path::Path;

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::contract;

/// Path below `crates/`, and contents, of every file of the SDK.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/sdk_files.rs"));
/// The manifest of the workspace from which the SDK's crates inherit.
const WORKSPACE: &str = include_str!("../../../../Cargo.toml");

/// Writes the SDK into a folder.
pub(super) fn write(folder: &Path) -> Result<()> {
    let mut files = vec![("Cargo.toml".to_owned(), manifest()?.into_bytes())];
    files.push(("wit/block.wit".to_owned(), contract::WIT.as_bytes().to_vec()));
    files.extend(FILES.iter().map(|(path, text)| (format!("crates/{path}"), text.to_vec())));
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(folder))
            .and_then(|()| std::fs::write(&path, text))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

/// What the SDK's crates inherit, without the crates that are not there.
fn manifest() -> Result<String> {
    let whole: Table = WORKSPACE.parse().context("the workspace's manifest")?;
    let mut workspace = whole["workspace"].as_table().cloned().unwrap_or_default();
    workspace.remove("exclude");
    workspace.insert("members".to_owned(), Value::from(vec!["crates/*"]));
    if let Some(dependencies) = workspace.get_mut("dependencies").and_then(Value::as_table_mut) {
        let there = |dependency: &Value| {
            let path = dependency.get("path").and_then(Value::as_str);
            path.is_none_or(|path| is_carried(path.trim_start_matches("crates/")))
        };
        dependencies.retain(|_, dependency| there(dependency));
    }
    let only = Table::from_iter([("workspace".to_owned(), Value::Table(workspace))]);
    Ok(toml::to_string(&only)?)
}

fn is_carried(krate: &str) -> bool {
    FILES.iter().any(|(path, _)| path.strip_prefix(krate).is_some_and(|rest| rest.starts_with('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sdk_stands_alone() {
        let manifest = manifest().unwrap();
        assert!(manifest.contains("[workspace.dependencies.patchcord-block]"), "{manifest}");
        assert!(!manifest.contains("patchcord-runtime"), "{manifest}");
        assert!(is_carried("block") && !is_carried("bloc"));
        let folder = tempfile::tempdir().unwrap();
        write(folder.path()).unwrap();
        assert!(folder.path().join("crates/block/src/lib.rs").is_file());
    }
}
