//! `patchcord block limits`: what steps of a block may use.

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::{Map, Value};

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct LimitsArgs {
    /// Id of the block, such as `acme.greet`.
    block: String,
    /// What differs from other blocks, all of it, such as `cpu_ms=50 host_calls=4`; nothing shows what is in force.
    #[arg(value_name = "LIMIT=NUMBER")]
    limits: Vec<String>,
    /// Set nothing for this block: it is limited as every block is.
    #[arg(long, conflicts_with = "limits")]
    reset: bool,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn limits(args: LimitsArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let view: Value = if args.limits.is_empty() && !args.reset {
        client.get(&["blocks", &args.block]).await?
    } else {
        let settings =
            args.limits.iter().map(|text| setting(text)).collect::<Result<Map<_, _>>>()?;
        let body = serde_json::to_vec(&settings)?;
        client.put(&["blocks", &args.block, "limits"], body).await?
    };
    if how.json {
        return output::json(&view["limits"]);
    }
    let Some(limits) = view["limits"].as_object() else {
        bail!("{} is a block of the engine itself, which is not limited", args.block);
    };
    let mut table = output::table(&["Limit of a step", "Value"]);
    for (name, value) in limits {
        table.add_row([name.clone(), output::text(value)]);
    }
    say!("{table}");
    Ok(())
}

fn setting(text: &str) -> Result<(String, Value)> {
    let (name, value) = text.split_once('=').with_context(|| {
        format!("`{text}` is no limit: write a name and a number, such as `cpu_ms=50`")
    })?;
    let number: u64 = value
        .parse()
        .with_context(|| format!("`{text}`: `{value}` is no whole number of 0 or more"))?;
    Ok((name.to_owned(), number.into()))
}
