//! The schema of a block's properties, made from their Rust type in the form that the designer's Edit pane reads: one
//! object, nothing behind references, a title on every property.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// The schema, and what the type's documentation comment says of the whole.
pub(crate) fn of<T: JsonSchema>() -> (Map<String, Value>, Option<String>) {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let schema = settings.into_generator().into_root_schema_for::<T>();
    let mut schema = match schema.to_value() {
        Value::Object(schema) => schema,
        // `true` or `false`: no object at all, which the host refuses with its own words.
        _ => Map::new(),
    };
    // The manifest has both already, and in the words of the palette.
    schema.remove("title");
    let description = match schema.remove("description") {
        Some(Value::String(description)) => Some(description),
        _ => None,
    };
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        for (name, property) in properties {
            give_title(name, property);
        }
    }
    (schema, description)
}

fn give_title(name: &str, property: &mut Value) {
    if let Value::Object(property) = property {
        property.entry("title").or_insert_with(|| Value::String(title(name)));
    }
}

/// `object_type` as a person writes it: `Object type`.
fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ColumnValues, EntitySet, JsonText, ODataQuery, RecordId, VariableName};
    use serde_json::json;

    /// What it is.
    #[derive(serde::Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its schema is looked at")]
    struct Sample {
        /// The table.
        object_type: EntitySet,
        #[serde(default)]
        query: ODataQuery,
        #[schemars(title = "Id")]
        record: RecordId,
        variable: Option<VariableName>,
        #[serde(default)]
        fields: ColumnValues,
        raw: Option<JsonText>,
        plain: String,
    }

    #[test]
    fn kinds_titles_and_descriptions_are_beside_each_property() {
        let (schema, description) = of::<Sample>();
        assert_eq!(description.as_deref(), Some("What it is."));
        assert_eq!(schema["type"], json!("object"));
        assert_eq!(schema["additionalProperties"], json!(false));
        assert_eq!(schema["required"], json!(["object_type", "record", "plain"]));
        let properties = &schema["properties"];
        let kind = |name: &str| properties[name]["x-patchcord-kind"].clone();
        assert_eq!(kind("object_type"), json!("entity-set"));
        assert_eq!(kind("query"), json!("odata-query"));
        assert_eq!(kind("record"), json!("record-id"));
        assert_eq!(kind("variable"), json!("variable-name"));
        assert_eq!(kind("fields"), json!("column-values"));
        assert_eq!(kind("raw"), json!("json"));
        assert_eq!(properties["object_type"]["title"], json!("Object type"));
        assert_eq!(properties["object_type"]["description"], json!("The table."));
        assert_eq!(properties["record"]["title"], json!("Id"));
        assert_eq!(properties["variable"]["type"], json!(["string", "null"]));
        assert_eq!(properties["query"]["default"], json!(""));
        assert_eq!(properties["plain"]["type"], json!("string"));
        assert!(!schema.contains_key("title") && !schema.contains_key("$defs"));
    }

    #[test]
    fn a_table_is_offered_by_the_name_that_people_know() {
        let (schema, _) = of::<Sample>();
        let table = &schema["properties"]["object_type"];
        let suggestions = table["x-patchcord-suggestions"].as_array().unwrap();
        assert_eq!(suggestions[1], json!({"title": "Case", "value": "incidents"}));
        let values: Vec<_> = suggestions.iter().map(|s| s["value"].clone()).collect();
        assert_eq!(table["examples"], Value::Array(values));
    }
}
