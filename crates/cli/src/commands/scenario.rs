//! `patchcord scenario …`: listing, showing and publishing.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::Subcommand;
use serde_json::Value;

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum ScenarioCommand {
    /// List the published scenarios.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Print a published scenario.
    Show {
        /// Its name.
        name: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Check a scenario document and publish it under the name that it bears.
    Publish {
        /// The document (JSON).
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
}

pub(crate) async fn run(command: ScenarioCommand, how: Output) -> Result<()> {
    match command {
        ScenarioCommand::List { remote } => list(&Client::from_args(&remote)?, how).await,
        ScenarioCommand::Show { name, remote } => {
            let published: Value = Client::from_args(&remote)?.get(&["scenarios", &name]).await?;
            output::json(&published["document"])
        }
        ScenarioCommand::Publish { file, remote } => {
            let read = std::fs::read(&file);
            let text = read.with_context(|| format!("cannot read {}", file.display()))?;
            let saved = publish(&Client::from_args(&remote)?, text).await;
            let saved = saved.with_context(|| format!("{} was not published", file.display()))?;
            if how.json {
                return output::json(&saved);
            }
            for problem in saved["problems"].as_array().into_iter().flatten() {
                println!(
                    "warning: {}: {}",
                    output::text(&problem["pointer"]),
                    output::text(&problem["message"])
                );
            }
            println!("Published {} as version {}", output::text(&saved["name"]), saved["version"]);
            Ok(())
        }
    }
}

/// Publishes a document under its own name.
pub(crate) async fn publish(client: &Client, text: Vec<u8>) -> Result<Value> {
    let document: Value = serde_json::from_slice(&text).context("it is no JSON")?;
    let name =
        document["name"].as_str().ok_or_else(|| anyhow!("/name: a scenario needs a name"))?;
    client.put(&["scenarios", name], text).await
}

async fn list(client: &Client, how: Output) -> Result<()> {
    let scenarios: Vec<Value> = client.get(&["scenarios"]).await?;
    if how.json {
        return output::json(&scenarios);
    }
    let mut table = output::table(&["Name", "Title", "Version", "Published"]);
    for scenario in &scenarios {
        let cells = ["name", "title", "version", "published_at"];
        table.add_row(cells.map(|cell| output::text(&scenario[cell])));
    }
    let empty = "There is no scenario yet; `patchcord scenario publish FILE` publishes one.";
    output::list(&table, empty);
    Ok(())
}
