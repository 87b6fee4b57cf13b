//! `patchcord block build`: a project becomes a component.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::Args;
use serde_json::json;

use super::show::size;
use crate::args::Output;
use crate::authoring::project::{Project, ProjectArgs};
use crate::output;

#[derive(Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// Folder to build into [default: build, in the project].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) async fn build(args: BuildArgs, how: Output) -> Result<()> {
    let BuildArgs { project, out } = args;
    let project = Project::open(&project)?.building_into(out.as_deref())?;
    let component = tokio::task::spawn_blocking(move || project.build()).await??;
    let bytes = length(&component)?;
    match how.json {
        true => output::json(&json!({ "component": component, "size": bytes }))?,
        false => say!("Built {} ({})", component.display(), size(bytes)),
    }
    Ok(())
}

/// Size of a component that was built.
pub(crate) fn length(component: &Path) -> Result<u64> {
    let data = std::fs::metadata(component);
    Ok(data.with_context(|| format!("cannot read {}", component.display()))?.len())
}
