//! The crates that `deny.toml` bans must not be compiled into anything, tests included.
//!
//! `cargo tree` is asked rather than `Cargo.lock`, which also lists what optional features would
//! bring in. `deny.toml` stays the one list: its entries stand one a line, and are read so.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use super::Fault;
use crate::process;
use crate::workspace::Workspace;

struct Ban {
    name: String,
    reason: String,
}

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Fault>> {
    let path = workspace.root.join("deny.toml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let bans: Vec<Ban> = text.lines().filter_map(ban).collect();
    if bans.is_empty() {
        return Ok(vec![Fault::new("deny.toml", "bans no crate, or not one a line")]);
    }
    let arguments = [
        "tree",
        "--workspace",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let tree = process::output_of(&mut workspace.cargo(&arguments), "cargo tree")?;
    Ok(faults_of(&bans, &tree))
}

fn faults_of(bans: &[Ban], tree: &str) -> Vec<Fault> {
    let used: BTreeSet<&str> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    let found = bans.iter().filter(|ban| used.contains(ban.name.as_str()));
    let fault = |ban: &Ban| {
        let wrong = format!(
            "{0} is banned ({1}); `cargo tree --invert {0}` says who uses it",
            ban.name, ban.reason
        );
        Fault::new("Cargo.lock", wrong)
    };
    found.map(fault).collect()
}

/// `{ crate = "name", reason = "why" },`
fn ban(line: &str) -> Option<Ban> {
    let rest = line.trim().strip_prefix("{ crate = \"")?;
    let (name, rest) = rest.split_once('"')?;
    let reason = rest.split_once("reason = \"")?.1.split_once('"')?.0;
    Some(Ban { name: name.to_owned(), reason: reason.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bans_are_read_from_the_list_that_is_there() {
        let bans: Vec<Ban> =
            include_str!("../../../../deny.toml").lines().filter_map(ban).collect();
        for name in ["ring", "openssl", "native-tls", "rusqlite"] {
            assert!(bans.iter().any(|ban| ban.name == name && !ban.reason.is_empty()), "{name}");
        }
    }

    #[test]
    fn a_banned_crate_is_known_by_its_whole_name() {
        let bans = [Ban { name: "ring".to_owned(), reason: "one backend".to_owned() }];
        assert!(
            faults_of(&bans, "string v1.0.0\nring-compat v0.8.0\n\nserde v1.0.0 (*)").is_empty()
        );
        let faults = faults_of(&bans, "serde v1.0.0\nring v0.17.14 (*)\nring v0.16.0");
        assert_eq!(faults.len(), 1);
        assert!(faults[0].to_string().contains("one backend"));
    }
}
