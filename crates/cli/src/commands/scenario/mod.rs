//! `patchcord scenario …`: from a draft that is tried to a version that calls get, back again, and to another host; and its
//! test cases.

mod cases;
mod diff;
mod draft;
mod moving;
mod publish;
mod read;
mod record;
mod test;
mod trying;
mod versions;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Subcommand;
use serde_json::{Value, json};

pub(crate) use publish::publish;

use crate::args::{Output, Remote};
use crate::client::{Client, Refused};
use crate::output;

#[derive(Subcommand)]
pub(crate) enum ScenarioCommand {
    /// List the scenarios, published or drafts.
    List {
        #[command(flatten)]
        remote: Remote,
    },
    /// Print a scenario's document: the published one, a version or the draft.
    Show(read::ShowArgs),
    /// Say what is wrong with a document, and store nothing.
    Check {
        /// The document (JSON).
        file: PathBuf,
        #[command(flatten)]
        remote: Remote,
    },
    /// Save a document as the draft of the scenario whose name it bears, whatever is wrong with it.
    Save(draft::SaveArgs),
    /// Throw the draft of a scenario away.
    Discard(draft::DiscardArgs),
    /// Walk a scenario as a call would, and show what it would write; or a past run once more.
    Try(trying::TryArgs),
    /// Publish a document at once, or the draft of a scenario.
    Publish(publish::PublishArgs),
    /// List the versions of a scenario.
    Versions {
        /// Its name.
        name: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Show what differs between two versions, or between a version and the draft.
    Diff(diff::DiffArgs),
    /// Publish an earlier version again, as a new one.
    Rollback(versions::RollbackArgs),
    /// Delete a scenario with its draft. Its versions stay, so that `rollback` brings it back.
    Delete {
        /// Its name.
        name: String,
        #[command(flatten)]
        remote: Remote,
    },
    /// Run the test cases of scenarios on this machine, without a server or a tenant.
    Test(test::TestArgs),
    /// Make a test case of a run: what it was brought and answered, and what came of it.
    Record(record::RecordArgs),
    /// Write scenarios into a file, for another host or to be kept.
    Export(moving::ExportArgs),
    /// Take in scenarios that were exported, as drafts.
    Import(moving::ImportArgs),
}

pub(crate) async fn run(command: ScenarioCommand, how: Output) -> Result<()> {
    match command {
        ScenarioCommand::List { remote } => read::list(&Client::from_args(&remote)?, how).await,
        ScenarioCommand::Show(args) => read::show(&args).await,
        ScenarioCommand::Check { file, remote } => {
            check(&Client::from_args(&remote)?, &file, how).await
        }
        ScenarioCommand::Save(args) => draft::save(&args, how).await,
        ScenarioCommand::Discard(args) => draft::discard(&args).await,
        ScenarioCommand::Try(args) => trying::run(args, how).await,
        ScenarioCommand::Publish(args) => publish::run(args, how).await,
        ScenarioCommand::Versions { name, remote } => {
            versions::list(&Client::from_args(&remote)?, &name, how).await
        }
        ScenarioCommand::Diff(args) => diff::diff(&args, how).await,
        ScenarioCommand::Rollback(args) => versions::roll_back(args, how).await,
        ScenarioCommand::Delete { name, remote } => {
            Client::from_args(&remote)?.delete(&["scenarios", &name]).await?;
            say!("Deleted {name}; `patchcord scenario rollback {name} VERSION` brings it back");
            Ok(())
        }
        ScenarioCommand::Test(args) => test::test(args, how).await,
        ScenarioCommand::Record(args) => record::record(args, how).await,
        ScenarioCommand::Export(args) => moving::export(&args).await,
        ScenarioCommand::Import(args) => moving::import(args, how).await,
    }
}

async fn check(client: &Client, file: &Path, how: Output) -> Result<()> {
    let checked: Value = client.post_bytes(&["check"], &[], read(file)?).await?;
    if how.json {
        output::json(&checked)?;
    } else {
        print_problems(&checked["problems"]);
    }
    let errors = problems(&checked["problems"]).filter(|problem| problem["severity"] == "error");
    match errors.count() {
        0 if how.json => Ok(()),
        0 => {
            say!("{} can be published", file.display());
            Ok(())
        }
        errors => bail!("{} has {errors} error(s)", file.display()),
    }
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))
}

fn problems(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

/// A line for each problem, with its place.
fn print_problems(list: &Value) {
    for problem in problems(list) {
        let part = |name: &str| output::text(&problem[name]);
        let place = Some(part("pointer")).filter(|place| !place.is_empty());
        let place = place.unwrap_or_else(|| "(document)".to_owned());
        say!("{}: {place}: {}", part("severity"), part("message"));
    }
}

/// The header that names the revision which the caller has seen.
fn seen(revision: Option<i64>) -> Option<String> {
    revision.map(|revision| format!("\"{revision}\""))
}

/// Says how the command goes about it, where the server refused for this kind of problem.
fn hint<T>(done: Result<T>, kind: &str, hint: &str) -> Result<T> {
    let kind = format!("urn:patchcord:problem:{kind}");
    done.map_err(|error| match error.downcast_ref::<Refused>().is_some_and(|r| r.is(&kind)) {
        true => anyhow!("{error:#} ({hint})"),
        false => error,
    })
}

/// What came of publishing, for a person or a program.
fn print_published(saved: &Value, how: Output) -> Result<()> {
    if how.json {
        return output::json(saved);
    }
    print_problems(&saved["problems"]);
    say!("Published {} as version {}", output::text(&saved["name"]), saved["version"]);
    Ok(())
}

/// A body of those of its fields that are given.
fn body(fields: Vec<(&str, Option<Value>)>) -> Value {
    let given = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    json!(given.collect::<serde_json::Map<_, _>>())
}
