//! `patchcord scenario save` and `discard`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Args;
use serde_json::Value;

use super::{hint, print_problems, publish, read, seen};
use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct SaveArgs {
    /// The document (JSON).
    file: PathBuf,
    /// Revision of the draft that was seen, in whose place this one goes.
    #[arg(long, value_name = "NUMBER", conflicts_with = "force")]
    revision: Option<i64>,
    /// Put it in the place of whatever draft there is.
    #[arg(long)]
    force: bool,
    /// The version from which the draft was made [default: that of the draft before it, or the one that calls get].
    #[arg(long, value_name = "NUMBER")]
    base: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
pub(crate) struct DiscardArgs {
    /// Name of the scenario.
    name: String,
    /// Discard it only if it is still this revision.
    #[arg(long, value_name = "NUMBER")]
    revision: Option<i64>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn save(args: &SaveArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let text = read(&args.file)?;
    let name = publish::name(&text)?;
    let base = args.base.map(|base| ("base", base.to_string()));
    let query = Vec::from_iter(base);
    let seen = if args.force { Some("*".to_owned()) } else { seen(args.revision) };
    let saved = client.put_seen(&["scenarios", &name, "draft"], &query, seen, text).await;
    let saved = hint(saved, "precondition-required", "--revision or --force");
    let saved: Value = saved.with_context(|| format!("{} was not saved", args.file.display()))?;
    if how.json {
        return output::json(&saved);
    }
    print_problems(&saved["problems"]);
    say!("Saved the draft of {name} as revision {}", saved["revision"]);
    Ok(())
}

pub(super) async fn discard(args: &DiscardArgs) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    client.delete_seen(&["scenarios", &args.name, "draft"], seen(args.revision)).await?;
    say!("Discarded the draft of {}", args.name);
    Ok(())
}
