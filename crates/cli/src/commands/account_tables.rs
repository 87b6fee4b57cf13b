//! `patchcord account tables`: what a designer may use of an account's organisation, by the names that blocks take.

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::args::{Output, Remote};
use crate::client::Client;
use crate::output;

#[derive(Args)]
pub(crate) struct AccountTables {
    /// Name of the integration account.
    account: String,
    /// Logical name or entity set name of a table, such as contact or contacts.
    table: Option<String>,
    /// Language of the labels as LCID, such as 1031; by default that of the consenting user.
    #[arg(long, value_name = "LCID")]
    language: Option<u32>,
    /// Ask Dynamics 365 even if what is known is less than an hour old.
    #[arg(long)]
    refresh: bool,
    #[command(flatten)]
    remote: Remote,
}

impl AccountTables {
    pub(crate) async fn run(&self, how: Output) -> Result<()> {
        let client = Client::from_args(&self.remote)?;
        let language = self.language.map(|language| ("language", language.to_string()));
        let refresh = self.refresh.then(|| ("refresh", "true".to_owned()));
        let query: Vec<_> = language.into_iter().chain(refresh).collect();
        let path = ["accounts", &self.account, "tables"];
        match &self.table {
            None => {
                let tables: Vec<Value> = client.get_query(&path, &query).await?;
                list(&tables, how)
            }
            Some(table) => {
                let path = [&path[..], &[table]].concat();
                let table: Value = client.get_query(&path, &query).await?;
                show(&table, how)
            }
        }
    }
}

fn list(tables: &[Value], how: Output) -> Result<()> {
    if how.json {
        return output::json(&tables);
    }
    let mut table = output::table(&["Label", "Entity set", "Logical name", "Custom"]);
    for one in tables {
        let custom = if one["custom"] == true { "yes" } else { "" };
        let names = ["label", "entity_set", "logical_name"].map(|name| output::text(&one[name]));
        table.add_row(names.into_iter().chain([custom.to_owned()]));
    }
    output::list(&table, "The account's policy allows no table.");
    Ok(())
}

fn show(table: &Value, how: Output) -> Result<()> {
    if how.json {
        return output::json(table);
    }
    let text = |name: &str| output::text(&table[name]);
    say!("{}: entity set {}, key {}", text("label"), text("entity_set"), text("primary_id"));
    let mut columns = output::table(&["Column", "Label", "Type", "Required", "Writable", "Values"]);
    for column in table["columns"].as_array().into_iter().flatten() {
        columns.add_row(row(column));
    }
    output::list(&columns, "The table has no column.");
    let mut keys = output::table(&["Alternate key", "Label", "Columns"]);
    for key in table["keys"].as_array().into_iter().flatten() {
        keys.add_row([
            output::text(&key["name"]),
            output::text(&key["label"]),
            joined(&key["columns"], output::text),
        ]);
    }
    output::list(&keys, "The table has no alternate key.");
    Ok(())
}

fn row(column: &Value) -> [String; 6] {
    let text = |name: &str| output::text(&column[name]);
    let required = match column["required"].as_str() {
        Some("ApplicationRequired" | "SystemRequired") => "yes",
        Some("Recommended") => "recommended",
        _ => "",
    };
    let writable = match (column["creatable"] == true, column["updatable"] == true) {
        (true, true) => "yes",
        (true, false) => "on create",
        (false, true) => "on update",
        (false, false) => "",
    };
    let [name, label, kind] = ["name", "label", "type"].map(text);
    [name, label, kind, required.to_owned(), writable.to_owned(), values(column)]
}

/// What may stand in a column.
fn values(column: &Value) -> String {
    if let Some(length) = column["max_length"].as_u64() {
        return format!("up to {length} characters");
    }
    if column["targets"].is_array() {
        return joined(&column["targets"], output::text);
    }
    joined(&column["choices"], |choice| {
        format!("{} {}", output::text(&choice["value"]), output::text(&choice["label"]))
    })
}

fn joined(values: &Value, text: impl Fn(&Value) -> String) -> String {
    let values = values.as_array().into_iter().flatten();
    values.map(text).collect::<Vec<_>>().join(", ")
}
