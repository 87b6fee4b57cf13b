//! `patchcord scenario export` and `import`.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::Value;

use super::{hint, print_problems, read};
use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct ExportArgs {
    /// A scenario: its name, or name@3 for a version, or name@draft; may be several.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    names: Vec<String>,
    /// All scenarios.
    #[arg(long)]
    all: bool,
    /// The routes too.
    #[arg(long)]
    routes: bool,
    /// A zip archive with the blocks that they need.
    #[arg(long, requires = "output")]
    with_blocks: bool,
    /// Where to write it [default: the terminal].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Args)]
pub(crate) struct ImportArgs {
    /// What was exported: JSON, or a zip archive with blocks.
    file: PathBuf,
    /// Only say what is in it, what of it is here already, and what would be wrong.
    #[arg(long, conflicts_with = "publish")]
    check: bool,
    /// Leave this scenario out; may be given several times.
    #[arg(long, value_name = "NAME")]
    skip: Vec<String>,
    /// A scenario that gets another name here, such as "greet=greet-2"; may be given several times.
    #[arg(long = "rename", value_name = "OLD=NEW")]
    names: Vec<String>,
    /// An integration account that has another name here, such as "Sales=CRM"; may be given several times.
    #[arg(long = "account", value_name = "OLD=NEW")]
    accounts: Vec<String>,
    /// Publish the scenarios at once.
    #[arg(long)]
    publish: bool,
    /// Let drafts that are here already give way.
    #[arg(long)]
    overwrite: bool,
    /// Put the routes in it in the place of those here.
    #[arg(long, requires = "publish")]
    routes: bool,
    /// Grant this to the blocks that are installed, such as `query`; may be given several times.
    #[arg(long, value_name = "CAPABILITY")]
    grant: Vec<String>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn export(args: &ExportArgs) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let mut query: Vec<(&str, String)> =
        args.names.iter().map(|name| ("scenario", name.clone())).collect();
    query.extend(args.routes.then(|| ("routes", "true".to_owned())));
    let path = if args.with_blocks { "export.zip" } else { "export" };
    let bytes = client.bytes(&[path], &query).await?;
    let bytes = match args.with_blocks {
        true => bytes,
        // For a file that people look at and keep under version control.
        false => serde_json::to_vec_pretty(&serde_json::from_slice::<Value>(&bytes)?)?,
    };
    let Some(file) = &args.output else {
        say!("{}", String::from_utf8_lossy(&bytes));
        return Ok(());
    };
    std::fs::write(file, bytes).with_context(|| format!("cannot write {}", file.display()))?;
    say!("Wrote {}", file.display());
    Ok(())
}

pub(super) async fn import(args: ImportArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let flags = [("publish", args.publish), ("overwrite", args.overwrite), ("routes", args.routes)];
    let set = flags.into_iter().filter(|(_, set)| *set);
    let mut query: Vec<_> = set.map(|(name, _)| (name, "true".to_owned())).collect();
    let accounts = args.accounts.into_iter().map(|renaming| ("account", renaming));
    for (what, renaming) in accounts.chain(args.names.into_iter().map(|name| ("rename", name))) {
        if !renaming.contains('=') {
            bail!("--{what} {renaming}: write OLD=NEW");
        }
        query.push((what, renaming));
    }
    query.extend(args.skip.into_iter().map(|name| ("skip", name)));
    query.extend(args.grant.into_iter().map(|grant| ("grant", grant)));
    let path: &[&str] = if args.check { &["import", "check"] } else { &["import"] };
    let imported = client.post_bytes(path, &query, read(&args.file)?).await;
    let imported = hint(imported, "taken", "--overwrite lets it give way");
    let imported: Value =
        imported.with_context(|| format!("{} was not imported", args.file.display()))?;
    if how.json {
        return output::json(&imported);
    }
    match args.check {
        true => print_preview(&imported),
        false => print(&imported),
    }
    Ok(())
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_default()
}

fn print_preview(preview: &Value) {
    for block in list(&preview["installs"]) {
        say!("Would install the block {}", block_name(&block));
    }
    for scenario in list(&preview["scenarios"]) {
        let name = output::text(&scenario["name"]);
        let here = match (scenario["draft"] == true, &scenario["version"]) {
            (true, _) => ", over the draft that is here (only with --overwrite)".to_owned(),
            (false, Value::Null) => String::new(),
            (false, version) => format!(", beside version {version} that calls get"),
        };
        say!("Would save {name} as a draft{here}");
        print_problems(&scenario["problems"]);
    }
    if let Some(routes) = preview["routes"].as_u64() {
        say!("There are {routes} route(s) in it");
    }
    print_missing(&preview["missing"]);
}

fn print(imported: &Value) {
    for block in list(&imported["installed"]) {
        say!("Installed the block {}", block_name(&block));
    }
    for scenario in list(&imported["scenarios"]) {
        let name = output::text(&scenario["name"]);
        match &scenario["version"] {
            Value::Null => say!("Saved {name} as a draft"),
            version => say!("Published {name} as version {version}"),
        }
        print_problems(&scenario["problems"]);
    }
    if imported["routes"] == true {
        say!("Set the routes");
    }
    print_missing(&imported["missing"]);
}

fn print_missing(missing: &Value) {
    for account in list(&missing["accounts"]) {
        let account = output::text(&account);
        say!("missing: there is no integration account `{account}` (--account \"{account}=…\")");
    }
    for block in list(&missing["blocks"]) {
        say!("missing: there is no block {}", block_name(&block));
    }
}

fn block_name(block: &Value) -> String {
    format!("{}@{}", output::text(&block["id"]), output::text(&block["version"]))
}
