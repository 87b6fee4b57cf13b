//! `patchcord block install`: puts a version of a block on the server, and asks before it grants what the block wants.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use serde_json::Value;

use super::read;
use crate::args::{Output, Remote};
use crate::client::{Client, Refused};
use crate::output;

/// How an address in a registry begins.
const REGISTRY: &str = "oci://";
/// The word of the problem that tells what has not been granted.
const NOT_GRANTED: &str = "urn:patchcord:problem:capabilities-not-granted";

#[derive(Args)]
pub(crate) struct InstallArgs {
    /// The component (*.wasm), or its address in an OCI registry, such as oci://ghcr.io/acme/greet:1.0.0.
    block: String,
    /// Grant this to the block, such as `query` or `table:contacts`; may be given several times.
    #[arg(long, value_name = "CAPABILITY")]
    grant: Vec<String>,
    /// Grant whatever it asks for, without a question.
    #[arg(long)]
    yes: bool,
    /// Its minisign signature [default: the file beside it with `.minisig` after its name, where there is one].
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn install(args: InstallArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let mut grant = args.grant.clone();
    let view = match offer(&client, &args, &grant).await {
        Err(error) => {
            let missing = not_granted(&error);
            if missing.is_empty() || !agreed(&args, &error, &missing)? {
                return Err(error).context(format!("{} was not installed", args.block));
            }
            grant.extend(missing.into_iter().map(|(capability, _)| capability));
            offer(&client, &args, &grant).await
        }
        view => view,
    };
    let view = view.with_context(|| format!("{} was not installed", args.block))?;
    if how.json {
        return output::json(&view);
    }
    // The answer shows the newest version, which this one need not be.
    let id = output::text(&view["id"]);
    let versions = view["versions"].as_array().into_iter().flatten();
    let newest = versions.max_by_key(|version| version["added_at"].as_str());
    let version = newest.map_or_else(String::new, |version| output::text(&version["version"]));
    say!("Installed {id} {version}");
    Ok(())
}

async fn offer(client: &Client, args: &InstallArgs, grant: &[String]) -> Result<Value> {
    let mut query: Vec<(&str, &str)> = grant.iter().map(|name| ("grant", name.as_str())).collect();
    if args.block.starts_with(REGISTRY) {
        query.push(("from", &args.block));
        return client.install(&query, Vec::new(), None).await;
    }
    let file = Path::new(&args.block);
    let signature = signature(file, args.signature.as_deref())?;
    let signature = signature.map(|bytes| BASE64_STANDARD.encode(bytes));
    client.install(&query, read(file)?, signature).await
}

/// The signature that was named, or the one beside the file.
pub(super) fn signature(file: &Path, named: Option<&Path>) -> Result<Option<Vec<u8>>> {
    if let Some(named) = named {
        return read(named).map(Some);
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".minisig");
    let beside = PathBuf::from(beside);
    if beside.exists() { read(&beside).map(Some) } else { Ok(None) }
}

/// What the block was not granted, with what each lets it do.
fn not_granted(error: &anyhow::Error) -> Vec<(String, String)> {
    let Some(refused) = error.downcast_ref::<Refused>().filter(|r| r.is(NOT_GRANTED)) else {
        return Vec::new();
    };
    let named = |(pointer, message): (&str, &str)| {
        let name = pointer.rsplit_once("/capabilities/")?.1;
        Some((name.to_owned(), message.to_owned()))
    };
    refused.places().filter_map(named).collect()
}

fn agreed(args: &InstallArgs, error: &anyhow::Error, missing: &[(String, String)]) -> Result<bool> {
    let mut table = output::table(&["It asks for", "which lets it"]);
    for (name, meaning) in missing {
        table.add_row([name, meaning]);
    }
    let detail = error.downcast_ref::<Refused>().map(Refused::detail).unwrap_or_default();
    eprintln!("{detail}\n{table}");
    if args.yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() {
        let flags: Vec<String> =
            missing.iter().map(|(name, _)| format!("--grant {name}")).collect();
        bail!("{} was not installed: grant it with --yes, or with {}", args.block, flags.join(" "));
    }
    eprint!("Grant this? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
