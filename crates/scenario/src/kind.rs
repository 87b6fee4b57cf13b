//! What kind of value a property takes, read from the manifest's JSON Schema.
//!
//! A kind decides how `$(…)` is written into a property, so that data can never become syntax.

use serde_json::Value;

/// The kind of a property, from the schema keyword `x-patchcord-kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PropertyKind {
    /// Text that nobody parses.
    Text,
    /// Any JSON value, checked against the schema alone. Text that is one variable takes its value, type and all.
    Json,
    /// Entity set name of a table.
    EntitySet,
    /// OData query options.
    ODataQuery,
    /// Name of a recordset that the block sets or reads.
    RecordsetName,
    /// Name of a variable that the block sets.
    VariableName,
    /// Primary key of a record.
    RecordId,
    /// Address of a web page or service.
    Url,
    /// Name of an integration account.
    Account,
    /// JSON object: column name → value.
    ColumnValues,
    /// Text that holds a JSON object.
    JsonText,
    /// A kind that this host does not know. It takes no `$(…)`, because nobody here can say what would be safe in it.
    Unknown,
}

/// Most parts of a schema that are looked at to find a kind: a block writes its schema itself, and `$ref` can go round.
const MOST_LOOKED_AT: u32 = 100;

impl PropertyKind {
    /// Reads the kind of a property's schema. `root` is the schema that it is a part of, for `$ref`.
    pub(crate) fn of(schema: &Value, root: &Value) -> Self {
        let mut left = MOST_LOOKED_AT;
        Self::look(schema, root, &mut left)
    }

    fn look(schema: &Value, root: &Value, left: &mut u32) -> Self {
        let Some(fewer) = left.checked_sub(1) else {
            return Self::Unknown;
        };
        *left = fewer;
        if let Some(kind) = schema.get("x-patchcord-kind").and_then(Value::as_str) {
            return Self::from_keyword(kind);
        }
        if let Some(target) = schema.get("$ref").and_then(Value::as_str)
            && let Some(target) = target.strip_prefix('#').and_then(|p| root.pointer(p))
        {
            return Self::look(target, root, left);
        }
        // An optional property is `anyOf` of its kind and null.
        let members =
            ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| schema.get(key)?.as_array());
        let mut kinds = members.flatten().map(|member| Self::look(member, root, left));
        if let Some(kind) = kinds.find(|kind| *kind != Self::Json) {
            return kind;
        }
        let is_text = |t: &Value| t == "string";
        match schema.get("type") {
            Some(Value::Array(types)) if types.iter().any(is_text) => Self::Text,
            Some(one) if is_text(one) && schema.get("enum").is_none() => Self::Text,
            _ => Self::Json,
        }
    }

    fn from_keyword(keyword: &str) -> Self {
        match keyword {
            "text" => Self::Text,
            "entity-set" => Self::EntitySet,
            "odata-query" => Self::ODataQuery,
            "recordset-name" => Self::RecordsetName,
            "variable-name" => Self::VariableName,
            "record-id" => Self::RecordId,
            "url" => Self::Url,
            "account" => Self::Account,
            "column-values" => Self::ColumnValues,
            "json" => Self::JsonText,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn finds_the_kind_behind_references_and_options() {
        let root =
            json!({"$defs": {"EntitySet": {"type": "string", "x-patchcord-kind": "entity-set"}}});
        let reference = json!({"$ref": "#/$defs/EntitySet"});
        let optional = json!({"anyOf": [reference, {"type": "null"}]});
        assert_eq!(PropertyKind::of(&reference, &root), PropertyKind::EntitySet);
        assert_eq!(PropertyKind::of(&optional, &root), PropertyKind::EntitySet);
        assert_eq!(
            PropertyKind::of(&json!({"type": ["string", "null"]}), &root),
            PropertyKind::Text
        );
        assert_eq!(PropertyKind::of(&json!({"type": "integer"}), &root), PropertyKind::Json);
    }

    #[test]
    fn a_schema_that_goes_round_has_no_known_kind() {
        let root = json!({"$defs": {
            "A": {"$ref": "#/$defs/A"},
            "B": {"anyOf": [{"$ref": "#/$defs/C"}, {"$ref": "#/$defs/C"}]},
            "C": {"anyOf": [{"$ref": "#/$defs/B"}, {"$ref": "#/$defs/B"}]},
        }});
        for name in ["A", "B"] {
            let schema = json!({"$ref": format!("#/$defs/{name}")});
            assert_eq!(PropertyKind::of(&schema, &root), PropertyKind::Unknown);
        }
        let newer = json!({"type": "string", "x-patchcord-kind": "fetch-xml"});
        assert_eq!(PropertyKind::of(&newer, &root), PropertyKind::Unknown);
    }
}
