//! `patchcord scenario list` and `show`.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct ShowArgs {
    /// Its name.
    name: String,
    /// The draft.
    #[arg(long, conflicts_with = "version")]
    draft: bool,
    /// This version.
    #[arg(long, value_name = "NUMBER")]
    version: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn show(args: &ShowArgs) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let number = args.version.map(|version| version.to_string());
    let path = match (&number, args.draft) {
        (Some(number), _) => vec!["scenarios", &args.name, "versions", number],
        (None, true) => vec!["scenarios", &args.name, "draft"],
        (None, false) => vec!["scenarios", &args.name],
    };
    let shown: Value = client.get(&path).await?;
    output::json(&shown["document"])
}

pub(super) async fn list(client: &Client, how: Output) -> Result<()> {
    let scenarios: Vec<Value> = client.get(&["scenarios"]).await?;
    if how.json {
        return output::json(&scenarios);
    }
    let mut table = output::table(&["Name", "Title", "Version", "Published", "Draft"]);
    for scenario in &scenarios {
        let cell = |name: &str| output::text(&scenario[name]);
        let published = match (scenario["version"].is_null(), scenario["can_run"] == true) {
            (true, _) => "never".to_owned(),
            (false, true) => output::moment(&scenario["published_at"]),
            (false, false) => "cannot run: something that it needs has gone".to_owned(),
        };
        let draft = match &scenario["draft"] {
            Value::Null => String::new(),
            draft => format!(
                "revision {}, {}",
                output::text(&draft["revision"]),
                output::moment(&draft["saved_at"])
            ),
        };
        table.add_row([cell("name"), cell("title"), cell("version"), published, draft]);
    }
    let empty = "There is no scenario yet; `patchcord scenario publish FILE` publishes one.";
    output::list(&table, empty);
    Ok(())
}
