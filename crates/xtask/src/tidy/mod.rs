//! `cargo xtask tidy`: what the compiler and clippy do not check.
//!
//! Each fault is printed as `path: what is wrong`. A rule that cannot be kept in one place is
//! changed here, with its reason, and not worked around there.

mod banned;
mod floors;
mod manifests;
mod sources;

use std::fmt;

use anyhow::{Result, bail};

use crate::workspace::Workspace;

/// Something that is not as it should be, and where.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    path: String,
    wrong: String,
}

impl Fault {
    fn new(path: impl Into<String>, wrong: impl Into<String>) -> Self {
        Self { path: path.into(), wrong: wrong.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.wrong)
    }
}

/// Runs every check and prints all faults before it fails.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let mut faults = floors::check(workspace);
    faults.extend(manifests::check(workspace)?);
    faults.extend(banned::check(workspace)?);
    let sources = sources::check(&workspace.root)?;
    faults.extend(sources.faults);
    for warning in &sources.warnings {
        println!("{warning}");
    }
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("tidy found {} fault(s)", faults.len());
    }
    println!("{} packages and {} source files are tidy", workspace.members.len(), sources.files);
    Ok(())
}
