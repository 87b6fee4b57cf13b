//! The kinds of property that hold columns of a record: rows of name and value, or the same as JSON text.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::InvalidValue;

/// Columns to write: column name → value. The designer fills them in as rows.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ColumnValues(Map<String, Value>);

impl ColumnValues {
    /// These columns and those of `raw`; where both name a column, the value given here counts.
    #[must_use]
    pub fn over(self, raw: JsonText) -> Self {
        let mut columns = raw.0;
        columns.extend(self.0);
        Self(columns)
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The columns.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl From<Map<String, Value>> for ColumnValues {
    fn from(columns: Map<String, Value>) -> Self {
        Self(columns)
    }
}

impl JsonSchema for ColumnValues {
    fn schema_name() -> Cow<'static, str> {
        "ColumnValues".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object", "x-patchcord-kind": "column-values" })
    }
}

/// Text that holds a JSON object, such as `{"lastname": "$(item.lastName)"}`. Empty text is an object without members.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JsonText(Map<String, Value>);

impl JsonText {
    /// The object.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl TryFrom<String> for JsonText {
    type Error = InvalidValue;

    fn try_from(text: String) -> Result<Self, InvalidValue> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        serde_json::from_str(&text)
            .map(Self)
            .map_err(|error| InvalidValue(format!("no JSON object: {error}")))
    }
}

impl From<JsonText> for String {
    fn from(json: JsonText) -> Self {
        if json.0.is_empty() { Self::new() } else { Value::Object(json.0).to_string() }
    }
}

impl JsonSchema for JsonText {
    fn schema_name() -> Cow<'static, str> {
        "JsonText".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "contentMediaType": "application/json",
            "x-patchcord-kind": "json",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T, String> {
        serde_json::from_value(value).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_win_over_raw_json() {
        let rows: ColumnValues = read(json!({"a": 1, "b": null})).unwrap();
        let raw: JsonText = read(json!(r#"{"b": 2, "c": 3}"#)).unwrap();
        assert_eq!(Value::Object(rows.over(raw).0), json!({"a": 1, "b": null, "c": 3}));
    }

    #[test]
    fn json_text_is_an_object_or_empty() {
        assert!(read::<JsonText>(json!(" ")).unwrap().as_map().is_empty());
        assert!(read::<JsonText>(json!("[1]")).unwrap_err().starts_with("no JSON object: "));
        assert!(read::<JsonText>(json!("{")).is_err());
        assert_eq!(String::from(read::<JsonText>(json!(r#"{"a":1}"#)).unwrap()), r#"{"a":1}"#);
    }
}
