//! Every member takes its lints from the workspace; without that line, none of them holds.
//!
//! Cargo cannot override a single lint of the workspace, so a package that must do without one
//! repeats the others, and stands here with its reason.

use std::fs;

use anyhow::{Context, Result};

use super::Fault;
use crate::workspace::Workspace;

/// The bindings that wit-bindgen generates for the guest's side of the component ABI hold code
/// that `unsafe_code = "forbid"` refuses.
const LINTS_OF_ITS_OWN: [&str; 1] = ["patchcord-block"];

pub(super) fn check(workspace: &Workspace) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for member in &workspace.members {
        let path = &member.manifest_path;
        let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
        let own =
            LINTS_OF_ITS_OWN.contains(&member.name.as_str()) && text.contains("\n[lints.rust]\n");
        if !own && !takes_workspace_lints(&text) {
            let manifest = format!("{}/Cargo.toml", workspace.folder_of(member));
            faults.push(Fault::new(manifest, "does not say `workspace = true` under [lints]"));
        }
    }
    Ok(faults)
}

fn takes_workspace_lints(manifest: &str) -> bool {
    let mut lines = manifest.lines().map(str::trim).skip_while(|line| *line != "[lints]").skip(1);
    lines.find(|line| !line.is_empty()).is_some_and(|line| line == "workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_must_stand_in_its_table() {
        assert!(takes_workspace_lints("[package]\n\n[lints]\nworkspace = true\n"));
        assert!(!takes_workspace_lints("[package]\nworkspace = true\n"));
        assert!(!takes_workspace_lints("[lints]\n[dependencies]\nworkspace = true\n"));
        assert!(!takes_workspace_lints("[lints.rust]\nunsafe_code = \"allow\"\n"));
    }
}
