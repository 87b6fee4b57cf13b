//! `patchcord scenario publish`: a document at once, or a draft.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use serde_json::Value;

use super::{body, hint, print_published, read, seen};
use crate::args::{Output, Remote};
use crate::client::Client;

#[derive(Args)]
pub(crate) struct PublishArgs {
    /// A document (JSON), or the name of the scenario whose draft is to be published.
    #[arg(value_name = "FILE|NAME")]
    target: String,
    /// What is new in this version.
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Publish the draft in the place of this version, though it was made from another.
    #[arg(long, value_name = "NUMBER")]
    over: Option<u64>,
    /// Publish the draft only if it is still this revision.
    #[arg(long, value_name = "NUMBER")]
    revision: Option<i64>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn run(args: PublishArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let PublishArgs { target, note, over, revision, .. } = args;
    let saved = match file(&target)? {
        Some(file) => {
            if over.is_some() || revision.is_some() {
                bail!("--over and --revision are for drafts: {target} is a file");
            }
            put(&client, read(file)?, note).await
        }
        None => {
            let body = body(vec![("note", note.map(Value::from)), ("over", over.map(Value::from))]);
            let path = ["scenarios", &target, "versions"];
            let published = client.post_seen(&path, seen(revision), &body).await;
            hint(published, "published-meanwhile", "--over")
        }
    };
    print_published(&saved.with_context(|| format!("{target} was not published"))?, how)
}

/// Publishes a document under its own name.
pub(crate) async fn publish(client: &Client, text: Vec<u8>) -> Result<Value> {
    put(client, text, None).await
}

async fn put(client: &Client, text: Vec<u8>, note: Option<String>) -> Result<Value> {
    let name = name(&text)?;
    let query = Vec::from_iter(note.map(|note| ("note", note)));
    client.put_seen(&["scenarios", &name], &query, None, text).await
}

/// The name that a document bears.
pub(super) fn name(text: &[u8]) -> Result<String> {
    let document: Value = serde_json::from_slice(text).context("it is no JSON")?;
    let name = document["name"].as_str();
    Ok(name.ok_or_else(|| anyhow!("/name: a scenario needs a name"))?.to_owned())
}

/// The file that is meant; none where it is the name of a scenario.
fn file(target: &str) -> Result<Option<&Path>> {
    let path = Path::new(target);
    if path.is_file() {
        return Ok(Some(path));
    }
    let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    match target.bytes().all(is_name) {
        true => Ok(None),
        false => Err(anyhow!("there is no file {target}, and it is no name of a scenario")),
    }
}
