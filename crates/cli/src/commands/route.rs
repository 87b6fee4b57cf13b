//! `patchcord route …`: which scenario answers a call that names none.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::run::variable;
use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Subcommand)]
pub(crate) enum RouteCommand {
    /// List the routes, in the order in which they are looked at.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Put a whole list in the place of the one there is.
    Set {
        /// The list (JSON), as `patchcord route list --json` prints it. Where it names the revision that was seen, nothing
        /// is set once somebody else has changed it.
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
    /// Say where a call would be led.
    Test(TestArgs),
}

#[derive(Args)]
pub(crate) struct TestArgs {
    /// The number that is called (`item.to`).
    #[arg(long, value_name = "NUMBER")]
    to: Option<String>,
    /// The queue (`item.queue`).
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// The channel (`item.channel`).
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,
    /// A variable of the call, as `patchcord run` takes them; may be given several times.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, Value)>,
    #[command(flatten)]
    remote: Remote,
}

pub(crate) async fn run(command: RouteCommand, how: Output) -> Result<()> {
    match command {
        RouteCommand::List { remote } => {
            let routes: Value = Client::from_args(&remote)?.get(&["routes"]).await?;
            print(&routes, how)
        }
        RouteCommand::Set { file, remote } => {
            let read = std::fs::read(&file);
            let text = read.with_context(|| format!("cannot read {}", file.display()))?;
            let list: Value = serde_json::from_slice(&text)
                .with_context(|| format!("{} is no JSON", file.display()))?;
            let routes = set(&Client::from_args(&remote)?, list).await;
            print(&routes.context("the routes stay as they are")?, how)
        }
        RouteCommand::Test(args) => test(args, how).await,
    }
}

/// What the server tells beside the list is not sent back to it.
async fn set(client: &Client, mut list: Value) -> Result<Value> {
    let mut seen = "*".to_owned();
    if let Some(fields) = list.as_object_mut() {
        if let Some(revision) = fields.remove("revision").as_ref().and_then(Value::as_i64) {
            seen = format!("\"{revision}\"");
        }
        for told in ["saved_at", "saved_by", "problems"] {
            fields.remove(told);
        }
    }
    client.put_seen(&["routes"], &[], Some(seen), list.to_string().into_bytes()).await
}

async fn test(args: TestArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let parts = [("item.to", args.to), ("item.queue", args.queue), ("item.channel", args.channel)];
    let parts = parts.into_iter().filter_map(|(name, part)| Some((name.to_owned(), part?.into())));
    let variables: Map<String, Value> = args.variables.into_iter().chain(parts).collect();
    let body = json!({ "variables": variables });
    let taken: Value = client.post(&["routes", "test"], &body).await?;
    if how.json {
        return output::json(&taken);
    }
    let route = match &taken["route"] {
        Value::Null => "no route takes it, so the default does".to_owned(),
        route => format!("by the route `{}`", output::text(route)),
    };
    say!("{} ({route})", output::text(&taken["scenario"]));
    Ok(())
}

fn print(routes: &Value, how: Output) -> Result<()> {
    if how.json {
        return output::json(routes);
    }
    let mut table = output::table(&["#", "Route", "A call whose", "Scenario"]);
    for (index, route) in routes["routes"].as_array().into_iter().flatten().enumerate() {
        let row =
            [output::text(&route["name"]), when(&route["when"]), output::text(&route["scenario"])];
        table.add_row([&[(index + 1).to_string()], &row[..]].concat());
    }
    if let Some(default) = routes["default"].as_str() {
        table.add_row(["", "(default)", "is taken by no route", default]);
    }
    output::list(&table, "There are no routes; `patchcord route set FILE` sets them.");
    for problem in routes["problems"].as_array().into_iter().flatten() {
        let part = |name: &str| output::text(&problem[name]);
        say!("{}: {}: {}", part("severity"), part("pointer"), part("message"));
    }
    Ok(())
}

/// The conditions of a route, in words.
fn when(conditions: &Value) -> String {
    let told = ["to", "queue", "channel"].into_iter().filter_map(|name| {
        let values = conditions[name].as_array()?.iter().map(output::text);
        let values: Vec<String> = values.collect();
        Some(format!("{name} is {}", values.join(" or ")))
    });
    told.collect::<Vec<_>>().join("\n")
}
