//! `patchcord dev`: at each change in a block's folder it is built, installed on a running server and run again. A
//! mistake is shown, and the watching goes on.

mod watch;

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;
use patchcord::runtime::Capability;
use serde_json::{Map, Value, json};

use crate::args::{Output, Remote};
use crate::authoring::project::{Project, ProjectArgs};
use crate::authoring::{last, trial};
use crate::client::Client;
use crate::commands::block::show;
use crate::commands::run::variable;
use crate::{output, signals};
use watch::Watch;

#[derive(Args)]
pub(crate) struct DevArgs {
    #[command(flatten)]
    project: ProjectArgs,
    /// A property: `NAME=TEXT` or `NAME:=JSON`; may be given several times [default: those of the last `block invoke`].
    #[arg(long = "property", value_name = "NAME=VALUE", value_parser = variable)]
    property: Vec<(String, Value)>,
    /// File with the properties as a JSON object, which is read at each run.
    #[arg(long, value_name = "FILE")]
    properties: Option<PathBuf>,
    /// Name of the integration account [default: the default one].
    #[arg(long)]
    account: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

/// What `dev` works with from one change to the next.
struct Session {
    args: DevArgs,
    client: Client,
    how: Output,
}

pub(crate) async fn run(args: DevArgs, how: Output) -> Result<()> {
    let stop = signals::stop()?;
    let project = Project::open(&args.project)?;
    let client = Client::from_args(&args.remote)?;
    let mut watch = Watch::start(&project.folder)?;
    let session = Session { args, client, how };
    session.say("watching", &json!({ "folder": project.folder }), || {
        format!("watching {}; Ctrl-C ends it", project.folder.display())
    })?;
    let work = async {
        loop {
            session.round().await?;
            watch.changed().await?;
        }
    };
    tokio::select! {
        () = stop => Ok(()),
        ended = work => ended,
    }
}

impl Session {
    /// Builds, installs and runs once. What goes wrong in it is shown, and does not end the watching.
    async fn round(&self) -> Result<()> {
        if let Err(error) = self.try_round().await {
            let told = format!("{error:#}");
            self.say("failed", &json!({ "message": told }), || format!("failed: {told}"))?;
        }
        Ok(())
    }

    async fn try_round(&self) -> Result<()> {
        let begun = Instant::now();
        // Opened anew, because the language shows itself by files that may have come just now.
        let project = Project::open(&self.args.project)?;
        let component = tokio::task::spawn_blocking(move || project.build()).await??;
        let bytes = std::fs::read(&component)?;
        let (size, took) = (show::size(bytes.len() as u64), begun.elapsed().as_secs_f64());
        self.say("built", &json!({ "component": component, "size": bytes.len() }), || {
            format!("built {} ({size}) in {took:.1} s", component.display())
        })?;
        let runtime = trial::runtime(true)?;
        let block = trial::load(&runtime, &component).await?;
        let manifest = block.manifest();
        let granted = manifest.capabilities();
        let granted: Vec<String> = granted.iter().map(Capability::to_string).collect();
        self.install(bytes, &granted).await?;
        let (id, version) = (&manifest.id, &manifest.version);
        self.say(
            "installed",
            &json!({ "id": id, "version": version, "granted": granted }),
            || {
                let granted =
                    if granted.is_empty() { "nothing".to_owned() } else { granted.join(", ") };
                format!("installed {id} {version}, granted: {granted}")
            },
        )?;
        self.invoke(id, version).await
    }

    async fn install(&self, bytes: Vec<u8>, granted: &[String]) -> Result<()> {
        let query: Vec<(&str, &str)> =
            granted.iter().map(|grant| ("grant", grant.as_str())).collect();
        let installed = self.client.install::<Value>(&query, bytes, None).await;
        installed.map(drop).context(
            "the server did not take it (a version with a pre-release part, such as 0.1.0-dev, can be replaced)",
        )
    }

    async fn invoke(&self, id: &str, version: &str) -> Result<()> {
        let Some(body) = self.invocation(id)? else {
            return self.say("idle", &json!({ "id": id }), || {
                format!("nothing to run yet: give --property, --properties, or run `patchcord block invoke {id} …`")
            });
        };
        // By its version: a release stands before one in development.
        let named = format!("{id}@{version}");
        let answer: Value = self.client.post(&["blocks", &named, "invoke"], &body).await?;
        self.say("ran", &answer, || show::answer(&answer))
    }

    /// What the block is to be run with: what was given, or else what it was last invoked with.
    fn invocation(&self, id: &str) -> Result<Option<Value>> {
        let DevArgs { property, properties, account, .. } = &self.args;
        let mut given = match properties {
            Some(file) => read(file)?,
            None => Map::new(),
        };
        if properties.is_none() && property.is_empty() {
            return Ok(last::recall(id).map(|mut body| {
                if account.is_some() {
                    body["account"] = json!(account);
                }
                body
            }));
        }
        given.extend(property.iter().cloned());
        Ok(Some(json!({ "properties": given, "account": account })))
    }

    /// Tells what happened: a line for a person, or an event for a program.
    fn say(&self, event: &str, what: &Value, line: impl FnOnce() -> String) -> Result<()> {
        if !self.how.json {
            say!("{}", line());
            return Ok(());
        }
        let mut said = json!({ "event": event });
        if let (Some(said), Some(what)) = (said.as_object_mut(), what.as_object()) {
            said.extend(what.clone());
        }
        output::json_line(&said)
    }
}

fn read(file: &PathBuf) -> Result<Map<String, Value>> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    match serde_json::from_str(&text) {
        Ok(Value::Object(properties)) => Ok(properties),
        Ok(_) => bail!("{} is no JSON object of properties", file.display()),
        Err(error) => Err(error).with_context(|| format!("{} is no JSON", file.display())),
    }
}
