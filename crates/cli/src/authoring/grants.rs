//! What a block asks to be allowed, by the names that installing has for it.

use patchcord::runtime::Manifest;
use serde_json::Value;

/// The keyword of the properties' schema that lists the tables which a block uses by itself.
const TABLES: &str = "x-patchcord-tables";

/// Everything that a manifest asks for: `query`, `table:contacts`, `select-account` …
pub(crate) fn asked_for(manifest: &Manifest) -> Vec<String> {
    let mut grants: Vec<String> =
        manifest.operations.iter().map(|operation| operation.name().to_owned()).collect();
    if !grants.is_empty() {
        match tables(manifest) {
            None => grants.push("table:*".to_owned()),
            Some(tables) => grants.extend(tables.iter().map(|table| format!("table:{table}"))),
        }
    }
    if manifest.selects_account {
        grants.push("select-account".to_owned());
    }
    if manifest.pops_screen {
        grants.push("pop-screen".to_owned());
    }
    grants
}

/// The tables that the block uses besides those that a designer chooses; none where it may use any.
pub(crate) fn tables(manifest: &Manifest) -> Option<Vec<String>> {
    let tables = manifest.properties.get(TABLES)?.as_array()?;
    Some(tables.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(operations: Value, properties: Value, acts: bool) -> Manifest {
        serde_json::from_value(json!({
            "id": "a", "version": "1.0.0", "title": "A", "category": "", "description": "", "icon": "",
            "properties": properties, "exits": [], "outputs": [], "operations": operations,
            "selects_account": acts, "pops_screen": acts,
        }))
        .unwrap()
    }

    #[test]
    fn operations_tables_and_effects_are_asked_for() {
        let tables = json!({"type": "object", "x-patchcord-tables": ["contacts", "leads"]});
        let block = manifest(json!(["query", "create"]), tables, true);
        let all =
            ["query", "create", "table:contacts", "table:leads", "select-account", "pop-screen"];
        assert_eq!(asked_for(&block), all);
    }

    #[test]
    fn a_block_that_names_no_tables_asks_for_all_and_one_without_operations_for_none() {
        let any = json!({"type": "object"});
        assert_eq!(
            asked_for(&manifest(json!(["query"]), any.clone(), false)),
            ["query", "table:*"]
        );
        assert_eq!(asked_for(&manifest(json!([]), any, false)), [""; 0]);
        let chosen = json!({"type": "object", "x-patchcord-tables": []});
        assert_eq!(asked_for(&manifest(json!(["query"]), chosen, false)), ["query"]);
    }
}
