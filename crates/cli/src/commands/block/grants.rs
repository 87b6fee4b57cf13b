//! `patchcord block grant` and `revoke`: what a block may do.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use clap::Args;
use serde_json::{Value, json};

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct GrantArgs {
    /// Id of the block, such as `acme.greet`.
    block: String,
    /// What it may do, such as `query` or `table:contacts`.
    capabilities: Vec<String>,
    #[command(flatten)]
    remote: Remote,
}

/// Grants what is named; where nothing is, everything that any version waits for.
pub(super) async fn grant(args: GrantArgs, how: Output) -> Result<()> {
    change(args, how, |granted, named, view| {
        if named.is_empty() {
            let versions = view["versions"].as_array().into_iter().flatten();
            granted.extend(versions.flat_map(|version| names(&version["missing"])));
        }
        granted.extend(named);
        Ok(())
    })
    .await
}

/// Takes back what is named.
pub(super) async fn revoke(args: GrantArgs, how: Output) -> Result<()> {
    change(args, how, |granted, named, _| {
        if named.is_empty() {
            bail!("name what is to be taken back, such as `query` or `table:contacts`");
        }
        for name in &named {
            if !granted.remove(name) {
                bail!("`{name}` was not granted");
            }
        }
        Ok(())
    })
    .await
}

async fn change(
    args: GrantArgs,
    how: Output,
    change: impl FnOnce(&mut BTreeSet<String>, Vec<String>, &Value) -> Result<()>,
) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let view: Value = client.get(&["blocks", &args.block]).await?;
    let mut granted: BTreeSet<String> = names(&view["granted"]).collect();
    change(&mut granted, args.capabilities, &view)?;
    let body = serde_json::to_vec(&json!({ "capabilities": granted }))?;
    let view: Value = client.put(&["blocks", &args.block, "grants"], body).await?;
    if how.json {
        return output::json(&view);
    }
    let granted: Vec<String> = names(&view["granted"]).collect();
    match granted.is_empty() {
        true => say!("{} may do nothing", args.block),
        false => say!("{} may: {}", args.block, granted.join(", ")),
    }
    Ok(())
}

fn names(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().map(output::text)
}
