//! `patchcord block list`: the palette.

use anyhow::Result;
use comfy_table::Cell;
use serde_json::Value;

use crate::args::Output;
use crate::client::Client;
use crate::output;

pub(super) async fn list(client: &Client, how: Output) -> Result<()> {
    let blocks: Vec<Value> = client.get(&["blocks"]).await?;
    if how.json {
        return output::json(&blocks);
    }
    let mut table = output::table(&["Block", "Id", "Versions", "Exits", "What it does"]);
    for block in &blocks {
        let exits = block["exits"].as_array().into_iter().flatten();
        let exits: Vec<String> = exits.map(|exit| output::text(&exit["id"])).collect();
        let row = [&block["title"], &block["id"]].map(|v| Cell::new(output::text(v)));
        let rest = [
            Cell::new(versions(block)),
            Cell::new(exits.join(", ")),
            Cell::new(output::text(&block["description"])),
        ];
        table.add_row(row.into_iter().chain(rest));
    }
    say!("{table}");
    Ok(())
}

/// Its versions, a line each, with what stands in the way of using one.
fn versions(block: &Value) -> String {
    let versions: Vec<&Value> = block["versions"].as_array().into_iter().flatten().collect();
    if versions.is_empty() {
        return output::text(&block["version"]);
    }
    let line = |version: &&Value| {
        let number = output::text(&version["version"]);
        let missing = version["missing"].as_array().into_iter().flatten();
        let missing: Vec<String> = missing.map(output::text).collect();
        match missing.is_empty() {
            true => number,
            false => format!("{number} (waits for a grant of {})", missing.join(", ")),
        }
    };
    versions.iter().map(line).collect::<Vec<_>>().join("\n")
}
