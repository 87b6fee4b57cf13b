//! `patchcord block run`: one invocation of a component, with every host call shown. The CRM is a file of canned
//! answers, an emulator that lives as long as the invocation, or an account of a server.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;
use patchcord::runtime::{Block, Crm};
use serde_json::{Map, Value, json};

use super::show;
use crate::args::{Output, Remote};
use crate::authoring::emulated::Emulated;
use crate::authoring::trial::{self, Asked};
use crate::authoring::verdict::Done;
use crate::client::Client;
use crate::commands::run::variable;
use crate::output;
use patchcord::rehearsal::CannedAnswer;
use patchcord::rehearsal::CannedCrm;

#[derive(Args)]
pub(crate) struct RunArgs {
    /// The component (*.wasm).
    file: PathBuf,
    /// A property: `NAME=TEXT` or `NAME:=JSON`; may be given several times.
    #[arg(long = "property", value_name = "NAME=VALUE", value_parser = variable)]
    properties: Vec<(String, Value)>,
    /// File with canned answers: a JSON array of answers as in a case of `block test` [default: no answers].
    #[arg(long, value_name = "FILE", conflicts_with_all = ["emulator", "account"])]
    answers: Option<PathBuf>,
    /// Start an emulator with 100 contacts, and let the block use it.
    #[arg(long, conflicts_with = "account")]
    emulator: bool,
    /// Let the server run the block with this integration account; the block must be installed there.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Language of the call.
    #[arg(long, value_name = "TAG")]
    locale: Option<String>,
    /// Milliseconds within which the block must be done [default: 10000].
    #[arg(long, value_name = "MS")]
    deadline_ms: Option<u64>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(args: RunArgs, how: Output) -> Result<()> {
    let runtime = trial::runtime(true)?;
    let block = trial::load(&runtime, &args.file).await?;
    let properties = Map::from_iter(args.properties.iter().cloned());
    if args.account.is_some() {
        return on_server(&args, &block, properties, how).await;
    }
    let asked = Asked {
        properties,
        locale: args.locale,
        deadline: args.deadline_ms.map(Duration::from_millis),
    };
    let tried = if args.emulator {
        let emulated = Emulated::start().await.context("the emulator could not be set up")?;
        if !how.json {
            say!("The emulator knows {}.", emulated.somebody());
        }
        let tried = trial::run(&block, asked, emulated.crm()).await;
        emulated.stop().await;
        tried
    } else {
        let canned: Arc<dyn Crm> = Arc::new(CannedCrm::new(answers(args.answers)?));
        trial::run(&block, asked, canned).await
    };
    let elapsed = tried.invoked.elapsed;
    let done = Done::of(tried);
    match how.json {
        true => output::json(&done)?,
        false => say!("{}\n{:.1} ms", show::done(&done), elapsed.as_secs_f64() * 1e3),
    }
    match done.failure {
        Some(failed) => bail!("the block failed: {}", failed.message),
        None => Ok(()),
    }
}

fn answers(file: Option<PathBuf>) -> Result<Vec<CannedAnswer>> {
    let Some(file) = file else {
        return Ok(Vec::new());
    };
    let text = std::fs::read_to_string(&file)
        .with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is no JSON array of canned answers", file.display()))
}

async fn on_server(
    args: &RunArgs,
    block: &Block,
    properties: Map<String, Value>,
    how: Output,
) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let id = &block.manifest().id;
    let installed: Vec<Value> = client.get(&["blocks"]).await?;
    if !installed.iter().any(|one| one["digest"] == *block.digest()) {
        bail!(
            "the server at {} does not have this {id}: install it with `patchcord block install {}`",
            args.remote.server,
            args.file.display()
        );
    }
    let reference = format!("{id}@{}", block.manifest().version);
    let body = json!({
        "properties": properties, "account": args.account, "deadline_ms": args.deadline_ms,
    });
    let answer: Value = client.post(&["blocks", &reference, "invoke"], &body).await?;
    match how.json {
        true => output::json(&answer)?,
        false => say!("{}", show::answer(&answer)),
    }
    match answer["failure"]["message"].as_str() {
        Some(message) => bail!("the block failed: {message}"),
        None => Ok(()),
    }
}
