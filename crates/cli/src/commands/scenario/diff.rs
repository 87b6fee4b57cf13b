//! `patchcord scenario diff`: what differs, a line a change.

use anyhow::Result;
use clap::Args;
use comfy_table::{Cell, Color};
use serde_json::Value;

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct DiffArgs {
    /// Name of the scenario.
    name: String,
    /// The older side: number of a version, `published` or `draft` [default: the version before the newer side].
    #[arg(long, value_name = "VERSION")]
    from: Option<String>,
    /// The newer side [default: the draft, or the published version where there is no draft].
    #[arg(long, value_name = "VERSION")]
    to: Option<String>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) async fn diff(args: &DiffArgs, how: Output) -> Result<()> {
    let client = Client::from_args(&args.remote)?;
    let sides = [("from", &args.from), ("to", &args.to)];
    let query: Vec<_> =
        sides.into_iter().filter_map(|(name, side)| Some((name, side.clone()?))).collect();
    let diff: Value = client.get_query(&["scenarios", &args.name, "diff"], &query).await?;
    if how.json {
        return output::json(&diff);
    }
    let (from, to) = (side(&diff["from"]), side(&diff["to"]));
    let mut table = output::table(&["Block", "What", &from, &to]);
    for change in diff["changes"].as_array().into_iter().flatten() {
        let [old, new] = ["old", "new"].map(|side| value(change, side));
        let block = output::text(&change["block"]);
        table.add_row([
            Cell::new(if block.is_empty() { "(scenario)".to_owned() } else { block }),
            Cell::new(what(change)),
            Cell::new(old).fg(Color::Red),
            Cell::new(new).fg(Color::Green),
        ]);
    }
    for pin in diff["pins"].as_array().into_iter().flatten() {
        let version = |side: &str| match (&pin["old"]["version"], &pin["new"]["version"]) {
            (old, new) if old == new => short_digest(&pin[side]),
            _ => output::text(&pin[side]["version"]),
        };
        table.add_row([
            Cell::new(output::text(&pin["block"])),
            Cell::new("version of the block"),
            Cell::new(version("old")).fg(Color::Red),
            Cell::new(version("new")).fg(Color::Green),
        ]);
    }
    output::list(&table, &format!("There is no difference between {from} and {to}."));
    Ok(())
}

fn side(name: &Value) -> String {
    match output::text(name).as_str() {
        "draft" => "Draft".to_owned(),
        number => format!("Version {number}"),
    }
}

/// What was changed, in words.
fn what(change: &Value) -> String {
    let name = output::text(&change["name"]);
    match change["what"].as_str() {
        Some("property") => format!("property {name}"),
        Some("exit") => format!("exit {name}"),
        Some("order") => "order of the blocks".to_owned(),
        Some("block") if change["old"].is_null() => "added".to_owned(),
        Some("block") => "removed".to_owned(),
        _ => name,
    }
}

/// One side of a change. Of a whole block instance which block it is, and its title.
fn value(change: &Value, side: &str) -> String {
    let Some(value) = change.get(side) else { return String::new() };
    match (change["what"].as_str(), value) {
        (Some("block"), instance) => {
            let title = output::text(&instance["title"]);
            let block = output::text(&instance["block"]);
            if title.is_empty() { block } else { format!("{title} ({block})") }
        }
        (Some("order"), Value::Array(ids)) => {
            ids.iter().map(output::text).collect::<Vec<_>>().join(", ")
        }
        (_, Value::Null) => "null".to_owned(),
        (_, Value::String(text)) if text.is_empty() => "\"\"".to_owned(),
        (_, value) => output::text(value),
    }
}

fn short_digest(pin: &Value) -> String {
    let digest = output::text(&pin["digest"]);
    format!("SHA-256 {}…", digest.get(..12).unwrap_or(&digest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_change_is_told_in_words() {
        let property =
            json!({ "what": "property", "block": "b", "name": "query", "old": "", "new": null });
        assert_eq!(what(&property), "property query");
        assert_eq!(
            (value(&property, "old"), value(&property, "new")),
            ("\"\"".into(), "null".into())
        );
        let instance = json!({ "id": "b", "block": "core.exit", "title": "End" });
        let added = json!({ "what": "block", "block": "b", "new": instance });
        assert_eq!(what(&added), "added");
        assert_eq!(
            (value(&added, "old"), value(&added, "new")),
            (String::new(), "End (core.exit)".into())
        );
        let order = json!({ "what": "order", "old": ["a", "b"], "new": ["b", "a"] });
        assert_eq!(value(&order, "new"), "b, a");
    }
}
