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
    let mut table = output::table(&["Block", "Id", "Version", "Exits", "What it does"]);
    for block in &blocks {
        let exits = block["exits"].as_array().into_iter().flatten();
        let exits: Vec<String> = exits.map(|exit| output::text(&exit["id"])).collect();
        let row =
            [&block["title"], &block["id"], &block["version"]].map(|v| Cell::new(output::text(v)));
        let rest = [Cell::new(exits.join(", ")), Cell::new(output::text(&block["description"]))];
        table.add_row(row.into_iter().chain(rest));
    }
    println!("{table}");
    Ok(())
}
