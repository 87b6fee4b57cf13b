//! `patchcord run`: places a call.

use anyhow::{Result, bail};
use clap::Args;
use patchcord::Run;
use serde_json::{Map, Value, json};

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct RunArgs {
    /// Name of the scenario.
    scenario: String,
    /// A variable of the call, such as `item.from=+13175550125` (text) or `item.priority:=2` (JSON); may be given several times.
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    variables: Vec<(String, Value)>,
    /// Milliseconds within which the answer is wanted.
    #[arg(long, value_name = "MS")]
    deadline_ms: Option<u64>,
    /// A variable to answer, such as `caller_name`; may be given several times [default: all that the scenario sets].
    #[arg(long, value_name = "NAME")]
    want: Vec<String>,
    #[command(flatten)]
    remote: Remote,
}

/// Reads `name=text` or `name:=json`.
pub(crate) fn variable(argument: &str) -> Result<(String, Value), String> {
    let (name, value) = argument.split_once('=').ok_or("write NAME=TEXT or NAME:=JSON")?;
    match name.strip_suffix(':') {
        None => Ok((name.to_owned(), Value::String(value.to_owned()))),
        Some(name) => {
            let value = serde_json::from_str(value).map_err(|error| format!("no JSON: {error}"))?;
            Ok((name.to_owned(), value))
        }
    }
}

pub(crate) async fn run(args: RunArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let want = (!args.want.is_empty()).then_some(args.want);
    let variables = Map::from_iter(args.variables);
    let answer = call(&client, &args.scenario, variables, args.deadline_ms, want).await?;
    if how.json {
        output::json(&answer)?;
    } else {
        print(&client, &answer).await?;
    }
    if let Some(message) = answer["failure"]["message"].as_str() {
        bail!("the run failed at `{}`: {message}", output::text(&answer["failure"]["step"]));
    }
    Ok(())
}

/// Runs a scenario on the server.
pub(crate) async fn call(
    client: &Client,
    scenario: &str,
    variables: Map<String, Value>,
    deadline_ms: Option<u64>,
    want: Option<Vec<String>>,
) -> Result<Value> {
    let body = json!({ "variables": variables, "deadline_ms": deadline_ms, "want": want });
    client.post(&["scenarios", scenario, "runs"], &body).await
}

/// Prints an answer and the steps that led to it.
pub(crate) async fn print(client: &Client, answer: &Value) -> Result<()> {
    let run: Run = client.get(&["runs", &output::text(&answer["run"])]).await?;
    say!("{}", output::steps(&run.steps));
    say!("Result: {} in {:.1} ms  (run {})", run.result, run.elapsed_ms, run.run);
    if let Some(pop) = &run.screen_pop {
        say!("Screen pop: {}({})", pop.entity_set, pop.id);
    }
    if let Some(variables) = answer["variables"].as_object() {
        print_variables(variables);
    }
    Ok(())
}

/// Prints the variables of an answer, where there are any.
pub(crate) fn print_variables(variables: &Map<String, Value>) {
    if variables.is_empty() {
        return;
    }
    let mut table = output::table(&["Variable", "Value"]);
    for (name, value) in variables {
        table.add_row([name.clone(), output::short(value)]);
    }
    say!("{table}");
}
