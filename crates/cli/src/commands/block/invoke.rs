//! `patchcord block invoke`: runs one installed block alone.

use anyhow::Result;
use clap::Args;
use serde_json::{Map, Value, json};

use crate::args::Remote;
use crate::authoring::last;
use crate::client::Client;
use crate::commands::run::variable;
use crate::output;

#[derive(Args)]
pub(crate) struct InvokeArgs {
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
}

pub(super) async fn invoke(args: InvokeArgs) -> Result<()> {
    let InvokeArgs { block, properties, account, deadline_ms, remote } = args;
    let properties = Map::from_iter(properties);
    let body = json!({ "properties": properties, "account": account, "deadline_ms": deadline_ms });
    last::remember(&block, &body);
    let client = Client::from_args(&remote)?;
    let answer: Value = client.post(&["blocks", &block, "invoke"], &body).await?;
    output::json(&answer)?;
    match answer["failure"]["message"].as_str() {
        Some(message) => anyhow::bail!("the block failed: {message}"),
        None => Ok(()),
    }
}
