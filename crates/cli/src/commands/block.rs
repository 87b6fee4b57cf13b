//! `patchcord block …`: the palette, checking a file, installing and trying a block.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;
use comfy_table::Cell;
use patchcord::runtime::{Manifest, Runtime, RuntimeConfig};
use serde_json::{Map, Value, json};

use super::run::variable;
use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum BlockCommand {
    /// List the blocks that scenarios can use.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Check a file: is it a block that this host can run, and what does it say of itself?
    Check {
        /// The component (*.wasm).
        file: PathBuf,
    },
    /// Install a block on the server, in place of one with the same id.
    Install {
        /// The component (*.wasm).
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
    /// Run one block alone.
    Invoke {
        /// Id of the block, such as `microsoft-dynamics.search-object`.
        block: String,
        /// A property: `NAME=TEXT` or `NAME:=JSON`; may be given several times.
        #[arg(long = "property", value_name = "NAME=VALUE", value_parser = variable)]
        properties: Vec<(String, Value)>,
        /// Name of the integration account [default: the default one].
        #[arg(long)]
        account: Option<String>,
        /// Milliseconds within which the answer is wanted.
        #[arg(long, value_name = "MS")]
        deadline_ms: Option<u64>,
        #[command(flatten)]
        remote: Remote,
    },
}

pub(crate) async fn run(command: BlockCommand, how: Output) -> Result<()> {
    match command {
        BlockCommand::List { remote } => list(&Client::from_args(&remote)?, how).await,
        BlockCommand::Check { file } => check(&file, how).await,
        BlockCommand::Install { file, remote } => {
            let bytes = read(&file)?;
            let view = Client::from_args(&remote)?.post_bytes::<Value>(&["blocks"], bytes).await;
            let view = view.with_context(|| format!("{} was not installed", file.display()))?;
            match how.json {
                true => output::json(&view)?,
                false => println!(
                    "Installed {} {}",
                    output::text(&view["id"]),
                    output::text(&view["version"])
                ),
            }
            Ok(())
        }
        BlockCommand::Invoke { block, properties, account, deadline_ms, remote } => {
            let properties = Map::from_iter(properties);
            let body =
                json!({ "properties": properties, "account": account, "deadline_ms": deadline_ms });
            let client = Client::from_args(&remote)?;
            let answer: Value = client.post(&["blocks", &block, "invoke"], &body).await?;
            output::json(&answer)?;
            match answer["failure"]["message"].as_str() {
                Some(message) => anyhow::bail!("the block failed: {message}"),
                None => Ok(()),
            }
        }
    }
}

async fn list(client: &Client, how: Output) -> Result<()> {
    let blocks: Vec<Value> = client.get(&["blocks"]).await?;
    if how.json {
        return output::json(&blocks);
    }
    let mut table = output::table(&["Block", "Id", "Version", "Exits", "What it does"]);
    for block in &blocks {
        let exits = block["exits"].as_array().into_iter().flatten();
        let exits: Vec<String> = exits.map(|exit| output::text(&exit["id"])).collect();
        let row =
            [&block["title"], &block["id"], &block["version"]].map(|v| Cell::new(output::text(v)));
        let rest = [Cell::new(exits.join(", ")), Cell::new(output::text(&block["description"]))];
        table.add_row(row.into_iter().chain(rest));
    }
    println!("{table}");
    Ok(())
}

async fn check(file: &PathBuf, how: Output) -> Result<()> {
    let runtime = Runtime::new(RuntimeConfig::default())?;
    let block = runtime.load(&read(file)?).await.with_context(|| file.display().to_string())?;
    if how.json {
        return output::json(&json!({
            "manifest": **block.manifest(), "digest": block.digest(), "size": block.size()
        }));
    }
    println!("{}", about(block.manifest(), block.digest(), block.size()));
    Ok(())
}

fn read(file: &PathBuf) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn about(manifest: &Manifest, digest: &str, size: usize) -> String {
    let mut table = output::table(&["The block is good", ""]);
    let names =
        |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let operations = manifest.operations.iter().map(|o| output::text(&json!(o))).collect();
    let exits = manifest.exits.iter().map(|exit| exit.id.clone()).collect();
    let properties = manifest.properties["properties"].as_object().into_iter().flatten();
    let properties = properties.map(|(name, _)| name.clone()).collect();
    let rows = [
        ("id", format!("{} {}", manifest.id, manifest.version)),
        ("title", manifest.title.clone()),
        ("description", manifest.description.clone()),
        ("properties", names(properties)),
        ("exits", format!("next, failed, {}", names(exits))),
        ("operations", names(operations)),
        ("size", format!("{size} bytes")),
        ("sha-256", digest.to_owned()),
    ];
    for (name, value) in rows {
        table.add_row([name.to_owned(), value]);
    }
    table.to_string()
}
