//! Which tables the writes of a scenario must know more of than their names.
//!
//! Lookups are written in a friendly form, an object in the place of a column's value, and Dataverse's own form is
//! found in the definitions of the table. They are read when a scenario is published or the host starts, so that no
//! caller waits for them. Tables that only a run knows (`$(…)`) are left to the run.

use std::collections::BTreeSet;

use patchcord_scenario::{BlockInstance, Scenario};
use serde_json::Value;

/// The property in which Microsoft's blocks name a table.
const TABLE: &str = "object_type";

/// The entity set names of the tables into which `scenario` writes lookups.
pub(crate) fn tables_with_lookups(scenario: &Scenario) -> BTreeSet<String> {
    scenario.blocks.iter().filter_map(table_with_lookups).collect()
}

fn table_with_lookups(block: &BlockInstance) -> Option<String> {
    let table = block.properties.get(TABLE)?.as_str()?;
    let others = block.properties.iter().filter(|(name, _)| *name != TABLE);
    let writes_lookups = others.into_iter().any(|(_, value)| holds_object(value));
    let by_the_run = table.contains("$(") || table.starts_with('=');
    (writes_lookups && !by_the_run).then(|| table.to_owned())
}

/// Whether a property is an object, or the text of one, with an object in it.
fn holds_object(value: &Value) -> bool {
    match value {
        Value::Object(columns) => columns.values().any(Value::is_object),
        Value::String(text) => text.trim_start().starts_with('{') && text.matches('{').count() > 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn tables(properties: &Value) -> Vec<String> {
        let document = json!({
            "patchcord": "1.0", "name": "a", "start": "b",
            "blocks": [{"id": "b", "block": "microsoft-dynamics.create-object", "properties": properties}],
        });
        let scenario: Scenario = serde_json::from_value(document).unwrap();
        tables_with_lookups(&scenario).into_iter().collect()
    }

    #[test]
    fn only_literal_tables_with_lookups_are_prepared() {
        let lookup = json!({"customerid": {"contact": "$(Caller.contactid)"}});
        assert_eq!(tables(&json!({"object_type": "incidents", "fields": lookup})), ["incidents"]);
        let text = r#"{"customerid": {"contact": "$(id)"}}"#;
        assert_eq!(tables(&json!({"object_type": "incidents", "raw_json": text})), ["incidents"]);
        for other in [
            json!({"object_type": "incidents", "fields": {"title": "x"}}),
            json!({"object_type": "incidents", "raw_json": r#"{"title": "$(x)"}"#}),
            json!({"object_type": "$(table)", "raw_json": text}),
            json!({"raw_json": text}),
        ] {
            assert_eq!(tables(&other), Vec::<String>::new(), "{other}");
        }
    }
}
