//! `patchcord scenario versions` and `rollback`.

use anyhow::{Context, Result};
use clap::Args;
use serde_json::{Value, json};

use super::{body, print_published};
use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct RollbackArgs {
    /// Name of the scenario.
    name: String,
    /// The version to go back to.
    version: u64,
    /// Why.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn list(client: &Client, name: &str, how: Output) -> Result<()> {
    let versions: Vec<Value> = client.get(&["scenarios", name, "versions"]).await?;
    if how.json {
        return output::json(&versions);
    }
    let mut table = output::table(&["Version", "Published", "By", "Note"]);
    for version in &versions {
        let restores = match &version["restores"] {
            Value::Null => None,
            restores => Some(format!("brings back version {restores}")),
        };
        let note = Some(output::text(&version["note"])).filter(|note| !note.is_empty());
        let told: Vec<String> = restores.into_iter().chain(note).collect();
        table.add_row([
            output::text(&version["version"]),
            output::moment(&version["published_at"]),
            output::text(&version["published_by"]),
            told.join(": "),
        ]);
    }
    let empty = format!("{name} was never published; `patchcord scenario publish {name}` does it.");
    output::list(&table, &empty);
    Ok(())
}

pub(super) async fn roll_back(args: RollbackArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let RollbackArgs { name, version, note, .. } = args;
    let fields = vec![("version", Some(json!(version))), ("note", note.map(Value::from))];
    let saved = client.post(&["scenarios", &name, "rollback"], &body(fields)).await;
    let saved = saved.with_context(|| format!("{name} was not set back to version {version}"))?;
    print_published(&saved, how)
}
