//! Which tables a block may use, by what its manifest declares and what the designer chose.

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::Manifest;

/// The tables that a block may use; none where it may use any.
pub(super) fn allowed(manifest: &Manifest, properties: &Value) -> Option<HashSet<String>> {
    let declared = manifest.tables.as_ref()?;
    let mut tables: HashSet<String> = declared.iter().cloned().collect();
    chosen_in(&manifest.properties, properties, &mut tables);
    Some(tables)
}

/// The texts that stand where the schema has the kind `entity-set`, however deep.
fn chosen_in(schema: &Map<String, Value>, value: &Value, tables: &mut HashSet<String>) {
    if schema.get("x-patchcord-kind").and_then(Value::as_str) == Some("entity-set") {
        tables.extend(value.as_str().map(str::to_owned));
    }
    for (keyword, part) in schema {
        match (keyword.as_str(), part, value) {
            ("properties", Value::Object(of), Value::Object(members)) => {
                for (name, member) in members {
                    let part = of.get(name).or_else(|| schema.get("additionalProperties"));
                    within(part, member, tables);
                }
            }
            ("additionalProperties", _, Value::Object(members))
                if !schema.contains_key("properties") =>
            {
                members.values().for_each(|member| within(Some(part), member, tables));
            }
            ("items", _, Value::Array(items)) => {
                items.iter().for_each(|item| within(Some(part), item, tables));
            }
            ("anyOf" | "oneOf" | "allOf", Value::Array(parts), _) => {
                parts.iter().for_each(|part| within(Some(part), value, tables));
            }
            _ => {}
        }
    }
}

fn within(schema: Option<&Value>, value: &Value, tables: &mut HashSet<String>) {
    if let Some(Value::Object(schema)) = schema {
        chosen_in(schema, value, tables);
    }
}
