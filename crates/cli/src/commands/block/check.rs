//! `patchcord block check`: is a file a block that this host can run?

use std::path::PathBuf;

use anyhow::{Context, Result};
use patchcord::runtime::{Manifest, Runtime, RuntimeConfig};
use serde_json::json;

use super::read;
use crate::args::Output;
use crate::output;

pub(super) async fn check(file: &PathBuf, how: Output) -> Result<()> {
    let runtime = Runtime::new(RuntimeConfig::default())?;
    let block = runtime.load(&read(file)?).await.with_context(|| file.display().to_string())?;
    if how.json {
        return output::json(&json!({
            "manifest": **block.manifest(), "digest": block.digest(), "size": block.size()
        }));
    }
    println!("{}", about(block.manifest(), block.digest(), block.size()));
    Ok(())
}

fn about(manifest: &Manifest, digest: &str, size: usize) -> String {
    let mut table = output::table(&["The block is good", ""]);
    let names =
        |names: Vec<String>| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let operations = manifest.operations.iter().map(|o| output::text(&json!(o))).collect();
    let exits = manifest.exits.iter().map(|exit| exit.id.clone()).collect();
    let properties = manifest.properties["properties"].as_object().into_iter().flatten();
    let properties = properties.map(|(name, _)| name.clone()).collect();
    let rows = [
        ("id", format!("{} {}", manifest.id, manifest.version)),
        ("title", manifest.title.clone()),
        ("description", manifest.description.clone()),
        ("properties", names(properties)),
        ("exits", format!("next, failed, {}", names(exits))),
        ("operations", names(operations)),
        ("size", format!("{size} bytes")),
        ("sha-256", digest.to_owned()),
    ];
    for (name, value) in rows {
        table.add_row([name.to_owned(), value]);
    }
    table.to_string()
}
